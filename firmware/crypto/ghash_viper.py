"""GHASH (NIST SP 800-38D section 6.4) in machine code, for aes_gcm.py.

The hash value and the sixteen multiples of H are eight 16-bit pieces each, highest first, so
that nothing has more than 28 bits; words of 32 and of 64 bits give the same.
"""

import micropython

_PIECES = 8
_VALUE = 128  # half word of the value; the multiples are before it
_SPARE = 136


@micropython.viper
def _blocks(v: ptr16, t: ptr16, h: ptr16, reduction: ptr16, data: ptr8, at: int, count: int):
    """value = (value + block) * H for whole blocks; v is scratch for the product."""
    v = ptr16(int(h) + 272)
    value = ptr16(int(h) + 256)
    for _ in range(count):
        for i in range(8):
            value[i] = value[i] ^ (data[at] << 8 | data[at + 1])
            v[i] = 0
            at += 2
        # Four bits at a time, the highest powers of x (the lowest bits) first.
        for piece in range(7, -1, -1):
            bits = value[piece]
            for _ in range(4):
                fallen = v[7] & 15
                t = ptr16(int(h) + ((bits & 15) << 4))
                bits = bits >> 4
                v[7] = (v[7] >> 4 | v[6] << 12) ^ t[7]
                v[6] = (v[6] >> 4 | v[5] << 12) ^ t[6]
                v[5] = (v[5] >> 4 | v[4] << 12) ^ t[5]
                v[4] = (v[4] >> 4 | v[3] << 12) ^ t[4]
                v[3] = (v[3] >> 4 | v[2] << 12) ^ t[3]
                v[2] = (v[2] >> 4 | v[1] << 12) ^ t[2]
                v[1] = (v[1] >> 4 | v[0] << 12) ^ t[1]
                v[0] = (v[0] >> 4) ^ t[0] ^ reduction[fallen]
        for i in range(8):
            value[i] = v[i]


@micropython.viper
def apply(target: ptr8, source: ptr8, at: int, stream: ptr8, count: int):
    """XOR `count` octets of key stream into a target, from octet `at` on."""
    for i in range(count):
        target[at + i] = source[at + i] ^ stream[i]


class Ghash:
    """GHASH under a key H (an integer, and its sixteen multiples as integers)."""

    def __init__(self, multiples, reduction):
        self._area = bytearray(2 * (_SPARE + _PIECES))
        self._reduction = bytearray(32)
        for i in range(16):
            self._reduction[2 * i : 2 * i + 2] = reduction[i].to_bytes(2, "little")
            octets = multiples[i].to_bytes(16, "little")
            for j in range(_PIECES):
                at = 16 * i + 14 - 2 * j
                self._area[at : at + 2] = octets[2 * j : 2 * j + 2]

    def add(self, part, start, end):
        """Take in octets start to end of a part, the last block filled up with zeros."""
        area = self._area
        whole = (end - start) // 16
        _blocks(area, area, area, self._reduction, part, start, whole)
        start += 16 * whole
        if start < end:
            block = bytearray(16)
            block[: end - start] = part[start:end]
            _blocks(area, area, area, self._reduction, block, 0, 1)

    def value(self):
        """The hash value, 16 octets."""
        out = bytearray(16)
        for i in range(_PIECES):
            out[2 * i] = self._area[2 * (_VALUE + i) + 1]
            out[2 * i + 1] = self._area[2 * (_VALUE + i)]
        return bytes(out)
