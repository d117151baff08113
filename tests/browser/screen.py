"""What a person does on a board's page, and reads there: scenarios are written in these verbs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.visitor import PATIENCE_MS, Visitor
from tests.scenarios.rig import PASSWORD, SSID

HOME = "http://192.168.4.1/"


class Screen:
    """The page of one visitor."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.rig = visitor.rig
        self.phone = visitor.phone
        self.page = visitor.page

    def __call__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    # Getting there

    async def join(self, address: str = HOME) -> None:
        """Join the board's Wi-Fi and look at an address, until the page shows the board."""
        await self.page.goto(address)
        await self.sees_the_board()

    async def sees_the_board(self) -> None:
        await expect(self("#overview")).to_be_visible()
        await expect(self("#board-name")).to_contain_text(self.rig.board.ble_name)

    async def reload(self) -> None:
        await self.page.reload()

    async def look_again(self) -> None:
        """Take the phone up again: what the page is told then."""
        await self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    async def misses_the_board(self) -> None:
        """It says that the board is not there."""
        await self.look_again()
        await expect(self("#lost")).to_be_visible(timeout=PATIENCE_MS)

    async def has_the_board_again(self) -> None:
        await self.look_again()
        await expect(self("#lost")).to_be_hidden(timeout=PATIENCE_MS)

    # The form

    def option(self, ssid: str) -> Locator:
        """The network of this name in the list."""
        return self("#networks .option").filter(has_text=ssid)

    async def chosen(self) -> str | None:
        """What the list has chosen: an SSID in hexadecimal, or "other"."""
        return await self("#networks input[name=network]:checked").get_attribute("value")

    async def choose(self, ssid: str = SSID.decode()) -> None:
        await self.option(ssid).click()

    async def name_network(self, ssid: str, hidden: bool = False) -> None:
        """Another network than those in the list."""
        await self("#other").check()
        await self("#ssid").fill(ssid)
        await self("#hidden").set_checked(hidden)

    async def type_password(self, password: str = PASSWORD.decode()) -> None:
        self.visitor.secrets.add(password.encode())
        await self("#password").fill(password)

    async def type_code(self, code: str) -> None:
        """The label's code, or its whole text."""
        self.visitor.secrets.add(code.encode())
        await self("#label-code").fill(code)

    async def key_in(self, selector: str, text: str) -> None:
        """Type it key by key."""
        await self(selector).press_sequentially(text)

    async def paste(self, selector: str, text: str) -> None:
        """Copy it from somewhere else, and paste it over what is there."""
        elsewhere = await self.page.context.new_page()
        await elsewhere.set_content("<textarea></textarea>")
        await elsewhere.locator("textarea").fill(text)
        for key in ("Control+A", "Control+C"):
            await elsewhere.locator("textarea").press(key)
        await elsewhere.close()
        for key in ("Control+A", "Control+V"):
            await self(selector).press(key)

    async def photograph(self, picture: Path) -> None:
        """Choose a picture, as a phone's camera would give one."""
        await self("#label-photo").set_input_files(picture)

    async def downloaded(self, selector: str, path: Path) -> Path:
        """Click, and save the file that the page hands out."""
        async with self.page.expect_download() as coming:
            await self(selector).click()
        await (await coming.value).save_as(path)
        return path

    async def send(self) -> None:
        await self("#send").click()

    # What comes of it

    async def ended(self, status: str = "ok") -> Locator:
        """The result, which is to have this status; names of names.py."""
        result = self("#result")
        await expect(result).to_be_visible(timeout=PATIENCE_MS)
        await expect(result).to_have_attribute("data-status", status)
        return result

    async def is_at(self, step: str) -> None:
        """The step in hand: seal, check, join, address, reach, commit or receipt."""
        present = self("#steps [aria-current=step]")
        await expect(present).to_have_attribute("data-step", step)

    async def again(self) -> None:
        await self("#again").click()

    async def provisioned(self, ssid: bytes | None = None) -> None:
        """It says that all is well, and so it is: the board is on the network that it names.

        Waits for that: once its receipt was fetched a board leaves its window, and joins again.
        """
        await self.ended("ok")
        station = self.rig.board.wifi.station

        def is_there() -> bool:
            return station.has_address and ssid in (None, self.rig.joined())

        await self.rig.board.until(is_there, what="network")
        await expect(self("#address")).to_have_text(station.address)

    async def complains(self, text: str = "") -> str:
        """The problem that it tells of."""
        problem = self("#problem")
        await expect(problem).to_be_visible()
        await expect(problem).to_contain_text(text)
        return await problem.inner_text()

    async def cdp(self, method: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol, in this page."""
        session = await self.page.context.new_cdp_session(self.page)
        try:
            return await session.send(method, parameters)
        finally:
            await session.detach()
