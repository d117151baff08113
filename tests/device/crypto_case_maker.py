"""Random and edge cases for every operation, answered by `cryptography` (CPython only).

Each generator yields (arguments, expected, what) for ever; edge cases come mixed in, so
that any number of cases has its share of them.
"""

import hashlib
import hmac as stdlib_hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.bench import textbook
from tests.device.crypto_cases import BAD, GOOD, REFUSED

P, L, N = textbook.P, textbook.L, textbook.N
# Values at which carries, reductions and limb borders of any size are most likely to break.
NEAR = [0, 1, 2, 3, 18, 19, 20, 37, 38]
EDGES_255 = (
    NEAR
    + [P + d for d in range(-20, 19)]
    + [2**255 - 1, 2**254, (P - 1) // 2, L, L - 1]
    + [2**k for k in range(10, 255, 7)]
    + [2**k - 1 for k in range(12, 255, 13)]
    + [sum(((1 << 12) + j) << k for k in range(0, 250, 13)) for j in (-1, 0)]
    + [sum(0x1FFF << k for k in range(0, 250, 26))]
)


def flipped(octets, rng):
    changed = bytearray(octets)
    bit = rng.randrange(8 * len(octets))
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


def sha512_cases(rng):
    while True:
        parts = [rng.randbytes(rng.choice((0, 1, 63, 64, 111, 112, 127, 128, 129, 300)))
                 for _ in range(rng.randrange(1, 4))]  # fmt: skip
        if rng.random() < 0.1:
            parts = [bytes([rng.choice((0, 255))]) * len(part) for part in parts]
        yield parts, hashlib.sha512(b"".join(parts)).digest(), "random"


def hmac_cases(rng):
    while True:
        key, message = (rng.randbytes(rng.randrange(140)) for _ in range(2))
        yield (key, message), stdlib_hmac.digest(key, message, "sha256"), "random"


def hkdf_cases(rng):
    while True:
        salt, ikm, info = (rng.randbytes(rng.choice((0, 1, 32, 64, 65, 90))) for _ in range(3))
        size = rng.randrange(1, 200)
        made = HKDF(hashes.SHA256(), size, salt or None, info).derive(ikm)
        yield (salt, ikm, info, size.to_bytes(2, "big")), made, "random"


def x25519_cases(rng):
    while True:
        u = rng.choice(EDGES_255) if rng.random() < 0.4 else rng.getrandbits(255)
        u |= rng.getrandbits(1) << 255
        scalar = rng.choice((bytes(32), b"\xff" * 32, b"\x55" * 32, *(rng.randbytes(32),) * 9))
        point = (u % 2**256).to_bytes(32, "little")
        key = x25519.X25519PrivateKey.from_private_bytes(scalar)
        try:
            shared = key.exchange(x25519.X25519PublicKey.from_public_bytes(point))
        except ValueError:  # what OpenSSL says of an all-zero result
            shared = bytes(32)
        yield (scalar, point), shared, "u = %x" % u


def aead_cases(rng, aead, key_length):
    while True:
        key, nonce = rng.randbytes(key_length), rng.randbytes(12)
        aad = rng.randbytes(rng.choice((0, 1, 15, 16, 17, 31, 60)))
        plain = rng.randbytes(rng.choice((0, 1, 15, 16, 17, 63, 64, 65, 128, 200, 333)))
        kind = rng.randrange(6)
        if kind == 0:  # all-ones text drives Poly1305's sum to where it must be reduced
            key = rng.choice((b"\xff", b"\x00")) * key_length
            plain = b"\xff" * len(plain)
        sealed = aead(key).encrypt(nonce, plain, aad)
        if kind == 1:
            sealed = flipped(sealed, rng)
        elif kind == 2:
            sealed = sealed[: rng.randrange(len(sealed))]
        elif kind == 3 and aad:
            aad = flipped(aad, rng)
        try:
            expected = aead(key).decrypt(nonce, sealed, aad)
        except InvalidTag:
            expected = REFUSED
        yield (key, nonce, aad, sealed), expected, "kind %d" % kind


def _small_order_points():
    """L times points of the whole curve leaves what they have outside the prime group."""
    decoded = [textbook.point_decompress(y.to_bytes(32, "little")) for y in range(3, 30)]
    return [textbook.point_mul(L, point) for point in decoded if point is not None]


SMALL_ORDER = _small_order_points()


def torsion(rng):
    """A point of order 1, 2, 4 or 8."""
    return textbook.point_mul(rng.randrange(8), rng.choice(SMALL_ORDER))


def _ed25519_scalar(rng):
    return rng.choice((1, 2, 3, 4, 8, L - 1, L - 2, (L + 1) // 2, *(rng.randrange(1, L),) * 16))


def _ed25519_case(rng, a, kinds=range(16)):
    """(public key, message, signature, what): signed by the textbook, then perhaps spoilt."""
    message = rng.randbytes(rng.choice((0, 1, 47, 48, 64, 200)))
    prefix = rng.randbytes(32)
    public, signature = textbook.ed25519_sign(a, prefix, message)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    kind = rng.choice(kinds)
    if kind == 0:
        return flipped(public, rng), message, signature, "key changed"
    if kind == 1:
        return public, message + b"\x00", signature, "message changed"
    if kind in (2, 3):
        return public, message, flipped(signature, rng), "signature changed"
    if kind == 4:
        s = s + L * rng.randrange(1, 16) if s + 15 * L < 2**256 else s + L
        return public, message, r + s.to_bytes(32, "little"), "S + L"
    if kind == 5:
        s = rng.choice((0, 1, L - 1, L, L + 1, 2**252, 2**253 - 1, 2**256 - 1))
        return public, message, r + s.to_bytes(32, "little"), "S at an edge"
    if kind in (6, 7, 8):
        return _with_torsion(rng, a, prefix, message)
    if kind == 9:
        y = rng.choice((0, 1, P - 1, P, P + 1, P + rng.randrange(19), rng.choice(EDGES_255)))
        odd = (y % 2**255 | rng.getrandbits(1) << 255).to_bytes(32, "little")
        return odd, message, signature, "key at an edge"
    if kind == 10:
        return _with_zero_nonce(rng, a, public, message)
    return public, message, signature, "good"


def _with_torsion(rng, a, prefix, message):
    """Key, nonce point or both with a small-order part: valid only where it cancels out."""
    t, u = torsion(rng), torsion(rng)
    a = rng.choice((0, a, a, a))
    public = textbook.point_compress(textbook.point_add(textbook.point_mul(a, textbook.BASE), t))
    k = int.from_bytes(textbook.sha512(prefix), "little") % L
    r = textbook.point_compress(textbook.point_add(textbook.point_mul(k, textbook.BASE), u))
    for counter in range(12):  # until the hash makes the parts cancel, or not at all
        m = message + bytes([counter])
        h = int.from_bytes(hashlib.sha512(r + public + m).digest(), "little") % L
        if textbook.point_equal(textbook.point_mul(8 * L - h % 8, t), u):
            break
    return public, m, r + ((k + h * a) % L).to_bytes(32, "little"), "torsion"


def _with_zero_nonce(rng, a, public, message):
    """R is the identity, in one of its encodings: the sum is the neutral element."""
    y = rng.choice((1, 1, P + 1))
    r = (y | rng.choice((0, 0, 1)) << 255).to_bytes(32, "little")
    h = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    return public, message, r + (h * a % L).to_bytes(32, "little"), "R is the identity"


def _refused_by_our_rules(public):
    """Keys that OpenSSL takes and we do not: not canonical, or of small order."""
    point = textbook.point_decompress(public)
    return point is None or textbook.point_equal(textbook.point_mul(8, point), (0, 1, 1, 0))


def _ed25519_expected(public, message, signature):
    if _refused_by_our_rules(public):
        return BAD
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return GOOD
    except (InvalidSignature, ValueError):
        return BAD


def ed25519_cases(rng):
    while True:
        public, message, signature, what = _ed25519_case(rng, _ed25519_scalar(rng))
        yield (public, message, signature), _ed25519_expected(public, message, signature), what


def ed25519_pinned_cases(rng):
    """A few keys, for each has its tables made; what spoils a key is left out."""
    keys = [1, L - 1, *(_ed25519_scalar(rng) for _ in range(3))]
    while True:
        kinds = (2, 3, 4, 5, 5, 10, 10, 15, 15, 15)
        public, message, signature, what = _ed25519_case(rng, rng.choice(keys), kinds)
        yield (public, message, signature), _ed25519_expected(public, message, signature), what


def _p256_scalar(rng):
    return rng.choice((1, 2, 3, 5, N - 1, N - 2, N - 3, *(rng.randrange(1, N),) * 14))


def _p256_case(rng, d, kinds=range(12)):
    """(private d, message, r, s, what) for ECDSA, good, spoilt or at an edge of the group."""
    message = rng.randbytes(rng.choice((0, 1, 55, 64, 200)))
    e = int.from_bytes(hashlib.sha256(message).digest(), "big") % N
    k = rng.choice((1, 2, N - 1, *(rng.randrange(1, N),) * 12))
    r = textbook.affine(textbook.jacobian_mul(textbook.G, k))[0] % N
    kind = rng.choice(kinds)
    if kind == 0:  # u1*G = u2*Q: the last addition is a doubling
        d = e * pow(r, -1, N) % N
    if kind == 1:  # u1*G = -u2*Q: the sum is the point at infinity
        d = -e * pow(r, -1, N) % N
        return d, message, r, rng.randrange(1, N), "sum is infinity"
    s = pow(k, -1, N) * (e + r * d) % N
    if kind == 2:
        return d, message + b"\x00", r, s, "message changed"
    if kind == 3:
        return d, message, r, N - s, "n - s"
    if kind in (4, 5):
        edges = (0, 1, N - 1, N, N + 1, 2**256 - 1, s, r, r ^ 1 << rng.randrange(255))
        return d, message, rng.choice(edges), rng.choice((*edges, s, s)), "r, s at edges"
    return d, message, r, s, "good"


def _p256_answered(public, message, r, s):
    """((x, y, message, signature), expected) for signature values that fit 32 octets."""
    try:
        der = utils.encode_dss_signature(r, s)
        public.verify(der, message, ec.ECDSA(hashes.SHA256()))
        expected = GOOD
    except InvalidSignature:
        expected = BAD
    numbers = public.public_numbers()
    octets = [value.to_bytes(32, "big") for value in (numbers.x, numbers.y, r, s)]
    return (octets[0], octets[1], message, octets[2] + octets[3]), expected


def p256_cases(rng):
    while True:
        d, message, r, s, what = _p256_case(rng, _p256_scalar(rng))
        if not d:
            continue
        public = ec.derive_private_key(d, ec.SECP256R1()).public_key()
        given, expected = _p256_answered(public, message, r, s)
        if rng.random() < 0.04:
            x, y, message, signature = given
            given, expected, what = (x, flipped(y, rng), message, signature), BAD, "off the curve"
        yield given, expected, what


def p256_pinned_cases(rng):
    """A few keys, whose tables are made; among them those whose combs are the base point's."""
    keys = [1, N - 1, 2, *(_p256_scalar(rng) for _ in range(2))]
    publics = {d: ec.derive_private_key(d, ec.SECP256R1()).public_key() for d in keys}
    while True:
        d, message, r, s, what = _p256_case(rng, rng.choice(keys), (2, 3, 4, 5, 6, 6, 6, 7))
        if what == "good" and rng.random() < 0.2:
            s, what = _edge_multiple(rng, d, message, r), "u1 or u2 at an edge"
        given, expected = _p256_answered(publics[d], message, r, s)
        yield given, expected, what


def _edge_multiple(rng, d, message, r):
    """An s that makes u1 or u2 a value at an edge of the recoding (a bad signature)."""
    e = int.from_bytes(hashlib.sha256(message).digest(), "big") % N
    wanted = rng.choice((1, 2, 3, N - 1, N - 2, 2**255, d))
    return rng.choice((e, r)) * pow(wanted, -1, N) % N or 1


GENERATORS = {
    "sha512": sha512_cases,
    "hmac": hmac_cases,
    "hkdf": hkdf_cases,
    "x25519": x25519_cases,
    "chacha20poly1305": lambda rng: aead_cases(rng, ChaCha20Poly1305, 32),
    "aes-gcm": lambda rng: aead_cases(rng, AESGCM, 16),
    "ed25519": ed25519_cases,
    "ed25519-pinned": ed25519_pinned_cases,
    "p256": p256_cases,
    "p256-pinned": p256_pinned_cases,
}
