"""A case that was opened, a prompt that is shut, and the way back to the factory."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.scenarios.conftest import NewRig
from tests.scenarios.lifecycle import (
    APP,
    CLOSED,
    GIVEN_BACK,
    LABEL_KEY,
    LET_GO_TO_WIPE,
    OPENED,
    TAMPER_PIN,
    lifecycle_rig,
    on_flash,
    private_key,
    provision,
    run_on_flash,
)
from tests.scenarios.rig import AUTHORITY, LIMITS, PASSWORD, Rig, settings
from transports import contract as c

pytestmark = pytest.mark.parametrize("link", ["http"])
TOLD = "every secret was destroyed"


async def guarded(new_rig: NewRig) -> tuple[Rig, tuple[bytes, ...]]:
    """A provisioned rig with a tamper input, and all its secrets; the power is off."""
    rig = await lifecycle_rig(new_rig, pins={"tamper": TAMPER_PIN}, label_key=LABEL_KEY)
    rig.secrets.add(LABEL_KEY)
    await provision(rig)
    secrets = (await private_key(rig), LABEL_KEY, PASSWORD, APP)
    assert on_flash(rig, *secrets) == list(secrets)
    return rig, secrets


async def assert_zeroized(rig: Rig, *secrets: bytes) -> None:
    """Nothing is left, the board says so at every start, and the factory can begin anew."""
    await rig.board.power_cut()
    assert not on_flash(rig, *secrets)
    assert (await run_on_flash(rig, "import os\nprint(os.listdir('/latchkey'))"))[0].count(",") == 0
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log(TOLD, since=since)
    rig.board.pins.put(TAMPER_PIN, CLOSED)
    key = AUTHORITY.public_key
    code = "from firmware import factory\n" + f"factory.write(authority={key!r}, limits={LIMITS!r})"
    lines = await run_on_flash(rig, code)
    assert "device_id" in lines[-1]
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("waiting to be provisioned", since=since)


@pytest.mark.parametrize("when", ["off", "at work", "in a window"])
async def test_an_open_case_destroys_every_secret(new_rig: NewRig, when: str) -> None:
    rig, secrets = await guarded(new_rig)
    since = len(rig.board.log)
    if when == "at work":
        await rig.board.power_on()
        await rig.board.wait_log("on the network", since=since)
    elif when == "in a window":
        await rig.open_window()
    rig.board.pins.put(TAMPER_PIN, OPENED)
    await rig.board.power_on()
    await rig.board.wait_log(TOLD, since=since, timeout_s=60)
    assert rig.joined() is None and not rig.is_reachable()
    await assert_zeroized(rig, *secrets)


async def test_closing_the_case_or_cutting_the_power_saves_no_secret(new_rig: NewRig) -> None:
    rig, secrets = await guarded(new_rig)
    rig.board.pins.put(TAMPER_PIN, OPENED)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("zeroized: overwriting", since=since)
    await rig.board.power_cut()
    rig.board.pins.put(TAMPER_PIN, CLOSED)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log(TOLD, since=since, timeout_s=60)
    await assert_zeroized(rig, *secrets)


async def test_an_open_case_at_a_cut_flash_operation(new_rig: NewRig) -> None:
    """From the marker on there is no way back; before it, the case is looked at again."""
    rig, secrets = await guarded(new_rig)
    whole = rig.board.flash.read_bytes()
    for number in (0, 1, 3, 5, 8) if not os.environ.get("LATCHKEY_SOAK") else range(40):
        rig.board.flash.write_bytes(whole)
        rig.board.pins.put(TAMPER_PIN, OPENED)
        rig.board.faults.cut_power_after = number
        await rig.board.power_on()
        await rig.board.until(lambda: not rig.board.is_on, what="darkness")
        await rig.board.power_cut()
        rig.board.faults.cut_power_after = None
        since = len(rig.board.log)
        await rig.board.power_on()
        await rig.board.wait_log(TOLD, since=since, timeout_s=60)
        await rig.board.power_cut()
        assert not on_flash(rig, *secrets), number


@pytest.mark.parametrize("shut", [False, True])
async def test_ctrl_c_reaches_the_prompt_only_where_the_factory_left_it_open(
    new_rig: NewRig, shut: bool
) -> None:
    """kbd_intr(-1) gives SIGINT back its meaning on Unix, the end of the process; what must not
    happen is that the firmware gets a KeyboardInterrupt, and a person the prompt after it."""
    rig = await lifecycle_rig(new_rig, shut=shut)
    await rig.board.power_on()
    await rig.board.wait_log("waiting to be provisioned")
    assert rig.board.pid is not None
    os.kill(rig.board.pid, signal.SIGINT)
    record = rig.board.record
    await rig.board.until(lambda: record.ended or not rig.board.is_on, what="an end")
    assert ("KeyboardInterrupt" in str(record.ended)) != shut
    assert any(f"ended with code {-signal.SIGINT}" in line for line in record.log) == shut
    record.log.clear()  # of the interrupt's own traceback


async def test_a_wipe_leaves_the_prompt_shut_and_giving_back_leaves_no_key(
    new_rig: NewRig,
) -> None:
    """With the device key at the prompt, whoever held the button could open recorded orders."""
    rig = await lifecycle_rig(new_rig, shut=True, label_key=LABEL_KEY)
    rig.secrets.add(LABEL_KEY)
    await provision(rig)
    secrets = (await private_key(rig), LABEL_KEY)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("on the network", since=since)
    await rig.hold_for(LET_GO_TO_WIPE)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    await rig.board.power_cut()
    assert on_flash(rig, *secrets) == list(secrets)
    assert not on_flash(rig, PASSWORD, APP)
    await rig.board.power_on()
    await rig.until_reachable()
    await rig.hold_for(GIVEN_BACK)
    await rig.board.wait_log(TOLD, since=since, timeout_s=60)
    await assert_zeroized(rig, *secrets)


async def test_the_prompt_opens_only_once_everything_is_overwritten(new_rig: NewRig) -> None:
    """Before that the keys still stand on the flash, and whoever timed a power cut to come right
    after the marker, or only typed quickly, would read them there."""
    rig = await lifecycle_rig(new_rig, shut=True, label_key=LABEL_KEY)
    secrets = (await private_key(rig), LABEL_KEY)
    await run_on_flash(rig, "open('/latchkey/zeroizing', 'wb').write(b'\\x02')\n")
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("zeroized: overwriting", since=since)
    assert "KeyboardInterrupt" not in await interrupted(rig)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log(TOLD, since=since, timeout_s=60)
    assert "KeyboardInterrupt" in await interrupted(rig)
    rig.board.record.log.clear()  # of the interrupt's own traceback
    assert not on_flash(rig, *secrets)


async def interrupted(rig: Rig) -> str:
    """How the board's process ends when somebody types Ctrl-C."""
    assert rig.board.pid is not None
    os.kill(rig.board.pid, signal.SIGINT)
    record = rig.board.record
    await rig.board.until(lambda: record.ended or not rig.board.is_on, what="an end")
    ended = str(record.ended)
    await rig.board.power_cut()
    return ended


