"""Sealing to one board: COSE_Encrypt0 with HPKE (RFC 9180; draft-ietf-cose-hpke)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, PyHPKEError

from host_client import cbor
from host_client.errors import BadOrder
from transports import contract as c

SUITES = (c.ALG_HPKE_4, c.ALG_HPKE_3)  # in order of preference

_ENCRYPT0 = 16  # CBOR tag (RFC 9052 section 2)
_ALG, _EK, _PSK_ID = 1, -4, -5  # header parameters
_AEADS = {c.ALG_HPKE_3: AEADId.AES128_GCM, c.ALG_HPKE_4: AEADId.CHACHA20_POLY1305}


@dataclass(frozen=True)
class Sealed:
    """A sealed message, and the two secrets (32 octets each) exported from its HPKE context."""

    data: bytes
    receipt_key: bytes = field(repr=False)
    digest_key: bytes = field(repr=False)


def check_suite(suite: int) -> None:
    """Raises BadOrder for a suite that is not of the protocol."""
    if suite not in _AEADS:
        raise BadOrder(f"suite {suite} is not one of {SUITES}")


def seal(plaintext: bytes, device_key: bytes, suite: int, psk: bytes | None = None) -> Sealed:
    """Seal to a board's X25519 key; with `psk`, the label's key, in PSK mode, else in base mode.

    Raises BadOrder for a suite that is not of the protocol, and for a key that is unusable.
    """
    check_suite(suite)
    if psk is not None and len(psk) != c.LABEL_KEY_LENGTH:
        raise BadOrder("a label's key has 32 octets")  # an empty one would mean base mode
    header: dict[int, Any] = {_ALG: suite}
    if psk is not None:
        header[_PSK_ID] = c.LABEL_PSK_ID
    protected = cbor.encode(header)
    aad = cbor.encode(["Encrypt0", protected, c.ORDER_CONTEXT])
    hpke = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, _AEADS[suite])
    psk_id = b"" if psk is None else c.LABEL_PSK_ID
    try:
        recipient = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(device_key))
        enc, context = hpke.create_sender_context(recipient, psk=psk or b"", psk_id=psk_id)
        ciphertext = context.seal(plaintext, aad)
        receipt_key = context.export(c.EXPORT_RECEIPT_KEY, 32)
        digest_key = context.export(c.EXPORT_DIGEST_KEY, 32)
    except (PyHPKEError, ValueError) as error:
        raise BadOrder("the device key is not a usable X25519 key") from error
    message = cbor2.CBORTag(_ENCRYPT0, [protected, {_EK: enc}, ciphertext])
    return Sealed(cbor.encode(message), receipt_key, digest_key)
