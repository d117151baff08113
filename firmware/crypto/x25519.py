"""X25519 key agreement (RFC 7748 section 5).

Not constant-time: Python integers are not. Who can time a board closely, over many
orders, learns something of the device key; SECURITY.md says what that means.
"""

from firmware.crypto import native
from firmware.crypto.pacing import nothing

_P = (1 << 255) - 19

BASE_POINT = b"\x09" + bytes(31)


def _clamped(scalar):
    octets = bytearray(scalar)
    octets[0] &= 248
    octets[31] = (octets[31] & 127) | 64
    return octets


async def x25519(scalar, point, pause=nothing):
    """Multiply a point by a scalar: 32 octets each, 32 octets back.

    The top bit of the point is ignored and a coordinate of 2^255 - 19 or more is reduced,
    as the RFC asks. An all-zero result (a point of small order) is the caller's to refuse.
    Raises ValueError for other lengths.
    """
    if len(scalar) != 32 or len(point) != 32:
        raise ValueError("X25519 takes 32 octets")
    k = _clamped(scalar)
    u = (int.from_bytes(point, "little") & ((1 << 255) - 1)) % _P
    engine = native.choose("x25519_fast", "x25519_plain")
    return await engine.multiply(k, u.to_bytes(32, "little"), pause)


async def public_key(scalar, pause=nothing):
    """The public half, 32 octets, of a private scalar of 32 octets."""
    return await x25519(scalar, BASE_POINT, pause)
