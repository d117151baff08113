"""What the page says of an order that has ended, and where it leads then."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Meet
from tests.browser.false_board import FalseBoard, Seen
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def sent(seen: Seen) -> None:
    await seen.fill_in()
    await seen("#send").click()


async def test_a_reload_after_a_refusal_leads_to_the_form(meet: Meet) -> None:
    board = FalseBoard()
    board.status[c.PROVISION] = c.NOT_AUTHENTIC
    seen = await meet(board)
    await sent(seen)
    await expect(seen("#result")).to_have_attribute("data-status", "not_authentic")
    await seen.page.reload()
    await expect(seen("#send")).to_be_visible()
    await expect(seen("#steps")).to_have_count(0)


async def test_who_lost_a_race_is_not_told_that_nothing_has_changed(meet: Meet) -> None:
    board = FalseBoard()
    board.status[c.PROVISION] = c.NOT_AUTHENTIC
    seen = await meet(board)
    await sent(seen)
    await expect(seen("#result")).to_contain_text("has kept what it had")
    await seen("#again").click()
    board.status[c.PROVISION] = c.WINDOW_SHUT  # it has just kept what somebody else sent
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "window_shut")
    await expect(seen("#result")).not_to_contain_text("has kept what it had")


async def test_a_board_that_is_just_asked_is_not_said_to_be_silent(meet: Meet) -> None:
    board = FalseBoard()
    board.ends(c.DONE, address="192.168.1.7")
    seen = await meet(board)
    await sent(seen)
    await expect(seen("#result")).to_have_attribute("data-status", "ok")
    asked = asyncio.Event()
    answers = asyncio.Event()

    async def slowly(route: Route) -> None:
        asked.set()
        await answers.wait()
        await route.fallback()

    await seen.page.route("**/v1/info", slowly)
    board.info(state=c.PROVISIONED)
    await seen("#again").click()
    await asked.wait()
    await expect(seen("#lost")).to_have_text("Looking for the board …")
    answers.set()
    await expect(seen("#done")).to_be_visible()
    await expect(seen("#lost")).to_be_hidden()
