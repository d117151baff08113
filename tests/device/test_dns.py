"""transports/dns.py: every name is the board's address, and nothing else is said."""

import asyncio
import random
import socket

from tests.device.device_vectors import Skip
from transports import dns
from transports.dns import reply

ADDRESS = bytes((192, 168, 4, 1))
A, AAAA, OPT, HTTPS, ANY = 1, 28, 41, 65, 255
NUMBER = b"\x12\x34"
COUNTS = b"\0\x01\0\0\0\0\0\0"
HOST = b"\x11connectivitycheck\x07gstatic\x03com\0"


def asked(name=HOST, kind=A, group=1, flags=b"\x01\0", counts=COUNTS, rest=b""):
    return NUMBER + flags + counts + name + bytes((kind >> 8, kind & 255, 0, group)) + rest


def opt(version=0, options=b""):
    return b"\0\0\x29\x10\0\0" + bytes((version, 0, 0, 0, len(options))) + options


WITH_OPT = b"\0\x01\0\0\0\0\0\x01"


def code(answer):
    return answer[3] & 15


def test_an_address_is_asked_for():
    answer = reply(asked(), ADDRESS)
    assert bytes(answer) == (
        NUMBER + b"\x85\x80" + b"\0\x01\0\x01\0\0\0\0" + HOST + b"\0\x01\0\x01"
        b"\xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04" + ADDRESS
    )


def test_the_name_is_given_back_as_it_came():
    """A resolver that mixes upper and lower case wants them back (0x20)."""
    name = b"\x03wWw\x07ExAmPlE\x00"
    assert name in reply(asked(name), ADDRESS)


def test_other_kinds_exist_and_are_empty():
    """Not "no such name": that would hold for its addresses as well."""
    for kind in (AAAA, HTTPS, 12, 16, 33):
        answer = reply(asked(kind=kind), ADDRESS)
        assert code(answer) == 0 and answer[6:12] == bytes(6), kind
    assert reply(asked(kind=ANY), ADDRESS)[7] == 1


def test_another_class_is_refused():
    for group in (3, 4, 254, 255):
        answer = reply(asked(group=group), ADDRESS)
        assert code(answer) == 5 and answer[7] == 0


def test_what_is_no_question_is_not_answered():
    for silent in (b"", NUMBER, asked()[:11], asked(flags=b"\x81\0"), asked(flags=b"\x80\0")):
        assert reply(silent, ADDRESS) is None
    assert reply(bytes(reply(asked(), ADDRESS)), ADDRESS) is None


def test_other_operations_are_not_implemented():
    for operation in range(1, 16):
        answer = reply(asked(flags=bytes((operation << 3, 0))), ADDRESS)
        assert code(answer) == 4 and answer[4:] == bytes(8), operation
        assert answer[2] & 0x78 == operation << 3


def test_what_is_malformed_is_a_format_error():
    for wrong in (
        asked(counts=bytes(8)), asked(counts=b"\0\x02\0\0\0\0\0\0"), asked()[:-1], asked()[:14],
        asked(b"\xc0\x0c"), asked(b"\x40" + b"a" * 64 + b"\0"), asked(b"\x80a\0"),
        asked(b"\x3f" + b"a" * 30), asked((b"\x3f" + b"a" * 63) * 4 + b"\0"),
        asked(rest=b"\0"), asked(counts=WITH_OPT), asked(counts=WITH_OPT, rest=opt()[:-1]),
        asked(counts=WITH_OPT, rest=opt() + b"!"), asked(rest=bytes(600)),
        asked(counts=WITH_OPT, rest=opt(options=b"12345")[:-2]),
    ):  # fmt: skip
        answer = reply(wrong, ADDRESS)
        assert code(answer) == 1 and len(answer) == 12, wrong


def test_the_longest_name_is_a_name():
    name = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"b" * 61 + b"\0"
    assert len(name) == 255
    assert reply(asked(name), ADDRESS)[7] == 1
    assert reply(asked(b"\0"), ADDRESS)[7] == 1  # the root


def test_an_opt_record_is_answered_by_one():
    """RFC 6891 section 6.1.1."""
    answer = reply(asked(counts=WITH_OPT, rest=opt(options=b"\0\x0a\0\x04abcd")), ADDRESS)
    assert answer[7] == 1 and answer[11] == 1 and code(answer) == 0
    assert bytes(answer[-11:]) == b"\0\0\x29\x02\0\0\0\0\0\0\0"
    later = reply(asked(counts=WITH_OPT, rest=opt(version=1)), ADDRESS)
    assert (
        later[7] == 0
        and code(later) == 0
        and bytes(later[-11:]) == b"\0\0\x29\x02\0\x01" + bytes(5)
    )


