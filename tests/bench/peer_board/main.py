# The peer of the comparison: the same octets over the same radios, as plainly as the libraries
# allow. No bounded reader, no framing, no checksum, no acknowledgement, no cryptography.
#
# A message is: octets wanted back (2, big-endian), octets that follow (2), those octets.
import asyncio
import struct

import aioble
import bluetooth
import network
from microdot import Microdot

SERVICE = bluetooth.UUID("0000bb00-1111-2222-3333-444455556666")
MESSAGE = bluetooth.UUID("0000bb01-1111-2222-3333-444455556666")
HEAD = 4
MAX_MESSAGE = 8192 + HEAD

app = Microdot()


@app.get("/<int:wanted>")
async def give(request, wanted):
    return bytes(wanted), 200, {"Content-Type": "application/octet-stream"}


@app.post("/<int:wanted>")
async def take(request, wanted):
    return await give(request, wanted)


class Echo:
    def __init__(self):
        service = aioble.Service(SERVICE)
        self.message = aioble.BufferedCharacteristic(
            service, MESSAGE, write=True, notify=True, append=True, max_len=MAX_MESSAGE
        )
        aioble.register_services(service)

    async def advertise(self):
        while True:
            await aioble.advertise(100_000, name="Peer", services=[SERVICE])

    async def answer(self):
        message = b""
        while True:
            # Values are appended by the stack and taken together: captured one by one, of more
            # than ten that wait the oldest are lost, and nobody would ask for them again.
            link = await self.message.written()
            message += self.message.read()
            if len(message) < HEAD:
                continue
            wanted, length = struct.unpack(">HH", message[:HEAD])
            if len(message) >= HEAD + length:
                message = b""
                await self.send(link, bytes(wanted))

    async def send(self, link, reply):
        size = (link.mtu or 23) - 3
        at = 0
        while at < len(reply):
            try:
                self.message.notify(link, reply[at : at + size])
                at += size
            except OSError:  # no buffer free just now
                await asyncio.sleep_ms(2)


async def main():
    point = network.WLAN(network.WLAN.IF_AP)
    point.active(True)
    point.config(ssid="Peer", security=0)
    bluetooth.BLE().active(True)
    echo = Echo()
    asyncio.create_task(echo.advertise())
    asyncio.create_task(echo.answer())
    await app.start_server(host="0.0.0.0", port=80)


asyncio.run(main())
