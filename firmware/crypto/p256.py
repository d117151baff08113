"""ECDSA verification on P-256 with SHA-256 (FIPS 186-5 section 6.4.2), in plain integers.

Signatures are r and s, 32 octets each (RFC 9053 section 2.1); 0 < r, s < n. As FIPS says,
(r, n - s) verifies as well: an order is never known by its signature, so this gives nothing.
"""

from firmware.crypto import native
from firmware.crypto.hmac import sha256
from firmware.crypto.modular import inverse, wnaf
from firmware.crypto.pacing import nothing
from firmware.crypto.tables import checked_combs

ALGORITHMS = (-7, -9)  # COSE ES256 and ESP256 (RFC 9053, RFC 9864)
SIGNATURE_LENGTH = 64

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_WINDOW = 5
_DOUBLINGS_A_TURN = 4
_NATIVE_OCTETS = 8 * 1024
# Magic, label of the digest, octets of one comb (host_client/tables.py).
TABLES = (b"LKP1", b"latchkey p256 tables 1", 64 * 64)

# Points are Jacobian (X, Y, Z), x = X/Z^2, y = Y/Z^3; Z = 0 is the point at infinity.
_INFINITY = (1, 1, 0)


def on_curve(x, y):
    """True if (x, y) is a point of the curve, coordinates reduced."""
    return x < P and y < P and (y * y - (x * x - 3) * x - B) % P == 0


def _double(point):
    x, y, z = point
    zz = z * z % P
    yy = y * y % P
    s = 4 * x * yy % P
    m = 3 * (x - zz) * (x + zz) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def _add(first, second):
    """The sum of any two points, equal, opposite and infinite ones included."""
    x1, y1, z1 = first
    x2, y2, z2 = second
    if z1 == 0:
        return second
    if z2 == 0:
        return first
    zz1 = z1 * z1 % P
    zz2 = z2 * z2 % P
    u1 = x1 * zz2 % P
    s1 = y1 * z2 % P * zz2 % P
    h = (x2 * zz1 - u1) % P
    r = (y2 * z1 % P * zz1 - s1) % P
    if h == 0:
        return _double(first) if r == 0 else _INFINITY
    hh = h * h % P
    hhh = h * hh % P
    v = u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 % P * z2 % P


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
    return _add(point, (x, P - y, z))


async def _combine(u1, base_table, u2, key_table, pause):
    """u1*G + u2*Q by interleaved windows: Jacobian."""
    digits1 = wnaf(u1, _WINDOW)
    digits2 = wnaf(u2, _WINDOW)
    point = _INFINITY
    for i in range(max(len(digits1), len(digits2)) - 1, -1, -1):
        point = _double(point)
        if i < len(digits1) and digits1[i]:
            point = _added(point, digits1[i], base_table)
        if i < len(digits2) and digits2[i]:
            point = _added(point, digits2[i], key_table)
        if i % _DOUBLINGS_A_TURN == 0:
            await pause()
    return point


class Key:
    """A public key (x, y), 32 octets each, with or without its tables.

    Raises ValueError for a point off the curve and for tables that are not this key's.
    """

    algorithms = ALGORITHMS
    _base_table = None

    def __init__(self, x, y, tables=None):
        if len(x) != 32 or len(y) != 32:
            raise ValueError("a P-256 coordinate has 32 octets")
        self._point = (int.from_bytes(x, "big"), int.from_bytes(y, "big"))
        if not on_curve(*self._point):
            raise ValueError("not a point of the curve")
        self._combs = None if tables is None else checked_combs(TABLES, x + y, tables)
        self._table = None

    async def verify(self, message, signature, pause=nothing):
        """True if the 64-octet signature is this key's for the message."""
        if len(signature) != SIGNATURE_LENGTH:
            return False
        r = int.from_bytes(signature[:32], "big")
        s = int.from_bytes(signature[32:], "big")
        if not (0 < r < N and 0 < s < N):
            return False
        w = inverse(s, N)
        u1 = int.from_bytes(sha256(message), "big") * w % N
        x, z = await self._combined(u1, r * w % N, pause)
        if z == 0:
            return False
        zz = z * z % P
        # x/z^2 mod n = r, without a division: n < p < 2n leaves two candidates.
        return r * zz % P == x or (r + N < P and (r + N) * zz % P == x)

    async def _combined(self, u1, u2, pause):
        """X and Z of u1*G + u2*Q, Jacobian; Z = 0 for the point at infinity."""
        fast = native.load("p256_fast", _NATIVE_OCTETS) if self._combs else None
        if fast:
            x, z = await fast.combine_pinned(u1, u2, N, self._combs[0], self._combs[1], pause)
            if z % P:
                # Both are times 2^260; x/z^2 keeps its value if x takes it on once more.
                return (x << 260) % P, z % P
        if self._table is None:
            self._table = odd_multiples(self._point, 1 << (_WINDOW - 2))
        if Key._base_table is None:
            Key._base_table = odd_multiples(G, 1 << (_WINDOW - 2))
        x, _, z = await _combine(u1, Key._base_table, u2, self._table, pause)
        return x, z


def key_from_cose(cose_key, tables=None):
    """A Key from a COSE_Key map {1: 2, -1: 1, -2: x, -3: y} (RFC 9053 section 7.1).

    Raises ValueError or KeyError for anything else; a compressed y (a bool) is refused.
    """
    if cose_key[-1] != 1:
        raise ValueError("not the curve P-256")
    return Key(cose_key[-2], cose_key[-3], tables)
