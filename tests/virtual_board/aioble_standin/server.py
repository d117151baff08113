"""Services and characteristics."""

import asyncio
from collections import deque

import bluetooth

from .link import within
from .stack import stack

_READ = 4
_INDICATED = 20
_CAPTURE_LIMIT = 10


class GattError(Exception):
    """An indication was not confirmed; the status is its argument."""


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
        if self._captures and stack.captured is None:
            stack.captured = _Captured()

    def read(self):
        if self._value_handle is None:
            return self._initial or b""
        return stack.ble.gatts_read(self._value_handle)

    def write(self, data, send_update=False):
        if self._value_handle is None:
            self._initial = data
        else:
            stack.ble.gatts_write(self._value_handle, data, send_update)

    async def written(self, timeout_ms=None):
        if self._arrived is None:
            return None
        await within(self._arrived.wait(), timeout_ms)
        latest, self._latest = self._latest, None
        if self._captures:
            stack.captured.taken.set()
        return latest

    def on_read(self, connection):
        return 0

    def notify(self, connection, data=None):
        if not self.flags & bluetooth.FLAG_NOTIFY:
            raise ValueError("Not supported")
        stack.ble.gatts_notify(connection._conn_handle, self._value_handle, data)

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
                stack.ble.gatts_indicate(connection._conn_handle, self._value_handle, data)
                await self._confirmed.wait()
        finally:
            self._confirming = None
        if self._latest:
            raise GattError(self._latest)

    def _register(self, value_handle):
        self._value_handle = value_handle
        stack.by_handle[value_handle] = self
        if self._initial is not None:
            self.write(self._initial)
            self._initial = None
        if self._max_len is not None:
            stack.ble.gatts_set_buffer(value_handle, self._max_len, self._append)

    def _interrupt(self, event, link, data):
        if event == _READ:
            return self.on_read(link)
        if event == _INDICATED:
            if self._confirming is not None:
                self._latest = data[2]
                self._confirmed.set()
        elif self._captures:
            stack.captured.put(link, self.read(), self)
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
    stack.start()
    stack.by_handle.clear()
    plan = tuple((s.uuid, tuple((c.uuid, c.flags) for c in s.characteristics)) for s in services)
    handles = stack.ble.gatts_register_services(plan)
    for service, group in zip(services, handles):
        for characteristic, handle in zip(service.characteristics, group):
            characteristic._register(handle)
