"""CBOR for the host: cbor2 does the work, this keeps it to what the protocol allows.

cbor2 is generous: it joins indefinite lengths, follows shared and string references (a
few octets can grow without bound), and builds dates, numbers and patterns out of tags.
What comes from a radio gets none of that: the shape is checked before anything is built.
"""

from __future__ import annotations

from typing import Any

import cbor2

MAX_DEPTH = 8

_ARRAY, _MAP, _TAG, _SIMPLE = 4, 5, 6, 7
_PLAIN_SIMPLE = (20, 21, 22)  # false, true, null


class CborError(ValueError):
    """Not one deterministic, plain CBOR item."""


def encode(value: Any) -> bytes:
    """Encode deterministically.

    cbor2 sorts keys by length first (RFC 7049 section 3.9); RFC 8949 section 4.2.1 sorts
    them by their octets. No map of the protocol has keys where the two differ, and the
    tests hold every one of them against the board's own encoder.
    """
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes) -> Any:
    """Decode one plain item (RFC 8949 section 4.2.1; no tags, no floats).

    Raises CborError for anything else, trailing octets, unsorted and repeated keys included.
    """
    _check_shape(data)
    try:
        value = cbor2.loads(data)
        again = encode(value)
    except (ValueError, TypeError, EOFError, RecursionError, cbor2.CBORError) as error:
        raise CborError("not CBOR") from error
    if again != data:
        raise CborError("not deterministic CBOR")
    return value


def _check_shape(data: bytes) -> None:
    """Walk the heads of all items without building any of them."""
    position = 0
    open_items = [1]  # how many items each open container still awaits
    while open_items:
        if open_items[-1] == 0:
            open_items.pop()
            continue
        open_items[-1] -= 1
        major, value, position = _head(data, position)
        if major in (2, 3):
            position += value
        elif major in (_ARRAY, _MAP):
            if len(open_items) > MAX_DEPTH:
                raise CborError("nested too deeply")
            open_items.append(value * 2 if major == _MAP else value)
        if position > len(data):
            raise CborError("cut short")
    if position != len(data):
        raise CborError("octets after the end")


def _head(data: bytes, position: int) -> tuple[int, int, int]:
    """(major type, argument, position after the head) of the item at `position`."""
    if position >= len(data):
        raise CborError("cut short")
    major, info = data[position] >> 5, data[position] & 31
    position += 1
    if major == _TAG:
        raise CborError("a tag where none belongs")
    if major == _SIMPLE and info not in _PLAIN_SIMPLE:
        raise CborError("a float or an unknown simple value")
    if info < 24:
        return major, info, position
    if info > 27:
        raise CborError("an indefinite length or a reserved head")
    size = 1 << (info - 24)
    return major, int.from_bytes(data[position : position + size], "big"), position + size
