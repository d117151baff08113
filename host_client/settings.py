"""What an order sets, checked before it is signed.

Lengths are of octets, as in latchkey.cddl. Secrets are pydantic secrets, and no error
repeats what was typed.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretBytes,
    ValidationError,
    field_validator,
    model_validator,
)

from host_client.errors import BadSettings
from transports.contract import (
    CLAIM_APP,
    CLAIM_DEVICE,
    CLAIM_NETWORKS,
    CLAIM_SERVER,
    CLAIM_TRUST,
    MAX_APP_DATA,
    MAX_NETWORKS,
)

_URL = re.compile(r"[!-~]{1,256}")
_HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_TIMEZONE = re.compile(r"[!-~]{1,64}")
_SCHEMES = ("http", "https", "mqtt", "mqtts")  # those that the board can try to reach
_HEX = frozenset(string.hexdigits.encode())


def octets(value: Any) -> Any:
    """Read `hex:...` as octets, other text as UTF-8 (`text:` shields a `hex:` that is meant)."""
    if not isinstance(value, str):
        return value
    if value.startswith("hex:"):
        try:
            return bytes.fromhex(value[4:])
        except ValueError:
            raise ValueError("not hexadecimal after hex:") from None
    return value.removeprefix("text:").encode()


Octets = Annotated[bytes, BeforeValidator(octets)]
SecretOctets = Annotated[SecretBytes, BeforeValidator(octets)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True
    )


class NetworkSettings(_Part):
    """One network. `ssid`: 1 to 32 octets. `key`: 8 to 63 octets, 64 hex digits, or None (open)."""

    ssid: Octets = Field(min_length=1, max_length=32)
    key: SecretOctets | None = Field(default=None, validation_alias=AliasChoices("key", "password"))
    hidden: bool = False

    @field_validator("key")
    @classmethod
    def _check_key(cls, key: SecretBytes | None) -> SecretBytes | None:
        if key is None:
            return None
        raw = key.get_secret_value()
        if len(raw) == 64 and _HEX.issuperset(raw):
            return key
        if not 8 <= len(raw) <= 63:
            raise ValueError("a Wi-Fi password has 8 to 63 octets, or 64 hexadecimal digits")
        if any(octet < 32 or octet == 127 for octet in raw):
            raise ValueError("a Wi-Fi password holds no control characters")
        return key

    def to_claim(self) -> dict[int, Any]:
        claim: dict[int, Any] = {1: self.ssid}
        if self.key is not None:
            claim[2] = self.key.get_secret_value()
        if self.hidden:
            claim[3] = True
        return claim


class ServerSettings(_Part):
    """The server to trust. `pin`: SHA-256 of its SubjectPublicKeyInfo, 32 octets."""

    url: str
    pin: bytes | None = None
    credentials: SecretOctets | None = None
    required: bool = False

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            # urlsplit lowers the scheme; the board compares it as it is.
            known = url.startswith(tuple(f"{scheme}://" for scheme in _SCHEMES))
            whole = known and bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if not whole:
            raise ValueError(f"a URL begins with one of {', '.join(_SCHEMES)}, and names a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("put credentials under `credentials`, not into the URL")
        if not _URL.fullmatch(url):
            raise ValueError("a URL has at most 256 ASCII characters and no spaces")
        return url

    @field_validator("pin", mode="before")
    @classmethod
    def _read_pin(cls, pin: Any) -> Any:
        if isinstance(pin, str):
            try:
                pin = bytes.fromhex(pin.removeprefix("hex:").replace(":", ""))
            except ValueError:
                raise ValueError("a pin is 64 hexadecimal digits") from None
        if isinstance(pin, bytes) and len(pin) != 32:
            raise ValueError("a pin is 64 hexadecimal digits (32 octets)")
        return pin

    @field_validator("credentials")
    @classmethod
    def _check_credentials(cls, credentials: SecretBytes | None) -> SecretBytes | None:
        if credentials is not None and len(credentials.get_secret_value()) > 512:
            raise ValueError("credentials have at most 512 octets")
        return credentials

    def to_claim(self) -> dict[int, Any]:
        claim: dict[int, Any] = {1: self.url}
        if self.pin is not None:
            claim[2] = self.pin
        if self.credentials is not None:
            claim[3] = self.credentials.get_secret_value()
        if self.required:
            claim[4] = True
        return claim


class DeviceSettings(_Part):
    """Who the board is and where: name, hostname, country (ISO 3166-1 alpha-2), POSIX time zone."""

    name: str | None = None
    hostname: str | None = None
    country: str | None = None
    timezone: str | None = None

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str | None) -> str | None:
        if name is not None and (len(name.encode()) > 64 or not name.isprintable()):
            raise ValueError("a name has at most 64 octets and no control characters")
        return name

    @field_validator("hostname")
    @classmethod
    def _check_hostname(cls, hostname: str | None) -> str | None:
        return _matching(hostname, _HOSTNAME, "a hostname has 1 to 32 letters, digits and hyphens")

    @field_validator("country")
    @classmethod
    def _check_country(cls, country: str | None) -> str | None:
        return _matching(country, _COUNTRY, "a country is two capital letters, such as DE")

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, timezone: str | None) -> str | None:
        return _matching(timezone, _TIMEZONE, "a time zone is a POSIX TZ string, such as CET-1CEST")

    def to_claim(self) -> dict[int, Any]:
        values = (self.name, self.hostname, self.country, self.timezone)
        return {key: value for key, value in enumerate(values, 1) if value is not None}


class TrustSettings(_Part):
    """Ownership: a new owner's public COSE_Key (encoded), or the release of the present one."""

    owner: Octets | None = None
    release: bool = False

    def to_claim(self) -> dict[int, Any]:
        claim: dict[int, Any] = {}
        if self.owner is not None:
            claim[1] = self.owner
        if self.release:
            claim[2] = True
        return claim


