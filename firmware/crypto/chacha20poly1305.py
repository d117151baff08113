"""ChaCha20-Poly1305 opening (RFC 8439), in plain integers."""

from firmware.crypto.hmac import same
from firmware.crypto.pacing import nothing

TAG_LENGTH = 16
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


def block(key, counter, nonce):
    """One block of key stream, 64 octets (RFC 8439 section 2.3)."""
    start = list(_CONSTANTS) + _words(key) + [counter & _MASK] + _words(nonce)
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


class Poly1305:
    """The one-time authenticator (RFC 8439 section 2.5) over parts padded to 16 octets."""

    def __init__(self, key):
        self._r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
        self._s = int.from_bytes(key[16:32], "little")
        self._sum = 0

    def add(self, part, end):
        """Take in `end` octets of a part, the last block filled up with zeros."""
        for i in range(0, end, 16):
            chunk = int.from_bytes(part[i : min(i + 16, end)], "little") + (1 << 128)
            self._sum = (self._sum + chunk) * self._r % ((1 << 130) - 5)

    def tag(self):
        """The 16 octets of the tag."""
        return ((self._sum + self._s) & ((1 << 128) - 1)).to_bytes(16, "little")


async def open_sealed(key, nonce, aad, sealed, pause=nothing):
    """Open ciphertext with its tag behind it (RFC 8439 section 2.8): bytes, or None.

    key 32 octets, nonce 12. The tag is checked before anything is decrypted; None for a
    wrong tag or fewer than 16 octets. Raises ValueError for a key or nonce of other length.
    """
    if len(key) != 32 or len(nonce) != 12:
        raise ValueError("ChaCha20-Poly1305 takes a 32-octet key and a 12-octet nonce")
    length = len(sealed) - TAG_LENGTH
    if length < 0:
        return None
    view = memoryview(sealed)
    mac = Poly1305(block(key, 0, nonce))
    mac.add(aad, len(aad))
    await pause()
    mac.add(view, length)
    sizes = len(aad).to_bytes(8, "little") + length.to_bytes(8, "little")
    mac.add(sizes, 16)
    if not same(mac.tag(), view[length:]):
        return None
    plain = bytearray(length)
    for i in range(0, length, 64):
        stream = block(key, 1 + i // 64, nonce)
        for j in range(min(64, length - i)):
            plain[i + j] = view[i + j] ^ stream[j]
        await pause()
    return bytes(plain)
