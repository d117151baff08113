"""What the scenarios of resets have in hand: boards of any kind, and their flash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import AUTHORITY, LIMITS, Rig, settings
from tests.virtual_board import image
from tests.virtual_board.process import run_code

TAMPER_PIN = 4
OPENED, CLOSED = 0, 1
WIPE_MS = 600
LABEL_KEY = b"label key of 32 octets, to seek."
APP = b"what the owner's application knows, to be found on the flash or not"

LET_GO_TO_RESET, LET_GO_TO_WIPE = "let go to reset", "let go to wipe"
GIVEN_BACK = "everything goes back"

# What the factory step printed, and the flash: per work, factory step and MAC address.
_LEFT: dict[tuple[object, str, bytes], tuple[dict[str, Any], bytes]] = {}


async def lifecycle_rig(
    new_rig: NewRig,
    profile: int = 0,
    pins: dict[str, int] | None = None,
    limits: dict[str, int] | None = None,
    **factory: Any,
) -> Rig:
    """A rig whose board had this factory step; factory: arguments of firmware/factory.py."""
    given = {
        "authority": AUTHORITY.public_key,
        "profile": profile,
        "pins": {"button": 0, "led": 2, **(pins or {})},
        "limits": {**LIMITS, "wipe_ms": WIPE_MS, **(limits or {})},
        **factory,
    }
    arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
    code = f"from firmware import factory\nfactory.write({arguments})\n"
    product = image.Firmware.product()
    return await new_rig(firmware=image.Firmware(product.sources, code))


async def provision(rig: Rig) -> None:
    """Give it its network, and something to be found on the flash; wait until it is there."""
    await as_left_by(rig, _provision_by_order)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("on the network", since=since)


async def _provision_by_order(rig: Rig) -> None:
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(settings(app=APP))).receipt.verified
    await rig.board.wait_log("on the network", since=len(rig.board.log) - 1)


async def as_left_by(rig: Rig, work: Callable[[Rig], Awaitable[None]]) -> None:
    """Bring the board, new from its factory step, where `work` leaves it, without power.

    Only the first board of a factory step goes all the way. Those after it, which are the same
    board in another world, get the flash that it had then.
    """
    board = rig.board
    same = (work, board.factory_code, board.mac)
    if same not in _LEFT:
        await work(rig)
        await board.power_cut()
        _LEFT[same] = (board.factory, board.flash.read_bytes())
    board.factory, flash = _LEFT[same]
    board.flash.write_bytes(flash)


async def run_on_flash(rig: Rig, code: str) -> list[str]:
    """Run code on the board's interpreter and flash, with nothing else; it has no power then."""
    await rig.board.power_cut()
    return await run_code(await image.rom(), rig.board.flash, image.FLASH_BLOCKS, {"code": code})


def on_flash(rig: Rig, *secrets: bytes) -> list[bytes]:
    """Those of these octets that stand somewhere in the flash image."""
    content = rig.board.flash.read_bytes()
    return [secret for secret in secrets if secret in content]


async def private_key(rig: Rig) -> bytes:
    """The board's private key, read from its factory record."""
    lines = await run_on_flash(
        rig,
        "from binascii import hexlify\nfrom firmware.device import identity\n"
        "print(hexlify(identity.load().private_key).decode())\n",
    )
    key = bytes.fromhex(lines[-1])
    rig.secrets.add(key)
    return key
