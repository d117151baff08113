"""Files of the record put back, taken away or damaged while the board had no power."""

from __future__ import annotations

import os

import pytest

from host_client.authority import Authority
from host_client.errors import Refused
from host_client.proof import FirstUse
from tests.scenarios.conftest import NewRig
from tests.scenarios.lifecycle import (
    APP,
    LET_GO_TO_RESET,
    LET_GO_TO_WIPE,
    as_left_by,
    lifecycle_rig,
    on_flash,
    provision,
    run_on_flash,
)
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, PASSWORD, SSID, Rig, settings
from transports import contract as c

pytestmark = pytest.mark.parametrize("link", ["http"])
REFUSING = "refusing to work"
COPY = """
import os
for name in ("record.cbor", "witness.cbor"):
    with open("/latchkey/" + name, "rb") as source, open("/" + name, "wb") as copy:
        copy.write(source.read())
"""
PUT_BACK = """
with open("/{0}", "rb") as copy, open("/latchkey/{0}", "wb") as target:
    target.write(copy.read())
"""
REMOVE = "import os\nos.remove('/latchkey/{0}')\n"
DAMAGE = """
with open("/latchkey/{0}", "r+b") as file:
    file.seek(45)
    file.write(b"?!")
"""
BOTH = "record.cbor", "witness.cbor"
# name: (what is done to the files, whether the sequence can still be told). The device tests
# have every case at the level of the files.
ATTACKS = {
    "older": (PUT_BACK.format(BOTH[0]), True),
    "no record": (REMOVE.format(BOTH[0]), True),
    "damaged": (DAMAGE.format(BOTH[0]), True),
    "no witness": (REMOVE.format(BOTH[1]), False),
    "damaged witness": (DAMAGE.format(BOTH[1]), False),
    "older alone": (PUT_BACK.format(BOTH[0]) + REMOVE.format(BOTH[1]), False),
    "none": (REMOVE.format(BOTH[0]) + REMOVE.format(BOTH[1]), False),
}
SOAK = bool(os.environ.get("LATCHKEY_SOAK"))


async def provisioned_twice(new_rig: NewRig) -> Rig:
    """A rig with copies of its first record's files, its second record standing; no power."""
    rig = await lifecycle_rig(new_rig)
    await as_left_by(rig, _provision_twice)
    return rig


async def _provision_twice(rig: Rig) -> None:
    await provision(rig)
    await run_on_flash(rig, COPY)
    await rig.open_window()
    async with rig.client() as client:
        await client.provision(settings((OTHER_SSID, OTHER_PASSWORD)))


async def assert_refuses(rig: Rig) -> None:
    """Neither network nor window; the LED says so."""
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log(REFUSING, since=since)
    await rig.board.ready()
    flashes = len(rig.board.led)
    await rig.board.until(lambda: len(rig.board.led) >= flashes + 8, what="two times two flashes")
    assert rig.joined() is None and not rig.is_reachable()
    assert not rig.board.wifi.access_point.active and not rig.board.ble.is_advertising


@pytest.mark.parametrize("attack", list(ATTACKS) if SOAK else ["older", "none"])
async def test_refuses_a_record_that_is_not_as_it_was_left(new_rig: NewRig, attack: str) -> None:
    """Until somebody is there; then nothing is left, and no order of old is good again."""
    rig = await provisioned_twice(new_rig)
    sequence = (await rig.saved()).sequence
    code, known = ATTACKS[attack]
    await run_on_flash(rig, code)
    await assert_refuses(rig)
    since = len(rig.board.log)
    await rig.hold_for(LET_GO_TO_RESET)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    await rig.until_reachable()
    async with rig.client() as client:
        assert (await client.info()).sequence == (sequence if known else None)
        with pytest.raises(Refused) as refused:
            await client.submit(rig.offline(sequence=sequence if known else sequence + 1))
        assert refused.value.status == c.STALE
        assert (await client.provision(settings())).receipt.verified
    await rig.board.wait_log("on the network", since=since)
    assert rig.joined() == SSID and (await rig.saved()).sequence > sequence
    await rig.board.power_cut()
    assert not on_flash(rig, OTHER_PASSWORD)


