"""The point arithmetic of ed25519.py in plain integers.

Points are extended coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, x*y = T/Z (RFC 8032 section
5.1.4); what is added is kept as (Y-X, Y+X, 2d*T, 2*Z).
"""

from firmware.crypto.modular import inverse, wnaf

_P = (1 << 255) - 19
_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
_WINDOW = 5
_DOUBLINGS_A_TURN = 4


def _double(point):
    x, y, z, _ = point
    a = x * x % _P
    b = y * y % _P
    h = a + b
    e = h - (x + y) * (x + y) % _P
    g = a - b
    f = 2 * z * z % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _add(point, cached):
    x, y, z, t = point
    minus, plus, t2d, z2 = cached
    a = (y - x) * minus % _P
    b = (y + x) * plus % _P
    c = t * t2d % _P
    d = z * z2 % _P
    e = b - a
    f = d - c
    g = d + c
    h = b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _cached(point):
    x, y, z, t = point
    return (y - x) % _P, (y + x) % _P, 2 * _D * t % _P, 2 * z % _P


def _minus(cached):
    minus, plus, t2d, z2 = cached
    return plus, minus, _P - t2d, z2


def odd_multiples(point, count):
    """1, 3, 5 ... times a point (x, y), ready to be added."""
    x, y = point
    multiple = (x, y, 1, x * y % _P)
    twice = _cached(_double(multiple))
    table = [_cached(multiple)]
    while len(table) < count:
        multiple = _add(multiple, twice)
        table.append(_cached(multiple))
    return table


def _added(point, digit, table):
    if digit > 0:
        return _add(point, table[digit >> 1])
    return _add(point, _minus(table[-digit >> 1]))


async def combine(s, h, x, y, pause):
    """The 32 octets of s*B + h*(x, y), by interleaved windows."""
    count = 1 << (_WINDOW - 2)
    tables = odd_multiples(_BASE, count), odd_multiples((x, y), count)
    digits = wnaf(s, _WINDOW), wnaf(h, _WINDOW)
    point = (0, 1, 1, 0)
    for i in range(max(len(digits[0]), len(digits[1])) - 1, -1, -1):
        point = _double(point)
        for j in (0, 1):
            if i < len(digits[j]) and digits[j][i]:
                point = _added(point, digits[j][i], tables[j])
        if i % _DOUBLINGS_A_TURN == 0:
            await pause()
    return _encoded(point)


def _encoded(point):
    x, y, z, _ = point
    z = inverse(z, _P)
    return ((y * z % _P) | (x * z % _P & 1) << 255).to_bytes(32, "little")
