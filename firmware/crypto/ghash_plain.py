"""GHASH (NIST SP 800-38D section 6.4) in plain integers, where ghash_viper.py cannot be had."""


def apply(target, source, at, stream, count):
    """XOR `count` octets of key stream into a target, from octet `at` on."""
    for i in range(count):
        target[at + i] = source[at + i] ^ stream[i]


class Ghash:
    """GHASH under a key H, given as its sixteen multiples (integers)."""

    def __init__(self, multiples, reduction):
        self._multiples = multiples
        self._reduction = reduction
        self._value = 0

    def add(self, part, start, end):
        """Take in octets start to end of a part, the last block filled up with zeros."""
        for i in range(start, end, 16):
            size = min(16, end - i)
            block = int.from_bytes(part[i : i + size], "big") << (8 * (16 - size))
            self._value = self._times_h(self._value ^ block)

    def _times_h(self, value):
        """Four bits at a time, the highest powers of x (the lowest bits) first."""
        product = 0
        for _ in range(32):
            fallen = self._reduction[product & 15] << 112
            product = (product >> 4) ^ fallen ^ self._multiples[value & 15]
            value >>= 4
        return product

    def value(self):
        """The hash value, 16 octets."""
        return self._value.to_bytes(16, "big")
