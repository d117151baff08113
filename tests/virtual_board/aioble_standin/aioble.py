"""A stand-in for micropython-lib's aioble: the peripheral's part of its documented API.

Own code, for machines on which the real library is not installed. It behaves as the real
one is documented and measured to: a characteristic holds 20 bytes unless it is a
BufferedCharacteristic; captured writes of all characteristics share one queue of ten, which
drops the oldest in silence; advertise() ends when one central connects, and returns None
when it is cancelled; stop() forgets the queue, so that services are to be made anew.

There are no central role, pairing, L2CAP or descriptors.
"""

import asyncio
import binascii
import struct
from collections import deque

import bluetooth

print("aioble: the stand-in; the real library is not installed")

ADDR_PUBLIC = 0
ADDR_RANDOM = 1

_CONNECTED = 1
_DISCONNECTED = 2
_WRITTEN = 3
_READ = 4
_INDICATED = 20
_MTU = 21

_CAPTURE_LIMIT = 10
_PACKET_LIMIT = 31
_UUID_LIST_TYPES = {2: 0x03, 4: 0x05, 16: 0x07}


class DeviceDisconnectedError(Exception):
    """The central went away inside `with connection.timeout()`."""


class GattError(Exception):
    """An indication was not confirmed; the status is its argument."""


class _Stack:
    """What there is one of: the radio, the links, the captured writes."""

    def __init__(self):
        self.ble = bluetooth.BLE()
        self.links = {}
        self.by_handle = {}
        self.arrived = None
        self.arrival = None
        self.captured = None
        self.ble.irq(self.interrupt)

    def start(self):
        if not self.ble.active():
            self.ble.active(True)

    def interrupt(self, event, data):
        if event == _CONNECTED:
            link = DeviceConnection(Device(data[1], bytes(data[2])), data[0])
            self.links[data[0]] = self.arrived = link
            if self.arrival is not None:
                self.arrival.set()
        elif event == _DISCONNECTED:
            link = self.links.get(data[0])
            if link is not None:
                link._gone.set()
        elif event == _MTU:
            if data[0] in self.links:
                self.links[data[0]].mtu = data[1]
        elif event in (_WRITTEN, _READ, _INDICATED):
            characteristic = self.by_handle.get(data[1])
            if characteristic is not None:
                return characteristic._interrupt(event, self.links.get(data[0]), data)
        return None


_stack = _Stack()


class Device:
    """Who is at the other end: `addr_type`, `addr` (6 octets), `addr_hex()`."""

    def __init__(self, addr_type, addr):
        self.addr_type = addr_type
        self.addr = addr

    def addr_hex(self):
        return binascii.hexlify(self.addr, ":").decode()

    def __eq__(self, other):
        return self.addr_type == other.addr_type and self.addr == other.addr

    def __hash__(self):
        return hash((self.addr_type, self.addr))

    def __str__(self):
        kind = "ADDR_PUBLIC" if self.addr_type == ADDR_PUBLIC else "ADDR_RANDOM"
        return "Device(%s, %s)" % (kind, self.addr_hex())


class DeviceConnection:
    """One link to a central. `mtu` is None until it has been exchanged."""

    def __init__(self, device, conn_handle):
        self.device = device
        self.mtu = None
        self.encrypted = self.authenticated = self.bonded = False
        self._conn_handle = conn_handle
        self._gone = asyncio.ThreadSafeFlag()
        self._waiters = []
        self._task = None

    async def _watch(self):
        await self._gone.wait()
        _stack.links.pop(self._conn_handle, None)
        self._conn_handle = None
        for waiter in list(self._waiters):
            waiter.cancel()

    def is_connected(self):
        return self._conn_handle is not None

    async def disconnected(self, timeout_ms=None, disconnect=False):
        if not self.is_connected():
            return
        if disconnect:
            _stack.ble.gap_disconnect(self._conn_handle)
        await _within(self._task, timeout_ms)

    async def disconnect(self, timeout_ms=2000):
        await self.disconnected(timeout_ms, disconnect=True)

    def timeout(self, timeout_ms):
        return _Timeout(self, timeout_ms)

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        await self.disconnect()


