"""A Chromium whose Bluetooth is the virtual radio: org.bluez on a private D-Bus."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser import node
from tests.browser.bluetooth.chooser import Chooser
from tests.browser.bluetooth.probing import Probe
from tests.browser.bluetooth.static_site import StaticSite
from tests.browser.chromium import ChromiumMissing, find_chromium, running_chromium
from tests.browser.conftest import NewRig
from tests.browser.phone import Phone
from tests.browser.screen import Screen
from tests.browser.visitor import PATIENCE_MS, VIEWPORT, Visitor
from tests.scenarios.rig import AUTHORITY, LIMITS, PASSWORD, Rig
from tests.virtual_board.host_radio import host_radio, why_no_bus
from tests.virtual_board.host_radio.with_bluez import BluezRadio
from tests.virtual_board.world import World

HERE = Path(__file__).parent
SITE = node.BROWSER / "site"
# What Chromium on Linux notes of every page that asks for Bluetooth.
NOTE = "Web Bluetooth is experimental on this platform"
PROBE_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>probe</title>
<input id="name"><button id="choose">choose</button><script src="probe.js"></script></html>
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def radio(world: World) -> AsyncIterator[BluezRadio]:
    """The computer's or phone's own Bluetooth: the only adapter of a private bus."""
    reason = why_no_bus()
    if reason is not None:
        pytest.skip(f"no private D-Bus: {reason}")
    async with host_radio(world, kind="bluez", here=False) as radio:
        assert isinstance(radio, BluezRadio)
        yield radio


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(radio: BluezRadio) -> AsyncIterator[Browser]:
    try:
        find_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    # Elsewhere than on Linux it needs no asking for.
    feature = "--enable-features=WebBluetooth"
    async with running_chromium(feature, environment=radio.environment) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_rig(world: World, radio: BluezRadio) -> NewRig:
    """`await new_rig(policy=...)`: a fresh board without power; arguments of World.add_board."""

    async def make(limits: dict[str, int] | None = None, **board: Any) -> Rig:
        board.setdefault("authority", AUTHORITY.public_key)
        made = await world.add_board(limits={**LIMITS, **(limits or {})}, **board)
        made.wifi.access_point.follows = True
        return Rig("ble", world, made, radio)

    return make


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StaticSite]:
    """The built page at /p/, where labels lead to."""
    shutil.copytree(SITE, tmp_path / "host" / "p")
    with StaticSite(tmp_path / "host") as site:
        yield site


class NearScreen(Screen):
    """The page over Bluetooth, on a phone that is on no Wi-Fi."""

    chooser: Chooser
    site: StaticSite

    async def come(self, label: str = "") -> None:
        """Open the page; `label`: the text that its QR code leads to, behind the `#`."""
        await self.page.goto(f"{self.site.url}p{'#' * bool(label)}{label}")

    async def pick(self, button: str = "#choose") -> None:
        """Choose the board, until the page shows it."""
        await self(button).click()
        await self.chooser.pick(self.rig.board.ble_name)
        await self.sees_the_board()

    async def fill_in(self, password: str = PASSWORD.decode()) -> None:
        await self.choose()
        await self.type_password(password)


class NoWifi:
    """In place of visitor.py's phone: nothing passes there."""

    refused: tuple[()] = ()
    exchanges: tuple[()] = ()


class NoBoard:
    """In place of a rig, and of its board: none is near."""

    log: tuple[()] = ()

    @property
    def board(self) -> NoBoard:
        return self

    def told_secrets(self) -> list[str]:
        return []


Approach = Callable[..., Awaitable[NearScreen]]


@pytest_asyncio.fixture(loop_scope="module")
async def approach(chromium: Browser, site: StaticSite) -> AsyncIterator[Approach]:
    """`await approach(rig)`: the screen of a phone near that board; checked afterwards."""
    screens: list[NearScreen] = []
    async with contextlib.AsyncExitStack() as stack:

        async def begin(rig: Rig | None, **options: Any) -> NearScreen:
            given = {"viewport": VIEWPORT, "locale": "en-US", "has_touch": True, **options}
            context = await stack.enter_async_context(await chromium.new_context(**given))
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()
            visitor = Visitor(rig or cast(Rig, NoBoard()), cast(Phone, NoWifi()), page)
            await visitor.watch()
            screen = NearScreen(visitor)
            screen.site, screen.chooser = site, await Chooser.of(page)
            screens.append(screen)
            return screen

        yield begin
        for screen in screens:
            complaints = [each for each in screen.visitor.complaints if NOTE not in each]
            assert not complaints, "\n".join(complaints)
            assert not await screen.visitor.told_secrets()
            assert not screen.rig.told_secrets()
            log = screen.rig.board.log
            assert not [line for line in log if "Traceback" in line], "\n".join(log)
        assert all(path.startswith("/p") for path in site.asked), site.asked


@pytest.fixture(scope="module")
def probe_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticSite]:
    """A page with nothing but the link on it."""
    missing = node.why_not()
    if missing:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("probe")
    (folder / "index.html").write_text(PROBE_PAGE, encoding="utf-8")
    esbuild = node.BROWSER / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ("--bundle", "--format=iife", "--target=es2020", f"--outfile={folder / 'probe.js'}")
    subprocess.run(
        [str(esbuild), str(HERE / "probe.ts"), *options, "--log-level=warning"],
        check=True, timeout=60, cwd=node.BROWSER,
    )  # fmt: skip
    with StaticSite(folder) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A page of a context of its own."""
    context = await chromium.new_context(locale="en-US")
    context.set_default_timeout(15_000)
    try:
        yield await context.new_page()
    finally:
        await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def probe(page: Page, probe_site: StaticSite) -> Probe:
    """The link alone; nothing is chosen yet."""
    await page.goto(probe_site.url)
    return await Probe.on(page)
