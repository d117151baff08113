"""Plain textbook cryptography: the baseline of the benchmark, the referee of edge cases.

Written from the standards as they read, in plain integers, with no thought of speed, and
sharing nothing with firmware/crypto. Runs on CPython and on MicroPython.
"""

import hashlib

# --- Ed25519 (RFC 8032 section 5.1, laid out like its section 6) ------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493


def modp_inv(x):
    return pow(x, P - 2, P)


D = -121665 * modp_inv(121666) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_mul(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = point_add(q, p)
        p = point_add(p, p)
        s >>= 1
    return q


def point_equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * modp_inv(D * y * y + 1) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


BASE_Y = 4 * modp_inv(5) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def point_compress(p):
    z = modp_inv(p[2])
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


def point_decompress(s):
    y = int.from_bytes(s, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def ed25519_sign(a, prefix, message):
    """Sign with a secret scalar; the nonce comes from the prefix (any octets)."""
    public = point_compress(point_mul(a, BASE))
    r = int.from_bytes(sha512(prefix + message), "little") % L
    big_r = point_compress(point_mul(r, BASE))
    h = int.from_bytes(sha512(big_r + public + message), "little") % L
    return public, big_r + ((r + h * a) % L).to_bytes(32, "little")


def ed25519_verify(public, message, signature):
    """The cofactorless equation; S < L and points as RFC 8032 decodes them."""
    a = point_decompress(public)
    r = point_decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    h = int.from_bytes(sha512(signature[:32] + public + message), "little") % L
    return point_equal(point_mul(s, BASE), point_add(r, point_mul(h, a)))


# --- X25519 (RFC 7748 section 5) --------------------------------------------------------


def x25519(scalar, point):
    k = bytearray(scalar)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    x1 = int.from_bytes(point, "little") % (1 << 255) % P
    x2, z2, x3, z3 = 1, 0, x1, 1
    swap = 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a = (x2 + z2) % P
        aa = a * a % P
        b = (x2 - z2) % P
        bb = b * b % P
        e = (aa - bb) % P
        da = (x3 - z3) * a % P
        cb = (x3 + z3) * b % P
        x3 = (da + cb) ** 2 % P
        z3 = x1 * (da - cb) ** 2 % P
        x2 = aa * bb % P
        z2 = e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * modp_inv(z2) % P).to_bytes(32, "little")


# --- SHA-512 (FIPS 180-4), constants computed as it defines them ------------------------

M64 = (1 << 64) - 1


def _root(n, k):
    low, high = 0, 1 << 80
    while high - low > 1:
        middle = (low + high) // 2
        if middle**k <= n:
            low = middle
        else:
            high = middle
    return low


_PRIMES = [n for n in range(2, 410) if all(n % q for q in range(2, n))]
SHA_K = [_root(p << 192, 3) & M64 for p in _PRIMES]
SHA_H = [_root(p << 128, 2) & M64 for p in _PRIMES[:8]]


def rotr(x, n):
    return (x >> n | x << (64 - n)) & M64


def sha512(message):
    size = len(message)
    message += b"\x80" + bytes((111 - size) % 128) + (8 * size).to_bytes(16, "big")
    state = list(SHA_H)
    for start in range(0, len(message), 128):
        w = [int.from_bytes(message[i : i + 8], "big") for i in range(start, start + 128, 8)]
        for t in range(16, 80):
            s0 = rotr(w[t - 15], 1) ^ rotr(w[t - 15], 8) ^ w[t - 15] >> 7
            s1 = rotr(w[t - 2], 19) ^ rotr(w[t - 2], 61) ^ w[t - 2] >> 6
            w.append((s1 + w[t - 7] + s0 + w[t - 16]) & M64)
        a, b, c, d, e, f, g, h = state
        for t in range(80):
            big1 = rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41)
            t1 = (h + big1 + ((e & f) ^ (~e & M64 & g)) + SHA_K[t] + w[t]) & M64
            big0 = rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39)
            t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) & M64
            a, b, c, d, e, f, g, h = (t1 + t2) & M64, a, b, c, (d + t1) & M64, e, f, g
        state = [(x + (a, b, c, d, e, f, g, h)[i]) & M64 for i, x in enumerate(state)]
    return b"".join([x.to_bytes(8, "big") for x in state])


# --- ChaCha20-Poly1305 (RFC 8439) -------------------------------------------------------

M32 = (1 << 32) - 1


