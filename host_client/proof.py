"""Why a board should obey an order: one class for each form that a policy knows.

| form | inside the seal | the seal |
| --- | --- | --- |
| `SignedBy` | COSE_Sign1 by the authority, an installer with its certificate, or the owner | base |
| `LabelCode` | claims unsigned (UCCS, RFC 9781) | PSK mode, with the label's code |
| `FirstUse` | claims unsigned, the first owner's key among them | base |
| `Anybody` | claims unsigned | base |
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from host_client.authority import Authority
from host_client.errors import BadCertificate, BadSettings
from host_client.installer import InstallerCertificate, check_subject, read_installer_certificate
from host_client.label import check_code, label_key
from host_client.settings import Settings, TrustSettings
from host_client.sign1 import sign1
from transports import contract as c

_UCCS = b"\xd9\x02\x59"  # CBOR tag 601, unsigned CWT claims set (RFC 9781)


class Proof(ABC):
    """What makes an order one that its board obeys. No repr holds a secret."""

    @property
    @abstractmethod
    def description(self) -> str:
        """For people, behind the words "the order is"."""

    def amend(self, settings: Settings) -> Settings:
        """The settings, with what the form itself must say. Raises BadSettings."""
        return settings

    def check(self, claims: dict[int, Any]) -> None:  # noqa: B027 - most forms cover everything
        """Raises NotPermitted where the proof does not cover an order with these claims."""

    def psk(self, device_id: str) -> bytes | None:
        """The key to seal with in PSK mode (32 octets), None for base mode."""
        return None

    @abstractmethod
    def wrap(self, payload: bytes) -> bytes:
        """What is sealed: the claims, signed or marked as unsigned."""


class SignedBy(Proof):
    """By the authority or by the owner; by an installer, where the key has a certificate."""

    def __init__(self, key: Authority, *, role: str = "") -> None:
        """Raises BadCertificate."""
        self._key = key
        self._role = role
        self.installer: InstallerCertificate | None = None
        if key.certificate is not None:
            self.installer = read_installer_certificate(key.certificate)
            check_subject(self.installer, key.public_key)
            self._role = "installer "

    @property
    def description(self) -> str:
        return f"signed by {self._role}{self._key.name}"

    def check(self, claims: dict[int, Any]) -> None:
        if self.installer is not None:
            self.installer.permit(claims)

    def wrap(self, payload: bytes) -> bytes:
        certificate = self._key.certificate
        header = None if certificate is None else {c.HEADER_INSTALLER: certificate}
        return sign1(payload, self._key, c.ORDER_CONTEXT, header)


class _Unsigned(Proof):
    def wrap(self, payload: bytes) -> bytes:
        return _UCCS + payload


class LabelCode(_Unsigned):
    """By who has read the label: sealed with its code as well as to the board's key."""

    description = "proved with the label's code"

    def __init__(self, code: str) -> None:
        """Raises BadLabel."""
        self._code = check_code(code)

    def psk(self, device_id: str) -> bytes:
        return label_key(self._code, device_id)


class FirstUse(_Unsigned):
    """By who comes first, and leaves the key that later orders are signed with.

    The private half must be kept safe before such an order is sent: who loses it can never
    change the board again.
    """

    def __init__(self, owner: Authority) -> None:
        self._owner = owner
        if owner.certificate is not None:
            raise BadCertificate(f"{owner.name} is an installer's key: an owner's is its own")

    @property
    def description(self) -> str:
        return f"unsigned, and makes {self._owner.name} the owner"

    def amend(self, settings: Settings) -> Settings:
        own = TrustSettings(owner=self._owner.public_key)
        if settings.trust not in (None, own):
            raise BadSettings("trust: a board's first order names its owner, and nothing else")
        return settings.model_copy(update={"trust": own})


class Anybody(_Unsigned):
    """By anybody: for boards that take orders from whoever is in reach, in demonstrations."""

    description = "unsigned (anybody could have made it)"


def owner_proof(owner: Authority) -> SignedBy:
    """The proof of a board's owner. Raises BadCertificate for a key that is an installer's."""
    if owner.certificate is not None:
        raise BadCertificate(f"{owner.name} is an installer's key: an owner's is its own")
    return SignedBy(owner, role="owner ")
