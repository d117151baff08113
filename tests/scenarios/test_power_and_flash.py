"""The power goes at a flash operation, or the flash takes nothing: old settings or new ones."""

from __future__ import annotations

import asyncio
import os

import pytest

from host_client.errors import Refused, TrialFailed
from host_client.settings import Settings
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, Rig, Saved, settings
from transports import contract as c

SOAK = bool(os.environ.get("LATCHKEY_SOAK"))
OLD = b"everything of the old"
NEW = b"everything of the new"
MOST = 60  # more flash operations than a start and an order take


def old() -> Settings:
    return settings(app=OLD)


def new() -> Settings:
    return settings((OTHER_SSID, OTHER_PASSWORD), app=NEW)


async def in_open_window(new_rig: NewRig, provisioned: bool) -> Rig:
    rig = await new_rig(limits={"window_s": 60 * MOST})  # every power cut costs it a minute
    await rig.open_window()
    if provisioned:
        async with rig.client() as client:
            await client.provision(old())
        await rig.board.wait_log("on the network")
        await rig.open_window()
    return rig


async def order_until_dark(rig: Rig) -> None:
    """Start inside the open window and give an order, until the power goes or all is done."""
    order = rig.offline(new())

    async def give() -> None:
        await rig.until_reachable()
        async with rig.asking() as ask:
            await ask(c.PROVISION, order.data)

    since = len(rig.board.log)
    await rig.board.power_on()
    giving = asyncio.create_task(give())
    tried = "order tried"
    await rig.board.until(
        lambda: not rig.board.is_on or any(tried in line for line in rig.board.log[since:]),
        what="the end of the order",
    )
    giving.cancel()
    await asyncio.gather(giving, return_exceptions=True)


def which(saved: Saved) -> str:
    """ "none", "old" or "new"; a mixture is none of them."""
    parts = [bytes.fromhex(saved.settings)]
    found = [text in parts[0] for text in (OLD, b"Workshop", NEW, OTHER_SSID)]
    names = {(0, 0, 0, 0): "none", (1, 1, 0, 0): "old", (0, 0, 1, 1): "new"}
    return names[tuple(map(int, found))]  # type: ignore[index]


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("provisioned", [False, True])
async def test_power_cut_at_a_flash_operation(
    new_rig: NewRig, link: str, provisioned: bool, torn: bool
) -> None:
    """Every operation in a soak, one in seven otherwise, others on either link."""
    rig = await in_open_window(new_rig, provisioned)
    first = 0 if SOAK else 2 * ("http", "ble").index(link) + torn
    seen = set()
    for number in range(first, MOST, 1 if SOAK else 7):
        before = await rig.saved()
        await rig.board.power_cut()
        rig.board.faults.cut_power_after, rig.board.faults.torn = number, torn
        await order_until_dark(rig)
        dark = not rig.board.is_on
        await rig.board.power_cut()
        rig.board.faults.cut_power_after = None
        after = await rig.saved()
        seen.add(which(after))
        assert which(after) in (which(before), "new"), number
        assert after.sequence >= before.sequence, number
        assert (which(after) == "new") == (after.order_id != before.order_id), number
        if not dark or which(after) == "new":
            break  # all operations are behind us
    assert which(after) == "new"
    assert len(seen) == 2
    await rig.board.power_on()
    await rig.board.wait_log("on the network", since=len(rig.board.log) - 1)
    assert rig.joined() == OTHER_SSID
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(old())).receipt.verified


async def test_power_cut_while_a_window_is_asked_for(new_rig: NewRig) -> None:
    """A window or none; the settings stay, and the next press opens one."""
    rig = await new_rig()
    await rig.open_window()
    async with rig.client() as client:
        await client.provision(old())
    await rig.board.wait_log("on the network")
    before = await rig.saved()
    for number in range(("http", "ble").index(rig.link), 8, 1 if SOAK else 3):
        await rig.board.power_cut()
        rig.board.faults.cut_power_after = number
        await pressed_until_dark(rig)
        await rig.board.power_cut()
        after = await rig.saved()
        assert (after.settings, after.order_id) == (before.settings, before.order_id), number
        assert after.used == 0
    rig.board.faults.cut_power_after = None
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(new())).receipt.verified


async def pressed_until_dark(rig: Rig) -> None:
    """Power, and the button held, until the power goes or the window is open."""
    starts, since = len(rig.board.record.starts), len(rig.board.log)

    def settled() -> bool:
        restarts = any("restarting" in line for line in rig.board.log[since:])
        dark = not rig.board.is_on and len(rig.board.record.starts) == starts + 1 + restarts
        return dark or rig.is_reachable()

    await rig.board.power_on()
    await rig.board.ready()
    rig.board.hold()
    await rig.board.until(
        lambda: not rig.board.is_on or any("button held" in line for line in rig.board.log[since:]),
        what="darkness, or the button's first stage",
    )
    rig.board.release()
    await rig.board.until(settled, what="darkness, or a window")


async def test_a_flash_that_takes_nothing_more(new_rig: NewRig) -> None:
    """EIO from some operation on: said so, the old settings stand and are used."""
    rig = await in_open_window(new_rig, provisioned=True)
    before = await rig.saved()
    seen = set()
    for number in range(0, MOST, 1 if SOAK else 5):
        await rig.board.power_cut()
        rig.board.faults.fail_after = number
        seen.add(await ordered(rig) if await window_opens(rig) else "no window")
        after = await rig.saved()
        assert which(after) == "old", number
        assert (after.order_id, after.sequence) == (before.order_id, before.sequence)
        if len(seen) == 3:
            break
    assert seen == {"no window", "refused", "tried"}
    rig.board.faults.fail_after = None
    await rig.board.power_cut()
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(new())).receipt.verified


async def window_opens(rig: Rig) -> bool:
    """Give power; a board that cannot count attempts goes to its work instead."""
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.until(
        lambda: rig.is_reachable() or "on the network" in "".join(rig.board.log[since:]),
        what="a window or the network",
    )
    return rig.is_reachable()


async def ordered(rig: Rig) -> str:
    """How an order ends: kept, refused, or tried in vain because it cannot be kept."""
    async with rig.client() as client:
        try:
            await client.provision(new(), timeout_s=20)
        except (Refused, TrialFailed) as error:
            if error.status != c.STORE_FAILED:
                raise
            # What it tells is what its flash holds: no order was kept, and its window goes on.
            assert (await client.info()).window_s
            return "refused" if isinstance(error, Refused) else "tried"
    return "kept"


async def test_a_full_flash(new_rig: NewRig) -> None:
    """Old settings or new ones, whether or not the few octets still fit."""
    rig = await in_open_window(new_rig, provisioned=True)
    await rig.board.power_cut()
    rig.board.faults.flash_full = True
    await rig.board.power_on()
    await rig.until_reachable()
    how = await ordered(rig)
    assert which(await rig.saved()) == ("new" if how == "kept" else "old")
    await rig.board.power_cut()
    rig.board.faults.flash_full = False
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(new())).receipt.verified
