"""REST over the board's own access point: microdot behind a bounded reader.

The port is open on the network that the board has joined, too: there only how an order ended
can be learned (decisions/0003-lan.md). Counterpart: host_client/links/http.py.
"""

import asyncio
from binascii import unhexlify

from microdot import Microdot

from transports import contract as c
from transports.bounded_http import Unacceptable, read_request

PORT = 80
MAX_CONNECTIONS = 4
MAX_QUEUED = 3  # who may wait until one of those is over
# How often those look for a place, and how long one has to stand still to be ended for them.
_LOOK_S, _LOOKS, _FEWEST_LOOKS, _STUCK_LOOKS = 0.05, 48, 3, 6
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
        self._waiting = []  # (task, address) of those that wait for their peer, oldest first
        self._places = []  # the peers of all that are served
        self._queued = 0
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
        is_placed = False
        try:
            if await self._find_place(peer):
                self._places.append(peer)
                is_placed = True
                await self._exchange(reader, writer, peer)
        except (OSError, MemoryError, asyncio.TimeoutError, asyncio.CancelledError):
            pass  # the peer is gone, or was too slow, or gave way, or there is no room for it
        finally:
            if is_placed:
                self._places.remove(peer)
            await _close(writer)

    async def _find_place(self, peer):
        """Tell whether there is a place. A browser comes with several requests at once, and a phone
        with those of its apps: what gets on is not ended for a newcomer, what does not is."""
        patient = self._queued < MAX_QUEUED
        self._queued += patient
        try:
            first, since = None, 0
            for look in range(_LOOKS if patient else _FEWEST_LOOKS):
                if len(self._places) < MAX_CONNECTIONS:
                    return True
                now = self._who_gives_way(peer)
                if now is not first:
                    first, since = now, look
                is_stuck = now is not None and look - since >= _STUCK_LOOKS
                if (is_stuck or not patient) and self._make_room(peer):
                    return True
                await asyncio.sleep(_LOOK_S)
            return self._make_room(peer)
        finally:
            self._queued -= patient

    def _who_gives_way(self, peer):
        """The one of those that wait for their other end to be ended for `peer`: the oldest of
        whoever has most places, and of nobody who has fewer than `peer`; or None. So neither who
        only holds on nor who comes again and again keeps another out."""
        held = self._places.count
        most = first = None
        for place in self._waiting:
            has = held(place[1]) + (place[1] == peer)
            if first is None or has > most:
                most, first = has, place
        return first if first is None or held(first[1]) >= held(peer) else None

    def _make_room(self, peer):
        """Let a connection give way to one of `peer`. Tells whether one does."""
        place = self._who_gives_way(peer)
        if place is None:
            return False
        self._waiting.remove(place)
        place[0].cancel()
        return True

    async def _wait(self, peer, work):
        """Await what the peer's end has to do; meanwhile the connection may have to give way."""
        place = (asyncio.current_task(), peer)
        self._waiting.append(place)
        try:
            return await work
        finally:
            if place in self._waiting:
                self._waiting.remove(place)

    async def _exchange(self, reader, writer, peer):
        refused = page = None
        try:
            request = await self._wait(peer, read_request(reader))
            if request is None:
                return
            if self._front is not None:
                page = self._front.answer(request.head(), self._is_neighbor(peer))
        except Unacceptable as unacceptable:
            refused = unacceptable.status
            if self._front is not None:
                page = self._front.instead(unacceptable.head, self._is_neighbor(peer))
        except MemoryError:
            refused = c.OUT_OF_MEMORY
        if page is not None:
            await page.send(writer, lambda work: self._wait(peer, work))
            if refused == c.TOO_LARGE:
                await self._wait(peer, _read_away(reader))
        elif refused is not None:
            await self._refuse(refused, writer)
        else:
            await self._rest(request, reader, writer, peer)

    async def _rest(self, request, reader, writer, peer):
        answer = _Answer(writer)
        try:
            await self._app.handle_request(request, answer)
            await answer.send()
            if request.reply is not None and request.reply.is_awaited:
                await self._wait(peer, _until_hung_up(reader))
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
