"""What an order sets, checked before it is signed.

Lengths are of octets, as in latchkey.cddl. Secrets are pydantic secrets, and no error
repeats what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretBytes, field_validator, model_validator

from host_client.network_settings import NetworkSettings
from host_client.settings_part import Octets, Part, SecretOctets, checked, matching
from host_client.trust_settings import TrustSettings
from transports.contract import (
    CLAIM_APP,
    CLAIM_DEVICE,
    CLAIM_NETWORKS,
    CLAIM_SERVER,
    CLAIM_TRUST,
    MAX_APP_DATA,
    MAX_NETWORKS,
)

__all__ = [
    "DeviceSettings",
    "NetworkSettings",
    "ServerSettings",
    "Settings",
    "TrustSettings",
    "parse_network",
    "parse_settings",
]

_URL = re.compile(r"[!-~]{1,256}")
_HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_TIMEZONE = re.compile(r"[!-~]{1,64}")
_SCHEMES = ("http", "https", "mqtt", "mqtts")  # those that the board can try to reach


class ServerSettings(Part):
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


class DeviceSettings(Part):
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
        return matching(hostname, _HOSTNAME, "a hostname has 1 to 32 letters, digits and hyphens")

    @field_validator("country")
    @classmethod
    def _check_country(cls, country: str | None) -> str | None:
        return matching(country, _COUNTRY, "a country is two capital letters, such as DE")

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, timezone: str | None) -> str | None:
        return matching(timezone, _TIMEZONE, "a time zone is a POSIX TZ string, such as CET-1CEST")

    def to_claim(self) -> dict[int, Any]:
        values = (self.name, self.hostname, self.country, self.timezone)
        return {key: value for key, value in enumerate(values, 1) if value is not None}


class Settings(Part):
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
        claims = self.to_claims()
        if not claims:
            raise ValueError("an order must set something: a network, a server, a device name ...")
        if self.trust is not None and self.trust.release and len(claims) > 1:
            raise ValueError("an order that releases a board sets nothing else")
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
    return checked(Settings, values)


def parse_network(ssid: Any, key: Any = None, hidden: bool = False) -> NetworkSettings:
    """Check one network. Raises BadSettings."""
    return checked(NetworkSettings, {"ssid": ssid, "key": key, "hidden": hidden})
