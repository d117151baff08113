"""`latchkey order deliver` to several boards, of which one cannot be reached."""

from __future__ import annotations

from pathlib import Path

from tests.host.board_in_memory import MemoryBoard
from tests.host.command_line import latchkey

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


def test_says_which_boards_kept_their_orders_though_another_failed(
    url: str, own_board: MemoryBoard, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[[network]]\nssid = "home"\n')
    orders, secrets = tmp_path / "orders.cbor", tmp_path / "secrets.cbor"
    latchkey(
        "order", "make", "-s", str(settings), "-o", str(orders), "--secrets", str(secrets),
        "--board", f"{own_board.identity.device_id}={own_board.identity.public_key.hex()}",
    )  # fmt: skip
    done = latchkey("order", "deliver", str(orders), NOBODY, url, "--timeout", "9", "--json")
    assert (done.code, done.error["kind"]) == (3, "link")
    first, second = done.document["result"]["deliveries"]
    assert first["url"] == NOBODY and first["receipt"] is None and "connect" in first["error"]
    assert second["url"] == url and second["receipt"]["result"] == "ok"
    assert own_board.record.provisioned
