"""transports/wifi_ap.py where memory gives out."""

import asyncio

CPYTHON_ONLY = "microdot is not on the interpreter's path; on the virtual board it is"


class Reply:
    body = b"the status"
    is_awaited = False

    def __init__(self, status):
        self.status = status

    def delivered(self):
        pass


class Handler:
    def refuse(self, status, as_json=False):
        return Reply(status)

    async def handle(self, operation, argument, as_json=False):
        return Reply(0)


def test_a_request_that_finds_no_memory_is_told_so_and_the_next_is_served():
    from transports import wifi_ap

    calls = []
    real = wifi_ap.read_request

    async def read_request(reader):
        calls.append(reader)
        if len(calls) == 1:
            raise MemoryError
        return await real(reader)

    async def ask(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /v1/info HTTP/1.1\r\nAccept: application/cbor\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return answer

    async def scenario():
        transport = wifi_ap.WifiAp()
        transport._handler, transport._app = (
            Handler(),
            wifi_ap._routes(Handler(), lambda address: True),
        )
        server = await asyncio.start_server(transport._serve_one, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        first, second = await ask(port), await ask(port)
        server.close()
        assert first.startswith(b"HTTP/1.0 503 ") and first.endswith(b"the status"), first
        assert second.startswith(b"HTTP/1.0 200 "), second

    wifi_ap.read_request = read_request
    try:
        asyncio.run(scenario())
    finally:
        wifi_ap.read_request = real


def test_the_end_of_the_listening_is_told():
    """MicroPython's server is a task, and a MemoryError ends it."""
    from transports import wifi_ap

    class Server:
        async def wait_closed(self):
            raise MemoryError

        def close(self):
            pass

    async def start_server(serve, host, port):
        return Server()

    real, asyncio.start_server = asyncio.start_server, start_server
    try:
        asyncio.run(asyncio.wait_for(wifi_ap.WifiAp().serve(Handler()), 1))
    except MemoryError:
        return
    finally:
        asyncio.start_server = real
    raise AssertionError("it serves on, and hears nothing")


class Task:
    def __init__(self, name):
        self.name = name
        self.canceled = False

    def cancel(self):
        self.canceled = True


def given_way(peer, places, waiting):
    """Name of the connection that gives way to a newcomer of `peer`, or None."""
    from transports.wifi_ap import WifiAp

    transport = WifiAp()
    transport._places = list(places)
    tasks = [(Task(name), name[0]) for name in waiting]
    transport._waiting = list(tasks)
    made = transport._make_room(peer)
    (*canceled,) = (task.name for task, _ in tasks if task.canceled)
    assert made == bool(canceled) and len(canceled) <= 1
    assert len(transport._waiting) == len(tasks) - len(canceled)
    return canceled[0] if canceled else None


def test_who_has_most_places_gives_one_up():
    assert given_way("b", "aaab", ["a1", "a2", "b1"]) == "a1"
    assert given_way("c", "aaab", ["b1", "a2"]) == "a2"
    assert given_way("a", "aaaa", ["a3", "a1"]) == "a3"
    assert given_way("a", "aabb", ["b1", "a1"]) == "a1"


def test_nobody_gives_way_to_somebody_who_has_more():
    assert given_way("a", "aaab", ["b1"]) is None
    assert given_way("a", "aaab", []) is None
    assert given_way("b", "aaab", ["b1"]) == "b1"


def test_who_gets_on_is_not_ended_because_another_stands_still():
    """A phone loads the page, in three connections; a fourth place is another phone's, which says
    nothing. Whoever comes next waits for the page, not for the silent one."""
    from transports.wifi_ap import WifiAp

    async def scenario(newcomer):
        transport = WifiAp()
        streams = [(Task("a%d" % number), "a") for number in range(3)]
        silent = (Task("b"), "b")
        transport._places = ["a", "b", "a", "a"]
        transport._waiting = [silent] + streams

        async def get_on():
            for _ in range(12):
                await asyncio.sleep(0.05)
                # Chunk after chunk, as _wait() has them.
                transport._waiting = [silent] + [(task, peer) for task, peer in streams]
            transport._places.remove("a")

        await asyncio.gather(get_on(), transport._find_place(newcomer))
        return [task.name for task, _ in [silent] + streams if task.canceled]

    assert asyncio.run(scenario("a")) == []
    assert asyncio.run(scenario("c")) == []


def test_a_place_that_finds_no_memory_closes_its_connection():
    from transports.wifi_ap import WifiAp

    class Full(list):
        def append(self, peer):
            raise MemoryError

    class Writer:
        closed = 0

        def get_extra_info(self, key):
            return ("192.168.4.2", 1)

        def close(self):
            self.closed += 1

        async def wait_closed(self):
            pass

    transport, writer = WifiAp(), Writer()
    transport._places = Full(["192.168.4.2"])
    asyncio.run(transport._serve_one(None, writer))
    assert writer.closed == 1
    assert transport._places == ["192.168.4.2"]
