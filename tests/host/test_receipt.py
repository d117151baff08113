"""host_client/receipt.py: a receipt proves that this board took this order, or it is refused."""

from __future__ import annotations

import cbor2
import pytest
from cwt import COSE, COSEKey

from firmware.envelope import cbor as board_cbor
from firmware.envelope.cose import mac0
from host_client import cbor
from host_client.errors import BadReceipt
from host_client.receipt import ReceiptSecret, read_receipt
from transports import contract as c

KEY, DIGEST, ORDER_ID = b"k" * 32, b"d" * 32, b"o" * 16
SECRET = ReceiptSecret(ORDER_ID, "lk-test", KEY, DIGEST)
CLAIMS = {
    c.R_ORDER_ID: ORDER_ID,
    c.R_DEVICE_ID: "lk-test",
    c.R_RESULT: c.OK,
    c.R_DIGEST: DIGEST,
    c.R_ADDRESS: "192.0.2.7",
    c.R_NETWORK: 1,
}


def made(key: bytes = KEY, context: bytes = c.RECEIPT_CONTEXT, **changes: object) -> bytes:
    """A receipt as the board makes it, with other claims where asked (None: left out)."""
    claims: dict[int, object] = dict(CLAIMS)
    for name, value in changes.items():
        claims[getattr(c, f"R_{name}")] = value
    kept = {name: value for name, value in claims.items() if value is not None}
    return bytes(mac0(board_cbor.encode(kept), key, context))


def test_accepts_what_the_board_makes() -> None:
    receipt = read_receipt(made(), SECRET)
    assert receipt.verified
    assert (receipt.result, receipt.address, receipt.network) == (c.OK, "192.0.2.7", 1)
    assert read_receipt(made(ADDRESS=None, NETWORK=None), SECRET).address is None


def test_accepts_what_cwt_makes() -> None:
    key = COSEKey.from_symmetric_key(KEY, alg="HS256")
    data = COSE.new().encode_and_mac(
        cbor.encode(CLAIMS), key, protected={1: 5}, external_aad=c.RECEIPT_CONTEXT
    )
    assert read_receipt(data, SECRET).verified


def test_without_the_secret_it_is_read_and_not_verified() -> None:
    receipt = read_receipt(made(key=b"x" * 32))
    assert not receipt.verified
    assert receipt.device_id == "lk-test"


@pytest.mark.parametrize(
    "data",
    [
        made(key=b"x" * 32),
        made(context=c.ORDER_CONTEXT),
        made(ORDER_ID=b"p" * 16),
        made(DEVICE_ID="lk-other"),
        made(DIGEST=b"e" * 32),
        made(DIGEST=None),
        made(RESULT=None),
        made(RESULT=True),
        made(RESULT="0"),
        made(ADDRESS=7),
        made(NETWORK=False),
        b"",
        b"\xd1\x80",
        cbor2.dumps(cbor2.CBORTag(17, [b"", {}, b"", b""])),
        cbor2.dumps(cbor2.CBORTag(17, [cbor.encode({1: 4}), {}, cbor.encode(CLAIMS), bytes(8)])),
        cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(made()).value)),
        made() + b"\x00",
        made() + bytes(1100),
    ],
)
def test_refuses(data: bytes) -> None:
    with pytest.raises(BadReceipt):
        read_receipt(data, SECRET)


def test_refuses_every_flipped_bit_and_every_truncation() -> None:
    good = made()
    for position in range(len(good)):
        for bit in range(8):
            changed = bytearray(good)
            changed[position] ^= 1 << bit
            with pytest.raises(BadReceipt):
                read_receipt(bytes(changed), SECRET)
        with pytest.raises(BadReceipt):
            read_receipt(good[:position], SECRET)


def test_an_unknown_claim_is_refused() -> None:
    data = bytes(mac0(board_cbor.encode({**CLAIMS, 9: 1}), KEY, c.RECEIPT_CONTEXT))
    with pytest.raises(BadReceipt):
        read_receipt(data, SECRET)


def test_repr_shows_no_key() -> None:
    assert "kkkk" not in repr(SECRET)
    assert "dddd" not in repr(SECRET)
