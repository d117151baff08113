"""The Chromium of this machine, driven by Playwright; none is downloaded."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, async_playwright

ENVIRONMENT = "LATCHKEY_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# It is to ask for what a page asks for, and for nothing of its own.
ARGUMENTS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


class ChromiumMissing(Exception):
    """There is no Chromium here; the text says where one was looked for."""


def find_chromium() -> str:
    """The command. Raises ChromiumMissing."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        if Path(named).is_file():
            return named
        raise ChromiumMissing(f"{ENVIRONMENT}={named} is no file")
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise ChromiumMissing(
        f"no Chromium: none of {', '.join(NAMES)} is on PATH; {ENVIRONMENT}=FILE names another"
    )


@contextlib.asynccontextmanager
async def running_chromium(
    *arguments: str, environment: dict[str, str] | None = None
) -> AsyncIterator[Browser]:
    """A Chromium without windows; `environment`: more variables. Raises ChromiumMissing.

    Its own sandbox stays on, but for root, as whom Chromium does not run in it.
    """
    command = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=command,
            args=[*ARGUMENTS, *arguments],
            env={**os.environ, **(environment or {})},
            chromium_sandbox=os.geteuid() != 0,
        )
        try:
            yield browser
        finally:
            await browser.close()
