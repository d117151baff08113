"""The list of Bluetooth devices that Chromium shows, answered through DevTools.

An answer ends a prompt for good: answering the same one twice takes Chromium down.
"""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import CDPSession, Page

SHOWN_S = 60.0


class Chooser:
    """Of one page. `await Chooser.of(page)` before the page asks for a device."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._prompt: str | None = None  # the one that waits for an answer
        self._devices: dict[str, str] = {}  # what it shows: id by name
        self._news = asyncio.Event()
        session.on("DeviceAccess.deviceRequestPrompted", self._on_prompt)

    @classmethod
    async def of(cls, page: Page) -> Chooser:
        chooser = cls(await page.context.new_cdp_session(page))
        await chooser._session.send("DeviceAccess.enable")
        return chooser

    @property
    def names(self) -> set[str]:
        """Of the devices shown just now."""
        return set(self._devices)

    async def shows(self, name: str) -> None:
        """Wait for a device of this name. Raises TimeoutError."""
        await asyncio.wait_for(self._until(lambda: name in self._devices), SHOWN_S)

    async def pick(self, name: str) -> None:
        """Choose the device of this name, once it is shown. Raises TimeoutError."""
        await self.shows(name)
        await self._answer("selectPrompt", deviceId=self._devices[name])

    async def cancel(self) -> None:
        """Close the list, once there is one. Raises TimeoutError."""
        await asyncio.wait_for(self._until(lambda: self._prompt is not None), SHOWN_S)
        await self._answer("cancelPrompt")

    async def _answer(self, method: str, **parameters: Any) -> None:
        prompt, self._prompt = self._prompt, None
        self._devices = {}
        await self._session.send(f"DeviceAccess.{method}", {"id": prompt, **parameters})

    async def _until(self, condition: Any) -> None:
        while not condition():
            self._news.clear()
            await self._news.wait()

    def _on_prompt(self, event: dict[str, Any]) -> None:
        self._prompt = event["id"]
        self._devices = {device["name"]: device["id"] for device in event["devices"]}
        self._news.set()
