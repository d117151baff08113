"""links/ble.ts in Chromium, over Chromium's own Web Bluetooth, against a virtual board."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import pytest_asyncio

from tests.browser.bluetooth.probing import Probe, ProbeError
from tests.browser.conftest import NewRig
from tests.scenarios.rig import Rig
from tests.virtual_board.host_radio.gatt_link import GattLink
from tests.virtual_board.host_radio.on_the_bus import ADAPTER, properties
from tests.virtual_board.host_radio.with_bluez import BluezRadio
from transports import contract as c
from transports import framing

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Of another message (42), and of none: next, acknowledgement, abort, too short, too long.
STRAY = (
    bytes([64 | 42, 0, 7, 1]), bytes([128 | 42, 0, 1]), bytes([192 | 42, 1]),
    b"", b"\0", bytes([128]), b"\xff" * 510,
)  # fmt: skip
SMALLEST_MTU, BOARD_MTU, LARGEST_MTU = 23, 256, 517


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(new_rig: NewRig) -> Rig:
    rig = await new_rig(policy=c.SIGNED, limits={"attempts": 100})
    await rig.open_window()
    return rig


@pytest_asyncio.fixture(loop_scope="module")
async def linked(rig: Rig, probe: Probe) -> Probe:
    """The board is chosen, and nothing more."""
    await probe.choose(rig.board.ble_name)
    return probe


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every frame that the browser writes without response, in order."""
    frames: list[bytes] = []
    write_command = GattLink.write_command

    async def write(link: GattLink, handle: int, value: bytes) -> None:
        frames.append(value)
        await write_command(link, handle, value)

    monkeypatch.setattr(GattLink, "write_command", write)
    return frames


