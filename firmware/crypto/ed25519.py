"""Ed25519 verification (RFC 8032 section 5.1.7), strict, in plain integers.

What is accepted, and why:
- The key A is canonical (y < p, no "-0"), on the curve and not of small order: one key
  has one encoding, and no key verifies whatever it is shown.
- S < L, so that nobody turns a signature into a second one for the same message.
- The equation without the cofactor, S*B - h*A = R, compared as the 32 octets of R: a
  non-canonical R never equals an encoding that we make. (RFC 8032 leaves the choice;
  most verifiers, OpenSSL among them, choose the same.)
"""

from firmware.crypto import native
from firmware.crypto.modular import inverse, wnaf
from firmware.crypto.pacing import nothing, run
from firmware.crypto.sha512 import sha512
from firmware.crypto.tables import checked_combs

ALGORITHMS = (-8, -19)  # COSE EdDSA and Ed25519 (RFC 9053, RFC 9864)
SIGNATURE_LENGTH = 64

P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_SQRT_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
_BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
_WINDOW = 5
_DOUBLINGS_A_TURN = 4

_NATIVE_OCTETS = 16 * 1024
# Magic, label of the digest, octets of one comb (host_client/tables.py).
TABLES = (b"LKE1", b"latchkey ed25519 tables 1", 64 * 96)

# Points are extended coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, x*y = T/Z (RFC 8032
# section 5.1.4); what is added is kept as (Y-X, Y+X, 2d*T, 2*Z).


async def decompress(octets, pause=nothing):
    """The point (x, y) of 32 octets; ValueError if they are no canonical encoding."""
    if len(octets) != 32:
        raise ValueError("an Ed25519 point has 32 octets")
    y = int.from_bytes(octets, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        raise ValueError("not a canonical point")
    u = (y * y - 1) % P
    v = (D * y * y + 1) % P
    v3 = v * v % P * v % P
    power = u * v3 % P * v3 % P * v % P
    fast = native.load("powers25519", _NATIVE_OCTETS)
    power = await fast.root_power(power, pause) if fast else pow(power, (P - 5) // 8, P)
    x = u * v3 % P * power % P
    if v * x % P * x % P != u:
        x = x * _SQRT_MINUS_1 % P
        if v * x % P * x % P != u:
            raise ValueError("not a point of the curve")
    if x == 0 and sign:
        raise ValueError("not a canonical point")
    if x & 1 != sign:
        x = P - x
    return x, y


def has_small_order(y):
    """True for the y of a point of order 1, 2, 4 or 8.

    Orders 1 and 2 have y = 1 and -1, order 4 has y = 0, and twice a point of order 8 has
    y = 0: with the addition law, d*y^4 + 2*y^2 = 1.
    """
    square = y * y % P
    return y == 0 or square == 1 or (D * square + 2) * square % P == 1


def _double(point):
    x, y, z, _ = point
    a = x * x % P
    b = y * y % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _add(point, cached):
    x, y, z, t = point
    minus, plus, t2d, z2 = cached
    a = (y - x) * minus % P
    b = (y + x) * plus % P
    c = t * t2d % P
    d = z * z2 % P
    e = b - a
    f = d - c
    g = d + c
    h = b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _cached(point):
    x, y, z, t = point
    return (y - x) % P, (y + x) % P, 2 * D * t % P, 2 * z % P


def _minus(cached):
    minus, plus, t2d, z2 = cached
    return plus, minus, P - t2d, z2


def odd_multiples(point, count):
    """1, 3, 5 ... times a point (x, y), ready to be added."""
    x, y = point
    multiple = (x, y, 1, x * y % P)
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


async def _combine(s, base_table, h, key_table, pause):
    """s*B + h*(-A) by interleaved windows: extended coordinates."""
    s_digits = wnaf(s, _WINDOW)
    h_digits = wnaf(h, _WINDOW)
    point = (0, 1, 1, 0)
    for i in range(max(len(s_digits), len(h_digits)) - 1, -1, -1):
        point = _double(point)
        if i < len(s_digits) and s_digits[i]:
            point = _added(point, s_digits[i], base_table)
        if i < len(h_digits) and h_digits[i]:
            point = _added(point, h_digits[i], key_table)
        if i % _DOUBLINGS_A_TURN == 0:
            await pause()
    return point


def _encoded(point):
    x, y, z, _ = point
    z = inverse(z, P)
    return ((y * z % P) | (x * z % P & 1) << 255).to_bytes(32, "little")


class Key:
    """A public key of 32 octets, with or without its tables.

    Raises ValueError for a key that the rules refuse and for tables that are not its own.
    Tables vouch for the point: their maker has checked it.
    """

    algorithms = ALGORITHMS
    _base_table = None

    def __init__(self, octets, tables=None):
        if len(octets) != 32:
            raise ValueError("an Ed25519 key has 32 octets")
        self._octets = bytes(octets)
        self._combs = None if tables is None else checked_combs(TABLES, self._octets, tables)
        self._point = None
        self._table = None
        if tables is None:
            self._check_point()

    def _check_point(self):
        """Set -A."""
        x, y = run(decompress(self._octets))
        if has_small_order(y):
            raise ValueError("a key of small order")
        self._point = P - x, y

    async def verify(self, message, signature, pause=nothing):
        """True if the 64-octet signature is this key's for the message."""
        if len(signature) != SIGNATURE_LENGTH:
            return False
        s = int.from_bytes(signature[32:], "little")
        if s >= L:
            return False
        r = bytes(signature[:32])
        h = int.from_bytes(await sha512((r, self._octets, message), pause), "little") % L
        return await self._combined(s, h, pause) == r

    async def _combined(self, s, h, pause):
        """The 32 octets of s*B - h*A."""
        fast = native.load("ed25519_fast", _NATIVE_OCTETS)
        if fast and self._combs:
            base_comb, key_comb = self._combs
            return await fast.combine_pinned(s, h, L, base_comb, key_comb, pause)
        if self._point is None:
            self._check_point()
        if fast:
            return await fast.combine(s, h, self._point[0], self._point[1], pause)
        if self._table is None:
            self._table = odd_multiples(self._point, 1 << (_WINDOW - 2))
        if Key._base_table is None:
            Key._base_table = odd_multiples(_BASE, 1 << (_WINDOW - 2))
        return _encoded(await _combine(s, Key._base_table, h, self._table, pause))


def key_from_cose(cose_key, tables=None):
    """A Key from a COSE_Key map {1: 1, -1: 6, -2: x} (RFC 9053 section 7.2).

    Raises ValueError or KeyError for anything else.
    """
    if cose_key[-1] != 6:
        raise ValueError("not the curve Ed25519")
    return Key(cose_key[-2], tables)