async def test_a_witness_put_back_beside_the_newest_record_changes_nothing(
    new_rig: NewRig,
) -> None:
    """Of the generation before: that is what a power cut leaves, and the record stands."""
    rig = await provisioned_twice(new_rig)
    before = await rig.saved()
    await run_on_flash(
        rig,
        "from firmware.device import identity\n"
        "from firmware.device.record_store import RecordStore\n"
        "from firmware.provision.record import Record\n"
        + COPY
        + "record = Record(RecordStore(identity.load().device_id))\nrecord.change(time_s=5)\n"
        + PUT_BACK.format(BOTH[1]),
    )
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("on the network", since=since)
    assert rig.joined() == OTHER_SSID
    assert (await rig.saved()).settings == before.settings


@pytest.mark.parametrize("profile", [c.COMMERCIAL] + [c.CONSUMER] * SOAK)
async def test_an_owner_for_good_outlives_what_was_done_to_the_record(
    new_rig: NewRig, profile: int
) -> None:
    """Else who spoils the witness, or puts an older firmware on the board, and holds the button
    would be the next owner of a board that never changes hands."""
    owner, stranger = Authority.generate("owner"), Authority.generate("stranger", "p256")
    rig = await lifecycle_rig(new_rig, profile, policy=c.FIRST_USE)
    await rig.open_window()
    async with rig.client() as client:
        order = rig.offline(authority=FirstUse(owner))
        assert (await client.provision(order)).receipt.verified
    await run_on_flash(rig, REMOVE.format(BOTH[1]))
    await assert_refuses(rig)
    since = len(rig.board.log)
    await rig.hold_for(LET_GO_TO_RESET)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    await rig.until_reachable()
    stays = profile == c.COMMERCIAL
    async with rig.client() as client:
        assert (await client.info()).owned is stays
        with pytest.raises(Refused) as refused:
            await client.submit(rig.offline(authority=FirstUse(stranger)))
    assert refused.value.status == (c.NOT_AUTHENTIC if stays else c.STALE)


async def test_a_whole_flash_put_back_is_not_noticed(new_rig: NewRig) -> None:
    """The limit that SECURITY.md states: nothing on the chip can tell, and old settings and an
    old sequence are back. Who can do this can read every key as well."""
    rig = await lifecycle_rig(new_rig)
    await provision(rig)
    await rig.board.power_cut()
    older, before = rig.board.flash.read_bytes(), await rig.saved()
    await rig.open_window()
    async with rig.client() as client:
        await client.provision(settings((OTHER_SSID, OTHER_PASSWORD)))
    await rig.board.power_cut()
    rig.board.flash.write_bytes(older)
    since = len(rig.board.log)
    await rig.board.power_on()
    await rig.board.wait_log("on the network", since=since)
    assert rig.joined() == SSID and (await rig.saved()).sequence == before.sequence


async def test_a_record_of_a_newer_firmware_is_kept_until_somebody_wipes_it(
    new_rig: NewRig,
) -> None:
    rig = await lifecycle_rig(new_rig)
    await provision(rig)
    sequence = (await rig.saved()).sequence
    await run_on_flash(
        rig,
        "from firmware.device import identity\n"
        "from firmware.device.record_store import RecordStore\n"
        "from firmware.envelope import cbor\n"
        "store = RecordStore(identity.load().device_id)\n"
        "fields = cbor.decode(store.load())\nfields[0] += 1\n"
        "store.save(cbor.encode(fields), fields[2])\n",
    )
    await assert_refuses(rig)
    since = len(rig.board.log)
    await rig.hold_for(LET_GO_TO_RESET)
    await rig.board.wait_log("not reset: update the firmware", since=since)
    await rig.hold_for(LET_GO_TO_WIPE)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    assert not on_flash(rig, PASSWORD, APP)
    assert (await rig.saved()).sequence == sequence
