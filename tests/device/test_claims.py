"""The claims of an order against latchkey.cddl: every field, every limit, every wrong type."""

from binascii import unhexlify

from firmware.envelope import cbor
from firmware.envelope.claims import decode_claims
from firmware.envelope.errors import MalformedOrder
from tests.device.device_vectors import public_json

AUDIENCE, EXPIRES, ISSUED, ORDER_ID, NONCE = 3, 4, 6, 7, 10
SUITE, SEQUENCE, NETWORKS, SERVER, DEVICE, APP, TRUST = range(-65537, -65544, -1)

CLAIMS = {
    AUDIENCE: "LK-0001",
    ORDER_ID: b"i" * 16,
    SUITE: 41,
    SEQUENCE: 0,
}
NETWORK = {1: b"home", 2: b"correct horse"}
ED25519_KEY = {1: 1, -1: 6, -2: bytes(32)}
P256_KEY = {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)}
WRONG_TYPES = (None, True, False, 0, -1, (1 << 64) - 1, b"", b"octets", "", "text", [], [0], {},
               {1: 0})  # fmt: skip


def with_claim(name, value):
    claims = dict(CLAIMS)
    claims[name] = value
    return cbor.encode(claims)


def accepted(payload):
    """True or False; any error but MalformedOrder goes through."""
    try:
        decode_claims(payload)
    except MalformedOrder:
        return False
    return True


def check(name, good, bad, wrap=lambda value: value):
    """Each good value of a claim passes and each bad one is refused."""
    for value in good:
        assert accepted(with_claim(name, wrap(value))), (name, value)
    for value in bad:
        assert not accepted(with_claim(name, wrap(value))), (name, value)


def check_type(name, kind, wrap=lambda value: value):
    """No value of another type passes, whatever it is."""
    for value in WRONG_TYPES:
        if type(value) is not kind:
            assert not accepted(with_claim(name, wrap(value))), (name, value)


def field(number, others):
    """Puts a value in one field of a map."""

    def wrap(value):
        fields = dict(others)
        fields[number] = value
        return fields

    return wrap


def test_needs_each_of_four_claims():
    assert accepted(cbor.encode(CLAIMS))
    for name in CLAIMS:
        claims = dict(CLAIMS)
        del claims[name]
        assert not accepted(cbor.encode(claims)), name


def test_refuses_unknown_claims():
    for name in (0, 1, 2, 5, 8, 9, 11, -1, -65536, -65544, "aud", b"\x03", ""):
        assert not accepted(with_claim(name, 0)), name


def test_what_is_left_out_is_none():
    order = decode_claims(cbor.encode(CLAIMS))
    assert order.networks == []
    for name in ("expires", "issued", "nonce", "server", "device", "app", "trust"):
        assert getattr(order, name) is None, name


def test_audience():
    check(AUDIENCE, ("x", "x" * 32, "\u00e9" * 16), ("", "x" * 33, "\u00e9" * 16 + "x"))
    check_type(AUDIENCE, str)


def test_times():
    for name in (EXPIRES, ISSUED):
        check(name, (0, 1, 1 << 32, (1 << 64) - 1), (-1, None, True))
        check_type(name, int)


def test_order_id_and_nonce():
    for name in (ORDER_ID, NONCE):
        check(name, (bytes(16),), (b"", bytes(15), bytes(17), "x" * 16, [0] * 16))
        check_type(name, bytes)


def test_suite():
    check(SUITE, (41, 42), (0, 35, 40, 43, 49, -41, True, "HPKE-3", None))
    check_type(SUITE, int)


def test_sequence():
    top = (1 << 53) - 1
    check(SEQUENCE, (0, 1, top), (-1, top + 1, (1 << 64) - 1, True, "1", b"\x01"))
    check_type(SEQUENCE, int)


def test_number_of_networks():
    check(NETWORKS, ([NETWORK], [NETWORK] * 5), ([], [NETWORK] * 6, NETWORK, {0: NETWORK}))
    check_type(NETWORKS, list)


