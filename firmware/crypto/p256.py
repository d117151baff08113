"""ECDSA verification on P-256 with SHA-256 (FIPS 186-5 section 6.4.2).

Signatures are r and s, 32 octets each (RFC 9053 section 2.1); 0 < r, s < n. As FIPS says,
(r, n - s) verifies as well: an order is never known by its signature, so this gives nothing.
"""

from firmware.crypto import native
from firmware.crypto.hmac import parts_of, sha256
from firmware.crypto.modular import inverse
from firmware.crypto.pacing import nothing
from firmware.crypto.tables import checked_combs

ALGORITHMS = (-7, -9)  # COSE ES256 and ESP256 (RFC 9053, RFC 9864)
SIGNATURE_LENGTH = 64

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
# Magic, label of the digest, octets of one comb (host_client/tables.py).
TABLES = (b"LKP1", b"latchkey p256 tables 1", 64 * 64)


def on_curve(x, y):
    """True if (x, y) is a point of the curve, coordinates reduced."""
    return x < P and y < P and (y * y - (x * x - 3) * x - B) % P == 0


class Key:
    """A public key (x, y), 32 octets each, with or without its tables.

    Raises ValueError for a point off the curve and for tables that are not this key's.
    """

    algorithms = ALGORITHMS

    def __init__(self, x, y, tables=None):
        if len(x) != 32 or len(y) != 32:
            raise ValueError("a P-256 coordinate has 32 octets")
        self._point = (int.from_bytes(x, "big"), int.from_bytes(y, "big"))
        if not on_curve(*self._point):
            raise ValueError("not a point of the curve")
        self._combs = None if tables is None else checked_combs(TABLES, x + y, tables)

    async def verify(self, message, signature, pause=nothing):
        """True if the 64-octet signature is this key's for the message."""
        if len(signature) != SIGNATURE_LENGTH:
            return False
        r = int.from_bytes(signature[:32], "big")
        s = int.from_bytes(signature[32:], "big")
        if not (0 < r < N and 0 < s < N):
            return False
        w = inverse(s, N)
        u1 = int.from_bytes(sha256(*parts_of(message)), "big") * w % N
        x, z = await self._combined(u1, r * w % N, pause)
        if z == 0:
            return False
        zz = z * z % P
        # x/z^2 mod n = r, without a division: n < p < 2n leaves two candidates.
        return r * zz % P == x or (r + N < P and (r + N) * zz % P == x)

    async def _combined(self, u1, u2, pause):
        """X and Z of u1*G + u2*Q, Jacobian; Z = 0 for the point at infinity."""
        fast = native.load("p256_fast") if self._combs else None
        if fast:
            x, z = await fast.combine_pinned(u1, u2, N, self._combs[0], self._combs[1], pause)
            if z % P:
                # Both are times 2^260; x/z^2 keeps its value if x takes it on once more.
                return (x << 260) % P, z % P
        from firmware.crypto import p256_plain  # late: a key with tables seldom needs it

        return await p256_plain.combine(u1, u2, self._point, pause)


def key_from_cose(cose_key, tables=None):
    """A Key from a COSE_Key map {1: 2, -1: 1, -2: x, -3: y} (RFC 9053 section 7.1).

    Raises ValueError or KeyError for anything else; a compressed y (a bool) is refused.
    """
    if cose_key[-1] != 1:
        raise ValueError("not the curve P-256")
    return Key(cose_key[-2], cose_key[-3], tables)
