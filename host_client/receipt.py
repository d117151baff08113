"""Receipts: the board's proof that it opened this order and what became of it.

A COSE_Mac0 (RFC 9052 section 6.2) under a key exported from the order's HPKE context, so
only the board that opened the order and the host that sealed it can make or check one.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from host_client import cbor
from host_client.errors import BadReceipt
from transports import contract as c

_TAG_17 = b"\xd1"  # COSE_Mac0
_PROTECTED = cbor.encode({1: c.ALG_HMAC_256})
MAX_RECEIPT = 1024  # octets


@dataclass(frozen=True)
class ReceiptSecret:
    """What the sealer keeps: the receipt's key, and the digest it must carry (32 octets each)."""

    order_id: bytes
    device_id: str
    receipt_key: bytes = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True)
class Receipt:
    """What a receipt says. `verified` is False where its secret was not at hand."""

    order_id: bytes
    device_id: str
    result: int
    digest: bytes
    address: str | None
    network: int | None
    verified: bool
    data: bytes = field(repr=False)


def read_receipt(data: bytes, secret: ReceiptSecret | None = None) -> Receipt:
    """Decode a receipt, and check it where its secret is given.

    Raises BadReceipt: malformed, not under this key, for another order, board or settings.
    """
    payload, tag = _take_apart(data)
    if secret is not None:
        to_mac = cbor.encode(["MAC0", _PROTECTED, c.RECEIPT_CONTEXT, payload])
        if not hmac.compare_digest(hmac.digest(secret.receipt_key, to_mac, "sha256"), tag):
            raise BadReceipt("the receipt was not made by the board that opened this order")
    receipt = _decode(payload, data, verified=secret is not None)
    if secret is not None:
        _check_subject(receipt, secret)
    return receipt


def _take_apart(data: bytes) -> tuple[bytes, bytes]:
    if len(data) > MAX_RECEIPT or data[:1] != _TAG_17:
        raise BadReceipt("not a receipt (COSE_Mac0)")
    try:
        body = cbor.decode(data[1:])
    except cbor.CborError as error:
        raise BadReceipt("the receipt is not deterministic CBOR") from error
    match body:
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(tag)]:
            if protected != _PROTECTED or unprotected or len(tag) != 32:
                raise BadReceipt("the receipt is not HMAC 256/256")
            return payload, tag
    raise BadReceipt("the receipt is not a COSE_Mac0")


def _decode(payload: bytes, data: bytes, *, verified: bool) -> Receipt:
    try:
        claims = cbor.decode(payload)
    except cbor.CborError as error:
        raise BadReceipt("the receipt's claims are not deterministic CBOR") from error
    if not isinstance(claims, dict) or not set(claims) <= set(range(c.R_ORDER_ID, c.R_NETWORK + 1)):
        raise BadReceipt("the receipt's claims are not those of this protocol")
    return Receipt(
        order_id=_claim(claims, c.R_ORDER_ID, bytes),
        device_id=_claim(claims, c.R_DEVICE_ID, str),
        result=_claim(claims, c.R_RESULT, int),
        digest=_claim(claims, c.R_DIGEST, bytes),
        address=_claim(claims, c.R_ADDRESS, str, optional=True),
        network=_claim(claims, c.R_NETWORK, int, optional=True),
        verified=verified,
        data=bytes(data),
    )


def _claim(claims: dict[Any, Any], key: int, kind: type, optional: bool = False) -> Any:
    value = claims.get(key)
    if value is None and optional and key not in claims:
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadReceipt(f"the receipt's claim {key} is missing or of another type")
    return value


def _check_subject(receipt: Receipt, secret: ReceiptSecret) -> None:
    if receipt.order_id != secret.order_id or receipt.device_id != secret.device_id:
        raise BadReceipt("the receipt is for another order or board")
    if not hmac.compare_digest(receipt.digest, secret.digest):
        raise BadReceipt("the receipt is for other settings than those of this order")
