"""What every board of a production run is told: whom to trust, how to behave, what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from host_client import cbor
from host_client.cose_key import MAX_COSE_KEY, decode_public_key
from host_client.errors import AuthorityError
from host_client.factory.errors import FactoryError
from host_client.factory.report import BoardReport
from host_client.tables import ed25519_tables, p256_tables
from transports.names import POLICY_NAMES, PROFILE_NAMES

_KTY, _OKP, _X, _Y = 1, 1, -2, -3  # labels of a COSE_Key (RFC 9052 section 7, RFC 9053 section 7)
_PIN_LENGTH = 32
# Those of firmware/device/identity.py, which refuses others when it is too late to mend them.
PIN_NAMES = ("button", "led", "tamper")
LIMIT_NAMES = (
    "window_s", "attempts", "hold_ms", "try_s", "tries_s", "linger_s", "wipe_ms", "cycles",
    "fetch_s", "fetch_most_s", "exchange_s",
)  # fmt: skip
_MAX_NUMBER = (1 << 31) - 1


@dataclass(frozen=True)
class Plan:
    """The settings of a run. authority: COSE_Key octets, public half (RFC 9052 section 7);
    none where no order has to be signed. bootstrap: URL and SHA-256 of the server's
    SubjectPublicKeyInfo. pins, limits: see firmware/device/identity.py."""

    authority: bytes | None
    policy: str = "signed"
    profile: str = "commercial"
    model: str = "esp32"
    group: str | None = None
    bootstrap: tuple[str, bytes] | None = None
    pins: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    with_tables: bool = False  # verification several times faster, for 12 KB of the board's heap
    with_code: bool = False  # a label code, also where the policy needs none as yet
    shut: bool = False  # no prompt in the field

    def __post_init__(self) -> None:
        """Raises FactoryError, AuthorityError."""
        _check_names(self.policy, self.profile)
        if self.authority is not None:
            decode_public_key(self.authority)
        elif self.policy == "signed":
            raise FactoryError("under policy signed, a board needs an authority to trust")
        for name, text, longest in (("model", self.model, 64), ("group", self.group, 32)):
            fits = text is None or (text.isprintable() and text == text.strip())
            if text is not None and not (fits and 1 <= len(text.encode()) <= longest):
                raise FactoryError(
                    f"a {name} is printable, without spaces around it, of 1 to {longest} octets"
                )
        if self.bootstrap is not None:
            _check_bootstrap(*self.bootstrap)
        _check_numbers("pin", self.pins, PIN_NAMES, -1)
        _check_numbers("limit", self.limits, LIMIT_NAMES, 0)

    @property
    def needs_code(self) -> bool:
        """Whether boards get a label code: every policy but `signed` can be tightened to
        `label`, which a board without a code could not follow."""
        return self.with_code or self.policy != "signed"

    def transports(self) -> str:
        """As labels carry them."""
        return transports_of(self.profile)

    def values(self) -> dict[str, Any]:
        """What is the same for every board, as `firmware.factory.write` takes it."""
        tables = None
        if self.with_tables and self.authority is not None:
            tables = authority_tables(self.authority)
        return {
            "authority": self.authority,
            "policy": POLICY_NAMES.index(self.policy),
            "profile": PROFILE_NAMES.index(self.profile),
            "model": self.model,
            "group": self.group,
            "bootstrap": list(self.bootstrap) if self.bootstrap else None,
            "pins": dict(self.pins),
            "limits": dict(self.limits),
            "tables": tables,
            "shut": self.shut,
        }

    def differences(self, report: BoardReport) -> tuple[str, ...]:
        """What a board that was made before does in another way than this plan says."""
        said, values = report.facts, self.values()
        found = [
            f"its {name} is {said.get(name)!r}"
            for name in ("model", "group", "shut")
            if said.get(name) != values[name]
        ]
        for name, names in (("policy", POLICY_NAMES), ("profile", PROFILE_NAMES)):
            if said.get(name) != values[name]:
                number = said.get(name)
                if isinstance(number, int) and 0 <= number < len(names):
                    number = names[number]
                found.append(f"its {name} is {number}")
        if report.authority != self.authority:
            found.append("it trusts another authority")
        url, pin = self.bootstrap or (None, None)
        if (said.get("bootstrap"), said.get("bootstrap_pin")) != (url, pin.hex() if pin else None):
            found.append("it asks another bootstrap server")
        return tuple(found)


def transports_of(profile: str) -> str:
    """The letters of a label's transports: a prototype has Wi-Fi alone."""
    return "W" if profile == "prototype" else "WB"


def _check_names(policy: str, profile: str) -> None:
    if policy not in POLICY_NAMES:
        raise FactoryError(f"a policy is one of {', '.join(POLICY_NAMES)}")
    if profile not in PROFILE_NAMES:
        raise FactoryError(f"a profile is one of {', '.join(PROFILE_NAMES)}")


def _check_numbers(kind: str, given: Mapping[str, int], known: Sequence[str], least: int) -> None:
    for name, value in given.items():
        if name not in known:
            raise FactoryError(f"a {kind} is one of {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int):
            raise FactoryError(f"the {kind} {name} is a whole number")
        if not least <= value <= _MAX_NUMBER:
            raise FactoryError(f"the {kind} {name} is at least {least}")


def _check_bootstrap(url: str, pin: bytes) -> None:
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "https" and bool(parts.hostname) and len(url.encode()) <= 256
    except ValueError:
        fits = False
    if not fits:
        raise FactoryError("a bootstrap server is an https:// URL of at most 256 octets")
    if len(pin) != _PIN_LENGTH:
        raise FactoryError("a bootstrap server's pin is the SHA-256 of its public key, 32 octets")


def read_pin(text: str) -> bytes:
    """A pin as it is typed: 64 hex digits, `sha256:` before them or not. Raises FactoryError."""
    digits = re.sub(r"[\s:]", "", text.lower().removeprefix("sha256:"))
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise FactoryError("a bootstrap server's pin has 64 hexadecimal digits")
    return bytes.fromhex(digits)


def read_authority(path: Path) -> bytes:
    """The authority's public key from its file. Raises AuthorityError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_COSE_KEY + 1)
    except OSError as error:
        raise AuthorityError(f"cannot read {path}: {error.strerror}") from error
    if data.startswith(b"-----"):
        # A PEM file may be the private half, which has no business on a board.
        raise AuthorityError(f"{path} is PEM: the public half as COSE_Key is wanted")
    decode_public_key(data)
    return data


def authority_tables(authority: bytes) -> bytes:
    """Tables for a public COSE_Key (host_client/tables.py). Raises AuthorityError."""
    decode_public_key(authority)
    key = cbor.decode(authority)
    if key[_KTY] == _OKP:
        return ed25519_tables(key[_X])
    return p256_tables(key[_X], key[_Y])
