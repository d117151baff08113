"""Whether a view is fit for everybody: axe-core, small screens, light and dark, no text missing."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from tests.browser.screen import Screen
from tests.browser.visitor import VIEWPORT
from tests.house.sources import PROJECT

AXE = PROJECT / "host_client" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES = ("light", "dark")
NARROW = {"width": 320, "height": 568}  # the smallest screen of a phone in use
_RUN = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id} (${one.impact}): ${node.html.slice(0, 200)} ${node.failureSummary}`));
}
"""
_TOO_WIDE = """
Array.from(document.querySelectorAll("body *"))
  .filter((one) => one.getClientRects().length && !one.closest(".unseen")
    && (one.getBoundingClientRect().right > innerWidth + 0.5
      || one.getBoundingClientRect().left < -0.5))
  .map((one) => one.outerHTML.slice(0, 120))
"""
_LACKING = ("undefined", "NaN", "[object", "${")


@functools.cache
def _axe() -> str:
    if not AXE.is_file():
        pytest.skip("no axe-core (npm ci in host_client/browser, or make setup)")
    return AXE.read_text(encoding="utf-8")


async def violations(screen: Screen) -> list[str]:
    """What axe-core finds in the view, in light and in dark."""
    found: list[str] = []
    for scheme in SCHEMES:
        await screen.page.emulate_media(color_scheme=scheme)
        # Through the debugger: the page's policy would not let the script in.
        await screen.page.evaluate(f"if (!window.axe) {{ {_axe()} }}")
        told: Any = await screen.page.evaluate(_RUN)
        found += [f"{scheme}: {one}" for one in told]
    return found


async def too_wide(screen: Screen) -> list[str]:
    """What does not fit into the narrowest screen."""
    await screen.page.set_viewport_size(NARROW)
    found: list[str] = await screen.page.evaluate(_TOO_WIDE)
    if await screen.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page scrolls sideways")
    await screen.page.set_viewport_size(VIEWPORT)
    return found


async def check_words(screen: Screen) -> None:
    """No text lacks what it was to be filled with."""
    text = await screen("body").inner_text()
    assert not [word for word in _LACKING if word in text]


async def check_soundness(screen: Screen) -> None:
    """All of it, of the view that is there now."""
    found = [*await violations(screen), *await too_wide(screen)]
    assert not found, "\n".join(found)
    await check_words(screen)
