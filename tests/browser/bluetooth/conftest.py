"""A Chromium whose Bluetooth is the virtual radio: org.bluez on a private D-Bus."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser import node
from tests.browser.bluetooth.probing import Probe
from tests.browser.bluetooth.static_site import StaticSite
from tests.browser.chromium import ChromiumMissing, find_chromium, running_chromium
from tests.browser.conftest import NewRig
from tests.scenarios.rig import AUTHORITY, LIMITS, Rig
from tests.virtual_board.host_radio import host_radio, why_no_bus
from tests.virtual_board.host_radio.with_bluez import BluezRadio
from tests.virtual_board.world import World

HERE = Path(__file__).parent
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
