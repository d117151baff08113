"""host_client/cli/order.py: orders made here, delivered elsewhere, proven at home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host_client.authority import Authority
from tests.host.board_in_memory import MemoryBoard
from tests.host.command_line import latchkey
from tests.host.conftest import PASSWORD


def test_orders_for_many_boards_are_delivered_with_no_key_and_checked_at_home(
    url: str, own_board: MemoryBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[[network]]\nssid = "home"\npassword = "{PASSWORD}"\n')
    lines = tmp_path / "boards.jsonl"
    entry = {"device_id": "lk-other", "device_key": (b"\x09" + bytes(31)).hex(), "name": "x"}
    lines.write_text(json.dumps(entry) + "\n")
    orders, secrets = tmp_path / "orders.cbor", tmp_path / "secrets.cbor"
    key = own_board.identity.public_key.hex()
    made = latchkey(
        "order", "make", "-s", str(settings), "-o", str(orders), "--secrets", str(secrets),
        "--board", f"kettle-0123456789={key}", "--boards", str(lines),
        "--expires", "30", "--json",
    )  # fmt: skip
    assert [order["device_id"] for order in made.result["orders"]] == [
        "kettle-0123456789",
        "lk-other",
    ]
    assert PASSWORD.encode() not in orders.read_bytes() + secrets.read_bytes()
    assert latchkey("order", "show", str(orders), "--json").result == made.result

    monkeypatch.setenv("LATCHKEY_HOME", str(tmp_path / "the relay's"))  # no key, no boards
    monkeypatch.delenv("LATCHKEY_PASSPHRASE")
    receipts = tmp_path / "receipts.cbor"
    carried = latchkey("order", "deliver", str(orders), url, "-r", str(receipts), "--json").result
    assert carried["deliveries"][0]["receipt"]["verified"] is False
    assert own_board.record.settings["networks"] == [[b"home", PASSWORD.encode(), False, None]]

    checked = latchkey("order", "check", str(receipts), "--secrets", str(secrets), "--json").result
    assert checked["receipts"][0]["verified"] is True
    assert checked["receipts"][0]["result"] == "ok"
    assert [entry["device_id"] for entry in checked["missing"]] == ["lk-other"]
    assert (
        "no receipt yet" in latchkey("order", "check", str(receipts), "--secrets", str(secrets)).out
    )


def test_a_forged_receipt_fails_the_check(url: str, own_board: MemoryBoard, tmp_path: Path) -> None:
    from host_client import bundle
    from host_client.receipt import ReceiptSecret

    settings = tmp_path / "settings.toml"
    settings.write_text('[[network]]\nssid = "home"\n')
    orders, secrets = tmp_path / "orders.cbor", tmp_path / "secrets.cbor"
    key = own_board.identity.public_key.hex()
    latchkey(
        "order", "make", "-s", str(settings), "-o", str(orders), "--secrets", str(secrets),
        "--board", f"kettle-0123456789={key}",
    )  # fmt: skip
    receipts = tmp_path / "receipts.cbor"
    assert latchkey("order", "deliver", str(orders), url, "-r", str(receipts)).code == 0
    (order_id,) = bundle.read_secrets(secrets)
    bundle.write_secrets(
        secrets, [ReceiptSecret(order_id, "kettle-0123456789", b"x" * 32, b"y" * 32)]
    )
    done = latchkey("order", "check", str(receipts), "--secrets", str(secrets), "--json")
    assert done.code == 8
    assert done.error["kind"] == "bad_receipt"


def test_a_board_with_no_order_in_the_file_is_told(
    url: str, tmp_path: Path, signer: Authority
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[[network]]\nssid = "home"\n')
    orders = tmp_path / "orders.cbor"
    arguments = (
        "order",
        "make",
        "-s",
        str(settings),
        "-o",
        str(orders),
        "--secrets",
        str(tmp_path / "s"),
    )
    assert latchkey(*arguments).code == 9
    assert latchkey(*arguments, "--board", "lk-unknown").code == 9
    assert latchkey(*arguments, "--board", "lk-unknown=" + "09" * 32).code == 0
    done = latchkey("order", "deliver", str(orders), url, "--json")
    assert done.code == 9
    assert "no order for kettle-0123456789" in done.error["message"]
    assert own_attempts(url) == 10


def own_attempts(url: str) -> int:
    attempts: int = latchkey("info", url, "--json").result["attempts"]
    return attempts
