"""Strict CBOR: one item, deterministically encoded, or an error (RFC 8949 section 4.2.1).

The decoder takes what the encoder would write and nothing else, so that every value has
one encoding: heads in their shortest form, definite lengths, map keys ascending in the
bytewise order of their encodings and therefore never twice, valid UTF-8 without NUL,
nothing after the item. Floats are refused, every simple value but false, true and null,
and each tag that the caller does not name. No length is believed before that many octets
are there, so no memory is taken on a message's word; and the number of items is bounded:
a list of 8,000 empty lists is a short message and half a megabyte.

    CBOR              Python
    major types 0, 1  int, -2**64 .. 2**64 - 1
    byte string       bytes (or memoryview, see ``decode``)
    text string       str
    array             list
    map               dict; keys are int, str or bytes
    tag               Tag
"""

from firmware.envelope.errors import CborError

UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
MAX_DEPTH = 6  # containers and tags inside one another; an order needs 4
MAX_ITEMS = 256  # every item, key and container counts; an order needs fewer than 80

# Least argument that may stand in 1, 2, 4, 8 octets after the head's first.
_LEAST = {24: 24, 25: 0x100, 26: 0x10000, 27: 0x100000000}


class Tag:
    """A tagged item (RFC 8949 section 3.4)."""

    def __init__(self, number, value):
        self.number = number
        self.value = value

    def __eq__(self, other):
        if not isinstance(other, Tag):
            return False
        return self.number == other.number and self.value == other.value

    def __hash__(self):
        return hash(self.number)


def decode(data, max_depth=MAX_DEPTH, tags=(), views=False, max_items=MAX_ITEMS):
    """The value of the one item that ``data`` (a buffer of octets) holds.

    tags: tag numbers that may occur, anywhere. views: give byte strings as memoryviews
    on ``data`` instead of copies; map keys are copies always.
    Raises CborError.
    """
    reader = _Reader(data, tags, views, max_items)
    value = reader.item(max_depth)
    if reader.at != len(data):
        raise CborError("octets after the item")
    return value


def encode(value, max_depth=MAX_DEPTH):
    """The deterministic encoding of ``value``: of any type that ``decode`` gives, and of
    tuple, bytearray and memoryview. Raises CborError for anything else."""
    out = bytearray()
    _write(out, value, max_depth)
    return bytes(out)


def head(major, argument):
    """The first 1 to 9 octets of an item, in the shortest form (RFC 8949 section 3)."""
    if argument < 0:
        raise CborError("negative number where none can be")
    if argument < 24:
        return bytes((major << 5 | argument,))
    for info, octets in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * octets:
            return bytes((major << 5 | info,)) + argument.to_bytes(octets, "big")
    raise CborError("number beyond 64 bits")


def check_text(octets):
    """Raise CborError unless ``octets`` is UTF-8 (RFC 3629 section 4) without NUL.

    MicroPython's own check lets overlong forms, surrogates and code points above
    U+10FFFF pass (read in py/unicode.c, 1.29). NUL ends a string for the C code below
    it, which would see another name than the one that was signed.
    """
    at = 0
    size = len(octets)
    while at < size:
        first = octets[at]
        at += 1
        if 0 < first < 0x80:
            continue
        low, high = 0x80, 0xBF  # range of the second octet
        if 0xC2 <= first <= 0xDF:
            more = 1
        elif 0xE0 <= first <= 0xEF:
            more = 2
            if first == 0xE0:
                low = 0xA0  # below: overlong
            elif first == 0xED:
                high = 0x9F  # above: surrogates
        elif 0xF0 <= first <= 0xF4:
            more = 3
            if first == 0xF0:
                low = 0x90  # below: overlong
            elif first == 0xF4:
                high = 0x8F  # above: beyond U+10FFFF
        else:
            raise CborError("not UTF-8")
        for _ in range(more):
            if at == size or not low <= octets[at] <= high:
                raise CborError("not UTF-8")
            at += 1
            low, high = 0x80, 0xBF


