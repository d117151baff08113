"""Tables that make a board verify Ed25519 signatures of a pinned key two to three times faster.

Made once, at the factory, and stored beside the key; the board works without them. They are
part of the trust anchor: a digest binds them to their key, and the board checks it.
"""

import hashlib

MAGIC = b"LKE1"
TEETH = 7
COLUMNS = 37
ENTRIES = 1 << (TEETH - 1)
_LABEL = b"latchkey ed25519 tables 1"

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)

Affine = tuple[int, int]


def _add(p: Affine, q: Affine) -> Affine:
    """The complete addition law of the twisted Edwards curve (RFC 8032 section 5.1.4)."""
    x1, y1 = p
    x2, y2 = q
    t = _D * x1 * x2 * y1 * y2 % _P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, _P) % _P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, _P) % _P
    return x, y


def _times(scalar: int, point: Affine) -> Affine:
    total = (0, 1)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


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


def _packed(point: Affine) -> bytes:
    """y - x, y + x, 2dxy: 32 octets each, lowest first (what an addition needs)."""
    x, y = point
    values = ((y - x) % _P, (y + x) % _P, 2 * _D * x * y % _P)
    return b"".join(value.to_bytes(32, "little") for value in values)


def _comb(point: Affine) -> bytes:
    """The signed comb of a point: entry i is the sum of the teeth, tooth 6 positive and,
    where bit m of i is 0, tooth m negative. Tooth m is 2^(37 m) times the point."""
    teeth = [_times(1 << (COLUMNS * m), point) for m in range(TEETH)]
    entries = []
    for i in range(ENTRIES):
        total = teeth[-1]
        for m, (x, y) in enumerate(teeth[:-1]):
            total = _add(total, (x, y) if i >> m & 1 else (_P - x, y))
        entries.append(_packed(total))
    return b"".join(entries)


def odd_multiples_of_base(count: int) -> bytes:
    """1, 3, 5 ... times the base point, packed: what the board has built in."""
    twice = _add(_BASE, _BASE)
    points = [_BASE]
    while len(points) < count:
        points.append(_add(points[-1], twice))
    return b"".join(_packed(point) for point in points)


def ed25519_tables(public_key: bytes) -> bytes:
    """The tables of a public key of 32 octets: 12,324 octets.

    "LKE1", a SHA-256 over label, key and tables, the comb of the base point and the comb of
    minus the key (64 entries of 96 octets each). Raises ValueError for what is no public
    key, and for one that is not of prime order: the recoding of scalars needs that, and
    every honestly made key has it.
    """
    x, y = _decode(public_key)
    if _times(_L, (x, y)) != (0, 1) or (x, y) == (0, 1):
        raise ValueError("not an Ed25519 public key of prime order")
    tables = _comb(_BASE) + _comb((_P - x, y))
    return MAGIC + hashlib.sha256(_LABEL + public_key + tables).digest() + tables
