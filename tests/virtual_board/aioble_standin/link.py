"""Links to centrals, and waiting with a deadline."""

import asyncio
import binascii

ADDR_PUBLIC = 0
ADDR_RANDOM = 1


class DeviceDisconnectedError(Exception):
    """The central went away inside `with connection.timeout()`."""


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

    def __init__(self, stack, device, conn_handle):
        self._stack = stack
        self.device = device
        self.mtu = None
        self.encrypted = self.authenticated = self.bonded = False
        self._conn_handle = conn_handle
        self._gone = asyncio.ThreadSafeFlag()
        self._waiters = []
        self._task = None

    async def _watch(self):
        await self._gone.wait()
        self._stack.links.pop(self._conn_handle, None)
        self._conn_handle = None
        for waiter in list(self._waiters):
            waiter.cancel()

    def is_connected(self):
        return self._conn_handle is not None

    async def disconnected(self, timeout_ms=None, disconnect=False):
        if not self.is_connected():
            return
        if disconnect:
            self._stack.ble.gap_disconnect(self._conn_handle)
        await within(self._task, timeout_ms)

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


async def within(awaitable, timeout_ms):
    if timeout_ms:
        return await asyncio.wait_for_ms(awaitable, timeout_ms)
    return await awaitable
