"""Good orders at the wrong time: again, too late, or out of their order."""

from __future__ import annotations

import asyncio
import dataclasses

from host_client.order import SealedOrder
from tests.attacks.siege import Siege, answer, siege, takes_the_next_order, unharmed
from tests.scenarios.rig import STRANGER, Rig, settings
from transports import contract as c


async def keep(rig: Rig, order: SealedOrder) -> None:
    """Give an order, have its receipt, and wait until the board is back to its work."""
    since = len(rig.board.log)
    async with rig.client() as client:
        assert (await client.provision(order)).receipt.verified
    await rig.board.wait_log("on the network", since=since)


async def wrong(attack: Siege, count: int = 1) -> None:
    for _ in range(count):
        await attack.refused(b"\xd0", c.NOT_AUTHENTIC)


async def test_the_same_octets_are_acknowledged_and_kept_once(rig: Rig) -> None:
    order = rig.offline(sequence=7)
    async with rig.asking() as ask:
        for _ in range(3):  # while it is tried
            assert (await ask(c.PROVISION, order.data))[:3] == bytes((0xA2, 0, c.ACCEPTED))
        await rig.board.wait_log("order tried, status 0")
        operations = rig.board.record.flash_operations
        assert (await ask(c.PROVISION, order.data))[:3] == bytes((0xA2, 0, c.ACCEPTED))
        assert await ask(c.PROVISION, rig.offline().data) == answer(c.WINDOW_SHUT)
        assert rig.board.record.flash_operations == operations
    assert len([line for line in rig.board.log if "order accepted" in line]) == 1
    assert (await rig.saved()).sequence == 7


async def test_a_kept_order_is_never_kept_again(rig: Rig) -> None:
    order = rig.offline(sequence=7)
    await keep(rig, order)
    await rig.open_window()
    before = await rig.saved()
    async with rig.asking() as ask:
        await Siege(rig, ask).refused(order.data, c.REPLAYED)
    await rig.restart()
    async with rig.asking() as ask:
        await Siege(rig, ask).refused(order.data, c.REPLAYED)
    await unharmed(rig, before, 2)  # the window and its count outlived the restart
    await takes_the_next_order(rig)


async def test_an_older_order_is_stale_and_a_gap_is_none(rig: Rig) -> None:
    older, kept, equal, later = (
        rig.offline(settings(app=b"%d" % number), sequence=number) for number in (6, 7, 7, 900)
    )
    await keep(rig, kept)
    await rig.open_window()
    before = await rig.saved()
    async with rig.asking() as ask:
        attack = Siege(rig, ask)
        await attack.refused(older.data, c.STALE)
        await attack.refused(equal.data, c.STALE)
    await unharmed(rig, before, 2)
    await keep(rig, later)
    await rig.open_window()
    async with siege(rig) as attack:
        await attack.refused(kept.data, c.STALE)
        await attack.refused(later.data, c.REPLAYED)
    assert (await rig.saved()).sequence > 900  # online orders of today count, too


async def test_the_highest_sequence_is_the_last_offline_one(rig: Rig) -> None:
    """No number is above it and none wraps; online orders go on."""
    await keep(rig, rig.offline(sequence=c.MAX_SEQUENCE))
    await rig.open_window()
    async with siege(rig) as attack:
        for sequence in (0, 1, c.MAX_SEQUENCE - 1, c.MAX_SEQUENCE):
            await attack.refused(rig.offline(sequence=sequence).data, c.STALE, sequence)
    assert (await rig.saved()).sequence == c.MAX_SEQUENCE


async def test_a_nonce_is_good_for_its_window_only(rig: Rig) -> None:
    async with rig.client() as client:
        first, second = await client.seal(settings()), await client.seal(settings())
    await rig.restart()  # a new nonce, in the same window
    async with rig.asking() as ask:
        await Siege(rig, ask).refused(first.data, c.STALE)
    async with rig.client() as client:
        used, spare = await client.seal(settings()), await client.seal(settings())
    await keep(rig, used)
    await rig.open_window()
    async with siege(rig) as attack:
        await attack.refused(used.data, c.REPLAYED)
        await attack.refused(spare.data, c.STALE)
        await attack.refused(second.data, c.STALE)


async def test_power_cut_between_accepted_and_kept(rig: Rig) -> None:
    """Nothing was kept, so the order is as good as before; an attempt may be lost, none won."""
    rig.world.air.networks[0].delay_ms = 2000
    order = rig.offline(sequence=7)
    await rig.give(order)
    before = await rig.saved()
    await rig.restart()
    rig.world.air.networks[0].delay_ms = 0
    assert (before.order_id, before.sequence) == (None, -1)
    assert await rig.saved() == dataclasses.replace(before, used=1)
    await keep(rig, order)
    assert (await rig.saved()).order_id == order.order_id.hex()


async def test_after_the_last_attempt_the_window_is_shut(rig: Rig) -> None:
    good = rig.offline()
    async with rig.asking() as ask:
        await wrong(Siege(rig, ask), 10)
        assert await ask(c.PROVISION, good.data) == answer(c.ATTEMPTS_SPENT)
        await wait_shut(rig)
    saved = await rig.saved()
    assert (saved.settings, saved.order_id, saved.sequence) == ("a0", None, -1)
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.info()).attempts == 10
    await takes_the_next_order(rig)


async def test_attempts_outlive_power_cuts(rig: Rig) -> None:
    """Four, a power cut, four, a cut in the middle of a verification, and the tenth."""
    async with rig.asking() as ask:
        await wrong(Siege(rig, ask), 4)
    await rig.restart()
    async with rig.asking() as ask:
        await wrong(Siege(rig, ask), 4)
    assert (await rig.saved()).used == 8
    await cut_while_verifying(rig)
    assert (await rig.saved()).used == 9
    async with rig.client() as client:
        assert (await client.info()).attempts == 1
    async with rig.asking() as ask:
        await wrong(Siege(rig, ask))
        assert await ask(c.PROVISION, rig.offline().data) == answer(c.ATTEMPTS_SPENT)
    await wait_shut(rig)
    await rig.board.power_cut()
    await rig.board.power_on()
    await rig.board.ready()
    assert not rig.board.wifi.access_point.active  # shut stays shut
    await rig.open_window()
    await takes_the_next_order(rig)


async def cut_while_verifying(rig: Rig) -> None:
    """The power goes as soon as the attempt is on the flash, before there is an answer."""
    operations = rig.board.record.flash_operations
    asked = asyncio.create_task(rig.give(rig.offline(authority=STRANGER)))
    await rig.board.until(lambda: rig.board.record.flash_operations > operations)
    while True:
        operations = rig.board.record.flash_operations
        await asyncio.sleep(0.005)
        if rig.board.record.flash_operations == operations:
            break
    await rig.board.power_cut()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await rig.board.power_on()
    await rig.until_reachable()


async def wait_shut(rig: Rig) -> None:
    await rig.board.until(lambda: not rig.is_reachable(), what="the end of the window")