def test_fields_of_a_network():
    for missing_ssid in ({}, {2: b"12345678"}, {1: b"a", 4: 0}, {1: b"a", 0: 0}, {1: b"a", "1": 0}):
        assert not accepted(with_claim(NETWORKS, [missing_ssid])), missing_ssid

    def ssid(value):
        return [{1: value}]

    check(NETWORKS, (b"\x00", b"\xff" * 32), (b"", bytes(33), "home"), ssid)
    check_type(NETWORKS, bytes, ssid)

    def hidden(value):
        return [{1: b"home", 3: value}]

    check(NETWORKS, (True, False), (0, 1, None), hidden)
    check_type(NETWORKS, bool, hidden)


def test_static_address():
    def static(value):
        return [{1: b"home", 4: value}]

    ipv4 = {1: bytes(4), 2: 24}
    check(NETWORKS, (ipv4, field(3, ipv4)(bytes(4)), field(4, ipv4)(bytes(4))),
          ({}, {1: bytes(4)}, {2: 24}, field(5, ipv4)(0), field(0, ipv4)(0)), static)  # fmt: skip
    check_type(NETWORKS, dict, static)
    check(NETWORKS, (1, 30), (0, -1, 31, 32, True, None), lambda v: static(field(2, ipv4)(v)))
    for number in (1, 3, 4):

        def put(value):
            return static(field(number, ipv4)(value))

        check(NETWORKS, (b"\xff" * 4,), (b"", bytes(3), bytes(5), "1234"), put)
        check_type(NETWORKS, bytes, put)


def test_network_keys():
    def key(value):
        return [{1: b"home", 2: value}]

    good = (b"8 octets", b"x" * 63, b"0" * 64, b"0123456789abcdefABCDEF" + b"9" * 42)
    bad = (b"", b"7 octet", b"x" * 64, b"0" * 63 + b"g", b"0" * 65, b" " + b"0" * 63, "12345678")
    check(NETWORKS, good, bad, key)
    check_type(NETWORKS, bytes, key)


def test_server():
    good = ({1: "u"}, {1: "u" * 256})
    check(SERVER, good, ({}, {1: ""}, {1: "u" * 257}, {1: b"u"}, {1: "u", 5: 0}))
    check_type(SERVER, dict)
    others = {1: "https://example.org"}
    check(SERVER, (bytes(32),), (b"", bytes(31), bytes(33)), field(2, others))
    check(SERVER, (b"", bytes(512)), (bytes(513), "c"), field(3, others))
    check(SERVER, (True, False), (0, 1, None), field(4, others))
    for number, kind in ((1, str), (2, bytes), (3, bytes), (4, bool)):
        check_type(SERVER, kind, field(number, others))


def test_device():
    check(DEVICE, ({}, {1: ""}, {1: "n" * 64}), ({1: "n" * 65}, {0: "n"}, {5: "n"}, {"1": "n"}))
    check_type(DEVICE, dict)
    check(DEVICE, ("a", "-", "A-z-09", "h" * 32), ("", "h" * 33, "a.b", "a_b", "a b", "\u00e9"),
          field(2, {}))  # fmt: skip
    bad = ("", "C", "CHE", "ch", "C1", "Ch", "\u00c9", "@@", "[[")
    check(DEVICE, ("CH", "AZ"), bad, field(3, {}))
    check(DEVICE, ("U", "t" * 64), ("", "t" * 65), field(4, {}))
    for number in (1, 2, 3, 4):
        check_type(DEVICE, str, field(number, {}))


def test_app():
    check(APP, (b"", bytes(4096)), (bytes(4097), "", []))
    check_type(APP, bytes)


def test_trust():
    check(TRUST, ({}, {2: True}, {2: False}), ({2: 1}, {3: True}, {0: True}, {5: 0}))
    check_type(TRUST, dict)
    check_type(TRUST, bool, field(2, {}))
    check(TRUST, (0, 1, 2, 3), (-1, 4, (1 << 64) - 1, True, False, None), field(4, {}))
    check_type(TRUST, int, field(4, {}))


