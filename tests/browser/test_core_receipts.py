"""core/receipt.ts takes the receipts that the board's code makes for the core's own orders, and
none that says or proves something else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from firmware.envelope import cbor as board_cbor
from firmware.envelope.cose import mac0
from firmware.provision.receipt import make_receipt
from host_client.errors import BadReceipt
from host_client.receipt import ReceiptSecret, read_receipt
from tests.browser.node import Node, NodeError
from tests.browser.sealing_in_node import FORMS, NONCE, seal
from tests.device.policy_board import PolicyBoard
from tests.vectors import make_orders
from tests.vectors.policy_cases import BOARD
from transports import contract as c

ORDER_ID = b"o" * 16
SECRET = {
    "order_id": ORDER_ID.hex(),
    "device_id": "lk-test",
    "receipt_key": "6b" * 32,
    "digest": "64" * 32,
}
CLAIMS: dict[Any, Any] = {
    c.R_ORDER_ID: ORDER_ID,
    c.R_DEVICE_ID: "lk-test",
    c.R_RESULT: c.OK,
    c.R_DIGEST: b"d" * 32,
    c.R_ADDRESS: "192.0.2.7",
    c.R_NETWORK: 1,
}
KEYS = {**make_orders.keys(), "board": BOARD, "nonce": NONCE.hex()}


def kept(sealed: dict[str, Any]) -> dict[str, str]:
    return {name: sealed[name] for name in SECRET}


def by_the_board(sealed: dict[str, Any], board: dict[str, Any], **outcome: Any) -> bytes:
    """What the board's own code answers to the order."""
    opened = PolicyBoard(KEYS, board).admit(bytes.fromhex(sealed["order"]))
    given = {"status": c.OK, "address": None, "network": None, **outcome}
    return bytes(make_receipt(opened, "LK-0001", SimpleNamespace(**given)))


@pytest.mark.parametrize("suite", [c.ALG_HPKE_3, c.ALG_HPKE_4])
@pytest.mark.parametrize("form", FORMS)
def test_a_board_s_receipt_proves_what_became_of_the_order(
    core: Node, form: str, suite: int
) -> None:
    sealed = seal(core, form, suite, nonce=NONCE.hex())
    data = by_the_board(sealed, FORMS[form][2], address="192.0.2.7", network=2)
    assert core.ask("receipt", data=data.hex(), secret=kept(sealed)) == {
        "orderId": sealed["order_id"],
        "deviceId": "LK-0001",
        "result": c.OK,
        "address": "192.0.2.7",
        "network": 2,
        "verified": True,
        "data": data.hex(),
    }


def test_a_failure_is_proven_as_well(core: Node) -> None:
    sealed = seal(core, "anybody", nonce=NONCE.hex())
    data = by_the_board(sealed, FORMS["anybody"][2], status=c.WRONG_PASSWORD)
    read = core.ask("receipt", data=data.hex(), secret=kept(sealed))
    assert read["verified"] and read["result"] == c.WRONG_PASSWORD
    assert read["address"] is None and read["network"] is None


def test_without_its_secret_it_is_read_and_not_verified(core: Node) -> None:
    read = core.ask("receipt", data=made(key=b"x" * 32).hex(), secret=None)
    assert not read["verified"] and read["orderId"] == ORDER_ID.hex()


def test_another_order_s_receipt_proves_nothing(core: Node) -> None:
    """Also where the settings are the same, and the board."""
    one, other = (seal(core, "anybody", nonce=NONCE.hex()) for _ in range(2))
    data = by_the_board(one, FORMS["anybody"][2]).hex()
    refused(core, data, kept(other))
    for name in SECRET:
        refused(core, data, {**kept(one), name: kept(other)[name]} | differing(name))


def differing(name: str) -> dict[str, str]:
    return {"device_id": "LK-0002"} if name == "device_id" else {}


def refused(core: Node, data: str, secret: dict[str, str] | None) -> None:
    with pytest.raises(NodeError) as found:
        core.ask("receipt", data=data, secret=secret)
    assert found.value.name == "BadReceipt"


def test_no_octet_of_it_can_be_changed(core: Node) -> None:
    data = made()
    for place in range(len(data)):
        for bit in (0x01, 0x20, 0x80):
            changed = bytearray(data)
            changed[place] ^= bit
            refused(core, changed.hex(), SECRET)
        refused(core, data[:place].hex(), SECRET)
    refused(core, data.hex() + "00", SECRET)
    assert core.ask("receipt", data=data.hex(), secret=SECRET)["verified"]


def made(key: bytes = b"k" * 32, context: bytes = c.RECEIPT_CONTEXT, **changes: Any) -> bytes:
    """A receipt as the board makes it, with other claims where asked (None: left out)."""
    claims = {**CLAIMS, **{getattr(c, f"R_{name}"): value for name, value in changes.items()}}
    left = {name: value for name, value in claims.items() if value is not None}
    return bytes(mac0(board_cbor.encode(left), key, context))


WRONG = {
    "another context": made(context=c.ORDER_CONTEXT),
    "no order id": made(ORDER_ID=None),
    "order id as text": made(ORDER_ID="o" * 16),
    "no result": made(RESULT=None),
    "result true": made(RESULT=True),
    "result as text": made(RESULT="ok"),
    "no digest": made(DIGEST=None),
    "another digest": made(DIGEST=b"D" * 32),
    "another board": made(DEVICE_ID="lk-else"),
    "address a number": made(ADDRESS=7),
    "network as text": made(NETWORK="1"),
    "unknown claim": bytes(
        mac0(board_cbor.encode({**CLAIMS, 7: 0}), b"k" * 32, c.RECEIPT_CONTEXT)
    ),
    "claims a list": bytes(mac0(board_cbor.encode([]), b"k" * 32, c.RECEIPT_CONTEXT)),
    "claims null": bytes(mac0(b"\xf6", b"k" * 32, c.RECEIPT_CONTEXT)),
    "claims no CBOR": bytes(mac0(b"\xff", b"k" * 32, c.RECEIPT_CONTEXT)),
    "another tag": b"\xd2" + made()[1:],
    "no tag": made()[1:],
    "longer than a receipt": made(ADDRESS="1" * 1000),
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_the_host_refuses_is_refused(core: Node, name: str) -> None:
    secret = ReceiptSecret(ORDER_ID, "lk-test", b"k" * 32, b"d" * 32)
    with pytest.raises(BadReceipt):
        read_receipt(WRONG[name], secret)
    refused(core, WRONG[name].hex(), SECRET)
