"""The phone that the scenarios use: what its browser reaches, and what it does not."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page

from tests.browser.conftest import NewRig
from tests.browser.phone import Phone
from tests.browser.visitor import Visitor, forms_of, visiting
from tests.scenarios.rig import Rig
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
INFO = "http://192.168.4.1/v1/info"
# What is no context in which a browser hands out its better tools.
INSECURE = "[isSecureContext, crypto.subtle === undefined, 'serviceWorker' in navigator]"

FORGET = """
sessionStorage.clear(), localStorage.clear(), history.replaceState(null, "", location.pathname),
document.cookie = "x=; max-age=0"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(new_rig: NewRig) -> Rig:
    made = await new_rig(policy=c.OPEN_POLICY)
    await made.open_window()
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(chromium: Browser, rig: Rig) -> AsyncIterator[Visitor]:
    async with visiting(chromium, rig) as one:
        yield one


async def shown(page: Page) -> dict:
    return json.loads(await page.inner_text("body"))


async def test_the_board_is_at_its_own_address(visitor: Visitor) -> None:
    await visitor.page.goto(INFO)
    assert (await shown(visitor.page))["device_id"] == visitor.rig.board.factory["device_id"]
    assert await visitor.page.evaluate(INSECURE) == [False, True, False]
    exchange = visitor.phone.exchanges[0]
    assert exchange.request == "GET /v1/info" and exchange.host == "192.168.4.1"
    assert exchange.octets_up > 100 and exchange.octets_down > 100


async def test_nothing_else_is_there_and_asking_is_noted(visitor: Visitor) -> None:
    for elsewhere in ("http://192.168.4.9/", "http://192.168.4.1:8080/", "https://192.168.4.1/"):
        visitor.phone.refused.clear()
        with pytest.raises(Error):
            await visitor.page.goto(elsewhere)
        assert visitor.phone.refused and not visitor.phone.requests
    with pytest.raises(AssertionError):
        await visitor.check()


async def test_a_name_is_asked_of_the_board(visitor: Visitor) -> None:
    asked = visitor.rig.board.wifi.access_point.dns.asked
    await visitor.page.goto("http://anything.example/v1/info")
    assert visitor.phone.names_asked == ["anything.example"]
    assert visitor.rig.board.wifi.access_point.dns.asked > asked
    assert visitor.phone.exchanges[0].host == "anything.example"


async def test_a_phone_that_sleeps_reaches_nothing_and_wakes_where_it_was(
    visitor: Visitor,
) -> None:
    await visitor.page.goto(INFO)
    asked = "fetch('/v1/info').then(() => true, () => false)"
    async with visitor.phone.asleep():
        assert not await visitor.page.evaluate(asked)
    assert len(visitor.phone.exchanges) == 1 and not visitor.phone.refused
    assert await visitor.page.evaluate(asked)


async def test_on_the_network_only_the_address_there_is_found(chromium: Browser, rig: Rig) -> None:
    async with Phone(rig.board) as phone:
        phone.join_lan()
        context = await chromium.new_context(proxy={"server": phone.proxy})
        page = await context.new_page()
        with pytest.raises(Error):
            await page.goto(INFO)
        await context.close()
        assert set(phone.refused) == {("192.168.4.1", 80)}


async def test_what_a_page_complains_of_is_written_down(visitor: Visitor) -> None:
    await visitor.page.goto(INFO)
    for script in ("console.error('a')", "setTimeout(() => { throw new Error('b') })"):
        await visitor.page.evaluate(script)
    await settle(lambda: len(visitor.complaints) == 2)
    assert [text.split(": ")[0] for text in visitor.complaints] == ["console", "uncaught"]
    with pytest.raises(AssertionError):
        await visitor.check()


async def test_what_the_security_policy_forbids_is_written_down(visitor: Visitor) -> None:
    await visitor.page.goto("http://192.168.4.1/")
    for deed in ("new Image().src = 'http://other.example/x.png'",
                 "document.body.append(document.createElement('script'));"
                 "document.body.lastChild.textContent = 'document.title = 1'"):  # fmt: skip
        visitor.complaints.clear()
        await visitor.page.evaluate(f"() => {{ {deed} }}")
        await settle(lambda: [text for text in visitor.complaints if text.startswith("policy: ")])
        with pytest.raises(AssertionError):
            await visitor.check()
    assert not visitor.phone.refused


async def test_a_secret_that_is_kept_anywhere_is_found(visitor: Visitor) -> None:
    await visitor.page.goto(INFO)
    visitor.secrets.add(b"tin-opener-42")
    for deed in (
        "sessionStorage.setItem('x', btoa('..tin-opener-42'))", "localStorage.x = 'tin-opener-42'",
        "location.hash = 'tin-opener-42'", "document.cookie = 'x=tin-opener-42'",
        "sessionStorage.setItem('x', 'tin-opener-42'), sessionStorage.clear()",
        "fetch('/v1/info?tin-opener-42')",
    ):  # fmt: skip
        assert not await visitor.told_secrets()
        await visitor.page.evaluate(f"void ({deed})")
        assert await told_at_last(visitor), deed
        await visitor.page.evaluate(FORGET)
        visitor.kept.clear()


async def test_a_secret_is_known_in_base64_at_every_offset() -> None:
    for before in (b"", b"x", b"xy", b"xyz"):
        text = base64.b64encode(before + b"tin-opener-42" + b"tail")
        assert any(form in text for form in forms_of(b"tin-opener-42"))


async def told_at_last(visitor: Visitor) -> list[str]:
    """What is told of secrets, as soon as the browser has done what it was asked to do."""
    deadline = asyncio.get_running_loop().time() + 5
    while not (told := await visitor.told_secrets()):
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.01)
    return told


async def settle(condition: Callable[[], object], timeout_s: float = 5) -> None:
    """Until the browser has told what it has to tell. Raises asyncio.TimeoutError."""

    async def met() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(met(), timeout_s)