def test_policy_signed_is_not_none():
    """Its number is 0: asked for, and no change asked for, are two things."""
    order = decode_claims(with_claim(TRUST, {4: 0}))
    assert order.trust.policy == 0 and order.trust.policy is not None
    assert decode_claims(with_claim(TRUST, {})).trust.policy is None


def test_keys_to_trust():
    for number in (1, 3):
        check_key(number)


def check_key(number):
    def encoded(key):
        return {number: cbor.encode(key)}

    good = [ED25519_KEY, P256_KEY]
    bad = [{}, [], 0, {1: 1}]
    for key in (ED25519_KEY, P256_KEY):
        good += [field(3, key)(-8), field(3, key)(-7)]
        bad += [field(3, key)(True), field(3, key)("ES256"), field(2, key)(b"kid"),
                field(-4, key)(bytes(32)), field(1, key)(3), field(1, key)(True),
                field(-1, key)(4), field(-1, key)(True), field(-2, key)(bytes(31)),
                field(-2, key)(bytes(33)), field(-2, key)("x" * 32)]  # fmt: skip
        for name in key:
            bad.append({other: value for other, value in key.items() if other != name})
    bad += [field(-3, ED25519_KEY)(bytes(32)), field(-3, P256_KEY)(True)]
    bad += [field(1, ED25519_KEY)(2), field(-1, ED25519_KEY)(1), field(1, P256_KEY)(1)]
    check(TRUST, good, bad, encoded)
    check(TRUST, (), (b"", b"\xa0\x00", b"\xbf\xff", bytes(32)), field(number, {}))
    check_type(TRUST, bytes, field(number, {}))


def test_kinds_are_the_settings_that_an_order_brings():
    claims = {NETWORKS: [NETWORK], SERVER: {1: "u"}, DEVICE: {}, APP: b"", TRUST: {}, ISSUED: 1}
    for name in claims:
        order = decode_claims(with_claim(name, claims[name]))
        assert order.kinds == ([name] if name not in (TRUST, ISSUED) else []), name
    claims.update(CLAIMS)
    assert decode_claims(cbor.encode(claims)).kinds == [NETWORKS, SERVER, DEVICE, APP]


def test_refuses_malformed_cbor():
    for name in ("rfc8949_appendix_f", "cborwg_rfc8949_bad", "strict_profile_refuse"):
        for case in public_json("cbor-malformed/" + name + ".json"):
            octets = unhexlify(case["hex"])
            assert not accepted(octets), (name, case["why"])
            if case.get("wellformed") != "trailing":  # and as the value of a last claim
                claims = bytearray(cbor.encode(CLAIMS))
                claims[0] += 1
                assert not accepted(claims + b"\x3a\x00\x01\x00\x07" + octets), case["why"]


def test_refuses_claims_not_in_order_or_twice():
    encoded = [cbor.encode(name) + cbor.encode(CLAIMS[name]) for name in CLAIMS]
    encoded.sort()
    assert accepted(b"\xa4" + b"".join(encoded))
    for first in range(3):
        swapped = list(encoded)
        swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
        assert not accepted(b"\xa4" + b"".join(swapped)), first
    for twice in range(4):
        doubled = encoded[: twice + 1] + encoded[twice:]
        assert not accepted(b"\xa5" + b"".join(doubled)), twice


def test_shows_no_secret():
    claims = {NETWORKS: [{1: b"home", 2: b"secret horse"}], SERVER: {1: "u", 3: b"secret"}}
    claims.update(CLAIMS)
    order = decode_claims(cbor.encode(claims))
    for thing in (order, order.networks, order.server):
        assert "secret" not in repr(thing) and "secret" not in str(thing)
    claims[NETWORKS] = [{1: b"home", 2: b"secret horse", 9: b"secret"}]
    try:
        decode_claims(cbor.encode(claims))
    except MalformedOrder as error:
        assert "secret" not in str(error)
