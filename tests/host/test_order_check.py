"""`latchkey order check`: its exit code is what a script goes by."""

from __future__ import annotations

from pathlib import Path

from tests.host.board_in_memory import MemoryBoard
from tests.host.command_line import latchkey


def test_a_receipt_that_proves_a_failure_is_no_success(
    url: str, own_board: MemoryBoard, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[[network]]\nssid = "absent"\n')
    orders, secrets, receipts = (tmp_path / f"{name}.cbor" for name in ("o", "s", "r"))
    latchkey(
        "order", "make", "-s", str(settings), "-o", str(orders), "--secrets", str(secrets),
        "--board", f"{own_board.identity.device_id}={own_board.identity.public_key.hex()}",
    )  # fmt: skip
    assert latchkey("order", "deliver", str(orders), url).code == 5
    assert latchkey("receipt", url, "-o", str(receipts)).code == 0
    done = latchkey("order", "check", str(receipts), "--secrets", str(secrets), "--json")
    assert done.code == 5
    assert (done.error["kind"], done.error["name"]) == ("trial_failed", "network_not_found")
    assert done.error["proven"] is True
