"""Tables that make a board verify signatures of a pinned key several times faster.

Made once, at the factory, and stored beside the key; the board works without them. They are
part of the trust anchor: a digest binds them to their key, and the board checks it.

Each set is a magic, a SHA-256 over label, key and combs, the comb of the curve's base point
and the comb of the key (of minus the key for Ed25519). A comb has 64 entries: entry i is the
sum of seven teeth, tooth m being 2^(37 m) times the point; tooth 6 counts positive and, where
bit m of i is 0, tooth m negative.
"""

import hashlib
from collections.abc import Callable

TEETH = 7
COLUMNS = 37
ENTRIES = 1 << (TEETH - 1)

Affine = tuple[int, int]
# None is the point at infinity of P-256; the Edwards curve has the point (0, 1) for it.
Point = Affine | None
Sum = Callable[[Point, Point], Point]

# --- Edwards curve of Ed25519 (RFC 8032 section 5.1) --------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def _edwards_sum(p: Point, q: Point) -> Point:
    """The complete addition law (RFC 8032 section 5.1.4), affine; None counts as (0, 1)."""
    x1, y1 = p or (0, 1)
    x2, y2 = q or (0, 1)
    t = _D * x1 * x2 * y1 * y2 % _P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, _P) % _P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, _P) % _P
    return x, y


def _decode(public_key: bytes) -> Affine:
    """The point of a public key (RFC 8032 section 5.1.3); ValueError if it is none."""
    if len(public_key) != 32:
        raise ValueError("an Ed25519 public key has 32 octets")
    y = int.from_bytes(public_key, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        raise ValueError("not a canonical Ed25519 public key")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        raise ValueError("not an Ed25519 public key")
    return (_P - x if x & 1 != sign else x), y


def _edwards_packed(point: Affine) -> bytes:
    """y - x, y + x, 2dxy: 32 octets each, lowest first (what an addition needs)."""
    x, y = point
    values = ((y - x) % _P, (y + x) % _P, 2 * _D * x * y % _P)
    return b"".join(value.to_bytes(32, "little") for value in values)


# --- P-256 (FIPS 186-5) ------------------------------------------------------------------------

_Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def _weierstrass_sum(p: Point, q: Point) -> Point:
    if p is None or q is None:
        return p or q
    x1, y1 = p
    x2, y2 = q
    if x1 == x2:
        if (y1 + y2) % _Q == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, _Q)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, _Q)
    x = (slope * slope - x1 - x2) % _Q
    return x, (slope * (x1 - x) - y1) % _Q


def _weierstrass_packed(point: Affine) -> bytes:
    """x and y times 2^260 (Montgomery's form): 32 octets each, lowest first."""
    return b"".join(((value << 260) % _Q).to_bytes(32, "little") for value in point)


# --- Both ----------------------------------------------------------------------------------------


def _times(scalar: int, point: Point, add: Sum) -> Point:
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def _comb(point: Affine, add: Sum, minus: Callable[[Affine], Affine]) -> list[Affine]:
    teeth = [_times(1 << (COLUMNS * m), point, add) for m in range(TEETH)]
    entries = []
    for i in range(ENTRIES):
        total = teeth[-1]
        for m, tooth in enumerate(teeth[:-1]):
            assert tooth is not None  # the order of either group is prime and above 2^222
            total = add(total, tooth if i >> m & 1 else minus(tooth))
        assert total is not None
        entries.append(total)
    return entries


def _bound(magic: bytes, label: bytes, key: bytes, combs: bytes) -> bytes:
    return magic + hashlib.sha256(label + key + combs).digest() + combs


def odd_multiples_of_base(count: int) -> bytes:
    """1, 3, 5 ... times Ed25519's base point, packed: what the board has built in."""
    points: list[Affine] = []
    for i in range(count):
        point = _times(2 * i + 1, _BASE, _edwards_sum)
        assert point is not None
        points.append(point)
    return b"".join(_edwards_packed(point) for point in points)


def ed25519_tables(public_key: bytes) -> bytes:
    """The tables of an Ed25519 public key of 32 octets: 12,324 octets.

    Raises ValueError for what is no public key, and for one that is not of prime order: the
    board's recoding of scalars needs that, and every honestly made key has it.
    """
    x, y = _decode(public_key)
    if _times(_L, (x, y), _edwards_sum) != (0, 1) or (x, y) == (0, 1):
        raise ValueError("not an Ed25519 public key of prime order")

    def minus(point: Affine) -> Affine:
        return -point[0] % _P, point[1]

    entries = _comb(_BASE, _edwards_sum, minus) + _comb(minus((x, y)), _edwards_sum, minus)
    combs = b"".join(_edwards_packed(entry) for entry in entries)
    return _bound(b"LKE1", b"latchkey ed25519 tables 1", public_key, combs)


def p256_tables(x: bytes, y: bytes) -> bytes:
    """The tables of a P-256 public key, coordinates of 32 octets each: 8,228 octets.

    Raises ValueError for a point that is not on the curve.
    """
    point = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    on_curve = (point[1] ** 2 - point[0] ** 3 + 3 * point[0] - _B) % _Q == 0
    if len(x) != 32 or len(y) != 32 or max(point) >= _Q or not on_curve:
        raise ValueError("not a P-256 public key")

    def minus(of: Affine) -> Affine:
        return of[0], -of[1] % _Q

    entries = _comb(_G, _weierstrass_sum, minus) + _comb(point, _weierstrass_sum, minus)
    combs = b"".join(_weierstrass_packed(entry) for entry in entries)
    return _bound(b"LKP1", b"latchkey p256 tables 1", x + y, combs)
