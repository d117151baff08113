"""SHA-512 compression in plain integers, where sha512_viper.py cannot be had."""

_MASK = 0xFFFFFFFFFFFFFFFF


def _word(octets, i):
    return int.from_bytes(octets[i : i + 8], "big")


def _turned(value, count):
    return ((value >> count) | (value << (64 - count))) & _MASK


def _schedule(block, offset):
    """Message schedule: the 16 words of a block become 80."""
    w = [_word(block, offset + 8 * i) for i in range(16)]
    for i in range(16, 80):
        x = w[i - 15]
        y = w[i - 2]
        s0 = _turned(x, 1) ^ _turned(x, 8) ^ (x >> 7)
        s1 = _turned(y, 19) ^ _turned(y, 61) ^ (y >> 6)
        w.append((w[i - 16] + s0 + w[i - 7] + s1) & _MASK)
    return w


class State:
    """A running SHA-512: eight words."""

    def __init__(self, start, constants):
        self._constants = constants
        self._words = [_word(start, 8 * i) for i in range(8)]

    def compress(self, block, offset):
        """Take in the 128 octets of a block from an offset."""
        w = _schedule(block, offset)
        a, b, c, d, e, f, g, h = self._words
        for i in range(80):
            s1 = _turned(e, 14) ^ _turned(e, 18) ^ _turned(e, 41)
            t1 = h + s1 + ((e & f) ^ (~e & g)) + _word(self._constants, 8 * i) + w[i]
            s0 = _turned(a, 28) ^ _turned(a, 34) ^ _turned(a, 39)
            t2 = s0 + ((a & b) ^ (a & c) ^ (b & c))
            h, g, f, e = g, f, e, (d + t1) & _MASK
            d, c, b, a = c, b, a, (t1 + t2) & _MASK
        after = (a, b, c, d, e, f, g, h)
        self._words = [(self._words[i] + after[i]) & _MASK for i in range(8)]

    def digest(self):
        """The state as 64 octets."""
        return b"".join([word.to_bytes(8, "big") for word in self._words])
