"""What a test asks of the link alone (probe.ts)."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from host_client import cbor
from tests.browser.bluetooth.chooser import Chooser


class ProbeError(Exception):
    """What the link threw: the name of its class."""


class Probe:
    def __init__(self, page: Page, chooser: Chooser) -> None:
        self.page = page
        self.chooser = chooser

    @classmethod
    async def on(cls, page: Page) -> Probe:
        return cls(page, await Chooser.of(page))

    async def open_list(self, name: str = "") -> None:
        """Have the browser show its list, of the board of this name only if one is given."""
        await self.page.fill("#name", name)
        await self.page.click("#choose")

    async def chosen(self) -> str:
        """The name of the device. Raises ProbeError."""
        return await self._outcome("probe.chosen()")

    async def choose(self, name: str) -> None:
        await self.open_list()
        await self.chooser.pick(name)
        assert await self.chosen() == name

    async def exchange(self, operation: int, argument: bytes = b"") -> dict[int, Any]:
        """The reply's fields. Raises ProbeError."""
        call = f"probe.exchange({operation}, '{argument.hex()}')"
        reply = cbor.decode(bytes.fromhex(await self._outcome(call)))
        assert isinstance(reply, dict)
        return reply

    async def changed(self, timeout_ms: int) -> None:
        await self.page.evaluate(f"probe.changed({timeout_ms})")

    async def close(self) -> None:
        await self.page.evaluate("probe.close()")

    async def _outcome(self, call: str) -> str:
        outcome = await self.page.evaluate(call)
        if "error" in outcome:
            raise ProbeError(outcome["error"])
        return str(outcome["result"])
