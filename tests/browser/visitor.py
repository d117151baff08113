"""Somebody with a phone who looks at a board's page: what the browser complains of, and keeps."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Dialog, Page

from tests.browser.phone import Phone
from tests.scenarios.rig import Rig
from tests.virtual_board.access_point import ADDRESS

PATIENCE_MS = 60_000  # ends what never comes; a busy machine takes many times as long
# A phone's screen, in CSS pixels.
VIEWPORT = {"width": 390, "height": 844}
# What Chromium itself notes of a request that failed; how the page takes that is what is tested.
_NOTE_OF_THE_BROWSER = "Failed to load resource:"
# What Chromium itself asks wherever a form has a password; no page can make it, or keep it from it.
_BY_THE_BROWSER = ("content-autofill.googleapis.com", 443)

# Every word that is ever put into a storage, and every violation of the security policy.
_WATCH = """
const put = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, value) {
  latchkeyKept(`${key}=${value}`);
  return put.call(this, key, value);
};
document.addEventListener("securitypolicyviolation", (event) => {
  latchkeyViolated(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ""}`);
});
"""
_PLACES = """
[location.href, document.cookie, document.title, JSON.stringify(history.state),
 ...Object.entries(sessionStorage).flat(), ...Object.entries(localStorage).flat()]
"""


class Visitor:
    """One phone and one page on it. `secrets`: what must be found nowhere afterwards."""

    def __init__(self, rig: Rig, phone: Phone, page: Page) -> None:
        self.rig = rig
        self.phone = phone
        self.page = page
        self.complaints: list[str] = []
        self.kept: list[str] = []
        self.secrets: set[bytes] = set()

    async def watch(self) -> None:
        """Begin to write down; before the first page."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("dialog", self._on_dialog)
        context = self.page.context
        # Playwright leaves a mark on what it calls, which methods of a list do not take.
        await context.expose_function("latchkeyKept", lambda text: self.kept.append(text))
        await context.expose_function(
            "latchkeyViolated", lambda text: self.complaints.append(f"policy: {text}")
        )
        await context.add_init_script(_WATCH)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(
            _NOTE_OF_THE_BROWSER
        ):
            self.complaints.append(f"console: {message.text}")

    async def _on_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    async def check(self) -> None:
        """What holds after every visit: no complaint, no third party, no secret anywhere."""
        assert not self.complaints, "\n".join(self.complaints)
        # A page that came from the board asks for it on, wherever its phone has gone.
        expected = (_BY_THE_BROWSER, (ADDRESS, 80))
        foreign = [asked for asked in self.phone.refused if asked not in expected]
        assert not foreign, f"asked for what is not on the board: {foreign}"
        told = await self.told_secrets()
        assert not told, "\n".join(told)

    async def told_secrets(self) -> list[str]:
        """Places that hold a secret in one of its forms, for a complaint."""
        told = [text.encode() for text in (*self.kept, *self.rig.board.log)]
        if not self.page.is_closed():
            told += [str(text).encode() for text in await self.page.evaluate(_PLACES)]
        told += [bytes(exchange.body) for exchange in self.phone.exchanges]
        forms = {form for secret in self.secrets for form in forms_of(secret)}
        return [repr(text) for text in told if any(form in text for form in forms)]


def forms_of(secret: bytes) -> set[bytes]:
    """How a secret could be written down: as it is, in hexadecimal, in base64 at any offset."""
    forms = {secret, secret.hex().encode()}
    for before in range(3):
        # The characters that only the secret's own octets decide.
        text = base64.b64encode(bytes(before) + secret)
        forms.add(text[(8 * before + 5) // 6 : 8 * (before + len(secret)) // 6])
    return forms


@contextlib.asynccontextmanager
async def visiting(browser: Browser, rig: Rig, **context: Any) -> AsyncIterator[Visitor]:
    """A phone on this board's Wi-Fi, with a blank page; `context`: options of Playwright's."""
    options: dict[str, Any] = {
        "viewport": VIEWPORT,
        "locale": "en-US",
        "has_touch": True,
        **context,
    }
    async with Phone(rig.board) as phone:
        made = await browser.new_context(proxy={"server": phone.proxy}, **options)
        try:
            made.set_default_timeout(PATIENCE_MS)
            visitor = Visitor(rig, phone, await made.new_page())
            await visitor.watch()
            yield visitor
        finally:
            await made.close()