class _Timeout:
    """`with connection.timeout(ms):` ends its body when the time or the link has gone."""

    def __init__(self, connection, timeout_ms):
        self._connection = connection
        self._timeout_ms = timeout_ms
        self._sleeper = None
        self._expired = False

    def __enter__(self):
        self._task = asyncio.current_task()
        self._connection._waiters.append(self._task)
        if self._timeout_ms:
            self._sleeper = asyncio.create_task(self._sleep())

    async def _sleep(self):
        await asyncio.sleep_ms(self._timeout_ms)
        self._expired = True
        self._task.cancel()

    def __exit__(self, kind, error, traceback):
        self._connection._waiters.remove(self._task)
        if self._sleeper is not None and not self._expired:
            self._sleeper.cancel()
        if kind == asyncio.CancelledError:
            if self._expired:
                raise asyncio.TimeoutError
            if not self._connection.is_connected():
                raise DeviceDisconnectedError


class _Captured:
    """The queue of captured writes, and the task that hands them out in their order."""

    def __init__(self):
        self.queue = deque((), _CAPTURE_LIMIT)
        self.filled = asyncio.ThreadSafeFlag()
        self.taken = asyncio.ThreadSafeFlag()
        self.task = asyncio.create_task(self._run())

    def put(self, link, value, characteristic):
        self.queue.append((link, value, characteristic))
        self.filled.set()

    async def _run(self):
        while True:
            while not len(self.queue):
                await self.filled.wait()
            link, value, characteristic = self.queue.popleft()
            characteristic._latest = (link, value)
            characteristic._arrived.set()
            await self.taken.wait()


class Service:
    def __init__(self, uuid):
        self.uuid = uuid
        self.characteristics = []


class Characteristic:
    """See aioble's documentation; `written()` is there when one of the writes is allowed."""

    _max_len = None
    _append = False

    def __init__(
        self,
        service,
        uuid,
        read=False,
        write=False,
        write_no_response=False,
        notify=False,
        indicate=False,
        initial=None,
        capture=False,
    ):
        service.characteristics.append(self)
        self.uuid = uuid
        self.flags = (
            (bluetooth.FLAG_READ if read else 0)
            | (bluetooth.FLAG_WRITE if write else 0)
            | (bluetooth.FLAG_WRITE_NO_RESPONSE if write_no_response else 0)
            | (bluetooth.FLAG_NOTIFY if notify else 0)
            | (bluetooth.FLAG_INDICATE if indicate else 0)
        )
        self._initial = initial
        self._value_handle = None
        self._latest = None
        self._captures = capture and (write or write_no_response)
        self._arrived = asyncio.ThreadSafeFlag() if write or write_no_response else None
        self._confirmed = asyncio.ThreadSafeFlag() if indicate else None
        self._confirming = None
        if self._captures and _stack.captured is None:
            _stack.captured = _Captured()

    def read(self):
        if self._value_handle is None:
            return self._initial or b""
        return _stack.ble.gatts_read(self._value_handle)

    def write(self, data, send_update=False):
        if self._value_handle is None:
            self._initial = data
        else:
            _stack.ble.gatts_write(self._value_handle, data, send_update)

    async def written(self, timeout_ms=None):
        if self._arrived is None:
            return None
        await _within(self._arrived.wait(), timeout_ms)
        latest, self._latest = self._latest, None
        if self._captures:
            _stack.captured.taken.set()
        return latest

    def on_read(self, connection):
        return 0

    def notify(self, connection, data=None):
        if not self.flags & bluetooth.FLAG_NOTIFY:
            raise ValueError("Not supported")
        _stack.ble.gatts_notify(connection._conn_handle, self._value_handle, data)

    async def indicate(self, connection, data=None, timeout_ms=1000):
        if not self.flags & bluetooth.FLAG_INDICATE:
            raise ValueError("Not supported")
        if self._confirming is not None:
            raise ValueError("In progress")
        if not connection.is_connected():
            raise ValueError("Not connected")
        self._confirming = connection
        try:
            with connection.timeout(timeout_ms):
                _stack.ble.gatts_indicate(connection._conn_handle, self._value_handle, data)
                await self._confirmed.wait()
        finally:
            self._confirming = None
        if self._latest:
            raise GattError(self._latest)

    def _register(self, value_handle):
        self._value_handle = value_handle
        _stack.by_handle[value_handle] = self
        if self._initial is not None:
            self.write(self._initial)
            self._initial = None
        if self._max_len is not None:
            _stack.ble.gatts_set_buffer(value_handle, self._max_len, self._append)

    def _interrupt(self, event, link, data):
        if event == _READ:
            return self.on_read(link)
        if event == _INDICATED:
            if self._confirming is not None:
                self._latest = data[2]
                self._confirmed.set()
        elif self._captures:
            _stack.captured.put(link, self.read(), self)
        else:
            self._latest = link
            self._arrived.set()
        return None


