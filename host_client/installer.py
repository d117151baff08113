"""Installers: keys that an authority has certified to sign orders, within limits.

COSE_Sign1 over `installer-claims` of latchkey.cddl. The certificate travels in the protected
header of each of the installer's orders. As hosts take sequence numbers from the clock
(milliseconds since 1970), its range of them is a span of time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from host_client import cbor
from host_client.cose_key import decode_public_key, key_fields
from host_client.errors import AuthorityError, BadCertificate, NotPermitted
from host_client.sign1 import NotSigned, Signer, check_sign1, sign1, split_sign1
from transports import contract as c

MAX_CERTIFICATE = 1024  # octets
KINDS = {
    "networks": c.CLAIM_NETWORKS,
    "server": c.CLAIM_SERVER,
    "device": c.CLAIM_DEVICE,
    "app": c.CLAIM_APP,
}
_NAMES = {claim: name for name, claim in KINDS.items()}
_GROUP, _KINDS, _FIRST, _LAST = 1, 2, 3, 4  # of the limits
_COSE_KEY = 1  # of the confirmation claim (RFC 8747 section 3.1)


@dataclass(frozen=True)
class InstallerCertificate:
    """What an installer's certificate allows. `kinds`: names of KINDS. `expires`: Unix time.

    `public_key`: encoded COSE_Key. `first_sequence`, `last_sequence`: both included.
    """

    subject: str
    public_key: bytes
    group: str | None
    kinds: tuple[str, ...]
    first_sequence: int
    last_sequence: int
    expires: int | None
    data: bytes = field(default=b"", repr=False)

    def permit(self, claims: Mapping[int, Any], now_s: float | None = None) -> None:
        """Raises NotPermitted unless an order with these claims is one the installer may sign.

        Which group a board is of only the board knows.
        """
        now_s = time.time() if now_s is None else now_s
        sequence = claims[c.CLAIM_SEQUENCE]
        if self.expires is not None and now_s >= self.expires:
            raise NotPermitted(f"the certificate of installer {self.subject} has expired")
        if c.CLAIM_TRUST in claims:
            raise NotPermitted("an installer never changes whom a board obeys")
        for name, claim in KINDS.items():
            if claim in claims and name not in self.kinds:
                allowed = ", ".join(self.kinds)
                raise NotPermitted(
                    f"the order sets {name}; installer {self.subject} may set only {allowed}"
                )
        if not self.first_sequence <= sequence <= self.last_sequence:
            raise NotPermitted(
                f"the order's sequence {sequence} is outside those of installer {self.subject}: "
                f"{self.first_sequence} to {self.last_sequence}"
            )

    def to_claims(self) -> dict[int, Any]:
        """`installer-claims` of latchkey.cddl. Raises AuthorityError for a key that is none."""
        limits: dict[int, Any] = {
            _GROUP: self.group,
            _KINDS: [KINDS[name] for name in self.kinds],
            _FIRST: self.first_sequence,
            _LAST: self.last_sequence,
        }
        claims: dict[int, Any] = {
            c.CLAIM_SUBJECT: self.subject,
            c.CLAIM_EXPIRES: self.expires,
            c.CLAIM_CONFIRMATION: {_COSE_KEY: key_fields(self.public_key)},
            c.CLAIM_LIMITS: {key: value for key, value in limits.items() if value is not None},
        }
        return {claim: value for claim, value in claims.items() if value is not None}


def certify_installer(
    authority: Signer,
    subject: str,
    installer_public_key: bytes,
    group: str | None = None,
    kinds: Iterable[str] = tuple(KINDS),
    *,
    first_sequence: int,
    last_sequence: int,
    expires: int | None = None,
) -> bytes:
    """Certify a key (encoded COSE_Key) to sign orders within these limits.

    Raises AuthorityError for what does not fit the CDDL.
    """
    unique = tuple(name for name in KINDS if name in set(kinds))
    certificate = InstallerCertificate(
        subject, installer_public_key, group, unique, first_sequence, last_sequence, expires
    )
    if unknown := set(kinds) - set(KINDS):
        named, known = ", ".join(sorted(unknown)), ", ".join(KINDS)
        raise AuthorityError(f"no such kind of setting: {named} (there are {known})")
    if trouble := _trouble(certificate):
        raise AuthorityError(trouble)
    return sign1(cbor.encode(certificate.to_claims()), authority, c.INSTALLER_CONTEXT)


def read_installer_certificate(
    data: bytes, authority_public_key: bytes | None = None
) -> InstallerCertificate:
    """Read a certificate; its signature is checked where the authority's COSE_Key is given.

    Raises BadCertificate.
    """
    if len(data) > MAX_CERTIFICATE:
        raise BadCertificate("that is longer than any installer's certificate")
    try:
        if authority_public_key is None:
            payload = split_sign1(data).payload
        else:
            payload = check_sign1(data, authority_public_key, c.INSTALLER_CONTEXT)
    except NotSigned as error:
        raise BadCertificate(f"not an installer's certificate of this authority: {error}") from None
    return _decode(payload, data)


def check_subject(certificate: InstallerCertificate, public_key: bytes) -> None:
    """Raises BadCertificate unless the certificate is about this key (encoded COSE_Key)."""
    if decode_public_key(certificate.public_key).key != decode_public_key(public_key).key:
        raise BadCertificate(f"the certificate of {certificate.subject} is not about this key")


def _decode(payload: bytes, data: bytes) -> InstallerCertificate:
    try:
        claims = cbor.decode(payload)
        match claims:
            case {
                c.CLAIM_SUBJECT: str(subject),
                c.CLAIM_CONFIRMATION: {1: dict(key)},
                c.CLAIM_LIMITS: {2: list(kinds), 3: int(first), 4: int(last), **limits},
            }:
                names = tuple(_NAMES[kind] for kind in kinds)
                expires: Any = claims.get(c.CLAIM_EXPIRES)
                group: Any = limits.get(_GROUP)
                certificate = InstallerCertificate(
                    subject, cbor.encode(key), group, names, first, last, expires, bytes(data)
                )
                # What these values make anew is all that may be there, to the octet.
                fits = not _trouble(certificate)
                if fits and cbor.encode(certificate.to_claims()) == payload:
                    return certificate
    except (cbor.CborError, KeyError, TypeError, AuthorityError) as error:
        raise BadCertificate("the certificate is damaged") from error
    raise BadCertificate("the certificate's claims are not those of an installer")


def _trouble(certificate: InstallerCertificate) -> str | None:
    """What of a certificate does not fit the CDDL, if anything does not."""
    decode_public_key(certificate.public_key)
    if not 1 <= len(certificate.subject.encode()) <= 64:
        return "an installer's name has 1 to 64 octets"
    group = certificate.group
    if group is not None and not (isinstance(group, str) and 1 <= len(group.encode()) <= 32):
        return "a device group has 1 to 32 octets"
    if not certificate.kinds:
        return "an installer must be allowed some kind of setting"
    first, last, expires = (
        certificate.first_sequence,
        certificate.last_sequence,
        certificate.expires,
    )
    if any(isinstance(number, bool) for number in (first, last, expires)):
        return "a number is none"
    if not 0 <= first <= last <= c.MAX_SEQUENCE:
        return "a certificate's sequences are a range within 0 to 2^53 - 1"
    if expires is not None and not (isinstance(expires, int) and 0 <= expires < 1 << 64):
        return "an expiry is seconds since 1970"
    return None
