"""COSE_Sign1 (RFC 9052 section 4.2): orders and certificates, made and checked.

`context` is the external_aad: what the signature is for, so that one made for one purpose
never passes for another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from host_client import cbor
from host_client.cose_key import decode_public_key

_TAG_18 = b"\xd2"  # COSE_Sign1
_ALG, _KID = 1, 4  # header parameters


class Signer(Protocol):
    """What signs: an Authority."""

    @property
    def cose_algorithm(self) -> int: ...

    def sign(self, message: bytes) -> bytes: ...


class NotSigned(ValueError):
    """Not a COSE_Sign1, or its signature does not hold. The text says which, and no value."""


@dataclass(frozen=True)
class Sign1:
    """The parts of a COSE_Sign1, unchecked. `header` is the decoded protected header."""

    protected: bytes
    header: dict[Any, Any]
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def sign1(
    payload: bytes, signer: Signer, context: bytes, header: dict[int, Any] | None = None
) -> bytes:
    """Sign; `header`: protected parameters beside the algorithm."""
    protected = cbor.encode({_ALG: signer.cose_algorithm, **(header or {})})
    signature = signer.sign(_to_sign(protected, context, payload))
    return _TAG_18 + cbor.encode([protected, {}, payload, signature])


def split_sign1(data: bytes) -> Sign1:
    """Take a COSE_Sign1 apart, its signature not checked. Raises NotSigned."""
    if data[:1] != _TAG_18:
        raise NotSigned("not a COSE_Sign1")
    try:
        body = cbor.decode(data[1:])
        match body:
            case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
                header = cbor.decode(protected)
                if isinstance(header, dict) and not unprotected:
                    return Sign1(protected, header, payload, signature)
    except cbor.CborError as error:
        raise NotSigned("not deterministic CBOR") from error
    raise NotSigned("not a COSE_Sign1")


def check_sign1(data: bytes, public_key: bytes, context: bytes) -> bytes:
    """The payload, once its signature by an encoded COSE_Key holds.

    The header may hold the algorithm and a key id. Raises NotSigned, and AuthorityError for a
    `public_key` that is none.
    """
    key = decode_public_key(public_key)
    parts = split_sign1(data)
    algorithm = parts.header.get(_ALG)
    if isinstance(algorithm, bool) or not isinstance(algorithm, int):
        raise NotSigned("no algorithm")
    kid = parts.header.get(_KID, b"")
    if not set(parts.header) <= {_ALG, _KID} or not isinstance(kid, bytes):
        raise NotSigned("a header parameter that does not belong")
    message = _to_sign(parts.protected, context, parts.payload)
    if not key.verify(algorithm, message, parts.signature):
        raise NotSigned("the signature does not hold")
    return parts.payload


def _to_sign(protected: bytes, context: bytes, payload: bytes) -> bytes:
    """Sig_structure (RFC 9052 section 4.4)."""
    return cbor.encode(["Signature1", protected, context, payload])
