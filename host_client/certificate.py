"""Device certificates: the manufacturer's word that a board's id and key belong together.

COSE_Sign1 over `device-claims` of latchkey.cddl: a CWT claims set (RFC 8392) whose
confirmation claim (RFC 8747 section 3.1) holds the X25519 key that orders are sealed to.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from host_client import cbor
from host_client.errors import BadOrder, UntrustedBoard
from host_client.fingerprint import DEVICE_KEY_LENGTH
from host_client.sign1 import NotSigned, Signer, check_sign1, sign1, split_sign1
from transports import contract as c

MAX_CERTIFICATE = 512  # octets
_COSE_KEY = 1  # of the confirmation claim
_OKP, _X25519 = 1, 4  # RFC 9053 section 7.1


@dataclass(frozen=True)
class DeviceCertificate:
    """What a device certificate says. `device_key`: X25519, 32 octets. `data`: as it came."""

    device_id: str
    device_key: bytes
    model: str | None
    serial: str | None
    data: bytes = field(repr=False)

    def check_subject(self, device_id: str, device_key: bytes) -> None:
        """Raises UntrustedBoard unless the certificate is about this board and this key."""
        if self.device_id != device_id:
            raise UntrustedBoard("the board's certificate is another board's")
        if not hmac.compare_digest(self.device_key, device_key):
            raise UntrustedBoard("the board shows another key than the one in its certificate")


def make_device_certificate(
    manufacturer: Signer,
    device_id: str,
    device_key: bytes,
    model: str | None = None,
    serial: str | None = None,
) -> bytes:
    """Certify a board's key (32 octets). Raises BadOrder for values that do not fit the CDDL."""
    if len(device_key) != DEVICE_KEY_LENGTH:
        raise BadOrder("a device key has 32 octets")
    for text, longest in ((device_id, 32), (model, 64), (serial, 64)):
        if text is not None and not 1 <= len(text.encode()) <= longest:
            raise BadOrder(f"a text of a device certificate does not have 1 to {longest} octets")
    claims = _claims(device_id, device_key, model, serial)
    return sign1(cbor.encode(claims), manufacturer, c.DEVICE_CONTEXT)


def check_device_certificate(
    data: bytes, manufacturer_public_cose_key: bytes, device_id: str, device_key: bytes
) -> DeviceCertificate:
    """Read a board's certificate, and hold it against the id and the key that the board shows.

    Raises UntrustedBoard: not a certificate, not of this manufacturer, of another board or key.
    Raises AuthorityError for a manufacturer's key that is none.
    """
    try:
        payload = check_sign1(_bounded(data), manufacturer_public_cose_key, c.DEVICE_CONTEXT)
    except NotSigned as error:
        raise UntrustedBoard(
            f"the board's certificate is not one of this manufacturer: {error}"
        ) from error
    certificate = _decode(payload, data)
    certificate.check_subject(device_id, device_key)
    return certificate


def read_device_certificate(data: bytes) -> DeviceCertificate:
    """Read a certificate whose maker is not known; it proves nothing. Raises UntrustedBoard."""
    try:
        payload = split_sign1(_bounded(data)).payload
    except NotSigned as error:
        raise UntrustedBoard(f"the board's certificate is none: {error}") from error
    return _decode(payload, data)


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_CERTIFICATE:
        raise UntrustedBoard("the board's certificate is longer than any certificate")
    return data


def _claims(
    device_id: str, device_key: bytes, model: str | None, serial: str | None
) -> dict[int, Any]:
    """`device-claims` of latchkey.cddl."""
    key = {1: _OKP, -1: _X25519, -2: device_key}
    claims: dict[int, Any] = {
        c.CLAIM_SUBJECT: device_id,
        c.CLAIM_CONFIRMATION: {_COSE_KEY: key},
        c.CLAIM_MODEL: model,
        c.CLAIM_SERIAL: serial,
    }
    return {claim: value for claim, value in claims.items() if value is not None}


def _decode(payload: bytes, data: bytes) -> DeviceCertificate:
    try:
        claims = cbor.decode(payload)
    except cbor.CborError as error:
        raise UntrustedBoard("the certificate's claims are not deterministic CBOR") from error
    match claims:
        case {c.CLAIM_SUBJECT: str(name), c.CLAIM_CONFIRMATION: {1: {-2: bytes(key)}}}:
            model, serial = claims.get(c.CLAIM_MODEL), claims.get(c.CLAIM_SERIAL)
            texts = [text for text in (name, model, serial) if text is not None]
            fits = all(isinstance(text, str) and 1 <= len(text.encode()) <= 64 for text in texts)
            fits = fits and len(key) == DEVICE_KEY_LENGTH and len(name.encode()) <= 32
            # What these values make anew is all that may be there, to the octet.
            if fits and cbor.encode(_claims(name, key, model, serial)) == payload:
                return DeviceCertificate(name, key, model, serial, bytes(data))
    raise UntrustedBoard("the certificate's claims are not those of a device")