class Settings(_Part):
    """Everything one order may set; networks are tried in the order given."""

    networks: tuple[NetworkSettings, ...] = Field(
        default=(), max_length=MAX_NETWORKS, validation_alias=AliasChoices("networks", "network")
    )
    server: ServerSettings | None = None
    device: DeviceSettings | None = None
    app: Octets | None = Field(default=None, max_length=MAX_APP_DATA, repr=False)
    trust: TrustSettings | None = None

    @model_validator(mode="after")
    def _check_not_empty(self) -> Settings:
        if not self.to_claims():
            raise ValueError("an order must set something: a network, a server, a device name ...")
        return self

    def to_claims(self) -> dict[int, Any]:
        """The claims (latchkey.cddl) of these settings; secrets are in them."""
        claims: dict[int, Any] = {}
        if self.networks:
            claims[CLAIM_NETWORKS] = [network.to_claim() for network in self.networks]
        if self.app is not None:
            claims[CLAIM_APP] = self.app
        if self.server is not None:
            claims[CLAIM_SERVER] = self.server.to_claim()
        if self.device is not None and (device := self.device.to_claim()):
            claims[CLAIM_DEVICE] = device
        if self.trust is not None and (trust := self.trust.to_claim()):
            claims[CLAIM_TRUST] = trust
        return claims


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Check a mapping (as TOML gives it). Raises BadSettings naming the place, never the value."""
    return _checked(Settings, values)


def parse_network(ssid: Any, key: Any = None, hidden: bool = False) -> NetworkSettings:
    """Check one network. Raises BadSettings."""
    return _checked(NetworkSettings, {"ssid": ssid, "key": key, "hidden": hidden})


Model = TypeVar("Model", bound=_Part)


def _checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        # `from None`: pydantic's own error keeps the input, which may hold a password.
        sentences = [_sentence(fault) for fault in error.errors(include_input=False)]
        raise BadSettings("; ".join(sentences)) from None


def _sentence(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "settings"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"


def _matching(value: str | None, pattern: re.Pattern[str], message: str) -> str | None:
    if value is not None and not pattern.fullmatch(value):
        raise ValueError(message)
    return value
