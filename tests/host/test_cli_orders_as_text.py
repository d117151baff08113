"""`latchkey order text`: orders to be pasted, and everything that reads orders reads them too."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from host_client import bundle
from host_client.armor import armor, unarmor
from host_client.errors import BadOrder
from host_client.private_file import write_whole
from tests.host.board_in_memory import MemoryBoard
from tests.host.command_line import latchkey
from tests.host.conftest import PASSWORD


@pytest.fixture
def orders(own_board: MemoryBoard, tmp_path: Path) -> Path:
    """A file of two orders, one of them for the board."""
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[[network]]\nssid = "home"\npassword = "{PASSWORD}"\n')
    made = tmp_path / "orders.lko"
    key = own_board.identity.public_key.hex()
    latchkey(
        "order", "make", "-s", str(settings), "-o", str(made), "--secrets", str(tmp_path / "s"),
        "--board", f"{own_board.identity.device_id}={key}", "--board", "lk-other=" + "09" * 32,
        "--json",
    )  # fmt: skip
    return made


def test_prints_text_that_holds_the_file(orders: Path) -> None:
    text = latchkey("order", "text", str(orders)).out
    lines = text.splitlines()
    assert lines[0] == "-----BEGIN LATCHKEY ORDERS-----"
    assert lines[-1] == "-----END LATCHKEY ORDERS-----"
    assert all(len(line) == 64 for line in lines[1:-2]) and 0 < len(lines[-2]) <= 64
    assert base64.b64decode("".join(lines[1:-1])) == orders.read_bytes()
    assert latchkey("order", "text", str(orders), "--json").result == {"text": text}


def test_a_narrow_terminal_folds_no_line(orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from host_client.cli.app import app

    done = CliRunner().invoke(app, ["order", "text", str(orders)], env={"COLUMNS": "30"})
    assert done.stdout == latchkey("order", "text", str(orders)).out


def test_what_reads_orders_reads_their_text(orders: Path, tmp_path: Path) -> None:
    text = latchkey("order", "text", str(orders)).out
    mail = tmp_path / "mail.txt"
    mail.write_text("Hello,\r\nhere it is:\r\n\r\n" + text.replace("\n", " \r\n") + "\r\nBye\r\n")
    listed = latchkey("order", "show", str(orders), "--json").result
    assert len(listed["orders"]) == 2
    assert latchkey("order", "show", str(mail), "--json").result == listed
    assert latchkey("order", "text", str(mail)).out == text
    mail.write_text(text, encoding="utf-8-sig")  # with the mark that some editors put before
    assert latchkey("order", "show", str(mail), "--json").result == listed
    assert latchkey("order", "text", str(mail)).out == text


def test_text_is_delivered_from_a_file_and_from_standard_input(
    orders: Path, url: str, own_board: MemoryBoard, tmp_path: Path
) -> None:
    text = latchkey("order", "text", str(orders)).out
    delivered = latchkey("order", "deliver", "-", url, "--json", typed=text).result
    assert delivered["deliveries"][0]["receipt"]["result"] == "ok"
    assert own_board.record.settings["networks"] == [[b"home", PASSWORD.encode(), False, None]]
    pasted = tmp_path / "pasted.txt"
    pasted.write_text(text)
    again = latchkey("order", "deliver", str(pasted), url, "--json")
    assert again.result["deliveries"][0]["receipt"] == delivered["deliveries"][0]["receipt"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text.replace("BEGIN", "BEGUN"),
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("ORDERS", "RECEIPTS"),
        lambda text: text.replace("\n", "\n!", 1),
        lambda text: text.replace("\n", "\nAAAA", 1),
        lambda text: "\u00e9" * 10,
    ],
)
def test_other_text_is_no_orders(damage: object, orders: Path, tmp_path: Path) -> None:
    assert callable(damage)
    file = tmp_path / "damaged.txt"
    file.write_text(damage(latchkey("order", "text", str(orders)).out))
    done = latchkey("order", "show", str(file), "--json")
    assert (done.code, done.error["kind"]) == (9, "bad_order")
    assert latchkey("order", "deliver", "-", "--json", typed=file.read_text()).code == 9


def test_only_orders_are_written_as_text(tmp_path: Path) -> None:
    """A file of secrets taken for one of orders does not end up in a message."""
    for kind in (bundle.SECRETS, bundle.RECEIPTS):
        file = tmp_path / "file"
        write_whole(file, bundle.cbor.encode({"format": kind, "entries": []}))
        with pytest.raises(BadOrder, match=kind):
            bundle.orders_text(file)


@pytest.mark.parametrize("length", [0, 1, 47, 48, 49, 96, 1000])
def test_armor_holds_any_octets(length: int) -> None:
    octets = bytes(range(256)) * 4
    assert unarmor("X", "a" + armor("X", octets[:length]) + "b") == octets[:length]
    assert unarmor("Y", armor("X", octets)) is None
