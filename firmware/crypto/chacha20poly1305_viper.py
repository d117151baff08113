"""ChaCha20 and Poly1305 (RFC 8439) in machine code, for chacha20poly1305.py.

Words are 32 bits on a board and 64 on a PC; the code gives the same on both. ChaCha20:
sums may pass 2^32 but are stored through ptr32, which keeps the low 32 bits, before
anything shifts them right; what is shifted right is a uint made of loaded words.

Poly1305 works on ten limbs of 13 bits, all of them >= 0. A limb of the sum is at most 8,352
before a block and 16,543 with it, one of r below 2^13, so no cell reaches 2^31;
tests/device/test_crypto_bounds.py runs this source with ranges to prove it.
"""

import micropython

from firmware.crypto.modular import from_limbs, to_limbs

CHUNK = 1024  # octets between two pauses
_LIMBS = 10
_BITS = 13
_SUM = 22  # where the sum's limbs are in the work area; r is at 0, the cells at 10


@micropython.viper
def _apply(q: ptr32, v: uint, w: ptr32, source: ptr8, target: ptr8, at: int, end: int):
    """XOR the key stream into octets at to end; word 28 counts the blocks.

    Words 0 to 15 become the key stream of the start state in words 16 to 31.
    """
    while at < end:
        for i in range(16):
            w[i] = w[16 + i]
        for turn in range(20):
            q = w
            for _ in range(4):
                q[0] = q[0] + q[4]
                v = uint(q[12] ^ q[0])
                q[12] = v << 16 | v >> 16
                q[8] = q[8] + q[12]
                v = uint(q[4] ^ q[8])
                q[4] = v << 12 | v >> 20
                q[0] = q[0] + q[4]
                v = uint(q[12] ^ q[0])
                q[12] = v << 8 | v >> 24
                q[8] = q[8] + q[12]
                v = uint(q[4] ^ q[8])
                q[4] = v << 7 | v >> 25
                q = ptr32(int(q) + 4)
            # Turn rows 1, 2, 3 by 1, 2, 3 so that diagonals are columns, and then back.
            q = ptr32(int(w) + (48 if turn & 1 else 16))
            v = uint(q[0])
            q[0] = q[1]
            q[1] = q[2]
            q[2] = q[3]
            q[3] = v
            q = ptr32(int(w) + (16 if turn & 1 else 48))
            v = uint(q[3])
            q[3] = q[2]
            q[2] = q[1]
            q[1] = q[0]
            q[0] = v
            q = ptr32(int(w) + 32)
            v = uint(q[0])
            q[0] = q[2]
            q[2] = v
            v = uint(q[1])
            q[1] = q[3]
            q[3] = v
        for i in range(16):
            w[i] = w[i] + w[16 + i]
        stream = ptr8(int(w))
        for i in range(64 if end - at > 64 else end - at):
            target[at + i] = source[at + i] ^ stream[i]
        w[28] = w[28] + 1
        at += 64


@micropython.viper
def _absorb(x: int, p: ptr32, data: ptr8, at: int, count: int):
    """Poly1305 over whole blocks: sum = (sum + block + 2^128) * r mod 2^130 - 5."""
    s = ptr32(int(p) + 88)  # the sum
    for _ in range(count):
        d = ptr8(int(data) + at)
        at += 16
        s[0] = s[0] + ((d[0] | d[1] << 8) & 8191)
        s[1] = s[1] + ((d[1] >> 5 | d[2] << 3 | d[3] << 11) & 8191)
        s[2] = s[2] + ((d[3] >> 2 | d[4] << 6) & 8191)
        s[3] = s[3] + ((d[4] >> 7 | d[5] << 1 | d[6] << 9) & 8191)
        s[4] = s[4] + ((d[6] >> 4 | d[7] << 4 | d[8] << 12) & 8191)
        s[5] = s[5] + ((d[8] >> 1 | d[9] << 7) & 8191)
        s[6] = s[6] + ((d[9] >> 6 | d[10] << 2 | d[11] << 10) & 8191)
        s[7] = s[7] + ((d[11] >> 3 | d[12] << 5) & 8191)
        s[8] = s[8] + ((d[13] | d[14] << 8) & 8191)
        s[9] = s[9] + (d[14] >> 5 | d[15] << 3 | 2048)
        for i in range(10, 20):
            p[i] = 0
        # Horner over the limbs of the sum, highest first: cells move up by one limb, and
        # what the top cell loses comes back times five (2^130 = 5).
        for i in range(9, -1, -1):
            top = p[19]
            x = s[i]
            p[19] = p[9] * x + p[18]
            p[18] = p[8] * x + p[17]
            p[17] = p[7] * x + p[16]
            p[16] = p[6] * x + p[15]
            p[15] = p[5] * x + p[14]
            p[14] = p[4] * x + p[13]
            p[13] = p[3] * x + p[12]
            p[12] = p[2] * x + p[11]
            p[11] = p[1] * x + p[10] + (top >> 13) * 5
            p[10] = p[0] * x + (top & 8191) * 5
        x = 0
        for i in range(10):
            x = p[10 + i] + x
            s[i] = x & 8191
            x = x >> 13
        x = x * 5 + s[0]
        s[0] = x & 8191
        s[1] = s[1] + (x >> 13)


class Poly1305:
    """The one-time authenticator, as in chacha20poly1305.py."""

    def __init__(self, key):
        r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
        self._area = to_limbs(r, _LIMBS, _SUM + _LIMBS)
        self._s = int.from_bytes(key[16:32], "little")

    def add(self, part, start, end):
        """Take in octets start to end of a part, the last block filled up with zeros."""
        whole = (end - start) // 16
        _absorb(0, self._area, part, start, whole)
        start += 16 * whole
        if start < end:
            block = bytearray(16)
            block[: end - start] = part[start:end]
            _absorb(0, self._area, block, 0, 1)

    def tag(self):
        """The 16 octets of the tag."""
        total = from_limbs(self._area, _SUM, _LIMBS) % ((1 << 130) - 5) + self._s
        return (total & ((1 << 128) - 1)).to_bytes(16, "little")


class Stream:
    """The key stream of a key and nonce, as in chacha20poly1305.py."""

    def __init__(self, key, nonce):
        self._area = bytearray(128)
        self._area[64:80] = b"expand 32-byte k"
        self._area[80:112] = key
        self._area[116:128] = nonce

    def block(self, counter):
        """The 64 octets of one block."""
        out = bytearray(64)
        self._run(counter, out, out, 0, 64)
        return out

    def apply(self, source, target, start, end):
        """XOR octets start to end of a source into a target; start is at a block."""
        self._run(1 + start // 64, source, target, start, end)

    def _run(self, counter, source, target, start, end):
        area = self._area
        area[112:116] = counter.to_bytes(4, "little")
        _apply(area, 0, area, source, target, start, end)
