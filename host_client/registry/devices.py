"""Devices as the registry knows them, and what it takes for one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from host_client.errors import BadLabel
from host_client.fingerprint import DEVICE_KEY_LENGTH, PREFIX
from host_client.label import check_code
from host_client.registry.errors import BadRow
from host_client.registry.schema import MAX_TEXT
from host_client.registry.sealing import BadSeal, check_shape
from transports.contract import COMMERCIAL, SIGNED
from transports.names import POLICY_NAMES, PROFILE_NAMES

MAX_CERTIFICATE = 1024  # octets
MAX_TIME_MS = 253_402_300_800_000  # the end of the year 9999


@dataclass(frozen=True)
class SealedFor:
    """A label code that is sealed already: to whom (digest of the operator's keys), and it."""

    operator: bytes
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class NewDevice:
    """A device to be registered. `label_code` is sealed before it is kept; no repr shows it.

    `serial`: the device id where there is none. `made_ms`: Unix milliseconds, now where None.
    """

    device_id: str
    public_key: bytes  # X25519, 32 octets
    serial: str | None = None
    model: str = ""
    group: str = ""
    batch: str = ""
    certificate: bytes | None = field(default=None, repr=False)
    policy: int = SIGNED
    profile: int = COMMERCIAL
    made_ms: int | None = None
    label_code: str | None = field(default=None, repr=False)
    sealed_code: SealedFor | None = field(default=None, repr=False)

    @property
    def own_serial(self) -> str:
        return self.device_id if self.serial is None else self.serial

    @property
    def digest(self) -> bytes:
        """SHA-256 of the key: the fingerprint's octets."""
        return hashlib.sha256(self.public_key).digest()

    def check(self) -> NewDevice:
        """Itself, once every value has been looked at. Raises BadRow, which quotes no secret."""
        check_text("device id", self.device_id, 32)
        if any(character.isspace() for character in self.device_id):
            raise BadRow("a device id holds no space")
        check_text("serial number", self.own_serial)
        for name, text in (("model", self.model), ("group", self.group), ("batch", self.batch)):
            if text:
                check_text(name, text)
        if len(self.public_key) != DEVICE_KEY_LENGTH:
            raise BadRow("a device key has 32 octets")
        if self.certificate is not None and not 1 <= len(self.certificate) <= MAX_CERTIFICATE:
            raise BadRow(f"a certificate has 1 to {MAX_CERTIFICATE} octets")
        if not 0 <= self.policy < len(POLICY_NAMES):
            raise BadRow(f"a policy is one of {', '.join(POLICY_NAMES)}")
        if not 0 <= self.profile < len(PROFILE_NAMES):
            raise BadRow(f"a profile is one of {', '.join(PROFILE_NAMES)}")
        if self.made_ms is not None and not 0 <= self.made_ms < MAX_TIME_MS:
            raise BadRow("the time of making is out of range")
        self._check_code()
        return self

    def _check_code(self) -> None:
        if self.label_code is not None:
            if self.sealed_code is not None:
                raise BadRow("a label code is given either plain or sealed")
            try:
                check_code(self.label_code)
            except BadLabel as error:
                raise BadRow(str(error)) from None
        if self.sealed_code is not None:
            try:
                check_shape(self.sealed_code.data)
            except BadSeal as error:
                raise BadRow(str(error)) from None


@dataclass(frozen=True)
class Device:
    """A registered device. Times are Unix milliseconds."""

    serial: str
    device_id: str
    public_key: bytes = field(repr=False)
    model: str
    group: str
    batch: str
    certificate: bytes | None = field(repr=False)
    policy: int
    profile: int
    made_ms: int
    added_ms: int
    has_label_code: bool

    @property
    def fingerprint(self) -> str:
        """`sha256:` and 64 hexadecimal digits over the key."""
        return PREFIX + hashlib.sha256(self.public_key).hexdigest()

    @property
    def policy_name(self) -> str:
        return POLICY_NAMES[self.policy]

    @property
    def profile_name(self) -> str:
        return PROFILE_NAMES[self.profile]


def check_text(name: str, text: str, longest: int = MAX_TEXT) -> str:
    """A text fit to be kept: printable, without spaces around it. Raises BadRow."""
    if not text or text != text.strip() or not text.isprintable():
        raise BadRow(f"a {name} is printable text without spaces around it")
    if len(text.encode()) > longest:
        raise BadRow(f"a {name} has at most {longest} octets")
    return text
