"""Pictures of the board's page for the README: `python -m tests.browser.screenshots [FOLDER]`.

Each view as a phone shows it, light and dark; nothing in them is arranged but the board, the
networks on the air, and what a person would type.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from host_client import label
from tests.browser.chromium import ChromiumMissing, running_chromium
from tests.browser.screen import Screen
from tests.browser.visitor import visiting
from tests.house.sources import PROJECT
from tests.scenarios.rig import AUTHORITY, LIMITS, Rig
from tests.virtual_board.process import InterpreterMissing
from tests.virtual_board.world import World
from transports import contract as c

FOLDER = PROJECT / "host_client" / "browser" / "screenshots"
SCALE = 2  # pixels of the picture for one of the page
COLORS = 64
DEVICE_ID, CODE = "kettle-7F3A", "K7RD92MTXW4HQ6ZB3NVC1"
HOME, PASSWORD = b"Juniper Lane", "four-kettles-boil"
AROUND: tuple[tuple[bytes, int, str], ...] = (
    (b"Guests", -61, "open"), (b"Upstairs", -70, "wpa2/wpa3"),
    (b"Office", -78, "wpa2-enterprise"),
)  # fmt: skip
JOIN_MS = 4000  # long enough to be seen joining

Act = Callable[[Screen], Awaitable[None]]


async def at_the_form(screen: Screen) -> None:
    await screen.join()
    await screen.choose(HOME.decode())
    await screen.type_password("wrong-" + PASSWORD)
    await screen.type_code(CODE)
    await screen.page.evaluate("scrollTo(0, 0)")


async def at_the_label(screen: Screen) -> None:
    await screen.page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")


async def on_the_way(screen: Screen) -> None:
    await screen.send()
    await screen.is_at("join")


async def failed(screen: Screen) -> None:
    screen.rig.world.air.networks[0].delay_ms = 0
    await screen.ended("wrong_password")


async def connected(screen: Screen) -> None:
    await screen.again()
    await screen.type_password(PASSWORD)
    await screen.send()
    await screen.provisioned()


STORY: tuple[tuple[str, Act], ...] = (
    ("form", at_the_form), ("label", at_the_label), ("steps", on_the_way),
    ("wrong-password", failed), ("connected", connected),
)  # fmt: skip


async def picture(screen: Screen, path: Path) -> None:
    """The screen as it is, in few colors: a README is to load quickly."""
    await screen.page.evaluate("document.activeElement?.blur()")
    data = await screen.page.screenshot(animations="disabled", caret="hide")
    shot = Image.open(io.BytesIO(data)).convert("RGB")
    reduced = shot.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced.save(path, "PNG", optimize=True)


async def tell(browser: Browser, rig: Rig, scheme: str, folder: Path) -> list[Path]:
    """One board's whole story in one color scheme; returns the pictures."""
    made: list[Path] = []
    rig.world.air.networks[0].delay_ms = JOIN_MS
    await rig.open_window()
    async with visiting(browser, rig, color_scheme=scheme, device_scale_factor=SCALE) as visitor:
        screen = Screen(visitor)
        for name, act in STORY:
            await act(screen)
            made.append(folder / f"{name}-{scheme}.png")
            await picture(screen, made[-1])
        await visitor.check()
    return made


async def take(folder: Path) -> list[Path]:
    """Write all pictures; returns their paths. Raises ChromiumMissing, InterpreterMissing."""
    async with World() as world, running_chromium() as browser:
        world.add_network(HOME, password=PASSWORD, rssi=-49)
        for ssid, rssi, security in AROUND:
            world.add_network(ssid, password="quite-secret", rssi=rssi, security=security)
        board = await world.add_board(
            authority=AUTHORITY.public_key, policy=c.LABEL, device_id=DEVICE_ID, model="Kettle",
            record={"label_key": label.label_key(CODE, DEVICE_ID)}, limits=LIMITS,
        )  # fmt: skip
        board.wifi.access_point.follows = True
        rig = Rig("http", world, board, None)
        made = [path for scheme in ("light", "dark")
                for path in await tell(browser, rig, scheme, folder)]  # fmt: skip
    return made


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    with tempfile.TemporaryDirectory() as scratch:
        try:
            made = asyncio.run(take(Path(scratch)))
        except (ChromiumMissing, InterpreterMissing) as missing:
            print(missing, file=sys.stderr)
            return 1
        folder.mkdir(parents=True, exist_ok=True)
        for path in made:
            data = path.read_bytes()
            (folder / path.name).write_bytes(data)
            print(f"{len(data):8}  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