async def test_a_damaged_factory_record_does_not_end_at_the_prompt(new_rig: NewRig) -> None:
    rig = await lifecycle_rig(new_rig, shut=True)
    await run_on_flash(
        rig,
        'with open("/latchkey/factory.cbor", "r+b") as f:\n    f.seek(60)\n    f.write(b"?!")\n',
    )
    await rig.board.power_on()
    await rig.board.wait_log("damaged, and of no use")
    await asyncio.sleep(0.2)
    assert rig.board.is_on and rig.board.record.ended is None


async def test_an_order_that_releases_a_board_has_its_secrets_overwritten(new_rig: NewRig) -> None:
    """By the board itself, once its window is over: here by a save that says what a kept
    order of release says, for the policies have tests of their own."""
    rig = await lifecycle_rig(new_rig, c.CONSUMER)
    await provision(rig)
    await run_on_flash(
        rig,
        "from firmware.device import identity\n"
        "from firmware.device.record_store import RecordStore\n"
        "from firmware.provision.record import Record\n"
        "record = Record(RecordStore(identity.load().device_id))\n"
        "record.change(settings={}, owner=None, wiping=True)\n",
    )
    assert on_flash(rig, PASSWORD, APP) == [PASSWORD, APP]
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("waiting to be provisioned", since=since, timeout_s=60)
    assert not on_flash(rig, PASSWORD, APP)
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(settings())).receipt.verified
