"""Ed25519 verification (RFC 8032 section 5.1.7), strict.

What is accepted, and why:
- The key A is canonical (y < p, no "-0"), on the curve and not of small order: one key
  has one encoding, and no key verifies whatever it is shown.
- S < L, so that nobody turns a signature into a second one for the same message.
- The equation without the cofactor, S*B - h*A = R, compared as the 32 octets of R: a
  non-canonical R never equals an encoding that we make. (RFC 8032 leaves the choice;
  most verifiers, OpenSSL among them, choose the same.)
"""

from firmware.crypto import native
from firmware.crypto.hmac import parts_of
from firmware.crypto.pacing import nothing, run
from firmware.crypto.sha512 import sha512
from firmware.crypto.tables import checked_combs

ALGORITHMS = (-8, -19)  # COSE EdDSA and Ed25519 (RFC 9053, RFC 9864)
SIGNATURE_LENGTH = 64

P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_SQRT_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
# Magic, label of the digest, octets of one comb (host_client/tables.py).
TABLES = (b"LKE1", b"latchkey ed25519 tables 1", 64 * 96)


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
    fast = native.load("powers25519")
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


class Key:
    """A public key of 32 octets, with or without its tables.

    Raises ValueError for a key that the rules refuse and for tables that are not its own.
    Tables vouch for the point: their maker has checked it.
    """

    algorithms = ALGORITHMS

    def __init__(self, octets, tables=None):
        if len(octets) != 32:
            raise ValueError("an Ed25519 key has 32 octets")
        self._octets = bytes(octets)
        self._combs = None if tables is None else checked_combs(TABLES, self._octets, tables)
        self._point = None
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
        h = int.from_bytes(await sha512((r, self._octets) + parts_of(message), pause), "little") % L
        return await self._combined(s, h, pause) == r

    async def _combined(self, s, h, pause):
        """The 32 octets of s*B - h*A."""
        fast = native.load("ed25519_fast") if self._combs else None
        if fast:
            return await fast.combine_pinned(s, h, L, self._combs[0], self._combs[1], pause)
        if self._point is None:
            self._check_point()
        engine = native.choose("ed25519_fast", "ed25519_plain")
        return await engine.combine(s, h, self._point[0], self._point[1], pause)


def key_from_cose(cose_key, tables=None):
    """A Key from a COSE_Key map {1: 1, -1: 6, -2: x} (RFC 9053 section 7.2).

    Raises ValueError or KeyError for anything else.
    """
    if cose_key[-1] != 6:
        raise ValueError("not the curve Ed25519")
    return Key(cose_key[-2], tables)
