"""Figures of the board's page: `python -m tests.browser.figures [--json FILE]`.

Octets as a board sends them, requests and seconds from joining its Wi-Fi (the first request) to
the receipt, what axe-core finds, and how soon a slow phone shows something. The board is a
virtual one: its answers come as fast as this machine is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.browser.chromium import ChromiumMissing, running_chromium
from tests.browser.screen import HOME, Screen
from tests.browser.soundness import violations
from tests.browser.visitor import visiting
from tests.house.sources import PROJECT
from tests.scenarios.rig import AUTHORITY, LIMITS, PASSWORD, SSID, Rig
from tests.virtual_board.process import InterpreterMissing
from tests.virtual_board.world import World
from transports import contract as c

PAGE = PROJECT / "firmware" / "page"
RUNS = 5
# A middling telephone on a link as Lighthouse supposes a slow one: round trip in milliseconds,
# octets a second.
SLOWER = 4
LINK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8,
        "uploadThroughput": 0.75e6 / 8}  # fmt: skip
_PAINTS = """
async () => {
  const seen = (type) => new Promise((resolve) => {
    const found = [];
    const observer = new PerformanceObserver((list) => found.push(...list.getEntries()));
    observer.observe({ type, buffered: true });
    setTimeout(() => resolve(found), 300);
  });
  const [paints, largest, tasks, shifts] = await Promise.all(
    ["paint", "largest-contentful-paint", "longtask", "layout-shift"].map(seen));
  const first = paints.find((one) => one.name === "first-contentful-paint").startTime;
  return {
    first_contentful_paint_ms: first,
    largest_contentful_paint_ms: largest.at(-1)?.startTime ?? null,
    total_blocking_ms: tasks.filter((one) => one.startTime >= first)
      .reduce((sum, one) => sum + Math.max(0, one.duration - 50), 0),
    layout_shift: shifts.filter((one) => !one.hadRecentInput)
      .reduce((sum, one) => sum + one.value, 0),
  };
}
"""


def sizes() -> dict[str, int]:
    """Octets of each file of the page, gzipped as it is sent."""
    return {file.name: file.stat().st_size for file in sorted(PAGE.iterdir())}


async def filled_in(screen: Screen) -> None:
    await screen.join()
    await screen.choose()
    await screen.type_password()


async def journey(browser: Browser, rig: Rig) -> dict[str, Any]:
    """From the first request to the receipt, by somebody who types in no time."""
    await rig.open_window()
    async with visiting(browser, rig) as visitor:
        screen = Screen(visitor)
        await filled_in(screen)
        await screen.send()
        await screen.provisioned()
        await visitor.check()
        asked = [exchange for exchange in visitor.phone.exchanges if exchange.request]
        ended_s = max(exchange.ended_s or 0.0 for exchange in asked)
        return {
            "requests": len(asked),
            "octets_down": sum(exchange.octets_down for exchange in asked),
            "octets_up": sum(exchange.octets_up for exchange in asked),
            "seconds": round(ended_s - asked[0].began_s, 2),
        }


async def paints(browser: Browser, rig: Rig, slow: bool) -> dict[str, Any]:
    """How soon something is seen, with an empty cache."""
    await rig.open_window()
    async with visiting(browser, rig) as visitor:
        screen = Screen(visitor)
        if slow:
            session = await screen.page.context.new_cdp_session(screen.page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            await session.send("Network.enable")
            await session.send("Network.emulateNetworkConditions", LINK)
        await screen.page.goto(HOME)
        await screen("#overview").wait_for()
        form_ms = await screen.page.evaluate("performance.now()")
        told: dict[str, Any] = await screen.page.evaluate(_PAINTS)
        return {**told, "form_ms": form_ms}


async def axe(browser: Browser, rig: Rig) -> int:
    """Violations in the form, with a wrong password, and in the result; light and dark."""
    await rig.open_window()
    async with visiting(browser, rig) as visitor:
        screen = Screen(visitor)
        await filled_in(screen)
        found = await violations(screen)
        await screen.type_password("wrong-password")
        await screen.send()
        await screen.ended("wrong_password")
        found += await violations(screen)
        await screen.again()
        await screen.type_password()
        await screen.send()
        await screen.provisioned()
        return len(found + await violations(screen))


def middle(readings: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure."""
    return {
        name: round(statistics.median(one[name] or 0 for one in readings), 3)
        for name in readings[0]
    }


async def measure() -> dict[str, Any]:
    """All figures. Raises ChromiumMissing, InterpreterMissing."""
    async with World() as world, running_chromium() as browser:
        world.add_network(SSID, password=PASSWORD.decode())
        board = await world.add_board(
            authority=AUTHORITY.public_key, policy=c.OPEN_POLICY, limits=LIMITS
        )
        board.wifi.access_point.follows = True
        rig = Rig("http", world, board, None)
        return {
            "octets": sizes(),
            "joining_to_receipt": middle([await journey(browser, rig) for _ in range(RUNS)]),
            "here": middle([await paints(browser, rig, slow=False) for _ in range(RUNS)]),
            "slow_phone": middle([await paints(browser, rig, slow=True) for _ in range(RUNS)]),
            "axe_violations": await axe(browser, rig),
            "chromium": browser.version,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write them here as well")
    options = parser.parse_args()
    try:
        figures = asyncio.run(measure())
    except (ChromiumMissing, InterpreterMissing) as missing:
        print(missing, file=sys.stderr)
        return 1
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
