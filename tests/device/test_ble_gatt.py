"""transports/ble_gatt.py, on MicroPython over a made-up aioble: what goes wrong once does not
leave a board that nobody can reach."""

import asyncio
import struct
import sys
from binascii import crc32

from tests.device.device_vectors import Skip
from transports import contract as c


class Link:
    """A connection that ends when `end` is called, however often it is asked to."""

    mtu = 100

    def __init__(self):
        self._gone = asyncio.Event()
        self._task = asyncio.create_task(self._watch())
        self.asked_to_leave = 0

    async def _watch(self):
        await self._gone.wait()

    def end(self):
        self._gone.set()

    def is_connected(self):
        return not self._gone.is_set()

    async def disconnected(self, timeout_ms=None):
        if timeout_ms is None:
            await self._task
        else:
            await asyncio.wait_for_ms(self._task, timeout_ms)  # cancels it, as aioble's does

    async def disconnect(self, timeout_ms=2000):
        self.asked_to_leave += 1
        await self.disconnected(timeout_ms)


class Air:
    """What happens to the board: links that come, frames that come, and errors for a call."""

    def __init__(self):
        self.arriving, self.frames, self.notified, self.errors = [], [], [], {}

    def call(self, name):
        if self.errors.get(name):
            raise self.errors[name].pop(0)


def aioble(air):
    class Characteristic:
        def __init__(self, service, uuid, **settings):
            pass

        def write(self, data, send_update=False):
            pass

        async def written(self):
            while not air.frames:
                await asyncio.sleep_ms(1)
            air.call("written")
            return air.frames.pop(0)

        def notify(self, link, frame):
            air.call("notify")
            air.notified.append((link, bytes(frame)))

    class Service:
        def __init__(self, uuid):
            self.uuid = uuid

    async def advertise(interval_us, name, services):
        while not air.arriving:
            air.call("advertise")
            await asyncio.sleep_ms(1)
        return air.arriving.pop(0)

    class Module:
        pass

    Module.Service = Service
    Module.Characteristic = Module.BufferedCharacteristic = Characteristic
    Module.advertise = advertise
    Module.register_services = lambda *services: None
    Module.stop = lambda: None
    Module.config = lambda **settings: None
    return Module


class Bluetooth:
    UUID = str


class Reply:
    body = b"\xa1\x00\x00"

    def __init__(self, status):
        self.status = status

    def delivered(self):
        pass


class Handler:
    def on_change(self, callback):
        pass

    def compact_status(self):
        return b"\x80"

    async def handle(self, operation, argument):
        return Reply(c.ACCEPTED if operation == c.PROVISION else c.OK)


def question(number, operation=c.INFO):
    """The one frame of a request with no argument."""
    message = bytes((operation,))
    return struct.pack(">BHHI", number, len(message), 1, crc32(message)) + message


def serving(scenario):
    """Run `scenario(air, ble_gatt, serving task)` beside a board that serves."""
    if sys.implementation.name != "micropython":
        raise Skip("sleep_ms and ticks_ms are MicroPython's")
    air = Air()
    sys.modules["bluetooth"], sys.modules["aioble"] = Bluetooth, aioble(air)
    from transports import ble_gatt

    async def run():
        task = asyncio.create_task(ble_gatt.BleGatt("Latchkey-TEST").serve(Handler()))
        await scenario(air, ble_gatt, task)
        task.cancel()

    asyncio.run(run())


async def answers(air, link, number, operation=c.INFO):
    """Ask on a link; whether there is a reply."""
    before = len(air.notified)
    air.frames.append((link, question(number, operation)))
    for _ in range(50):
        await asyncio.sleep_ms(2)
        if any(frame[0] & 0x80 == 0 for _, frame in air.notified[before:]):
            return True
    return False


async def arrive(air):
    link = Link()
    air.arriving.append(link)
    await asyncio.sleep_ms(10)
    return link


def test_a_frame_that_finds_no_memory_is_one_frame_lost():
    async def scenario(air, ble_gatt, task):
        link = await arrive(air)
        air.errors["notify"] = [MemoryError()]
        await answers(air, link, 1)
        assert await answers(air, link, 2)

    serving(scenario)


def test_advertising_that_fails_is_begun_again():
    async def scenario(air, ble_gatt, task):
        ble_gatt._HOUSEKEEPING_MS = 5
        air.errors["advertise"] = [OSError(12), MemoryError()]
        await asyncio.sleep_ms(30)
        assert await answers(air, await arrive(air), 1)

    serving(scenario)


def test_a_silent_central_is_sent_away_once_and_its_place_comes_back():
    """Even if its link takes longer to end than aioble waits for it by itself."""

    async def scenario(air, ble_gatt, task):
        ble_gatt._HOUSEKEEPING_MS, ble_gatt.IDLE_MS = 5, 20
        links = []
        for _ in range(ble_gatt.MAX_CENTRALS):
            links.append(await arrive(air))
        await asyncio.sleep_ms(2200)
        assert [link.asked_to_leave for link in links] == [1] * ble_gatt.MAX_CENTRALS
        for link in links:
            link.end()
        await asyncio.sleep_ms(30)
        ble_gatt.IDLE_MS = 90000
        assert await answers(air, await arrive(air), 1)

    serving(scenario)


def test_of_three_that_talk_on_the_first_makes_room_but_not_whose_order_is_tried():
    async def scenario(air, ble_gatt, task):
        ble_gatt._HOUSEKEEPING_MS = 5
        links = []
        for _ in range(ble_gatt.MAX_CENTRALS):
            links.append(await arrive(air))
        assert await answers(air, links[0], 1, c.PROVISION)
        number, ble_gatt.TURN_MS = 1, 60
        while not any(link.asked_to_leave for link in links):
            number = number % 63 + 1
            for link in links:
                await answers(air, link, number)
        ble_gatt.TURN_MS = 60000
        assert [link.asked_to_leave for link in links] == [0, 1, 0]
        links[1].end()
        await asyncio.sleep_ms(30)
        assert await answers(air, await arrive(air), 1)
        assert [link.asked_to_leave for link in links] == [0, 1, 0]

    serving(scenario)


def test_two_that_talk_on_stay():
    async def scenario(air, ble_gatt, task):
        ble_gatt._HOUSEKEEPING_MS, ble_gatt.TURN_MS = 5, 20
        links = [await arrive(air), await arrive(air)]
        for number in range(1, 8):
            for link in links:
                await answers(air, link, number)
        assert [link.asked_to_leave for link in links] == [0, 0]
        ble_gatt.TURN_MS = 60000

    serving(scenario)


def test_what_fails_for_good_is_told():
    """The board lists the transports that answer; one that is deaf must not be among them."""

    async def scenario(air, ble_gatt, task):
        air.errors["written"] = [ValueError("made up")]
        air.frames.append((await arrive(air), question(1)))
        try:
            await asyncio.wait_for(task, 1)
        except ValueError:
            return
        raise AssertionError("it serves on, and hears nothing")

    serving(scenario)