@pytest.mark.parametrize("mtu", [SMALLEST_MTU, 185, LARGEST_MTU])
async def test_frames_are_as_long_as_the_link_has_shown_to_carry(
    mtu: int, rig: Rig, radio: BluezRadio, linked: Probe, written: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(radio.adapter, "mtu", mtu)
    info = await linked.exchange(c.INFO)
    assert info[c.F_DEVICE_ID] == rig.board.factory["device_id"]
    assert max(len(frame) for frame in written) <= framing.MIN_FRAME
    written.clear()
    reply = await linked.exchange(c.PROVISION, bytes(2000))
    assert reply[c.F_STATUS] == c.NOT_AUTHENTIC
    longest = max(len(frame) for frame in written if framing.is_data(frame))
    carried = min(mtu, BOARD_MTU) - 3
    # The info is not a whole frame of the largest ones, and shows that much.
    assert min(carried, 150) <= longest <= carried


async def test_the_longest_request_arrives_whole(linked: Probe) -> None:
    await linked.exchange(c.INFO)
    argument = bytes(range(256)) * 32
    assert (await linked.exchange(c.PROVISION, argument[:-1]))[c.F_STATUS] == c.NOT_AUTHENTIC
    with pytest.raises(ProbeError, match="FramingError"):  # the board stops it at its first frame
        await linked.exchange(c.PROVISION, argument)


async def test_exchanges_take_turns(rig: Rig, linked: Probe) -> None:
    asked = [c.INFO, c.STATUS, c.IDENTIFY, c.INFO]
    replies = await asyncio.gather(*(linked.exchange(operation) for operation in asked))
    ids = [reply.get(c.F_DEVICE_ID) for reply in replies]
    device_id = rig.board.factory["device_id"]
    assert ids == [device_id, None, None, device_id]
    assert [reply[c.F_STATUS] for reply in replies] == [c.OK] * 4


async def test_a_lost_link_is_made_again_without_choosing_anew(
    radio: BluezRadio, linked: Probe
) -> None:
    await linked.exchange(c.INFO)
    radio.drop()
    with pytest.raises(ProbeError, match="LinkError"):
        await interrupted(linked, radio)
    assert (await linked.exchange(c.INFO))[c.F_STATUS] == c.OK


async def interrupted(linked: Probe, radio: BluezRadio) -> None:
    """Exchange, and lose the link in the middle of it, until the browser has noticed."""
    while True:
        asked = asyncio.ensure_future(linked.exchange(c.PROVISION, bytes(8000)))
        await asyncio.sleep(0.05)
        radio.drop()
        await asked


async def test_a_link_lost_between_two_exchanges_is_not_noticed(
    rig: Rig, radio: BluezRadio, linked: Probe
) -> None:
    await linked.exchange(c.INFO)
    radio.drop()
    await linked.changed(5000)  # the end of the link is news
    await rig.until_reachable()
    assert (await linked.exchange(c.INFO))[c.F_STATUS] == c.OK


async def test_lost_frames_are_sent_again(linked: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    await linked.exchange(c.INFO)
    write_command = GattLink.write_command
    number = 0

    async def lossy(link: GattLink, handle: int, value: bytes) -> None:
        nonlocal number
        number += 1
        if number % 5 != 2:
            await write_command(link, handle, value)

    monkeypatch.setattr(GattLink, "write_command", lossy)
    assert (await linked.exchange(c.PROVISION, bytes(3000)))[c.F_STATUS] == c.NOT_AUTHENTIC
    assert number > 3000 / BOARD_MTU


async def test_frames_that_belong_to_nothing_change_nothing(
    linked: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe = GattLink.subscribe
    heard = 0

    async def noisy(link: GattLink, handle: int, receive: Callable[[bytes], None]) -> None:
        def hear(value: bytes) -> None:
            nonlocal heard
            heard += 1
            for frame in (*STRAY, value):
                receive(frame)

        await subscribe(link, handle, hear)

    monkeypatch.setattr(GattLink, "subscribe", noisy)
    assert (await linked.exchange(c.INFO))[c.F_STATUS] == c.OK
    assert (await linked.exchange(c.PROVISION, bytes(2000)))[c.F_STATUS] == c.NOT_AUTHENTIC
    assert heard


async def test_closing_lets_go_and_the_next_exchange_connects_again(
    radio: BluezRadio, linked: Probe
) -> None:
    await linked.exchange(c.INFO)
    await linked.close()
    while radio.central.connections:
        await asyncio.sleep(0.01)
    assert (await linked.exchange(c.INFO))[c.F_STATUS] == c.OK


async def test_a_board_out_of_reach_is_a_link_error(
    rig: Rig, radio: BluezRadio, linked: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radio.adapter, "connect_timeout_s", 0.2)
    await rig.board.power_cut()
    with pytest.raises(ProbeError, match="LinkError"):
        await linked.exchange(c.INFO)
    await rig.board.power_on()
    await rig.until_reachable()
    assert (await linked.exchange(c.INFO))[c.F_STATUS] == c.OK


async def test_only_the_board_of_the_label_is_shown(
    rig: Rig, new_rig: NewRig, probe: Probe
) -> None:
    other = await new_rig()
    await other.open_window()
    await probe.open_list()
    await probe.chooser.shows(other.board.ble_name)
    await probe.chooser.shows(rig.board.ble_name)
    await probe.chooser.cancel()
    with pytest.raises(ProbeError, match="NothingChosen"):
        await probe.chosen()
    await probe.open_list(rig.board.ble_name)
    await probe.chooser.shows(rig.board.ble_name)
    assert probe.chooser.names == {rig.board.ble_name}
    await probe.chooser.pick(rig.board.ble_name)
    assert await probe.chosen() == rig.board.ble_name
    await other.board.power_cut()


async def test_a_board_that_was_connected_is_found_by_its_name_still(
    rig: Rig, radio: BluezRadio, linked: Probe
) -> None:
    await linked.exchange(c.INFO)
    # What a browser sees of it from now on is the GATT Device Name.
    path = f"{ADAPTER}/dev_{str(rig.board.ble.address).split('/')[0].replace(':', '_')}"
    assert (await properties(radio, path, "Device1"))["Name"] == rig.board.ble_name


async def test_no_bluetooth_is_told_from_no_choice(radio: BluezRadio, probe: Probe) -> None:
    radio.service.unplug(radio.adapter)
    try:
        await probe.open_list()
        with pytest.raises(ProbeError, match="BluetoothOff"):
            await probe.chosen()
    finally:
        radio.service.plug_in(radio.adapter)
