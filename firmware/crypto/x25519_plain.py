"""The Montgomery ladder of x25519.py in plain integers (RFC 7748 section 5)."""

from firmware.crypto.modular import inverse

_P = (1 << 255) - 19
_A24 = 121665
_STEPS_A_TURN = 8


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


async def multiply(scalar, point, pause):
    """The 32 octets of a clamped scalar times a point (32 octets each, the point reduced)."""
    k = int.from_bytes(scalar, "little")
    x1 = int.from_bytes(point, "little")
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
    if swapped:
        x2, z2 = x3, z3
    return (x2 * inverse(z2, _P) % _P).to_bytes(32, "little")
