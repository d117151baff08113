"""An order made elsewhere whose id nobody here knows: what the page takes for its end."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playwright.async_api import expect

from host_client import cbor
from tests.browser.conftest import Meet
from tests.browser.false_board import KEY, FalseBoard, Seen, honest_id
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")

BARE = b"\xd0" + cbor.encode([b"", {}, bytes(40)])
STORE = "(order) => sessionStorage.setItem('latchkey.order', order)"


async def joining(seen: Seen) -> None:
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")


async def ended(seen: Seen, how: str) -> None:
    await expect(seen("#result")).to_have_attribute("data-status", how)


@pytest.fixture
def board() -> FalseBoard:
    board = FalseBoard()
    board.info(policy=c.SIGNED)
    return board


async def sent(meet: Meet, board: FalseBoard, tmp_path: Path) -> Seen:
    seen = await meet(board)
    (tmp_path / "order.cose").write_bytes(BARE)
    await seen("#order-file").set_input_files(tmp_path / "order.cose")
    await seen("#send").click()
    return seen


async def test_the_end_of_an_order_before_is_not_taken_for_its_own(
    meet: Meet, board: FalseBoard
) -> None:
    """After a reload while the board verifies it, which takes seconds: the status is the last
    order's until then."""
    board.ends(c.FAILED, result=c.WRONG_PASSWORD)
    seen = await meet(board)
    order = {
        "orderId": None, "deviceId": honest_id(KEY), "networks": 5, "secret": None, "name": "",
        "hostname": "", "owner": False, "sentAt": time.time() * 1000,
    }  # fmt: skip
    await seen.page.evaluate(STORE, json.dumps(order))
    before = len(board.asked)
    await seen.page.reload()
    while sum(one.startswith("/v1/status") for one in board.asked[before:]) < 2:
        await seen.look()
    await expect(seen("#result")).to_have_count(0)
    board.says[c.STATUS] = {c.F_STATE: c.TRYING, c.F_STEP: c.JOINING}
    await joining(seen)
    board.ends(c.FAILED, result=c.NETWORK_NOT_FOUND)
    await ended(seen, "network_not_found")


async def test_a_failure_as_soon_as_it_was_accepted_is_its_own(
    meet: Meet, board: FalseBoard, tmp_path: Path
) -> None:
    board.ends(c.FAILED, result=c.WRONG_PASSWORD)
    seen = await sent(meet, board, tmp_path)
    await ended(seen, "wrong_password")
    await seen.page.reload()
    await ended(seen, "wrong_password")


async def test_a_failure_while_the_page_was_loaded_anew_is_its_own(
    meet: Meet, board: FalseBoard, tmp_path: Path
) -> None:
    seen = await sent(meet, board, tmp_path)
    await joining(seen)
    await seen.page.goto("about:blank")
    board.ends(c.FAILED, result=c.WRONG_PASSWORD)
    await seen.page.go_back()
    await ended(seen, "wrong_password")
