"""The strict CBOR decoder and encoder (RFC 8949), on both interpreters."""

from binascii import hexlify, unhexlify

from firmware.envelope import cbor
from firmware.envelope.cbor import CborError, Tag
from tests.device.device_vectors import own_json, public_json


def refused(octets, **allowed):
    """True if the decoder refuses: with its own error, and with no other."""
    try:
        cbor.decode(octets, **allowed)
    except CborError:
        return True
    return False


def unencodable(value):
    try:
        cbor.encode(value)
    except CborError:
        return True
    return False


def in_profile(case):
    """Whether a case of RFC 8949 appendix A is in our profile: no float, no tag, no
    simple value but three, deterministic, map keys of allowed types."""
    return case["roundtrip"] and (case["hex"][0] not in "cdef" or case["hex"] in ("f4", "f5", "f6"))


def test_decodes_appendix_a():
    accepted = 0
    for case in public_json("cbor/appendix_a.json"):
        octets = unhexlify(case["hex"])
        if not in_profile(case):
            assert refused(octets), case["hex"]
            continue
        value = cbor.decode(octets)
        if "decoded" in case:
            assert value == case["decoded"], case["hex"]
        assert cbor.encode(value) == octets, case["hex"]
        accepted += 1
    assert accepted == 37, accepted


def test_decodes_tags_of_appendix_a_when_allowed():
    assert cbor.decode(unhexlify("d74401020304"), tags=(23,)) == Tag(23, b"\x01\x02\x03\x04")
    assert cbor.decode(unhexlify("d818456449455446"), tags=(24,)) == Tag(24, b"dIETF")
    assert refused(unhexlify("d818456449455446"), tags=(23,))


def test_refuses_what_is_not_well_formed():
    for name in ("rfc8949_appendix_f", "cborwg_rfc8949_bad", "strict_profile_refuse"):
        for case in public_json("cbor-malformed/" + name + ".json"):
            assert refused(unhexlify(case["hex"])), (name, case["why"], case["hex"])


def test_refuses_what_is_not_well_formed_inside_an_array():
    """A fault must be found at any depth, and a map value or key is such a place too."""
    for name in ("rfc8949_appendix_f", "strict_profile_refuse"):
        for case in public_json("cbor-malformed/" + name + ".json"):
            if case.get("wellformed") == "trailing":
                continue
            octets = unhexlify(case["hex"])
            for before in (b"\x81", b"\xa1\x00", b"\xa1", b"\x82\x00"):
                assert refused(before + octets), (before, case["why"], case["hex"])


def test_refuses_own_faults():
    for case in own_json("cbor_refuse.json"):
        assert refused(unhexlify(case["hex"])), case


def test_refuses_every_truncation():
    octets = cbor.encode({1: [b"abc", "text", -500], "key": {b"k": [True, None]}})
    for size in range(len(octets)):
        assert refused(octets[:size]), size


def test_refuses_trailing_octets():
    octets = cbor.encode([1, b"2", "3"])
    for more in range(1, 17):
        assert refused(octets + bytes(more))
        assert refused(octets + octets[:more])


def test_refuses_every_longer_head():
    """Each argument in each form but the shortest, for every major type with a number."""
    for major in range(7):
        for argument in (0, 1, 23, 24, 255, 256, 65535, 65536, 0xFFFFFFFF):
            for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
                if argument >= 1 << 8 * size:
                    continue
                form = bytes((major << 5 | info,)) + argument.to_bytes(size, "big")
                if form == cbor.head(major, argument):
                    continue
                tail = bytes(argument) if argument < 300 else b""
                assert refused(form + tail, tags=(argument,)), (major, argument, size)


def test_refuses_every_simple_value_and_float():
    for octets in range(0xE0, 0x100):
        if octets in (0xF4, 0xF5, 0xF6):
            continue
        for size in range(10):
            assert refused(bytes((octets,)) + bytes(size)), octets
    for value in range(256):
        assert refused(bytes((0xF8, value))), value


def test_bounds_depth():
    for container, least in ((b"\x81", b"\x80"), (b"\xa1\x00", b"\xa0"), (b"\xc1", b"\x00")):
        inside = 0 if least == b"\x00" else 1
        for depth in (0, 1, 2, 6):
            exact = container * (depth - inside) + least
            if depth >= inside:
                cbor.decode(exact, max_depth=depth, tags=(1,))
                assert refused(container + exact, max_depth=depth, tags=(1,)), (container, depth)