def quarter_round(x, a, b, c, d):
    x[a] = (x[a] + x[b]) & M32
    x[d] ^= x[a]
    x[d] = (x[d] << 16 | x[d] >> 16) & M32
    x[c] = (x[c] + x[d]) & M32
    x[b] ^= x[c]
    x[b] = (x[b] << 12 | x[b] >> 20) & M32
    x[a] = (x[a] + x[b]) & M32
    x[d] ^= x[a]
    x[d] = (x[d] << 8 | x[d] >> 24) & M32
    x[c] = (x[c] + x[d]) & M32
    x[b] ^= x[c]
    x[b] = (x[b] << 7 | x[b] >> 25) & M32


def chacha20_block(key, counter, nonce):
    octets = b"expand 32-byte k" + key + counter.to_bytes(4, "little") + nonce
    start = [int.from_bytes(octets[i : i + 4], "little") for i in range(0, 64, 4)]
    x = list(start)
    for _ in range(10):
        quarter_round(x, 0, 4, 8, 12)
        quarter_round(x, 1, 5, 9, 13)
        quarter_round(x, 2, 6, 10, 14)
        quarter_round(x, 3, 7, 11, 15)
        quarter_round(x, 0, 5, 10, 15)
        quarter_round(x, 1, 6, 11, 12)
        quarter_round(x, 2, 7, 8, 13)
        quarter_round(x, 3, 4, 9, 14)
    return b"".join([((x[i] + start[i]) & M32).to_bytes(4, "little") for i in range(16)])


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(key[16:], "little")
    total = 0
    for i in range(0, len(message), 16):
        n = int.from_bytes(message[i : i + 16] + b"\x01", "little")
        total = (total + n) * r % (2**130 - 5)
    return ((total + s) & ((1 << 128) - 1)).to_bytes(16, "little")


def chacha20_poly1305_open(key, nonce, aad, sealed):
    text, tag = sealed[:-16], sealed[-16:]
    sizes = len(aad).to_bytes(8, "little") + len(text).to_bytes(8, "little")
    message = aad + bytes(-len(aad) % 16) + text + bytes(-len(text) % 16) + sizes
    if poly1305(chacha20_block(key, 0, nonce)[:32], message) != tag:
        return None
    out = bytearray()
    for i in range(0, len(text), 64):
        stream = chacha20_block(key, 1 + i // 64, nonce)
        out += bytes([x ^ stream[j] for j, x in enumerate(text[i : i + 64])])
    return bytes(out)


# --- ECDSA on P-256 (FIPS 186-5) --------------------------------------------------------

Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)


def jacobian_double(p):
    x, y, z = p
    ysq = y * y % Q
    s = 4 * x * ysq % Q
    zz = z * z % Q
    m = (3 * x * x - 3 * zz * zz) % Q
    nx = (m * m - 2 * s) % Q
    return (nx, (m * (s - nx) - 8 * ysq * ysq) % Q, 2 * y * z % Q)


def jacobian_add(p, q):
    if p[2] == 0:
        return q
    if q[2] == 0:
        return p
    pz, qz = p[2] * p[2] % Q, q[2] * q[2] % Q
    u1, u2 = p[0] * qz % Q, q[0] * pz % Q
    s1, s2 = p[1] * qz * q[2] % Q, q[1] * pz * p[2] % Q
    h, r = (u2 - u1) % Q, (s2 - s1) % Q
    if h == 0:
        return jacobian_double(p) if r == 0 else (1, 1, 0)
    hh = h * h % Q
    hhh, v = h * hh % Q, u1 * hh % Q
    nx = (r * r - hhh - 2 * v) % Q
    return (nx, (r * (v - nx) - s1 * hhh) % Q, h * p[2] * q[2] % Q)


def jacobian_mul(p, k):
    q = (1, 1, 0)
    while k:
        if k & 1:
            q = jacobian_add(q, p)
        p = jacobian_double(p)
        k >>= 1
    return q


def affine(p):
    z = pow(p[2], Q - 2, Q)
    return p[0] * z * z % Q, p[1] * z * z * z % Q


def p256_verify(x, y, message, signature):
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N and len(signature) == 64):
        return False
    w = pow(s, N - 2, N)
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    total = jacobian_add(jacobian_mul(G, e * w % N), jacobian_mul((x, y, 1), r * w % N))
    return total[2] != 0 and affine(total)[0] % N == r
