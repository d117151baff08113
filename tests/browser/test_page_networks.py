"""Networks of every kind, chosen and typed on the page."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.screen import Screen
from tests.scenarios.rig import OTHER_SSID, PASSWORD, SSID, Rig
from tests.virtual_board.air import Network

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEY = "any-octets-42"
MARKUP = b"<img src=x onerror=alert(1)>"  # a name has 32 octets


@contextlib.contextmanager
def on_the_air(rig: Rig, ssid: bytes, **settings: Any) -> Iterator[Network]:
    network = rig.world.add_network(ssid, **{"password": KEY, **settings})
    try:
        yield network
    finally:
        rig.world.air.remove(network)


async def at_the_form(visit: Visit, rig: Rig) -> Screen:
    screen = await visit(rig)
    await screen.join()
    await expect(screen.option(SSID.decode())).to_be_visible()
    return screen


async def test_a_wrong_password_says_so_and_the_right_one_follows(
    open_rig: Rig, visit: Visit
) -> None:
    screen = await at_the_form(visit, open_rig)
    await screen.choose()
    await screen.type_password("wrong-password")
    await screen.send()
    await screen.ended("wrong_password")
    await screen.complains("password")
    await screen.again()
    assert await screen.chosen() == SSID.hex()
    await expect(screen("#password")).to_have_value("wrong-password")
    await screen("#show-password").check()
    await expect(screen("#password")).to_have_attribute("type", "text")
    await screen.type_password()
    await screen.send()
    await screen.provisioned()


async def test_what_cannot_be_a_password_is_told_before_anything_is_sent(
    open_rig: Rig, visit: Visit
) -> None:
    screen = await at_the_form(visit, open_rig)
    await screen.send()
    await screen.complains()  # no network chosen
    await screen.choose()
    for password in ("", "short", "x" * 64):
        await screen("#password").fill(password)
        await screen("#password").press("Enter")
        await screen.complains()
        await expect(screen("#password")).to_be_focused()
    assert "POST /v1/provision" not in screen.phone.requests


async def test_a_network_that_hides_its_name(open_rig: Rig, visit: Visit) -> None:
    with on_the_air(open_rig, b"behind the curtain", hidden=True):
        screen = await at_the_form(visit, open_rig)
        await expect(screen.option("behind the curtain")).to_have_count(0)
        await screen.name_network("behind the curtain", hidden=True)
        await screen.type_password(KEY)
        await screen.send()
        await screen.provisioned(b"behind the curtain")


async def test_a_network_without_a_password(open_rig: Rig, visit: Visit) -> None:
    with on_the_air(open_rig, b"guests", password=None, security="open"):
        screen = await at_the_form(visit, open_rig)
        await screen.choose("guests")
        await expect(screen("#password")).to_be_hidden()
        await expect(screen("#warning")).to_be_visible()
        await screen.send()
        await screen.provisioned(b"guests")


@pytest.mark.parametrize(
    ("ssid", "shown"),
    [
        ("Café ☕ 网络".encode(), "Café ☕ 网络"),
        (b"\xff\x00\x80 odd", r"\xff\x00\x80 odd"),
        (MARKUP, MARKUP.decode()),
        ("abc\u202edef".encode(), "abc"),
    ],
    ids=["not ascii", "not utf-8", "markup", "right to left"],
)
async def test_a_name_is_any_octets_and_never_more_than_text(
    open_rig: Rig, visit: Visit, ssid: bytes, shown: str
) -> None:
    with on_the_air(open_rig, ssid, rssi=-40):
        screen = await at_the_form(visit, open_rig)
        await screen.choose(shown)
        assert await screen.chosen() == ssid.hex()
        await screen.type_password(KEY)
        await screen.send()
        await screen.provisioned(ssid)
        await expect(screen("#result")).to_contain_text(shown)
        assert "\u202e" not in await screen("body").inner_text()
        assert await screen("img").count() == 0


async def test_markup_in_a_name_that_is_typed_stays_text(open_rig: Rig, visit: Visit) -> None:
    screen = await at_the_form(visit, open_rig)
    await screen.name_network(MARKUP.decode())
    await screen.type_password(KEY)
    await screen.send()
    await screen.ended("network_not_found")
    assert await screen("img").count() == 0


async def test_a_name_in_octets_is_typed_in_hexadecimal(open_rig: Rig, visit: Visit) -> None:
    with on_the_air(open_rig, b"\xfe\xff", hidden=True):
        screen = await at_the_form(visit, open_rig)
        await screen.name_network("hex:fef", hidden=True)
        await screen.type_password(KEY)
        await screen.send()
        await screen.complains()
        await screen.name_network("hex:fe ff", hidden=True)
        await screen.send()
        await screen.provisioned(b"\xfe\xff")


async def test_what_cannot_work_is_told_before_it_is_tried(open_rig: Rig, visit: Visit) -> None:
    troubles: dict[str, tuple[dict[str, Any], str]] = {
        "of a company": ({"security": "wpa2-enterprise"}, "Enterprise"),
        "of old": ({"security": "wep"}, "out of date"),
        "of its own": ({"security": "wapi"}, "cannot use"),
        "far away": ({"rssi": -93}, "weak"),
    }
    with contextlib.ExitStack() as stack:
        for name, (settings, _) in troubles.items():
            stack.enter_context(on_the_air(open_rig, name.encode(), **settings))
        screen = await at_the_form(visit, open_rig)
        for name, (_, words) in troubles.items():
            await screen.choose(name)
            await expect(screen("#warning")).to_contain_text(words)
            await screen.choose()
            await expect(screen("#warning")).to_be_hidden()


async def test_looking_again_keeps_what_was_chosen(open_rig: Rig, visit: Visit) -> None:
    screen = await at_the_form(visit, open_rig)
    await screen.choose(OTHER_SSID.decode())
    await screen.type_password()
    async with screen.page.expect_response("**/v1/scan?*fresh=1*"):
        await screen("#rescan").click()
    await expect(screen("#rescan")).to_be_enabled()
    assert await screen.chosen() == OTHER_SSID.hex()
    await expect(screen("#password")).to_have_value(PASSWORD.decode())


async def test_the_light_blinks_when_asked_to(open_rig: Rig, visit: Visit) -> None:
    screen = await at_the_form(visit, open_rig)
    before = len(open_rig.board.led)
    await screen("#blink").click()
    await expect(screen("#blink")).to_contain_text("blinking")
    assert "POST /v1/identify" in screen.phone.requests
    await open_rig.board.until(lambda: len(open_rig.board.led) > before + 2, what="blinking")
    assert PASSWORD.decode() not in await screen("body").inner_text()
