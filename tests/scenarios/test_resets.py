"""Physical resets: what each keeps, what each wipes, and that wiped is wiped."""

from __future__ import annotations

import os

import pytest

from host_client.errors import Refused
from tests.scenarios.conftest import NewRig
from tests.scenarios.lifecycle import (
    APP,
    LET_GO_TO_RESET,
    LET_GO_TO_WIPE,
    lifecycle_rig,
    on_flash,
    provision,
    run_on_flash,
)
from tests.scenarios.rig import PASSWORD, SSID, Rig, settings
from tests.virtual_board.board import HARD_RESET, PWRON_RESET
from transports import contract as c

pytestmark = pytest.mark.parametrize("link", ["http"])
EMPTY = "a0"  # CBOR of no settings
OVERWRITTEN = "octets overwritten"


async def assert_wiped(rig: Rig, sequence: int) -> None:
    """Nothing of the owner's is left in the record or on the flash; the next order works."""
    saved = await rig.saved()
    assert (saved.settings, saved.order_id, saved.sequence) == (EMPTY, None, sequence)
    await rig.board.power_cut()
    assert not on_flash(rig, PASSWORD, APP)
    if not saved.window:
        await rig.open_window()
    else:
        await rig.board.power_on()
        await rig.until_reachable()
    async with rig.client() as client:
        with pytest.raises(Refused) as refused:
            await client.submit(rig.offline(sequence=sequence))
        assert refused.value.status == c.STALE
        assert (await client.provision(settings(app=APP))).receipt.verified
    assert rig.joined() == SSID


@pytest.mark.parametrize("profile", [c.COMMERCIAL, c.CONSUMER, c.PROTOTYPE])
async def test_a_reset_opens_the_window_and_keeps_the_settings(
    new_rig: NewRig, profile: int
) -> None:
    rig = await lifecycle_rig(new_rig, profile)
    await provision(rig)
    before = await rig.saved()
    since = len(rig.board.log)
    await rig.hold_for(LET_GO_TO_RESET)
    await rig.board.wait_log("window open", since=since)
    after = await rig.saved()
    assert (after.settings, after.order_id) == (before.settings, before.order_id)
    assert not any(OVERWRITTEN in line for line in rig.board.log)


async def test_a_wipe_leaves_nothing_of_what_the_board_was_given(new_rig: NewRig) -> None:
    rig = await lifecycle_rig(new_rig, c.CONSUMER)
    await provision(rig)
    sequence, since = (await rig.saved()).sequence, len(rig.board.log)
    assert on_flash(rig, PASSWORD, APP) == [PASSWORD, APP]
    await rig.hold_for(LET_GO_TO_WIPE)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    assert any(OVERWRITTEN in line for line in rig.board.log[since:])
    await assert_wiped(rig, sequence)


@pytest.mark.parametrize("again", [1, 2])
async def test_a_wipe_that_loses_its_power_goes_on_at_the_next_start(
    new_rig: NewRig, again: int
) -> None:
    """`again` times in a row; every profile can be wiped, by holding on."""
    rig = await lifecycle_rig(new_rig, c.COMMERCIAL)
    await provision(rig)
    sequence, since = (await rig.saved()).sequence, len(rig.board.log)
    await rig.hold_for(LET_GO_TO_WIPE)
    for _ in range(again):
        await rig.board.wait_log("overwriting what was deleted", since=since)
        await rig.board.power_cut()
        since = len(rig.board.log)
        await rig.board.power_on()
    await rig.board.wait_log(OVERWRITTEN, since=since, timeout_s=60)
    await rig.board.wait_log("window open", since=since)
    await assert_wiped(rig, sequence)


async def test_a_wipe_cut_at_a_flash_operation(new_rig: NewRig) -> None:
    """All is still there, or all is gone; at some of its thousands of operations."""
    rig = await lifecycle_rig(new_rig, c.CONSUMER)
    await provision(rig)
    before = await rig.saved()
    await rig.board.power_cut()
    provisioned = rig.board.flash.read_bytes()
    step = 3 if os.environ.get("LATCHKEY_SOAK") else 9
    for number in (*range(0, 27, step), 300, 3000):
        rig.board.flash.write_bytes(provisioned)
        rig.board.faults.cut_power_after = number
        await reset_until_dark(rig)
        rig.board.faults.cut_power_after = None
        saved = await rig.saved()
        assert saved.sequence == before.sequence
        if saved.settings != before.settings:
            assert (saved.settings, saved.order_id, saved.window) == (EMPTY, None, True)
            since = len(rig.board.log)
            await rig.board.power_on()
            await rig.board.wait_log("window open", since=since, timeout_s=60)
            await rig.board.power_cut()
            assert not on_flash(rig, PASSWORD, APP), number
        else:
            assert saved.order_id == before.order_id