def test_bounds_items():
    cbor.decode(b"\x83\x01\x02\x03", max_items=4)
    assert refused(b"\x83\x01\x02\x03", max_items=3)
    cbor.decode(b"\xa1\x01\x02", max_items=3)
    assert refused(b"\xa1\x01\x02", max_items=2)
    assert refused(cbor.head(cbor.ARRAY, 8000) + b"\x80" * 8000)


def test_takes_no_memory_on_a_claim():
    """Lengths up to 2**64 - 1 with nothing behind them: refused before any allocation."""
    for major in (cbor.BYTES, cbor.TEXT, cbor.ARRAY, cbor.MAP):
        for claimed in (2, 24, 1 << 16, (1 << 31) - 1, 1 << 31, 1 << 32, (1 << 63), (1 << 64) - 1):
            assert refused(cbor.head(major, claimed)), (major, claimed)
            assert refused(cbor.head(major, claimed) + b"\x00"), (major, claimed)


def test_refuses_map_keys_of_other_types():
    for key in ("80", "a0", "f4", "f5", "f6", "f90000", "c100", "8101"):
        octets = b"\xa1" + unhexlify(key) + b"\x00"
        assert refused(octets, tags=(1,)), key


def test_refuses_any_order_of_keys_but_one():
    keys = (b"\x00", b"\x17", b"\x18\x18", b"\x20", b"\x40", b"\x41\x00", b"\x60", b"\x61\x61")
    for first in range(len(keys)):
        for second in range(len(keys)):
            octets = b"\xa2" + keys[first] + b"\x00" + keys[second] + b"\x00"
            assert refused(octets) == (first >= second), hexlify(octets)


def test_text_is_utf8_of_every_length():
    for octets in (b"a", b"\x7f", b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80",
                   b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbf",
                   b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf"):  # fmt: skip
        item = cbor.head(cbor.TEXT, len(octets)) + octets
        assert cbor.encode(cbor.decode(item)) == item
    for octets in (b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc2a", b"\xe0\x9f\xbf",
                   b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xe1\x80", b"\xe1\x80a", b"\xf0\x8f\xbf\xbf",
                   b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"a\x00"):  # fmt: skip
        assert refused(cbor.head(cbor.TEXT, len(octets)) + octets), octets


def test_integers_up_to_64_bits():
    for bits in (0, 1, 5, 8, 15, 16, 30, 31, 32, 33, 53, 62, 63, 64):
        for near in (-2, -1, 0, 1):
            value = (1 << bits) + near
            if 0 <= value < 1 << 64:
                assert cbor.decode(cbor.encode(value)) == value
                assert cbor.decode(cbor.encode(-1 - value)) == -1 - value
    assert unencodable(1 << 64)
    assert unencodable(-(1 << 64) - 1)


def test_bool_is_no_integer():
    assert cbor.decode(b"\xf5") is True
    assert cbor.decode(b"\xf4") is False
    assert cbor.encode([True, 1, False, 0]) == b"\x84\xf5\x01\xf4\x00"


def test_views_are_not_copies():
    octets = bytearray(b"\x82\x43abc\xa1\x41k\x41v")
    array, pairs = cbor.decode(octets, views=True)
    assert bytes(pairs[b"k"]) == b"v"
    octets[2] = 0x7A
    assert bytes(array) == b"zbc"
    assert cbor.decode(octets)[0] == b"zbc"


def test_encodes_buffers_and_tuples():
    expected = b"\x83\x42ab\x42ab\x42ab"
    assert cbor.encode((b"ab", bytearray(b"ab"), memoryview(b"ab"))) == expected


def test_encodes_maps_in_bytewise_order():
    pairs = {24: 0, -1: 1, "a": 2, 1: 3, b"": 4, "": 5, -25: 6, "aa": 7}
    assert hexlify(cbor.encode(pairs)) == b"a80103181800200138180640046005616102626161" + b"07"


def test_refuses_to_encode_what_has_no_encoding():
    loop = []
    loop.append(loop)
    for value in (1.0, float("nan"), object(), loop, {1.0: 1}, {True: 1}, {None: 1}, {(1,): 1},
                  "a\x00", Tag(-1, 0), Tag(1 << 64, 0)):  # fmt: skip
        assert unencodable(value)


def test_random_octets_never_raise_another_error():
    """A plain congruential generator: the same octets on both interpreters."""
    state = 1
    accepted = 0
    for _ in range(1500):
        octets = bytearray()
        for _ in range(1 + (state >> 20) % 5):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            octets.append(state >> 16 & 0xFF)
        try:
            value = cbor.decode(octets, tags=(1, 2, 3))
        except CborError:
            continue
        accepted += 1
        assert cbor.encode(value) == octets, hexlify(octets)
    assert accepted > 20
