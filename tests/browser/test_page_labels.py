"""What the page says of a label while it is typed, edited and photographed."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from host_client import label
from host_client.label import Label
from tests.browser.conftest import Meet
from tests.browser.false_board import KEY, FalseBoard, honest_id, public_half
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOTE = "#view .card .note-good"


def labelled() -> FalseBoard:
    board = FalseBoard()
    board.info(policy=c.LABEL)
    return board


def its_label(code: str) -> Label:
    return Label.for_board(honest_id(KEY), public_half(KEY), code)


async def test_a_label_is_said_to_be_read_only_while_its_code_stands_there(meet: Meet) -> None:
    code = label.new_code()
    seen = await meet(labelled())
    await seen("#label-code").fill(its_label(code).text())
    await expect(seen(NOTE)).to_contain_text("belongs to this board")
    await seen("#label-code").press("Backspace")
    await expect(seen(NOTE)).to_be_hidden()
    await seen("#language").select_option("de")
    await expect(seen(NOTE)).to_be_hidden()
    await seen("#label-code").fill(code)
    await expect(seen(NOTE)).to_contain_text("gehört zu diesem Board")


async def test_what_is_no_label_is_called_no_qr_code_where_it_was_typed(meet: Meet) -> None:
    seen = await meet(labelled())
    await seen("#label-code").fill(its_label(label.new_code()).text()[:-4])
    await seen("#label-code").press("Tab")
    await expect(seen("#problem")).to_have_text("That is no Latchkey label.")


async def test_a_code_that_begins_like_a_label_is_a_code(meet: Meet) -> None:
    seen = await meet(labelled())
    await seen("#label-code").press_sequentially("LK12ABC")
    await expect(seen("#label-code")).to_have_value("LK12-ABC")
    await seen("#label-code").press("Tab")
    await expect(seen("#problem")).to_contain_text("21 characters")