async def reset_until_dark(rig: Rig) -> None:
    """Power, the button held until it wipes, until the power is gone for good."""
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.ready()
    rig.board.hold()
    await rig.board.until(
        lambda: not rig.board.is_on or LET_GO_TO_WIPE in "".join(rig.board.log[since:]),
        what="held",
    )
    rig.board.release()
    await rig.board.until(lambda: not rig.board.is_on, what="darkness", timeout_s=60)
    # A restart is dark for a moment, too; the fault holds for the next start as well.
    await rig.board.until(
        lambda: not rig.board.is_on and rig.board.record.starts[-1] == HARD_RESET
        or "restarting" not in "".join(rig.board.log[since:]),
        what="darkness after the restart",
        timeout_s=60,
    )  # fmt: skip
    await rig.board.power_cut()


async def test_quick_power_cycles_are_the_button_of_a_board_without_one(new_rig: NewRig) -> None:
    rig = await lifecycle_rig(new_rig, pins={"button": -1}, limits={"cycles": 3})
    for number in range(4):
        assert not rig.is_reachable()
        since = len(rig.board.log)
        await rig.board.power_on()
        if number < 3:
            await rig.board.wait_log("waiting to be provisioned", since=since)
            await rig.board.power_cut()
    await rig.board.wait_log("window open", since=since)
    await rig.until_reachable()
    assert rig.board.record.starts == [PWRON_RESET] * 4 + [HARD_RESET]
    async with rig.client() as client:
        assert (await client.provision(settings())).receipt.verified


async def test_going_on_with_power_cycles_wipes(new_rig: NewRig) -> None:
    rig = await lifecycle_rig(new_rig, pins={"button": -1}, limits={"cycles": 2})
    await cycled(rig, 2)
    await rig.board.wait_log("window open")
    await rig.until_reachable()
    async with rig.client() as client:
        assert (await client.provision(settings(app=APP))).receipt.verified
    await rig.board.wait_log("on the network")
    await rig.board.power_cut()
    await started(rig, "no /app.py", lasts=True)
    sequence, since = (await rig.saved()).sequence, len(rig.board.log)
    await cycled(rig, 2)
    await rig.board.wait_log("window open", since=since)
    await rig.board.power_cut()
    since = len(rig.board.log)
    await cycled(rig, 1)
    await rig.board.wait_log(OVERWRITTEN, since=since, timeout_s=60)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    assert "latchkey: power cycled 2 times: reset" in rig.board.log[:since]
    assert "latchkey: power cycled 4 times: wipe" in rig.board.log[since:]
    await assert_wiped(rig, sequence)


async def cycled(rig: Rig, times: int) -> None:
    """So many starts that are cut short, and one more."""
    begun = ("waiting to be provisioned", "window open", "no /app.py")
    for _ in range(times):
        since = len(rig.board.log)
        await rig.board.power_on()
        await rig.board.until(
            lambda since=since: any(text in "".join(rig.board.log[since:]) for text in begun),
            what="a start that has been counted",
        )
        await rig.board.power_cut()
    await rig.board.power_on()


async def test_a_start_that_lasts_takes_the_count_of_power_cycles_back(new_rig: NewRig) -> None:
    rig = await lifecycle_rig(new_rig, pins={"button": -1}, limits={"cycles": 2})
    await started(rig)
    await started(rig, lasts=True)
    await started(rig)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("waiting to be provisioned", since=since)
    assert not any("power cycled" in line for line in rig.board.log)


async def started(rig: Rig, begun: str = "waiting to be provisioned", lasts: bool = False) -> None:
    """A start of the board; one that lasts has taken its count back before it ends."""
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log(begun, since=since)
    if lasts:
        written = rig.board.record.flash_operations
        await rig.board.until(
            lambda: rig.board.record.flash_operations > written, what="the count taken back"
        )
    await rig.board.power_cut()


async def test_a_board_with_a_button_writes_nothing_when_it_starts(new_rig: NewRig) -> None:
    rig = await lifecycle_rig(new_rig)
    await provision(rig)
    await rig.board.power_cut()
    before = rig.board.flash.read_bytes()
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("on the network", since=since)
    await rig.board.power_cut()
    assert rig.board.flash.read_bytes() == before
    assert "starts" not in (await run_on_flash(rig, "import os\nprint(os.listdir('/latchkey'))"))[0]
