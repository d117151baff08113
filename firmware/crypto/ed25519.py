"""Ed25519 verification (RFC 8032 section 5.1.7), strict, in plain integers.

What is accepted, and why:
- The key A is canonical (y < p, no "-0"), on the curve and not of small order: one key
  has one encoding, and no key verifies whatever it is shown.
- S < L, so that nobody turns a signature into a second one for the same message.
- The equation without the cofactor, S*B - h*A = R, compared as the 32 octets of R: a
  non-canonical R never equals an encoding that we make. (RFC 8032 leaves the choice;
  most verifiers, OpenSSL among them, choose the same.)
"""

from firmware.crypto.modular import inverse, wnaf
from firmware.crypto.pacing import nothing
from firmware.crypto.sha512 import sha512

ALGORITHMS = (-8, -19)  # COSE EdDSA and Ed25519 (RFC 9053, RFC 9864)
SIGNATURE_LENGTH = 64

P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_SQRT_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_WINDOW = 5
_DOUBLINGS_A_TURN = 4

# Points are extended coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, x*y = T/Z (RFC 8032
# section 5.1.4); what is added is kept as (Y-X, Y+X, 2d*T, 2*Z).


def decompress(octets):
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
    x = u * v3 % P * pow(u * v3 * v3 % P * v % P, (P - 5) // 8, P) % P
    if v * x % P * x % P != u:
        x = x * _SQRT_MINUS_1 % P
        if v * x % P * x % P != u:
            raise ValueError("not a point of the curve")
    if x == 0 and sign:
        raise ValueError("not a canonical point")
    if x & 1 != sign:
        x = P - x
    return x, y


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


def _has_small_order(x, y):
    point = (x, y, 1, x * y % P)
    for _ in range(3):
        point = _double(point)
    return point[0] == 0 and point[1] == point[2]


class Key:
    """A public key of 32 octets. Raises ValueError for one that the rules refuse."""

    algorithms = ALGORITHMS
    _base_table = None

    def __init__(self, octets):
        x, y = decompress(octets)
        if _has_small_order(x, y):
            raise ValueError("a key of small order")
        self._octets = bytes(octets)
        self._table = odd_multiples((P - x, y), 1 << (_WINDOW - 2))

    async def verify(self, message, signature, pause=nothing):
        """True if the 64-octet signature is this key's for the message."""
        if len(signature) != SIGNATURE_LENGTH:
            return False
        s = int.from_bytes(signature[32:], "little")
        if s >= L:
            return False
        r = bytes(signature[:32])
        h = int.from_bytes(await sha512((r, self._octets, message), pause), "little") % L
        if Key._base_table is None:
            base = decompress(_BASE_Y.to_bytes(32, "little"))
            Key._base_table = odd_multiples(base, 1 << (_WINDOW - 2))
        return _encoded(await _combine(s, Key._base_table, h, self._table, pause)) == r


def key_from_cose(cose_key):
    """A Key from a COSE_Key map {1: 1, -1: 6, -2: x} (RFC 9053 section 7.2).

    Raises ValueError or KeyError for anything else.
    """
    if cose_key[-1] != 6:
        raise ValueError("not the curve Ed25519")
    return Key(cose_key[-2])
