"""What the page says of a label while it is typed, edited and photographed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from host_client import label
from host_client.label import Label
from tests.browser.conftest import Meet
from tests.browser.false_board import KEY, FalseBoard, honest_id, public_half
from tests.browser.label_photo import photograph
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


async def test_a_reader_of_pictures_that_did_not_come_is_no_bad_picture(
    meet: Meet, tmp_path: Path
) -> None:
    board = labelled()
    board.missing = {"scan.js"}
    seen = await meet(board)
    picture = photograph(its_label(label.new_code()), public_half(KEY), tmp_path / "label.jpg")
    await seen("#label-photo").set_input_files(picture)
    await expect(seen("#problem")).to_contain_text("Load the page again")
    await expect(seen(NOTE)).to_be_hidden()


async def test_a_picture_is_read_for_the_view_in_another_language_too(
    meet: Meet, tmp_path: Path
) -> None:
    code = label.new_code()
    nothing = tmp_path / "nothing.jpg"
    nothing.write_bytes(b"no picture at all")
    picture = photograph(its_label(code), public_half(KEY), tmp_path / "label.jpg")
    for file, outcome in ((nothing, "Kein QR-Code gefunden"), (picture, "gehört zu diesem Board")):
        board = labelled()
        board.slow = {"scan.js"}
        seen = await meet(board)
        await seen("#label-photo").set_input_files(file)
        await expect(seen(NOTE)).to_contain_text("Reading")
        await seen("#language").select_option("de")
        await expect(seen(NOTE)).to_contain_text("Bild wird gelesen")
        board.go_on.set()
        await expect(seen("#view form")).to_contain_text(outcome)
    assert (await seen("#label-code").input_value()).replace("-", "") == code.replace("-", "")
