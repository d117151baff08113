"""Public keys that check signatures, as COSE_Keys (RFC 9052 section 7, RFC 9053 section 7)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from host_client import cbor
from host_client.errors import AuthorityError
from transports.contract import ALG_ED25519, ALG_EDDSA, ALG_ES256, ALG_ESP256

PublicKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

MAX_COSE_KEY = 128  # octets, encoded
_KTY, _ALG, _CRV, _X, _Y = 1, 3, -1, -2, -3
_OKP, _EC2, _P256, _ED25519 = 1, 2, 1, 6
_OKP_LABELS = ({_KTY, _CRV, _X}, {_KTY, _ALG, _CRV, _X})
_EC2_LABELS = ({_KTY, _CRV, _X, _Y}, {_KTY, _ALG, _CRV, _X, _Y})
_SIGNATURE_LENGTH = 64  # octets, of either algorithm


@dataclass(frozen=True)
class VerifyingKey:
    """A public key and the COSE algorithms that signatures of it may name."""

    key: PublicKey
    algorithms: tuple[int, ...]

    def verify(self, algorithm: int, message: bytes, signature: bytes) -> bool:
        """Whether the signature is good, and its algorithm one of the key's."""
        if algorithm not in self.algorithms or len(signature) != _SIGNATURE_LENGTH:
            return False
        try:
            if isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
            else:
                r, s = (int.from_bytes(signature[i : i + 32], "big") for i in (0, 32))
                self.key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def encode_public_key(key: Any) -> bytes:
    """An Ed25519 or P-256 public key as a deterministic COSE_Key, its algorithm pinned in it."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return cbor.encode(
            {_KTY: _OKP, _ALG: ALG_ED25519, _CRV: _ED25519, _X: key.public_bytes_raw()}
        )
    numbers = key.public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    return cbor.encode({_KTY: _EC2, _ALG: ALG_ESP256, _CRV: _P256, _X: x, _Y: y})


def key_fields(data: bytes) -> dict[int, Any]:
    """The map of an encoded COSE_Key, as certificates hold it. Raises AuthorityError."""
    decode_public_key(data)
    fields: dict[int, Any] = cbor.decode(data)
    return fields


def decode_public_key(data: bytes) -> VerifyingKey:
    """An encoded COSE_Key of Ed25519 or P-256, with exactly the labels of latchkey.cddl.

    Raises AuthorityError for anything else, a private key and a point off the curve included.
    """
    try:
        fields = cbor.decode(data) if len(data) <= MAX_COSE_KEY else None
    except cbor.CborError:
        fields = None
    if not isinstance(fields, dict) or any(isinstance(value, bool) for value in fields.values()):
        raise _refusal()
    try:
        key, algorithms = _load(fields)
    except (ValueError, UnsupportedAlgorithm):
        raise _refusal() from None
    if _ALG not in fields:
        return VerifyingKey(key, algorithms)
    if fields[_ALG] not in algorithms:
        raise AuthorityError("the public key names an algorithm of another kind of key")
    return VerifyingKey(key, (fields[_ALG],))


def _load(fields: dict[Any, Any]) -> tuple[PublicKey, tuple[int, ...]]:
    match fields:
        case {1: 1, -1: 6, -2: bytes(x)} if set(fields) in _OKP_LABELS:
            return ed25519.Ed25519PublicKey.from_public_bytes(x), (ALG_EDDSA, ALG_ED25519)
        case {1: 2, -1: 1, -2: bytes(x), -3: bytes(y)} if set(fields) in _EC2_LABELS:
            if len(x) != 32 or len(y) != 32:
                raise ValueError
            point = b"\x04" + x + y
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            return key, (ALG_ES256, ALG_ESP256)
    raise ValueError


def _refusal() -> AuthorityError:
    return AuthorityError("not a public key of Ed25519 or P-256 (an encoded COSE_Key)")


def read_public_key(path: Path) -> bytes:
    """A public key from a file: an encoded COSE_Key, or its hex. Raises AuthorityError."""
    try:
        with path.open("rb") as file:
            data = file.read(4 * MAX_COSE_KEY)
    except OSError as error:
        raise AuthorityError(f"cannot read {path}: {error.strerror}") from error
    with contextlib.suppress(ValueError):  # then it is not hex
        data = bytes.fromhex(data.decode("ascii").strip())
    try:
        decode_public_key(data)
    except AuthorityError:
        raise AuthorityError(f"{path} does not hold a public key (an encoded COSE_Key)") from None
    return data
