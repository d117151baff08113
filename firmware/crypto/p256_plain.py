"""The point arithmetic of p256.py in plain integers.

Points are Jacobian (X, Y, Z), x = X/Z^2, y = Y/Z^3; Z = 0 is the point at infinity.
"""

from firmware.crypto.modular import wnaf

_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_WINDOW = 5
_DOUBLINGS_A_TURN = 4
_INFINITY = (1, 1, 0)


def _double(point):
    x, y, z = point
    zz = z * z % _P
    yy = y * y % _P
    s = 4 * x * yy % _P
    m = 3 * (x - zz) * (x + zz) % _P
    x3 = (m * m - 2 * s) % _P
    return x3, (m * (s - x3) - 8 * yy * yy) % _P, 2 * y * z % _P


def _add(first, second):
    """The sum of any two points, equal, opposite and infinite ones included."""
    x1, y1, z1 = first
    x2, y2, z2 = second
    if z1 == 0:
        return second
    if z2 == 0:
        return first
    zz1 = z1 * z1 % _P
    zz2 = z2 * z2 % _P
    u1 = x1 * zz2 % _P
    s1 = y1 * z2 % _P * zz2 % _P
    h = (x2 * zz1 - u1) % _P
    r = (y2 * z1 % _P * zz1 - s1) % _P
    if h == 0:
        return _double(first) if r == 0 else _INFINITY
    hh = h * h % _P
    hhh = h * hh % _P
    v = u1 * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - s1 * hhh) % _P, h * z1 % _P * z2 % _P


def odd_multiples(point, count):
    """1, 3, 5 ... times a point (x, y), Jacobian."""
    multiple = (point[0], point[1], 1)
    twice = _double(multiple)
    table = [multiple]
    while len(table) < count:
        multiple = _add(multiple, twice)
        table.append(multiple)
    return table


def _added(point, digit, table):
    if digit > 0:
        return _add(point, table[digit >> 1])
    x, y, z = table[-digit >> 1]
    return _add(point, (x, _P - y, z))


async def combine(u1, u2, point, pause):
    """(X, Z) of u1*G + u2*(x, y), by interleaved windows; Z = 0 for infinity."""
    count = 1 << (_WINDOW - 2)
    tables = odd_multiples(_G, count), odd_multiples(point, count)
    digits = wnaf(u1, _WINDOW), wnaf(u2, _WINDOW)
    total = _INFINITY
    for i in range(max(len(digits[0]), len(digits[1])) - 1, -1, -1):
        total = _double(total)
        for j in (0, 1):
            if i < len(digits[j]) and digits[j][i]:
                total = _added(total, digits[j][i], tables[j])
        if i % _DOUBLINGS_A_TURN == 0:
            await pause()
    return total[0], total[2]
