"""REST over the board's own access point: microdot behind a bounded reader.

The port is open on the network that the board has joined, too: there only how an order ended
can be learned (decisions/0003-lan.md). Counterpart: host_client/links/http.py.
"""

import asyncio
from binascii import unhexlify

from microdot import Microdot

from transports import contract as c
from transports.bounded_http import Unacceptable, read_request
from transports.places import Places

PORT = 80
WRITE_S = 10
ACKNOWLEDGED_S = 2  # at most, for the peer to have got the whole reply and hung up
_READ_AWAY, _MOST_READ_AWAY, _READ_AWAY_S = 512, 32, 0.5  # octets; so often; seconds between
ON_THE_LAN = (c.INFO, c.STATUS, c.RECEIPT)


class WifiAp:
    name = "wifi_ap"

    def __init__(self, is_neighbor=None, front=None, dns=None):
        """is_neighbor(address): whether a peer of that IPv4 address is a station of the access
        point; None: every peer is taken for one. front: what sees requests before REST does, a
        Hosts or a Portal; None: nothing. dns: what brings phones to a Portal, or None."""
        self._is_neighbor = is_neighbor or (lambda address: True)
        self._front = front
        self._dns = dns
        self._places = Places()
        self._handler = None
        self._app = None

    async def serve(self, handler, host="0.0.0.0", port=PORT):
        """Answer requests until cancelled. Raises what ends the listening: MicroPython's server
        task ends, in silence, where it finds no memory for a connection."""
        self._handler = handler
        self._app = _routes(handler, self._is_neighbor)
        naming = None
        if self._dns is not None:
            self._dns.listen()
            naming = asyncio.create_task(self._dns.serve())
        try:
            server = await asyncio.start_server(self._serve_one, host, port)
            try:
                await server.wait_closed()
            finally:
                server.close()
        finally:
            if naming is not None:
                naming.cancel()

    async def _serve_one(self, reader, writer):
        peer = writer.get_extra_info("peername")[0]
        place = None
        try:
            place = await self._places.find(peer)
            if place is not None:
                await self._exchange(reader, writer, place)
        except (OSError, MemoryError, asyncio.TimeoutError, asyncio.CancelledError):
            pass  # the peer is gone, or was too slow, or gave way, or there is no room for it
        finally:
            if place is not None:
                self._places.leave(place)
            await _close(writer)

    async def _exchange(self, reader, writer, place):
        refused = page = None
        try:
            request = await self._places.wait(place, read_request(reader))
            if request is None:
                return
            if self._front is not None:
                page = self._front.answer(request.head(), self._is_neighbor(place.peer))
        except Unacceptable as unacceptable:
            refused = unacceptable.status
            if self._front is not None:
                page = self._front.instead(unacceptable.head, self._is_neighbor(place.peer))
        except MemoryError:
            refused = c.OUT_OF_MEMORY
        if page is not None:
            await page.send(writer, lambda work: self._places.wait(place, work, True))
            if refused == c.TOO_LARGE:
                await self._places.wait(place, _read_away(reader))
        elif refused is not None:
            await self._refuse(refused, writer)
        else:
            await self._rest(request, reader, writer, place)

    async def _rest(self, request, reader, writer, place):
        answer = _Answer(writer)
        try:
            await self._app.handle_request(request, answer)
            await answer.send()
            if request.reply is not None and request.reply.is_awaited:
                await self._places.wait(place, _until_hung_up(reader))
        finally:
            if request.reply is not None:
                request.reply.delivered()

    async def _refuse(self, status, writer):
        reply = self._handler.refuse(status)
        head = "HTTP/1.0 %d Refused\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        answer = _Answer(writer)
        await answer.awrite(
            (head % (c.HTTP_STATUS[status], c.CBOR_TYPE, len(reply.body))).encode() + reply.body
        )
        await answer.send()


class _Answer:
    """The writer that microdot sees: sending has a deadline, closing is ours.

    microdot writes every header by itself. Sent one by one they would wait for each other's
    acknowledgement (Nagle against delayed acknowledgement: 40 to 200 ms an answer).
    """

    def __init__(self, writer):
        self._writer = writer
        self._held = b""

    def get_extra_info(self, key):
        return self._writer.get_extra_info(key)

    async def awrite(self, octets):
        self._held += octets

    async def send(self):
        self._writer.write(self._held)
        await asyncio.wait_for(self._writer.drain(), WRITE_S)

    async def aclose(self):
        pass


async def _until_hung_up(reader):
    """The peer has the whole reply once it closes: sent octets may still be on their way, and
    would be lost with the channel that the access point is on."""
    try:
        await asyncio.wait_for(reader.read(1), ACKNOWLEDGED_S)
    except (OSError, asyncio.TimeoutError):
        pass  # it has gone, or keeps its end open: it has had its time


async def _read_away(reader):
    """Take what is still coming: closing before it is read would reset the connection, and the
    answer would be lost with it."""
    try:
        for _ in range(_MOST_READ_AWAY):
            if not await asyncio.wait_for(reader.read(_READ_AWAY), _READ_AWAY_S):
                return
    except (OSError, asyncio.TimeoutError):
        pass  # it has gone, or has sent all it had


async def _close(writer):
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass  # it was broken already


def _routes(handler, is_neighbor):
    app = Microdot()
    for operation, (method, path) in c.REST_ROUTES.items():
        app.route(path, methods=[method])(_route(handler, operation, is_neighbor))

    async def unknown(request):
        return await _answer(handler, request, 0, b"")

    app.errorhandler(404)(unknown)
    app.errorhandler(405)(unknown)
    return app


def _route(handler, operation, is_neighbor):
    async def route(request):
        if operation not in ON_THE_LAN and not is_neighbor(request.client_addr[0]):
            return _respond(request, handler.refuse(c.WINDOW_SHUT, _wants_json(request)))
        try:
            argument = _argument(operation, request)
        except ValueError:
            return _respond(request, handler.refuse(c.BAD_REQUEST, _wants_json(request)))
        return await _answer(handler, request, operation, argument)

    return route


def _argument(operation, request):
    """Return the operation's argument octets. Raises ValueError."""
    if operation == c.PROVISION:
        # A page of another site cannot send this type without asking first (CORS).
        if request.headers.get("Content-Type", "").split(";")[0].strip() != c.ORDER_TYPE:
            raise ValueError("an order comes as application/cose")
        return request.body
    if operation in (c.STATUS, c.RECEIPT):
        return unhexlify(request.args.get("order", ""))
    if operation == c.SCAN:
        page = int(request.args.get("page", "0"))
        if not 0 <= page < c.SCAN_FRESH:
            raise ValueError("no such page")
        return bytes((page | (c.SCAN_FRESH if request.args.get("fresh") == "1" else 0),))
    return b""


async def _answer(handler, request, operation, argument):
    return _respond(request, await handler.handle(operation, argument, _wants_json(request)))


def _respond(request, reply):
    request.sock[0].reply = reply
    media_type = c.JSON_TYPE if _wants_json(request) else c.CBOR_TYPE
    headers = {"Content-Type": media_type, "Cache-Control": "no-store"}
    return reply.body, c.HTTP_STATUS.get(reply.status, 200), headers


def _wants_json(request):
    accepted = request.headers.get("Accept", "")
    return c.JSON_TYPE in accepted or "text/html" in accepted
