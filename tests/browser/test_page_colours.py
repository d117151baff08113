"""With a reader's own few colours (high contrast) what is drawn says what it says otherwise."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.async_api import Locator, expect

from tests.browser.conftest import Meet
from tests.browser.false_board import FalseBoard
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCHEMES = ("light", "dark")
MANY = 1 << 24
HUE = 30  # of 255, between a colour's channels


async def colours(element: Locator) -> set[tuple[int, ...]]:
    """All that an element is drawn in."""
    octets = await element.screenshot(animations="disabled")
    counted = Image.open(io.BytesIO(octets)).convert("RGB").getcolors(MANY)
    assert counted is not None
    return {colour for _, colour in counted if isinstance(colour, tuple)}


def has_hue(found: set[tuple[int, ...]]) -> bool:
    """Whether there is anything but greys."""
    return any(max(colour) - min(colour) > HUE for colour in found)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_own_colours_hide_no_bars_no_step_and_no_emblem(meet: Meet, scheme: str) -> None:
    board = FalseBoard()
    board.says[c.SCAN][c.F_NETWORKS] = [[b"Workshop", -48, 6, 3], [b"Far", -80, 6, 3]]
    seen = await meet(board, forced_colors="active", color_scheme=scheme)
    await seen.fill_in()
    for bars in await seen(".bars").all():
        assert len(await colours(bars)) > 1
    button, card = [await seen(one).bounding_box() for one in ("#rescan", "#networks .options")]
    assert button and card and button["x"] + button["width"] <= card["x"] + card["width"]
    await seen("#send").click()
    await expect(seen("#steps .present")).to_have_attribute("data-step", "join")
    assert has_hue(await colours(seen("#steps .present")))
    assert not has_hue(await colours(seen("#steps .ahead").last))
    board.ends(c.FAILED, result=c.WRONG_PASSWORD)
    assert len(await colours(seen(".emblem"))) > 1
