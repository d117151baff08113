"""Opening of orders: right ones, wrong ones, and every way to damage one."""

from binascii import unhexlify

from firmware.crypto.pacing import run
from firmware.envelope import cbor, cose
from firmware.envelope.errors import NotAuthentic
from firmware.envelope.order import open_order
from tests.device.orders import MALFORMED_ORDER, NOT_AUTHENTIC, OK, recorded, recorded_order
from tests.device.remembered import RememberedAgreements

CONTEXT = b"latchkey/1 order"


def test_recorded_orders_end_as_recorded():
    opener, cases = recorded("orders.json")
    outcomes = {}
    for case in cases:
        got = opener.outcome(unhexlify(case["order"]), case)
        assert got == case["outcome"], (case["name"], got)
        outcomes[got] = outcomes.get(got, 0) + 1
    assert outcomes[OK] >= 14 and outcomes[NOT_AUTHENTIC] >= 95, outcomes
    assert outcomes[MALFORMED_ORDER] >= 8, outcomes


def test_malformed_cbor_inside_a_valid_signature():
    opener, cases = recorded("orders_malformed.json")
    assert len(cases) == 35
    for case in cases:
        got = opener.outcome(unhexlify(case["order"]), case)
        assert got == MALFORMED_ORDER, (case["name"], got)


def test_opens_orders_made_by_cwt():
    opener, cases = recorded("orders_cwt.json")
    assert len(cases) == 4
    for case in cases:
        opened = opener.open(unhexlify(case["order"]), case)
        claims = unhexlify(case["claims"])
        assert bytes(opened.claims_octets) == claims, case["name"]
        assert opened.signed
        assert opened.suite == opened.order.suite == cbor.decode(claims)[-65537]


def test_gives_what_was_ordered():
    opener, octets = recorded_order("every claim at its limit")
    opened = opener.open(octets)
    order = opened.order
    assert (order.audience, order.expires, order.issued) == ("LK-0001", 1900000000, 1800000000)
    assert len(order.order_id) == 16 and order.nonce is None
    assert (order.suite, order.sequence) == (42, (1 << 53) - 1)
    assert [len(network.ssid) for network in order.networks] == [32, 1, 4, 5, 32]
    assert [network.hidden for network in order.networks] == [True, False, False, False, False]
    assert order.networks[2].key is None and len(order.networks[0].key) == 63
    assert len(order.server.url) == 256 and len(order.server.pin) == 32
    assert len(order.server.credentials) == 512 and order.server.required is True
    assert (order.device.hostname, order.device.country) == ("a-Z-0-9", "CH")
    assert len(order.device.name.encode()) == 64
    assert order.app == b"\x00\xff" * 2048
    assert order.trust.release is False
    assert cbor.decode(order.trust.owner_key)[-1] == 6


def test_export_is_that_of_the_seal():
    """Both ends derive the same secret, so it depends on the message and the context."""
    opener, octets = recorded_order("Ed25519, HPKE-3")
    _, other = recorded_order("Ed25519, HPKE-4")
    first, second = opener.open(octets), opener.open(other)
    assert first.export(b"a", 32) == opener.open(octets).export(b"a", 32)
    assert first.export(b"a", 32) != first.export(b"b", 32)
    assert first.export(b"a", 32) != second.export(b"a", 32)


def test_unsigned_is_marked():
    opener, cases = recorded("orders.json")
    for case in cases:
        if case["name"] == "unsigned, where allowed":
            opened = opener.open(unhexlify(case["order"]), case)
            assert opened.signed is False
            assert cbor.decode(opened.claims_octets)[3] == "LK-0001"
            return
    raise AssertionError("no such case")


def test_no_authority_takes_no_signature():
    opener, octets = recorded_order("Ed25519, HPKE-3")
    for unsigned in (False, True):
        try:
            run(open_order(octets, opener.private_key, None, unsigned=unsigned))
        except NotAuthentic:
            continue
        raise AssertionError("a signature that nobody checked was taken for one")


def test_derives_the_public_key_when_not_given():
    opener, octets = recorded_order("Ed25519, HPKE-3")
    opened = run(open_order(octets, opener.private_key, opener.authorities["Ed25519"]))
    assert opened.order.audience == "LK-0001"


def test_takes_any_buffer_and_leaves_it_as_it_was():
    opener, octets = recorded_order("Ed25519, HPKE-3")
    for kind in (bytes, bytearray, memoryview):
        buffer = kind(octets)
        assert opener.outcome(buffer) == OK
        assert buffer == octets


def test_refuses_every_bit_flipped():
    for name in ("Ed25519, HPKE-3", "Ed25519, HPKE-4"):
        opener, octets = recorded_order(name)
        damaged = bytearray(octets)
        with RememberedAgreements():
            assert opener.outcome(damaged) == OK
            for at in range(len(octets)):
                for bit in range(8):
                    damaged[at] ^= 1 << bit
                    # The top bit of ek is no part of the point (RFC 7748 section 5), but
                    # ek itself is hashed into the key (RFC 9180 section 4.1).
                    assert opener.outcome(damaged) == NOT_AUTHENTIC, (name, at, bit)
                    damaged[at] ^= 1 << bit
            assert opener.outcome(damaged) == OK


def test_refuses_every_truncation():
    opener, octets = recorded_order("Ed25519, HPKE-4")
    for size in range(len(octets)):
        assert opener.outcome(octets[:size]) == NOT_AUTHENTIC, size
        assert opener.outcome(octets[len(octets) - size :]) == NOT_AUTHENTIC, size


def test_refuses_appended_octets():
    opener, octets = recorded_order("Ed25519, HPKE-4")
    for more in range(1, 17):
        for tail in (bytes(more), b"\xff" * more, octets[:more]):
            assert opener.outcome(octets + tail) == NOT_AUTHENTIC, (more, tail)


def test_refuses_damage_under_the_seal():
    """One bit of each octet of the signed message, for either curve; all of the headers."""
    for name, curve in (("Ed25519, HPKE-3", "Ed25519"), ("P-256, HPKE-3", "P-256")):
        opener, octets = recorded_order(name)
        key = opener.authorities[curve]
        sealed = run(cose.open_encrypt0(octets, opener.private_key, CONTEXT))
        message = bytearray(sealed.plaintext)
        assert verifies(message, key)
        for at in range(len(message)):
            for bit in range(8) if at < 8 else (at % 8,):
                message[at] ^= 1 << bit
                assert not verifies(message, key), (name, at, bit)
                message[at] ^= 1 << bit
        for size in range(len(message)):
            assert not verifies(message[:size], key), (name, size)
        for more in range(1, 17):
            assert not verifies(message + bytes(more), key), (name, more)


def verifies(message, key):
    try:
        run(cose.verify_sign1(message, key, CONTEXT))
    except NotAuthentic:
        return False
    return True


def test_claims_are_not_looked_at_before_the_signature():
    """Claims that would be malformed, with a signature that is wrong: not authentic."""
    opener, cases = recorded("orders_malformed.json")
    opener.authorities["Ed25519"] = opener.authorities["P-256"]
    for case in cases[:8]:
        assert opener.outcome(unhexlify(case["order"])) == NOT_AUTHENTIC, case["name"]
