"""Requests over Bluetooth LE: one GATT service of ours, on aioble.

Counterpart: host_client/links/ble.py.

A central writes the frames of a request (see framing.py) to the request characteristic and
is notified of the frames of the reply on the response characteristic; acknowledgements go
the other way on each. Everything about a message is kept by connection, so no central sees
or continues another's.
"""

import asyncio
from time import ticks_diff, ticks_ms

import bluetooth

from transports import contract as c
from transports import framing

MAX_CENTRALS = 3
IDLE_MS = 90000  # a central that says nothing for so long is sent away
TURN_MS = 60000  # as is, where there is no place left, the one that has been here longest
_ADVERTISE_US = 100000
_HOUSEKEEPING_MS = 1000
_DEFAULT_MTU = 23
_COMPACT_STATUS = 20


def start_radio():
    """Switch the controller on. Raises OSError where memory does not suffice."""
    bluetooth.BLE().active(True)


class BleGatt:
    name = "ble_gatt"

    def __init__(self, name):
        """name: the advertised one. The service is made anew each time: after
        `aioble.stop()` an old one would never see a captured write again."""
        # Not at the top of the file: the radio is started before memory is filled with this.
        import aioble

        self._aioble = aioble
        self._name = name
        self._handler = None
        self._centrals = {}
        self._service = aioble.Service(bluetooth.UUID(c.SERVICE_UUID))
        self._request = aioble.BufferedCharacteristic(
            self._service, bluetooth.UUID(c.REQUEST_UUID),
            write=True, write_no_response=True, capture=True, max_len=framing.MAX_FRAME,
        )  # fmt: skip
        self._response = aioble.Characteristic(
            self._service, bluetooth.UUID(c.RESPONSE_UUID), notify=True
        )
        self._status = aioble.BufferedCharacteristic(
            self._service, bluetooth.UUID(c.STATUS_UUID),
            read=True, notify=True, max_len=_COMPACT_STATUS,
        )  # fmt: skip

    async def serve(self, handler):
        """Answer requests until cancelled. Raises what one of its tasks raises: without any
        of them the board would be deaf, and not know."""
        self._handler = handler
        self._aioble.register_services(self._service)
        # Phones show, and filter by, the GATT Device Name once they have read it.
        self._aioble.config(gap_name=self._name)
        self._show_status()
        handler.on_change(self._show_status)
        tasks = [
            asyncio.create_task(work())
            for work in (self._advertise, self._take_frames, self._keep_house)
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            self._aioble.stop()

    def _show_status(self):
        try:
            self._status.write(self._handler.compact_status(), send_update=True)
        except OSError:
            pass  # a notification was lost; whoever missed it reads, or asks

    async def _advertise(self):
        while True:
            if len(self._centrals) >= MAX_CENTRALS:
                await asyncio.sleep_ms(_HOUSEKEEPING_MS)
                continue
            try:
                connection = await self._aioble.advertise(
                    _ADVERTISE_US, name=self._name, services=[self._service.uuid]
                )
                if connection is None:  # aioble swallows the cancellation
                    return
                central = _Central(connection, self._handler, self._response)
                asyncio.create_task(self._forget_when_gone(connection))
                self._centrals[connection] = central
            except (OSError, MemoryError):  # of the stack, or of ours: it may be better soon
                await asyncio.sleep_ms(_HOUSEKEEPING_MS)

    async def _forget_when_gone(self, connection):
        await connection.disconnected(timeout_ms=None)
        central = self._centrals.pop(connection, None)
        if central is not None:
            central.close()

    async def _take_frames(self):
        while True:
            connection, frame = await self._request.written()
            central = self._centrals.get(connection)
            if central is not None:
                try:
                    central.take(frame)
                except MemoryError:
                    pass  # the frame counts as lost, and is sent again

    async def _keep_house(self):
        """Free what a silent central holds: half a message first, then its place."""
        while True:
            await asyncio.sleep_ms(_HOUSEKEEPING_MS)
            try:
                for connection, central in self._centrals.items():
                    self._look_after(connection, central)
                self._take_turns()
            except MemoryError:
                pass  # next time round

    def _look_after(self, connection, central):
        silent_ms = central.silent_ms()
        if silent_ms > framing.STALLED_MS:
            central.receiver.reset()
        if silent_ms > IDLE_MS and not central.leaving:
            self._end(connection, central)

    def _take_turns(self):
        """Three that talk on and on must not keep a fourth out for the whole window; but who has
        handed over an order that is proven may stay, to see it through."""
        if len(self._centrals) < MAX_CENTRALS:
            return
        longest = None
        for connection, central in self._centrals.items():
            if central.leaving:
                return
            if not central.proven and (longest is None or central.here_ms() > longest[1].here_ms()):
                longest = connection, central
        if longest is not None and longest[1].here_ms() > TURN_MS:
            self._end(*longest)

    def _end(self, connection, central):
        asyncio.create_task(self._send_away(connection, central))
        central.leaving = True

    async def _send_away(self, connection, central):
        """With no limit of time: aioble's would cancel the task that notices the link's end,
        and the central's place would be lost for good."""
        try:
            await connection.disconnect(timeout_ms=None)
        except OSError:
            central.leaving = False  # it will be tried again next time round


class _Central:
    """One connection: its half-received request and its half-sent reply."""

    def __init__(self, connection, handler, response):
        self.receiver = framing.Receiver(c.MAX_MESSAGE)
        self._connection = connection
        self._handler = handler
        self._response = response
        self._sender = None
        self._answered = asyncio.Event()
        self._message_id = 0
        self._waiting = None  # the newest request not yet looked at; an older one gives way
        self._task = None
        self._heard = self._came = ticks_ms()
        self.leaving = False  # it has been asked to
        self.proven = False  # an order of its was accepted

    def here_ms(self):
        return ticks_diff(ticks_ms(), self._came)

    def silent_ms(self):
        return ticks_diff(ticks_ms(), self._heard)

    def take(self, frame):
        """A frame has come: part of a request, or an answer to part of a reply."""
        self._heard = ticks_ms()
        if framing.is_data(frame):
            message, answer = self.receiver.feed(frame)
            if answer is not None:
                self._notify(answer)
            if message is not None:
                self._waiting = message
                self._sender = None  # who asks anew has had, or wants no more of, the last reply
                self._answered.set()
                if self._task is None:
                    self._task = asyncio.create_task(self._serve())
        elif self._sender is not None:
            try:
                self._sender.on_answer(frame)
            except framing.FramingError:
                self._sender = None
            self._answered.set()

    def close(self):
        self.receiver.reset()
        self._waiting = self._sender = None
        self._answered.set()

    async def _serve(self):
        """Answer requests one by one until none is waiting."""
        try:
            while self._waiting is not None:
                message, self._waiting = self._waiting, None
                reply = await self._handler.handle(message[0], memoryview(message)[1:])
                self.proven = self.proven or reply.status == c.ACCEPTED
                try:
                    if self._waiting is None:
                        await self._send(reply.body)
                except framing.FramingError:
                    pass  # the central does not listen
                finally:
                    reply.delivered()
        finally:
            self._sender = self._task = None

    async def _send(self, body):
        mtu = self._connection.mtu or _DEFAULT_MTU
        self._message_id = (self._message_id + 1) & 0x3F
        sender = framing.Sender(body, self._message_id, mtu - 3)
        self._sender = sender
        while self._sender is sender and not sender.done and self._connection.is_connected():
            self._answered.clear()
            for frame in sender.next_frames():
                self._notify(frame)
            try:
                await asyncio.wait_for(self._answered.wait(), framing.RETRY_MS / 1000)
            except asyncio.TimeoutError:
                sender.on_timeout()

    def _notify(self, frame):
        if self._connection.is_connected():
            try:
                self._response.notify(self._connection, frame)
            except OSError:
                pass  # no buffer free just now: the frame counts as lost and is sent again