def test_records_that_no_question_has_are_passed_over():
    for counts in (b"\0\x01\0\x01\0\0\0\0", b"\0\x01\0\0\0\x01\0\0", b"\0\x01\0\0\0\0\0\x02"):
        assert reply(asked(counts=counts, rest=bytes(30)), ADDRESS)[7] == 1
    answer = reply(asked(counts=WITH_OPT, rest=b"\x01a\0" + bytes(20)), ADDRESS)
    assert answer[7] == 1 and answer[11] == 0


def test_no_octets_make_it_fail_or_answer_at_length():
    random.seed(53)
    whole = asked(counts=WITH_OPT, rest=opt(options=b"12345678"))
    for _ in range(600):
        changed = bytearray(whole[: random.randrange(len(whole) + 1)])
        for _ in range(random.randrange(4)):
            if changed:
                changed[random.randrange(len(changed))] = random.randrange(256)
        answer = reply(bytes(changed), ADDRESS)
        if answer is not None:
            assert len(answer) <= len(changed) + 16 and answer[:2] == changed[:2]
            assert answer[2] & 0x80


def test_a_witness_reads_every_answer():
    try:
        import dns.message as messages  # dnspython's
    except ImportError:
        raise Skip("no dnspython here")
    for name in (".", "a.", "captive.apple.com.", "x" * 63 + "." + "y" * 63 + "."):
        for kind in ("A", "AAAA", "HTTPS", "TXT", "ANY"):
            for edns in (-1, 0, 1):
                query = messages.make_query(name, kind, use_edns=edns)
                answer = messages.from_wire(bytes(reply(query.to_wire(), ADDRESS)))
                assert query.is_response(answer), (name, kind, edns)
                assert answer.rcode() == (16 if edns == 1 else 0)
                assert answer.edns == min(edns, 0)
                found = [str(item) for records in answer.answer for item in records]
                wanted = kind in ("A", "ANY") and edns < 1
                assert found == (["192.168.4.1"] if wanted else []), (name, kind, edns)


class Strangers:
    """Who is a station of the access point, and what was noted."""

    def __init__(self, near=True):
        self.near = near
        self.notes = []

    def is_neighbor(self, address):
        return self.near and address == "127.0.0.1"


async def exchange(near, *questions):
    """What comes back for datagrams sent to a Dns on the loopback interface."""
    strangers = Strangers(near)
    responder = dns.Dns("127.0.0.1", strangers.is_neighbor, strangers.notes.append)
    port = free_port()
    responder.listen(port)
    serving = asyncio.create_task(responder.serve())
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    address = socket.getaddrinfo("127.0.0.1", port, 0, socket.SOCK_DGRAM)[0][-1]
    for question in questions:
        sock.sendto(question, address)
    answers = []
    for _ in range(12):
        await asyncio.sleep(0.03)
        try:
            while True:
                answers.append(sock.recv(600))
        except OSError:
            pass
    serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        pass
    sock.close()
    return answers


def free_port():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    sock.close()
    return port


def only_here():
    if not hasattr(socket.socket, "getsockname"):
        raise Skip("on this interpreter the virtual board's tests ask over UDP")


def test_a_neighbor_is_answered_and_nobody_else():
    only_here()
    answers = asyncio.run(exchange(True, asked(), b"?", asked(kind=AAAA)))
    assert [answer[7] for answer in answers] == [1, 0]
    assert asyncio.run(exchange(False, asked())) == []


def test_a_crowd_is_answered_in_turns():
    only_here()
    assert len(asyncio.run(exchange(True, *[asked()] * 20))) == 20


def test_a_port_that_cannot_be_had_is_noted_and_not_an_error():
    only_here()

    async def scenario():
        strangers = Strangers()
        holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        responder = dns.Dns("127.0.0.1", strangers.is_neighbor, strangers.notes.append)
        responder.listen(port)
        await asyncio.wait_for(responder.serve(), 1)
        holder.close()
        return strangers.notes

    (note,) = asyncio.run(scenario())
    assert note.startswith("no DNS, so phones do not open the page by themselves")