class BufferedCharacteristic(Characteristic):
    """A characteristic of up to `max_len` bytes (512 at most make sense)."""

    def __init__(self, *args, max_len=20, append=False, **kwargs):
        super().__init__(*args, **kwargs)
        self._max_len = max_len
        self._append = append


def register_services(*services):
    """Make the attribute table; what was registered before is gone."""
    _stack.start()
    _stack.by_handle.clear()
    plan = tuple((s.uuid, tuple((c.uuid, c.flags) for c in s.characteristics)) for s in services)
    handles = _stack.ble.gatts_register_services(plan)
    for service, group in zip(services, handles):
        for characteristic, handle in zip(service.characteristics, group):
            characteristic._register(handle)


async def advertise(
    interval_us,
    adv_data=None,
    resp_data=None,
    connectable=True,
    limited_disc=False,
    br_edr=False,
    name=None,
    services=None,
    appearance=0,
    manufacturer=None,
    timeout_ms=None,
):
    """Until a central connects; returns its DeviceConnection, None if cancelled.

    Raises asyncio.TimeoutError when `timeout_ms` have passed.
    """
    _stack.start()
    if not adv_data and not resp_data:
        flags = (1 if limited_disc else 2) | (0x18 if br_edr else 4)
        adv_data, resp_data = _packets(flags, name, services, appearance, manufacturer)
    _stack.arrival = _stack.arrival or asyncio.ThreadSafeFlag()
    _stack.ble.gap_advertise(
        interval_us, adv_data=adv_data, resp_data=resp_data, connectable=connectable
    )
    try:
        await _within(_stack.arrival.wait(), timeout_ms)
    except asyncio.CancelledError:
        _stack.ble.gap_advertise(None)
        return None
    except asyncio.TimeoutError:
        _stack.ble.gap_advertise(None)
        raise
    link, _stack.arrived = _stack.arrived, None
    link._task = asyncio.create_task(link._watch())
    return link


def config(*args, **kwargs):
    _stack.start()
    return _stack.ble.config(*args, **kwargs)


def stop():
    """Radio off. Services and characteristics have to be made anew afterwards."""
    _stack.ble.active(False)
    _stack.by_handle = {}
    _stack.arrived = _stack.arrival = None
    if _stack.captured is not None:
        _stack.captured.task.cancel()
        _stack.captured = None


async def _within(awaitable, timeout_ms):
    if timeout_ms:
        return await asyncio.wait_for_ms(awaitable, timeout_ms)
    return await awaitable


def _packets(flags, name, services, appearance, manufacturer):
    fields = [(0x01, bytes((flags,)))]
    for length, kind in _UUID_LIST_TYPES.items():
        found = [bytes(uuid) for uuid in services or () if len(bytes(uuid)) == length]
        if found:
            fields.append((kind, b"".join(found)))
    if name:
        fields.append((0x09, name.encode() if isinstance(name, str) else name))
    if appearance:
        fields.append((0x19, struct.pack("<H", appearance)))
    if manufacturer:
        fields.append((0xFF, struct.pack("<H", manufacturer[0]) + manufacturer[1]))
    packets = [bytearray(), bytearray()]
    for kind, value in fields:
        field = struct.pack("BB", len(value) + 1, kind) + value
        for packet in packets:
            if len(packet) + len(field) < _PACKET_LIMIT:
                packet += field
                break
        else:
            raise ValueError("Advertising payload too long")
    return packets[0], packets[1] or None
