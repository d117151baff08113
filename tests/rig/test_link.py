"""The air between two controllers: order, pace, and what is lost with a link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from bumble import core, hci
from bumble.device import Connection, Device

from tests.virtual_board.link import Direction
from tests.virtual_board.radio import Radio


@pytest_asyncio.fixture
async def radio() -> AsyncIterator[Radio]:
    one = Radio()
    yield one
    await one.close()


async def linked(radio: Radio, public: bool = False) -> tuple[Connection, Connection]:
    """A link between two devices of the host's kind: (central's end, peripheral's end)."""
    peripheral = await radio.central(name="peripheral")
    central = await radio.central(name="central", public=public)
    arrived: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
    peripheral.on("connection", arrived.set_result)
    await peripheral.start_advertising(advertising_interval_min=20, advertising_interval_max=20)
    connection = await central.connect(peripheral.random_address, timeout=2)
    return connection, await asyncio.wait_for(arrived, 2)


def collect(device: Device, into: list[bytes]) -> None:
    device.l2cap_channel_manager.register_fixed_channel(0x3E, lambda _, pdu: into.append(pdu))


@pytest.mark.parametrize("interval_ms", [None, 7.5])
@pytest.mark.parametrize("public", [False, True])
async def test_all_arrives_in_order_before_the_hang_up(
    radio: Radio, interval_ms: float | None, public: bool
) -> None:
    radio.pace(interval_ms)
    here, there = await linked(radio, public)
    got: list[bytes] = []
    collect(there.device, got)
    gone = asyncio.get_running_loop().create_future()
    there.on("disconnection", gone.set_result)
    for number in range(25):
        here.device.send_l2cap_pdu(here.handle, 0x3E, bytes((number,)) * 20)
    await here.disconnect()
    assert (
        await asyncio.wait_for(gone, 2) == hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
    )
    assert [pdu[0] for pdu in got] == list(range(25))


class Counted(Direction):
    """Counts its connection events."""

    events = 0

    def _connection_event(self) -> None:
        self.events += 1
        super()._connection_event()


async def test_four_packets_an_event() -> None:
    arrived: list[tuple[int, float]] = []
    loop = asyncio.get_running_loop()
    direction = Counted(0.03, 4)
    for packets in [*[1] * 9, 6]:  # the last one is longer than an event
        direction.put(packets, lambda: arrived.append((direction.events, loop.time())))
    while len(arrived) < 10:
        await asyncio.sleep(0.005)
    events = [event for event, _ in arrived]
    assert events == [1, 1, 1, 1, 2, 2, 2, 2, 3, 4]
    begun = arrived[0][1]
    for event, when in arrived:  # none is early; how late one is, is the machine's affair
        assert when - begun > (event - 1 - 0.2) * 0.03


async def test_what_was_under_way_is_lost_with_the_link(radio: Radio) -> None:
    radio.pace(30)
    here, there = await linked(radio)
    got: list[bytes] = []
    collect(there.device, got)
    for number in range(25):
        here.device.send_l2cap_pdu(here.handle, 0x3E, bytes((number,)) * 20)
    lost = asyncio.get_running_loop().create_future()
    here.on("disconnection", lost.set_result)
    radio.drop(here.self_address, here.peer_address)
    assert await asyncio.wait_for(lost, 2) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
    await there.device.start_advertising(advertising_interval_min=20, advertising_interval_max=20)
    await here.device.connect(there.device.random_address, timeout=2)
    await asyncio.sleep(0.25)
    assert got == []


async def test_cancelled_connect_leaves_the_radio_usable(radio: Radio) -> None:
    central = await radio.central()
    with pytest.raises(core.TimeoutError):
        await central.connect(hci.Address("C0:00:00:00:00:77"), timeout=0.1)
    peripheral = await radio.central(name="late")
    await peripheral.start_advertising(advertising_interval_min=20, advertising_interval_max=20)
    assert await central.connect(peripheral.random_address, timeout=2)


async def test_of_two_that_connect_at_once_one_is_told_at_once_that_it_is_not(radio: Radio) -> None:
    peripheral = await radio.central(name="peripheral")
    centrals = [await radio.central(name=name) for name in ("one", "other")]
    ends: asyncio.Queue[int] = asyncio.Queue()

    async def connect(central: Device) -> Connection:
        connection = await central.connect(peripheral.random_address, timeout=2)
        connection.on("disconnection", ends.put_nowait)
        return connection

    connecting = [asyncio.create_task(connect(central)) for central in centrals]
    await asyncio.sleep(0.01)
    await peripheral.start_advertising(advertising_interval_min=20, advertising_interval_max=20)
    await asyncio.gather(*connecting)
    reason = await asyncio.wait_for(ends.get(), 1)
    assert reason == hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
    assert len(peripheral.connections) == 1 and ends.empty()
    loser = next(central for central in centrals if not central.connections)
    await peripheral.start_advertising(advertising_interval_min=20, advertising_interval_max=20)
    assert await connect(loser)
