"""core/bundle.ts reads the orders that the host hands over, and what it brings back is checked by
the host's command line."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from host_client import bundle, cbor
from host_client.armor import armor
from host_client.order import SealedOrder, Target, seal_order
from host_client.proof import Anybody
from tests.browser.node import Node, NodeError
from tests.browser.sealing_in_node import HOST_SETTINGS, TARGET
from tests.browser.test_core_receipts import by_the_board
from tests.host.command_line import latchkey
from tests.vectors.policy_cases import OPEN_BOARD


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATCHKEY_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def orders() -> list[SealedOrder]:
    """Two orders of the host's, the second for a board that is not here."""
    other = Target("lk-other", TARGET.device_key)
    first = seal_order(HOST_SETTINGS, TARGET, Anybody(), sequence=7, expires_s=1_900_000_000)
    return [first, seal_order(HOST_SETTINGS, other, Anybody())]


@pytest.fixture
def file(orders: list[SealedOrder], tmp_path: Path) -> Path:
    path = tmp_path / "orders.lko"
    bundle.write_orders(path, orders)
    return path


def as_json(order: SealedOrder) -> dict[str, Any]:
    read = {
        "orderId": order.order_id.hex(),
        "deviceId": order.device_id,
        "data": order.data.hex(),
        "networks": order.networks,
        "sequence": order.sequence,
    }
    return read if order.expires_s is None else {**read, "expires": order.expires_s}


def test_reads_what_the_host_writes(core: Node, file: Path, orders: list[SealedOrder]) -> None:
    expected = [as_json(order) for order in orders]
    assert core.ask("read_orders", octets=file.read_bytes().hex()) == expected
    text = latchkey("order", "text", str(file)).out
    for form in (text, f"Hello,\r\n> it is this:\r\n{text}\r\nBye", text.replace("\n", " \r\n")):
        assert core.ask("read_orders", text=form) == expected
        assert core.ask("read_orders", octets=form.encode().hex()) == expected
        assert core.ask("read_orders", octets=form.encode("utf-8-sig").hex()) == expected
    bare = base64.b64encode(file.read_bytes()).decode()
    assert core.ask("read_orders", text=bare) == expected
    assert core.ask("read_orders", octets=bare.encode("utf-8-sig").hex()) == expected
    assert core.ask("read_orders", text=f"\n {bare.rstrip('=')}\n") == expected


def test_reads_one_sealed_order_alone(core: Node, orders: list[SealedOrder]) -> None:
    """Whose it is and what it sets nobody can see: it may try as many networks as there can be."""
    data = orders[0].data
    expected = [{"orderId": None, "deviceId": None, "data": data.hex(), "networks": 5}]
    assert core.ask("read_orders", octets=data.hex()) == expected
    assert core.ask("read_orders", text=base64.b64encode(data).decode()) == expected


def refused(core: Node, reason: str = "orders-file", **given: str) -> None:
    with pytest.raises(NodeError) as found:
        core.ask("read_orders", **given)
    assert found.value.reason == reason


def test_what_is_longer_than_the_page_reads_is_not_called_no_order(core: Node) -> None:
    refused(core, octets=bytes(1 << 20).hex())
    refused(core, "orders-size", octets=bytes((1 << 20) + 1).hex())
    refused(core, "orders-size", text=" " * ((1 << 20) + 1))


def test_reads_no_part_of_a_file(core: Node, file: Path) -> None:
    octets = file.read_bytes()
    for length in range(0, len(octets), 13):
        refused(core, octets=octets[:length].hex())
    refused(core, octets=octets.hex() + "00")
    text = armor(bundle.ORDERS_TEXT, octets)
    for wrong in (
        "",
        "Hello",
        text[: len(text) // 2],
        text.replace("ORDERS", "RECEIPTS"),
        text.replace("\n", "\n!", 1),
        text.replace("\n", "\nAAAA", 1),
    ):
        refused(core, text=wrong)


def test_a_million_signs_of_padding_are_refused_like_a_few(core: Node) -> None:
    for number in (4, 1_000_000):
        refused(core, text="=" * number + "A")


@pytest.mark.parametrize(
    "change",
    [
        {"order_id": bytes(15)},
        {"order_id": "o" * 16},
        {"device_id": ""},
        {"device_id": "x" * 33},
        {"device_id": b"lk"},
        {"order": b""},
        {"order": bytes(8192)},
        {"order": None},
        {"networks": 6},
        {"networks": -1},
        {"networks": True},
        {"sequence": 1 << 53},
        {"sequence": -1},
        {"expires": "soon"},
    ],
)
def test_refuses_the_entries_that_the_host_refuses(
    core: Node, file: Path, change: dict[str, Any]
) -> None:
    content = cbor.decode(file.read_bytes())
    content["entries"][1] |= change
    damaged = cbor.encode(content)
    with pytest.raises(bundle.BadOrder):
        bundle.parse_orders(damaged, "damaged")
    refused(core, octets=damaged.hex())


def test_an_entry_of_an_older_version_is_read(core: Node, file: Path) -> None:
    content = cbor.decode(file.read_bytes())
    for entry in content["entries"]:
        for name in ("networks", "sequence", "expires"):
            del entry[name]
    first = core.ask("read_orders", octets=cbor.encode(content).hex())[0]
    assert first["networks"] == 0 and "sequence" not in first


def test_other_files_of_the_host_are_no_orders(core: Node) -> None:
    for kind in (bundle.SECRETS, bundle.RECEIPTS, "latchkey-orders/2"):
        refused(core, octets=cbor.encode({"format": kind, "entries": []}).hex())
    more = {"format": bundle.ORDERS, "entries": [], "more": 1}
    refused(core, octets=cbor.encode(more).hex())
    empty = cbor.encode({"format": bundle.ORDERS, "entries": []})
    assert core.ask("read_orders", octets=empty.hex()) == []


def test_the_receipts_it_writes_are_checked_at_home(
    core: Node, orders: list[SealedOrder], tmp_path: Path
) -> None:
    first = orders[0]
    data = by_the_board({"order": first.data.hex()}, OPEN_BOARD, address="192.0.2.7", network=0)
    carried = {"order_id": first.order_id.hex(), "device_id": "LK-0001", "data": data.hex()}
    receipts, secrets = tmp_path / "receipts.lkr", tmp_path / "secrets.lks"
    receipts.write_bytes(bytes.fromhex(core.ask("write_receipts", receipts=[carried])))
    bundle.write_secrets(secrets, [order.secret for order in orders if order.secret])
    checked = latchkey("order", "check", str(receipts), "--secrets", str(secrets), "--json").result
    (result,) = checked["receipts"]
    assert (result["verified"], result["result"], result["address"]) == (True, "ok", "192.0.2.7")
    assert [entry["device_id"] for entry in checked["missing"]] == ["lk-other"]
    assert bundle.read_receipts(receipts)[0].data == data
    forged = {**carried, "data": data[:-1].hex() + f"{data[-1] ^ 1:02x}"}
    receipts.write_bytes(bytes.fromhex(core.ask("write_receipts", receipts=[forged])))
    done = latchkey("order", "check", str(receipts), "--secrets", str(secrets), "--json")
    assert done.code == 8
