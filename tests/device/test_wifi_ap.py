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


def test_a_place_that_finds_no_memory_closes_its_connection():
    from transports.places import Place
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
    transport._places._taken = Full([Place("192.168.4.2", None)])
    asyncio.run(transport._serve_one(None, writer))
    assert writer.closed == 1
    assert len(transport._places._taken) == 1
