"""Our CBOR against PyPI's cbor2, on values and octets that hypothesis makes up."""

import cbor2
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.envelope import cbor
from firmware.envelope.cbor import CborError

CPYTHON_ONLY = "needs cbor2 and hypothesis"

INTEGERS = st.integers(-(1 << 64), (1 << 64) - 1)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40)
KEYS = INTEGERS | st.binary(max_size=40) | TEXTS
SCALARS = st.none() | st.booleans() | INTEGERS | st.binary(max_size=300) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
DEEP = {"max_depth": 40, "max_items": 10_000}


def bytewise(value):
    """The value with every map in the order of RFC 8949, for cbor2 to write as it stands:
    cbor2's own canonical order is that of RFC 7049, shorter keys first."""
    if isinstance(value, list):
        return [bytewise(item) for item in value]
    if isinstance(value, dict):
        return {key: bytewise(value[key]) for key in sorted(value, key=cbor2.dumps)}
    return value


def same(one, other):
    """Equality that tells True from 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


def accepted(octets):
    try:
        return [cbor.decode(octets, **DEEP)]
    except CborError:
        return []


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_encodes_as_cbor2_does(value):
    assert cbor.encode(value, max_depth=40) == cbor2.dumps(bytewise(value))


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_decodes_what_cbor2_encodes(value):
    octets = cbor2.dumps(bytewise(value))
    assert same(cbor.decode(octets, **DEEP), value)
    assert same(cbor2.loads(octets), value)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.data())
def test_refuses_truncations_and_tails(value, data):
    octets = cbor2.dumps(bytewise(value))
    assert not accepted(octets[: data.draw(st.integers(0, len(octets) - 1))])
    assert not accepted(octets + data.draw(st.binary(min_size=1, max_size=16)))


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=40))
def test_accepts_no_octets_but_those_it_would_write(octets):
    for value in accepted(octets):
        assert cbor.encode(value, max_depth=40) == octets
        assert same(cbor2.loads(octets), value)


@settings(max_examples=300, deadline=None)
@given(VALUES, st.data())
def test_damage_is_refused_or_another_value(value, data):
    """No two encodings of one value: one octet changed never gives the same value."""
    octets = bytearray(cbor2.dumps(bytewise(value)))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    for other in accepted(bytes(octets)):
        assert not same(other, value)
        assert cbor.encode(other, max_depth=40) == octets


class Lax:
    """Writes CBOR as RFC 8949 allows and section 4.2.1 does not, where ``draw`` says so."""

    def __init__(self, draw):
        self.draw = draw
        self.strayed = False

    def choose(self, options):
        """0 is the deterministic way."""
        choice = self.draw(st.integers(0, options - 1))
        self.strayed = self.strayed or choice > 0
        return choice

    def head(self, major, argument):
        forms = [cbor.head(major, argument)]
        for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if argument < 1 << 8 * size:
                form = bytes((major << 5 | info,)) + argument.to_bytes(size, "big")
                if form not in forms:
                    forms.append(form)
        return forms[self.choose(len(forms))]

    def container(self, major, count, body):
        if self.choose(2):
            return bytes((major << 5 | 31,)) + body + b"\xff"
        return self.head(major, count) + body

    def write(self, value):
        if value is None or isinstance(value, bool):
            return cbor.encode(value)
        if isinstance(value, int):
            major = cbor.NINT if value < 0 else cbor.UINT
            return self.head(major, -1 - value if value < 0 else value)
        if isinstance(value, (bytes, str)):
            major = cbor.TEXT if isinstance(value, str) else cbor.BYTES
            octets = value.encode() if isinstance(value, str) else value
            if self.choose(2):
                chunk = cbor.head(major, len(octets)) + octets
                return bytes((major << 5 | 31,)) + chunk + b"\xff"
            return self.head(major, len(octets)) + octets
        if isinstance(value, list):
            return self.container(cbor.ARRAY, len(value), b"".join(map(self.write, value)))
        pairs = [self.write(key) + self.write(value[key]) for key in bytewise(value)]
        if len(pairs) > 1 and self.choose(2):
            pairs.reverse()
        return self.container(cbor.MAP, len(pairs), b"".join(pairs))


@settings(max_examples=400, deadline=None)
@given(VALUES, st.data())
def test_refuses_what_cbor2_accepts_but_is_not_deterministic(value, data):
    writer = Lax(data.draw)
    octets = writer.write(value)
    assert same(cbor2.loads(octets), value)  # well-formed, and the same to a lax decoder
    assert bool(accepted(octets)) == (not writer.strayed)
