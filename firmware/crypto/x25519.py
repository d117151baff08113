"""X25519 key agreement (RFC 7748 section 5).

Not constant-time: Python integers are not. Who can time a board closely, over many
orders, learns something of the device key; SECURITY.md says what that means.
"""

from firmware.crypto import native
from firmware.crypto.modular import inverse
from firmware.crypto.pacing import nothing

_P = (1 << 255) - 19
_A24 = 121665
_STEPS_A_TURN = 8
_NATIVE_OCTETS = 13 * 1024

BASE_POINT = b"\x09" + bytes(31)


def _clamped(scalar):
    octets = bytearray(scalar)
    octets[0] &= 248
    octets[31] = (octets[31] & 127) | 64
    return octets


def _step(x1, x2, z2, x3, z3):
    """One rung: (2*P2, P2 + P3) where P3 - P2 has the coordinate x1."""
    a = x2 + z2
    b = x2 - z2
    da = (x3 - z3) * a % _P
    cb = (x3 + z3) * b % _P
    aa = a * a % _P
    bb = b * b % _P
    e = aa - bb
    total = da + cb
    difference = da - cb
    return (
        aa * bb % _P,
        e * (aa + _A24 * e) % _P,
        total * total % _P,
        x1 * (difference * difference % _P) % _P,
    )


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
    fast = native.load("x25519_fast", _NATIVE_OCTETS)
    if fast:
        return await fast.multiply(k, u.to_bytes(32, "little"), pause)
    x2, z2 = await _ladder(int.from_bytes(k, "little"), u, pause)
    return (x2 * inverse(z2, _P) % _P).to_bytes(32, "little")


async def _ladder(k, x1, pause):
    """k times the point of coordinate x1, as (X, Z)."""
    x2, z2, x3, z3 = 1, 0, x1, 1
    swapped = 0
    for i in range(254, -1, -1):
        bit = (k >> i) & 1
        if bit != swapped:
            x2, z2, x3, z3 = x3, z3, x2, z2
            swapped = bit
        x2, z2, x3, z3 = _step(x1, x2, z2, x3, z3)
        if i % _STEPS_A_TURN == 0:
            await pause()
    return (x3, z3) if swapped else (x2, z2)


async def public_key(scalar, pause=nothing):
    """The public half, 32 octets, of a private scalar of 32 octets."""
    return await x25519(scalar, BASE_POINT, pause)
