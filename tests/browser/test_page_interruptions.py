"""What goes wrong around a page that is open: reloads, sleep, power, other channels, time."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Error, expect

from host_client import label
from tests.browser.conftest import Meet, NewRig, Visit
from tests.browser.false_board import FalseBoard, Seen
from tests.browser.screen import Screen
from tests.browser.soundness import check_soundness
from tests.browser.visitor import PATIENCE_MS
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, PASSWORD, SSID, Rig
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
SLOW_MS = 900  # of a join, so that something can happen in the middle of it


@pytest_asyncio.fixture(loop_scope="module")
async def slow_rig(open_rig: Rig) -> AsyncIterator[Rig]:
    network = open_rig.world.air.networks[0]
    network.delay_ms = SLOW_MS
    yield open_rig
    network.delay_ms = 0


async def sent(visit: Visit, rig: Rig, ssid: bytes = SSID, password: bytes = PASSWORD) -> Screen:
    """An order on its way: the board is joining."""
    screen = await visit(rig)
    await screen.join()
    await screen.choose(ssid.decode())
    await screen.type_password(password.decode())
    await screen.send()
    await screen.is_at("join")
    return screen


async def test_a_reload_in_the_middle_loses_nothing(slow_rig: Rig, visit: Visit) -> None:
    screen = await sent(visit, slow_rig)
    await screen.reload()
    await screen.provisioned()
    await expect(screen("#result")).to_have_attribute("data-receipt", "proven")
    assert screen.phone.requests.count("POST /v1/provision") == 1


async def test_a_reload_after_the_end_shows_no_form_that_would_send_again(
    slow_rig: Rig, visit: Visit
) -> None:
    screen = await sent(visit, slow_rig)
    await screen.ended("ok")
    with contextlib.suppress(Error):  # the board may be gone, and its page with it
        await screen.reload()
        # It may go just after: then its phone is asked to join it again, and nothing else.
        await expect(screen("#result, #lost:not([hidden])").first).to_be_visible()
    await expect(screen("#password")).to_have_count(0)
    assert screen.phone.requests.count("POST /v1/provision") == 1


@contextlib.asynccontextmanager
async def frozen(screen: Screen) -> AsyncIterator[None]:
    """What a phone does to a page that nobody looks at."""
    await screen.cdp("Page.setWebLifecycleState", state="frozen")
    yield
    await screen.cdp("Page.setWebLifecycleState", state="active")


async def test_a_phone_that_sleeps_in_the_middle_wakes_to_the_result(
    slow_rig: Rig, visit: Visit
) -> None:
    screen = await sent(visit, slow_rig)
    async with frozen(screen), screen.phone.asleep():
        await slow_rig.board.until(lambda: slow_rig.joined() is not None, what="network")
    await screen.provisioned()
    await expect(screen("#result")).to_have_attribute("data-receipt", "proven")


async def test_a_phone_out_of_reach_says_so_and_goes_on_when_it_is_back(
    open_rig: Rig, visit: Visit
) -> None:
    screen = await visit(open_rig)
    await screen.join()
    await screen.choose()
    await screen.type_password()
    async with screen.phone.asleep():
        await screen.misses_the_board()
        await expect(screen("#lost")).to_contain_text(open_rig.board.ble_name)
        await expect(screen("#password")).to_have_value(PASSWORD.decode())
    await screen.has_the_board_again()
    await screen.send()
    await screen.provisioned()


async def test_another_channel_drops_the_phone_and_it_comes_back_for_the_receipt(
    open_rig: Rig, visit: Visit
) -> None:
    access_point = open_rig.board.wifi.access_point
    access_point.follows = False
    try:
        screen = await sent(visit, open_rig, OTHER_SSID, OTHER_PASSWORD)
        moves = access_point.channel_moves
        await expect(screen("#lost")).to_be_visible()
        await expect(screen("#lost")).to_contain_text(open_rig.board.ble_name)
        await check_soundness(screen)
        assert access_point.channel_moves >= moves and not access_point.proxy.is_open
        screen.phone.join_access_point()
        await screen.provisioned(OTHER_SSID)
        await expect(screen("#result")).to_have_attribute("data-receipt", "proven")
    finally:
        access_point.follows = True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127/8 on its loopback")
async def test_a_phone_that_goes_to_the_new_network_finds_the_board_there(
    open_rig: Rig, visit: Visit
) -> None:
    access_point = open_rig.board.wifi.access_point
    access_point.follows = False
    far = open_rig.world.add_network(
        b"Far end", password="up-the-ladder", channel=11, rssi=-70, subnet="127.77.2"
    )
    try:
        screen = await sent(visit, open_rig, far.ssid, b"up-the-ladder")
        there = f"http://{open_rig.board.ble_name.lower()}.local/"
        await expect(screen("#lost")).to_contain_text(there)
        screen.phone.join_lan()
        await open_rig.board.until(lambda: open_rig.board.wifi.lan.is_open, what="place there")
        await screen.page.goto(there)
        await expect(screen("#done")).to_be_visible(timeout=PATIENCE_MS)
        await expect(screen("#board-name")).to_have_text(open_rig.board.ble_name)
        await expect(screen("#done")).to_contain_text("The last order was kept")
        await expect(screen("#password")).to_have_count(0)
    finally:
        access_point.follows = True
        open_rig.world.air.remove(far)


async def test_a_power_cut_before_anything_is_sent_costs_no_typing(
    open_rig: Rig, visit: Visit
) -> None:
    screen = await visit(open_rig)
    await screen.join()
    await screen.choose()
    await screen.type_password()
    await open_rig.board.power_cut()
    await screen.misses_the_board()
    await open_rig.restart()
    await screen.has_the_board_again()
    assert await screen.chosen() == SSID.hex()
    await screen.send()  # in the same window, which goes on; sealed for its new nonce
    await screen.provisioned()


async def test_a_power_cut_in_the_middle_of_a_trial_is_told_and_the_form_is_kept(
    slow_rig: Rig, visit: Visit
) -> None:
    screen = await sent(visit, slow_rig)
    await slow_rig.board.power_cut()
    await slow_rig.restart()
    await screen.ended("order_forgotten")
    await screen.again()
    await expect(screen("#password")).to_have_value(PASSWORD.decode())
    await screen.send()
    await screen.provisioned()


async def test_a_window_that_shuts_is_told_and_another_one_is_found(
    new_rig: NewRig, visit: Visit
) -> None:
    rig = await new_rig(policy=c.OPEN_POLICY, limits={"window_s": 10})
    screen = await visit(rig)
    await screen.join()
    await screen.choose()
    await screen.type_password()
    await rig.board.until(lambda: not rig.is_reachable(), what="end of the window")
    await screen.misses_the_board()
    await rig.open_window()
    await screen.has_the_board_again()
    await screen.send()
    await screen.provisioned()


async def test_attempts_that_are_spent_are_told(new_rig: NewRig, visit: Visit) -> None:
    code = label.new_code()
    record = {"label_key": label.label_key(code, "kettle-0003")}
    rig = await new_rig(
        policy=c.LABEL, device_id="kettle-0003", record=record, limits={"attempts": 2}
    )
    screen = await visit(rig)
    await screen.join()
    await screen.choose()
    await screen.type_password()
    await expect(screen("#overview")).to_contain_text("2 wrong orders more")
    for _ in range(2):
        await screen.type_code(label.new_code())
        await screen.send()
        await screen.ended("not_authentic")
        await screen.again()
    await expect(screen("#shut")).to_be_visible()
    await expect(screen("#shut")).to_contain_text("Hold its button")
    await check_soundness(screen)
    await rig.open_window()
    await screen.has_the_board_again()
    await screen.type_code(code)
    await screen.send()
    await screen.provisioned()


async def refused_and_gone(meet: Meet, attempts: int) -> Seen:
    """A board that had so many attempts left refuses one, and is out of reach from then on."""
    board = FalseBoard(status={c.PROVISION: c.NOT_AUTHENTIC})
    board.info(policy=c.LABEL, attempts=attempts)
    seen = await meet(board)
    await seen.fill_in()
    await seen("#label-code").fill(label.new_code())
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "not_authentic")
    board.away = True
    await seen("#again").click()
    await expect(seen("#lost")).to_be_visible(timeout=PATIENCE_MS)
    return seen


async def test_the_last_attempt_shuts_the_window_though_nobody_says_so(meet: Meet) -> None:
    seen = await refused_and_gone(meet, attempts=1)
    await expect(seen("#shut")).to_contain_text("Hold its button")
    await expect(seen("#time-left")).to_be_empty()
    await expect(seen("#send")).to_have_count(0)
    seen.board.away = False  # with a window that was opened anew
    await seen.look()
    await expect(seen("#send")).to_be_visible()
    await expect(seen("#lost")).to_be_hidden()


async def test_an_attempt_before_the_last_leaves_the_form(meet: Meet) -> None:
    seen = await refused_and_gone(meet, attempts=2)
    await expect(seen("#shut")).to_have_count(0)
    await expect(seen("#send")).to_be_visible()
