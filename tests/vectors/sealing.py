"""Makes orders, right and wrong, from fixed seeds, with maintained libraries only.

Written for test data: every part of a message can be replaced by a wrong one. Encoding is
cbor2's, signatures are pyca's, sealing is pyhpke's: nothing of the board's own code.
"""

from __future__ import annotations

import hashlib
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, KEMKeyPair

CONTEXT = b"latchkey/1 order"
HPKE_3, HPKE_4 = 41, 42
EDDSA, ED25519, ES256, ESP256 = -8, -19, -7, -9
SIGN1, ENCRYPT0, UCCS = 18, 16, 601
AEADS = {HPKE_3: AEADId.AES128_GCM, HPKE_4: AEADId.CHACHA20_POLY1305}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def seed(name: str) -> bytes:
    """32 octets that depend on the name only."""
    return hashlib.sha256(b"latchkey test data: " + name.encode()).digest()


def dumps(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=False)


def ordered(pairs: dict[Any, Any]) -> dict[Any, Any]:
    """The map in the bytewise order of its encoded keys (cbor2's canonical order is the
    older one, shorter keys first), through every level."""
    if isinstance(pairs, list):
        return [ordered(item) for item in pairs]  # type: ignore[return-value]
    if not isinstance(pairs, dict):
        return pairs
    return {key: ordered(pairs[key]) for key in sorted(pairs, key=cbor2.dumps)}


class Signer:
    """A provisioning key: Ed25519 or P-256."""

    def __init__(self, name: str, curve: str = "Ed25519") -> None:
        self.curve = curve
        if curve == "Ed25519":
            self.algorithm = EDDSA
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(seed(name))
            self.cose_key = {1: 1, -1: 6, -2: self.private.public_key().public_bytes_raw()}
        else:
            self.algorithm = ES256
            secret = int.from_bytes(seed(name), "big") % (P256_ORDER - 1) + 1
            self.private = ec.derive_private_key(secret, ec.SECP256R1())
            point = self.private.public_key().public_numbers()
            x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
            self.cose_key = {1: 2, -1: 1, -2: x, -3: y}

    def sign(self, message: bytes) -> bytes:
        """64 octets; for P-256 r and s, deterministic (RFC 6979)."""
        if self.curve == "Ed25519":
            return self.private.sign(message)
        der = self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def sign_der(self, message: bytes) -> bytes:
        return self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))


class Receiver:
    """A device key: X25519."""

    def __init__(self, name: str) -> None:
        self.secret = seed(name)
        private = x25519.X25519PrivateKey.from_private_bytes(self.secret)
        self.public = private.public_key().public_bytes_raw()


def sign1(signer: Signer, payload: Any, **parts: Any) -> bytes:
    """A COSE_Sign1. parts: protected (octets), unprotected, external_aad, tag, signature
    (a function of the message), shown (the payload in the message, if it is not the one
    that is signed), array (a function of the four parts)."""
    protected = parts.get("protected", dumps({1: signer.algorithm}))
    aad = parts.get("external_aad", CONTEXT)
    structure = dumps(["Signature1", protected, aad, payload if payload is not None else b""])
    signature = parts.get("signature", signer.sign)(structure)
    shown = parts.get("shown", payload)
    array = [protected, parts.get("unprotected", {}), shown, signature]
    return tagged(parts.get("tag", SIGN1), parts.get("array", lambda four: four)(array))


def encrypt0(receiver: Receiver, plaintext: bytes, suite: int = HPKE_3, **parts: Any) -> bytes:
    """A COSE_Encrypt0. parts: protected (octets), unprotected (added to ek), external_aad,
    tag, psk, psk_id, ek and ciphertext (functions of the right ones), array."""
    header = {1: suite}
    if "psk_id" in parts:
        header[-5] = parts["psk_id"]
    protected = parts.get("protected", dumps(ordered(header)))
    aad = dumps(["Encrypt0", protected, parts.get("external_aad", CONTEXT)])
    ek, ciphertext = hpke_seal(receiver, plaintext, suite, aad, parts)
    ek = parts.get("ek", lambda right: right)(ek)
    ciphertext = parts.get("ciphertext", lambda right: right)(ciphertext)
    unprotected = ordered({**({} if ek is None else {-4: ek}), **parts.get("unprotected", {})})
    array = parts.get("array", lambda three: three)([protected, unprotected, ciphertext])
    return tagged(parts.get("tag", ENCRYPT0), array)


def hpke_seal(
    receiver: Receiver, plaintext: bytes, suite: int, aad: bytes, parts: dict[str, Any]
) -> tuple[bytes, bytes]:
    """(encapsulated key, ciphertext); the ephemeral key depends on what is sealed only."""
    machine = CipherSuite.new(
        KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADS.get(suite, AEADId.AES128_GCM)
    )
    secret = hashlib.sha256(b"ephemeral" + aad + plaintext).digest()
    ephemeral = x25519.X25519PrivateKey.from_private_bytes(secret)
    pair = KEMKeyPair(
        KEMKey.from_pyca_cryptography_key(ephemeral),
        KEMKey.from_pyca_cryptography_key(ephemeral.public_key()),
    )
    public = x25519.X25519PublicKey.from_public_bytes(receiver.public)
    mode = {"psk": parts["psk"], "psk_id": parts["psk_id"]} if "psk" in parts else {}
    enc, context = machine.create_sender_context(
        KEMKey.from_pyca_cryptography_key(public), eks=pair, **mode
    )
    return enc, context.seal(plaintext, aad=aad)


def tagged(tag: int | None, array: Any) -> bytes:
    return dumps(array if tag is None else cbor2.CBORTag(tag, array))
