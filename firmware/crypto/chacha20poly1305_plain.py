"""ChaCha20 and Poly1305 in plain integers, where the viper module cannot be had."""

CHUNK = 64  # octets between two pauses
_MASK = 0xFFFFFFFF
_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
_QUARTERS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip


def _words(octets):
    return [int.from_bytes(octets[i : i + 4], "little") for i in range(0, len(octets), 4)]


def _turned(value, count):
    return ((value << count) | (value >> (32 - count))) & _MASK


class Stream:
    """The key stream of a key and nonce (RFC 8439 sections 2.3 and 2.4)."""

    def __init__(self, key, nonce):
        self._key = _words(key)
        self._nonce = _words(nonce)

    def block(self, counter):
        """The 64 octets of one block."""
        start = list(_CONSTANTS) + self._key + [counter & _MASK] + self._nonce
        x = list(start)
        for _ in range(10):
            for a, b, c, d in _QUARTERS:
                x[a] = (x[a] + x[b]) & _MASK
                x[d] = _turned(x[d] ^ x[a], 16)
                x[c] = (x[c] + x[d]) & _MASK
                x[b] = _turned(x[b] ^ x[c], 12)
                x[a] = (x[a] + x[b]) & _MASK
                x[d] = _turned(x[d] ^ x[a], 8)
                x[c] = (x[c] + x[d]) & _MASK
                x[b] = _turned(x[b] ^ x[c], 7)
        out = bytearray()
        for i in range(16):
            out += ((x[i] + start[i]) & _MASK).to_bytes(4, "little")
        return out

    def apply(self, source, target, start, end):
        """XOR octets start to end of a source into a target; start is at a block."""
        while start < end:
            stream = self.block(1 + start // 64)
            for i in range(min(64, end - start)):
                target[start + i] = source[start + i] ^ stream[i]
            start += 64


class Poly1305:
    """The one-time authenticator (RFC 8439 section 2.5) over parts padded to 16 octets."""

    def __init__(self, key):
        self._r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
        self._s = int.from_bytes(key[16:32], "little")
        self._sum = 0

    def add(self, part, start, end):
        """Take in octets start to end of a part, the last block filled up with zeros."""
        for i in range(start, end, 16):
            chunk = int.from_bytes(part[i : min(i + 16, end)], "little") + (1 << 128)
            self._sum = (self._sum + chunk) * self._r % ((1 << 130) - 5)

    def tag(self):
        """The 16 octets of the tag."""
        return ((self._sum + self._s) & ((1 << 128) - 1)).to_bytes(16, "little")
