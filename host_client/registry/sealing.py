"""Sealing to an operator's key: who holds the database alone cannot open it.

COSE_Encrypt0 (RFC 9052 section 5.2) with HPKE in base mode (RFC 9180; draft-ietf-cose-hpke,
HPKE-4: X25519, HKDF-SHA256, ChaCha20-Poly1305). What it is of is in the external_aad, so that
what is sealed for one device does not open as another's.
"""

from __future__ import annotations

from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, PyHPKEError

from host_client import cbor
from host_client.registry.errors import RegistryError
from transports.contract import ALG_HPKE_4

Purpose: TypeAlias = tuple[str | bytes, ...]

KEY_LENGTH = 32  # octets
MAX_SEALED = 1024  # octets
_TAG_16 = b"\xd0"  # COSE_Encrypt0
_EK = -4  # header parameter: the encapsulated key
_PROTECTED = cbor.encode({1: ALG_HPKE_4})
_CONTEXT = "latchkey/1 registry"


class BadSeal(RegistryError):
    """What is sealed was not sealed to this key, or for this purpose, or was changed."""

    kind = "bad_seal"


def seal(plaintext: bytes, public_key: bytes, purpose: Purpose) -> bytes:
    """Seal to an X25519 public key of 32 octets. Raises BadSeal for a key that is none."""
    try:
        recipient = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(public_key))
        enc, context = _suite().create_sender_context(recipient)
        ciphertext = context.seal(plaintext, _aad(purpose))
    except (PyHPKEError, ValueError):
        raise BadSeal("the operator's sealing key is not a usable X25519 key") from None
    return _TAG_16 + cbor.encode([_PROTECTED, {_EK: enc}, ciphertext])


def check_shape(data: bytes) -> tuple[bytes, bytes]:
    """(encapsulated key, ciphertext) of what `seal` made. Raises BadSeal."""
    if data[:1] == _TAG_16 and len(data) <= MAX_SEALED:
        try:
            body = cbor.decode(data[1:])
        except cbor.CborError:
            body = None
        match body:
            case [bytes(protected), {-4: bytes(enc), **rest}, bytes(ciphertext)]:
                if protected == _PROTECTED and not rest and len(enc) == KEY_LENGTH:
                    return enc, ciphertext
    raise BadSeal("not something that was sealed to an operator")


def open_sealed(data: bytes, private_key: X25519PrivateKey, purpose: Purpose) -> bytes:
    """Open. Raises BadSeal for whatever does not fit, and does not say what."""
    enc, ciphertext = check_shape(data)
    try:
        recipient = KEMKey.from_pyca_cryptography_key(private_key)
        context = _suite().create_recipient_context(enc, recipient)
        return context.open(ciphertext, _aad(purpose))
    except (PyHPKEError, ValueError):
        raise BadSeal("it was sealed to another operator or for another device") from None


def _suite() -> CipherSuite:
    return CipherSuite.new(
        KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305
    )


def _aad(purpose: Purpose) -> bytes:
    """Enc_structure (RFC 9052 section 5.3)."""
    external = cbor.encode([_CONTEXT, *purpose])
    return cbor.encode(["Encrypt0", _PROTECTED, external])