class _Reader:
    """A place in the octets, and what the caller allows."""

    def __init__(self, data, tags, views, items_left):
        self.data = memoryview(data)
        self.at = 0
        self.tags = tags
        self.views = views
        self.items_left = items_left

    def take(self, count):
        """The next ``count`` octets, as a view; they are there, or CborError is raised."""
        end = self.at + count
        if end > len(self.data):
            raise CborError("ends too early")
        part = self.data[self.at : end]
        self.at = end
        return part

    def read_head(self):
        """(major type, additional information, argument) of the next item."""
        if self.items_left == 0:
            raise CborError("too many items")
        self.items_left -= 1
        if self.at == len(self.data):
            raise CborError("ends too early")
        first = self.data[self.at]
        self.at += 1
        major, info = first >> 5, first & 0x1F
        if info < 24:
            return major, info, info
        if info > 27:  # 28 to 30 mean nothing, 31 is an indefinite length or a break
            raise CborError("reserved or indefinite length")
        argument = int.from_bytes(self.take(1 << (info - 24)), "big")
        # Below major type 7 the argument is a number, to be written as short as it can be.
        if major != SIMPLE and argument < _LEAST[info]:
            raise CborError("not the shortest form")
        return major, info, argument

    def item(self, depth):
        major, info, argument = self.read_head()
        if major == UINT:
            return argument
        if major == NINT:
            return -1 - argument
        if major == BYTES:
            part = self.take(argument)
            return part if self.views else bytes(part)
        if major == TEXT:
            return self.text(argument)
        if major == SIMPLE:
            return self.simple(info)
        if depth == 0:
            raise CborError("nested too deep")
        if major == ARRAY:
            return self.array(argument, depth - 1)
        if major == MAP:
            return self.map(argument, depth - 1)
        if argument not in self.tags:
            raise CborError("tag not allowed")
        return Tag(argument, self.item(depth - 1))

    def text(self, size):
        part = self.take(size)
        check_text(part)
        return str(part, "utf-8")

    def simple(self, info):
        if info == 20:
            return False
        if info == 21:
            return True
        if info == 22:
            return None
        raise CborError("float or simple value")

    def array(self, count, depth):
        self.expect(count)
        items = []
        for _ in range(count):
            items.append(self.item(depth))
        return items

    def map(self, count, depth):
        self.expect(2 * count)
        pairs = {}
        before = b""
        for _ in range(count):
            start = self.at
            key = self.key()
            encoded = bytes(self.data[start : self.at])
            if encoded <= before:
                raise CborError("map keys not ascending")
            before = encoded
            pairs[key] = self.item(depth)
        return pairs

    def expect(self, items):
        """Refuse a count that the octets left cannot hold: each item takes one at least."""
        if items > len(self.data) - self.at:
            raise CborError("ends too early")

    def key(self):
        if self.at < len(self.data) and self.data[self.at] >> 5 > TEXT:
            raise CborError("map key of another type")
        key = self.item(0)
        return bytes(key) if isinstance(key, memoryview) else key


def _write(out, value, depth):
    """Append the encoding of ``value`` to the bytearray ``out``."""
    # bool stands before int: on CPython a bool is an int.
    if value is None or isinstance(value, bool):
        out.append(0xF6 if value is None else 0xF5 if value else 0xF4)
    elif isinstance(value, int):
        out.extend(head(NINT, -1 - value) if value < 0 else head(UINT, value))
    elif isinstance(value, (bytes, bytearray, memoryview)):
        out.extend(head(BYTES, len(value)))
        out.extend(value)
    elif isinstance(value, str):
        _write_text(out, value)
    elif depth == 0:
        raise CborError("nested too deep, or no type of CBOR's")
    elif isinstance(value, (list, tuple)):
        out.extend(head(ARRAY, len(value)))
        for item in value:
            _write(out, item, depth - 1)
    elif isinstance(value, dict):
        _write_map(out, value, depth - 1)
    elif isinstance(value, Tag):
        out.extend(head(TAG, value.number))
        _write(out, value.value, depth - 1)
    else:
        raise CborError("no type of CBOR's")


def _write_text(out, value):
    try:
        octets = value.encode("utf-8")
    except UnicodeError:  # CPython, for a lone surrogate
        raise CborError("not UTF-8") from None
    check_text(octets)  # MicroPython encodes a lone surrogate
    out.extend(head(TEXT, len(octets)))
    out.extend(octets)


def _write_map(out, pairs, depth):
    encoded = []
    for key, value in pairs.items():
        if isinstance(key, bool) or not isinstance(key, (int, str, bytes)):
            raise CborError("map key of another type")
        encoded.append((encode(key, 0), value))
    encoded.sort(key=lambda pair: pair[0])
    out.extend(head(MAP, len(encoded)))
    for key, value in encoded:
        out.extend(key)
        _write(out, value, depth)
