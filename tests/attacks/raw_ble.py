"""A central that writes whatever frames it likes."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from binascii import crc32
from collections.abc import AsyncIterator, Iterable

import cbor2
from bumble.gatt_client import Client

from tests.scenarios.rig import Rig
from tests.virtual_board.central import Central, Link
from transports import contract as c
from transports import framing


class RawLink:
    """One connection; frames by hand, or whole questions as an honest host asks them."""

    def __init__(self, rig: Rig, link: Link) -> None:
        self._rig = rig
        self._link = link
        self._receiver = framing.Receiver(c.MAX_MESSAGE)
        self._id = 32  # its questions have ids from 32 on, what tests send by hand the others

    @property
    def mtu(self) -> int:
        return self._link.connection.att_mtu

    @property
    def gatt(self) -> tuple[Client, int]:
        """For ATT requests by hand: the client, and the handle that requests are written to."""
        return self._link.peer.gatt_client, int(self._link[c.REQUEST_UUID].handle)

    async def write(self, frame: bytes, with_response: bool = True) -> None:
        await self._link[c.REQUEST_UUID].write_value(frame, with_response=with_response)

    async def send(self, frames: Iterable[bytes], with_response: bool = True) -> None:
        for frame in frames:
            await self.write(frame, with_response)

    async def send_in_step(self, frames: list[bytes], clock: RawLink) -> None:
        """So that none is lost: aioble keeps ten writes of all centrals together, in order, so
        what came before another central's question has been looked at when that is answered."""
        for start in range(0, len(frames), 6):
            await self.send(frames[start : start + 6])
            await clock.ask(c.STATUS)

    async def ask(
        self, operation: int, argument: bytes = b"", size: int = 0, number: int | None = None
    ) -> bytes:
        """The reply's octets; size: octets a frame, number: message id."""
        self._id = 32 + (self._id + 1) % 32
        sender = framing.Sender(
            bytes((operation,)) + argument,
            self._id if number is None else number,
            size or self.mtu - 3,
        )
        while True:
            await self.send(sender.next_frames(), with_response=False)
            try:
                timeout_s = 20 if sender.done else framing.RETRY_MS / 1000
                frame = await self._link.next(timeout_s)
            except asyncio.TimeoutError:
                sender.on_timeout()
                continue
            if not framing.is_data(frame):
                sender.on_answer(frame)
            elif (reply := await self._take(frame)) is not None:
                return reply

    async def reply(self) -> bytes:
        """Of a question whose frames were sent by hand. Raises asyncio.TimeoutError."""
        while True:
            frame = await self._link.next(5)
            if framing.is_data(frame) and (reply := await self._take(frame)) is not None:
                return reply

    async def _take(self, frame: bytes) -> bytes | None:
        reply, answer = self._receiver.feed(frame)
        if answer is not None:
            await self.write(answer)
        if reply is None:
            return None
        self._rig.answers.append(bytes(reply))
        return bytes(reply)

    async def attempts(self) -> int:
        """Left in the window: what the board has looked at, it has counted.

        If the answer is another question's, that one was looked at, and this raises KeyError.
        """
        return int(cbor2.loads(await self.ask(c.INFO))[c.F_ATTEMPTS])

    def lose(self) -> None:
        """Out of range, at this moment."""
        connection = self._link.connection
        self._rig.world.radio.drop(connection.self_address, connection.peer_address)


@contextlib.asynccontextmanager
async def raw_link(rig: Rig, mtu: int | None = 517) -> AsyncIterator[RawLink]:
    """A new central, connected and subscribed."""
    await rig.board.until(lambda: rig.board.ble.is_advertising)
    central = await Central.on(rig.world.radio)
    async with central.link(rig.board.ble.address, mtu) as link:
        await link.subscribe(c.RESPONSE_UUID)
        yield RawLink(rig, link)
    await rig.world.radio.leave(central.device)


def frames_of(message: bytes, number: int, body: int) -> list[bytes]:
    """The frames of a message with `body` octets of it in each."""
    pieces = [message[i : i + body] for i in range(0, len(message), body)]
    first = struct.pack(">BHHI", framing.FIRST | number, len(message), len(pieces), crc32(message))
    return [first + pieces[0]] + [
        struct.pack(">BH", framing.NEXT | number, index) + piece
        for index, piece in enumerate(pieces[1:], 1)
    ]


@contextlib.asynccontextmanager
async def two_links(rig: Rig) -> AsyncIterator[tuple[RawLink, RawLink]]:
    async with raw_link(rig) as one, raw_link(rig) as other:
        yield one, other
