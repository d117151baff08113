"""firmware/bootstrap/: when a board asks, for what, and what it remembers of it."""

import asyncio
import sys

from firmware.provision.record import SERVER
from tests.device.device_vectors import Skip
from transports.contract import FIRST_USE, LABEL, OPEN_POLICY, SIGNED

NOW = "Tue, 24 Nov 2026 13:56:56 GMT"
NOW_S = 1795528616
LIMITS = {"fetch_s": 60, "fetch_most_s": 3600, "exchange_s": 30, "tries_s": 900, "try_s": 60}


class Machine:
    @staticmethod
    def reset():
        raise SystemExit


class Flash:
    """Stores in memory, of any name. `full`: nothing can be written."""

    files = {}
    full = False

    def __init__(self, name, context=b""):
        self._name = name

    def load(self):
        return Flash.files.get(self._name)

    def save(self, body):
        if Flash.full:
            raise OSError(28)
        Flash.files[self._name] = body


class Identity:
    device_id = "lk-1"
    policy = SIGNED
    bootstrap = ["https://boot.example", bytes(32)]
    limits = LIMITS


class Record:
    def __init__(self, **values):
        self.policy = None
        self.owner = None
        self.order_id = b"first order's id"
        self.receipt = b"receipt"
        self.settings = {"networks": []}
        self.time_s = 0
        self.saves = []
        for name in values:
            setattr(self, name, values[name])

    def change(self, **values):
        self.saves.append(values)
        for name in values:
            setattr(self, name, values[name])


def firmware():
    """(loop module, Errand class), on a chip and a flash that are made up."""
    if sys.implementation.name != "micropython":
        raise Skip("tls and ticks_ms are MicroPython's")
    sys.modules["machine"] = Machine
    sys.modules["esp32"] = object
    from firmware.bootstrap import errand, loop

    errand.Store = Flash
    Flash.files.clear()
    Flash.full = False
    return loop, errand.Errand


class Served:
    """Stands in for the server: answers with `responses` in turn, an exception is raised."""

    def __init__(self, loop, bootstrap, *responses):
        self.paths = []
        self._responses = list(responses)

        async def exchange(path, body=None):
            self.paths.append((path, body))
            response = self._responses.pop(0)
            if isinstance(response, Exception):
                raise response
            bootstrap._learn_time(loop.unix_seconds(response.date or ""))
            return response

        bootstrap._exchange = exchange


def new(loop, record, identity=Identity):
    lines = []
    bootstrap = loop.Bootstrap(
        identity, record, None, lambda *words: lines.append(" ".join(str(word) for word in words))
    )
    bootstrap._due = loop.ticks_ms()
    return bootstrap, lines


def turns(loop, bootstrap, count):
    """The waits, in milliseconds, after so many turns that were due."""
    waits = []
    for _ in range(count):
        bootstrap._due = loop.ticks_ms()
        asyncio.run(bootstrap.turn())
        waits.append(loop.ticks_diff(bootstrap._due, loop.ticks_ms()))
    return waits


def test_never_asks_under_a_policy_that_obeys_whoever_comes_first():
    loop, _ = firmware()
    for number, owner, wanted in (
        (SIGNED, None, True),
        (LABEL, None, True),
        (FIRST_USE, None, False),
        (FIRST_USE, b"key", True),
        (OPEN_POLICY, None, False),
        (OPEN_POLICY, b"key", False),
    ):
        for record in (Record(policy=number, owner=owner), Record(owner=owner)):

            class Factory(Identity):
                policy = number

            bootstrap, _ = new(loop, record, Factory)
            served = Served(loop, bootstrap, *[loop.http.Response(204, None)])
            asyncio.run(bootstrap.turn())
            assert (len(served.paths) == 1) == wanted, (number, owner)


def test_asks_nothing_once_there_is_another_server_or_before_it_is_due():
    loop, _ = firmware()
    bootstrap, _ = new(loop, Record(settings={SERVER: {"url": "https://x"}}))
    served = Served(loop, bootstrap)
    asyncio.run(bootstrap.turn())
    bootstrap, _ = new(loop, Record())
    bootstrap._due = loop.ticks_add(loop.ticks_ms(), 5000)
    asyncio.run(bootstrap.turn())
    assert served.paths == []


def test_asks_less_and_less_often():
    loop, _ = firmware()
    bootstrap, lines = new(loop, Record())
    answers = [loop.http.Response(204, None), OSError(113), loop.http.BadResponse("x"),
               MemoryError(), loop.tls.FalseServer("x")] * 2  # fmt: skip
    Served(loop, bootstrap, *answers)
    waits = turns(loop, bootstrap, len(answers))
    most_s = 60
    for wait in waits:
        assert most_s * 500 - 100 <= wait <= most_s * 1000, waits
        most_s = min(2 * most_s, 3600)
    assert most_s == 3600
    assert len(lines) == len(answers)


def test_the_receipt_is_owed_only_of_the_order_that_the_server_gave():
    """Not that of one which came in a window after a trial that a power cut ended: it is none of
    the server's, which would never take it."""
    _, Errand = firmware()
    for before in (None, b"an order's id"):
        Flash.files.clear()
        record = Record(order_id=before)
        errand = Errand(record)
        assert not errand.is_open
        errand.open(b"the server's")
        for order_id, owed in ((before, False), (b"another", False), (b"the server's", True)):
            record.order_id = order_id  # while it is tried, or after a cut in it; kept
            assert errand.is_open == owed and Errand(record).is_open == owed, order_id
        errand.close()
        assert not errand.is_open and not Errand(record).is_open


def test_a_receipt_is_brought_until_it_is_taken_even_beside_a_server():
    loop, Errand = firmware()
    record = Record(order_id=b"old", settings={SERVER: {"url": "https://x"}})
    Errand(record).open(b"new")
    record.order_id = b"new"
    bootstrap, _ = new(loop, record)
    taken, not_now = loop.http.Response(204, None), loop.http.Response(503, None)
    served = Served(loop, bootstrap, OSError(113), not_now, taken)
    turns(loop, bootstrap, 4)
    assert served.paths == [("/v1/receipts", b"receipt")] * 3
    assert not Errand(record).is_open


def test_the_servers_time_only_rises_and_is_saved_once_a_day():
    loop, _ = firmware()
    record = Record(time_s=NOW_S - 2 * 86400)
    bootstrap, _ = new(loop, record)
    dates = (
        (None, NOW_S - 2 * 86400, 0),
        ("nonsense", NOW_S - 2 * 86400, 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", NOW_S - 2 * 86400, 0),
        (NOW, NOW_S, 1),
        (NOW.replace("13:56", "15:56"), NOW_S + 7200, 1),
        (NOW, NOW_S + 7200, 1),
        (NOW.replace("24 Nov", "26 Nov"), NOW_S + 2 * 86400, 2),
    )
    Served(loop, bootstrap, *[loop.http.Response(204, date) for date, _, _ in dates])
    for _, time_s, saves in dates:
        turns(loop, bootstrap, 1)
        assert (record.time_s, len(record.saves)) == (time_s, saves)


def test_a_full_flash_is_no_reason_to_stop_asking():
    loop, _ = firmware()
    record = Record()

    def refuse(**values):
        raise OSError(28)

    record.change = refuse
    bootstrap, lines = new(loop, record)
    served = Served(loop, bootstrap, *[loop.http.Response(204, NOW)] * 2)
    turns(loop, bootstrap, 2)
    assert len(served.paths) == 2 and "failed" in lines[0]
