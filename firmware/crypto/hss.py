"""HSS/LMS verification (RFC 8554): the post-quantum signature, on SHA-256 alone.

The signer keeps state: a one-time key used twice gives signatures away. Nothing of that is
seen here. Parameter sets with a 32-octet hash (RFC 8554, those of COSE, RFC 8778) and with
the 24-octet one of NIST SP 800-208; key tree and one-time keys have the same hash length.
"""

import hashlib

from firmware.crypto.hmac import parts_of
from firmware.crypto.pacing import nothing

ALGORITHMS = (-46,)  # COSE HSS-LMS (RFC 8778)
_MAX_LEVELS = 8

# typecode: (hash length n, Winternitz width w, chains p, shift of the checksum)
_ONE_TIME = {
    1: (32, 1, 265, 7), 2: (32, 2, 133, 6), 3: (32, 4, 67, 4), 4: (32, 8, 34, 0),
    5: (24, 1, 200, 8), 6: (24, 2, 101, 6), 7: (24, 4, 51, 4), 8: (24, 8, 26, 0),
}  # fmt: skip
# typecode: (hash length m, height h)
_TREE = {
    5: (32, 5), 6: (32, 10), 7: (32, 15), 8: (32, 20), 9: (32, 25),
    10: (24, 5), 11: (24, 10), 12: (24, 15), 13: (24, 20), 14: (24, 25),
}  # fmt: skip
_D_PBLC = b"\x80\x80"
_D_MESG = b"\x81\x81"
_D_LEAF = b"\x82\x82"
_D_INTR = b"\x83\x83"


def _u32(octets, at):
    return int.from_bytes(bytes(octets[at : at + 4]), "big")


def _hash(length, *parts):
    state = hashlib.sha256()
    for part in parts:
        state.update(part)
    return state.digest()[:length]


class _Tree:
    """An LMS public key: u32 tree type, u32 one-time type, identifier, root.

    Raises ValueError for anything else (RFC 8554 section 5.3).
    """

    def __init__(self, octets):
        octets = bytes(octets)
        self.tree_type, self.one_time_type = _u32(octets, 0), _u32(octets, 4)
        if self.tree_type not in _TREE or self.one_time_type not in _ONE_TIME:
            raise ValueError("no such LMS parameter set")
        length, self.height = _TREE[self.tree_type]
        self.n, self.w, self.p, self.shift = _ONE_TIME[self.one_time_type]
        if self.n != length or len(octets) != 24 + length:
            raise ValueError("not an LMS public key")
        self.identifier = octets[8:24]
        self.root = octets[24:]
        self.signature_length = 12 + self.n * (1 + self.p + self.height)

    async def verify(self, message, signature, pause):
        """True if the signature (RFC 8554 section 5.4) of exact length is good."""
        if len(signature) != self.signature_length:
            return False
        q = _u32(signature, 0)
        path = 8 + self.n * (1 + self.p)
        types = _u32(signature, 4), _u32(signature, path)
        if types != (self.one_time_type, self.tree_type) or q >> self.height:
            return False
        node = (1 << self.height) + q
        key = await self._one_time_key(message, signature[8:path], q, pause)
        value = _hash(self.n, self.identifier, node.to_bytes(4, "big"), _D_LEAF, key)
        for at in range(path + 4, len(signature), self.n):
            other = signature[at : at + self.n]
            left, right = (other, value) if node & 1 else (value, other)
            node >>= 1
            value = _hash(
                self.n, self.identifier, node.to_bytes(4, "big"), _D_INTR, left, right
            )  # fmt: skip
        return value == self.root

    async def _one_time_key(self, message, signature, q, pause):
        """The one-time public key that a signature leads to (section 4.6, algorithm 4b)."""
        n = self.n
        prefix = self.identifier + q.to_bytes(4, "big")
        digits = self._digits(_hash(n, prefix, _D_MESG, signature[:n], *parts_of(message)))
        whole = hashlib.sha256(prefix + _D_PBLC)
        last = (1 << self.w) - 1
        for i in range(self.p):
            value = signature[n * (1 + i) : n * (2 + i)]
            step = bytearray(prefix) + i.to_bytes(2, "big") + b"\x00"
            for j in range(digits[i], last):
                step[22] = j
                value = _hash(n, step, value)
            whole.update(value)
            await pause()
        return whole.digest()[:n]

    def _digits(self, digest):
        """The digest and its checksum (section 4.4) in digits of w bits."""
        last = (1 << self.w) - 1
        digits = []
        for octet in digest:
            for down in range(8 - self.w, -1, -self.w):
                digits.append((octet >> down) & last)
        total = sum([last - digit for digit in digits]) << self.shift
        for octet in total.to_bytes(2, "big"):
            for down in range(8 - self.w, -1, -self.w):
                digits.append((octet >> down) & last)
        return digits


class Key:
    """An HSS public key: u32 levels, LMS public key of the top. Raises ValueError if not."""

    algorithms = ALGORITHMS

    def __init__(self, octets):
        self._levels = _u32(octets, 0)
        if not 1 <= self._levels <= _MAX_LEVELS:
            raise ValueError("an HSS key has 1 to 8 levels")
        self._top = _Tree(octets[4:])

    async def verify(self, message, signature, pause=nothing):
        """True if the signature (RFC 8554 section 6.2) is this key's for the message."""
        view = memoryview(signature)
        if len(view) < 4 or _u32(view, 0) != self._levels - 1:
            return False
        tree, at = self._top, 4
        try:
            for _ in range(self._levels - 1):
                end = at + tree.signature_length
                # A key below has the length that its own types give it, and at least these.
                below_length = 24 + _TREE.get(_u32(view, end), (32, 0))[0]
                below = view[end : end + below_length]
                if not await tree.verify(below, view[at:end], pause):
                    return False
                tree, at = _Tree(below), end + below_length
        except ValueError:  # the key above has signed what is no key
            return False
        return await tree.verify(message, view[at:], pause)


def key_from_cose(cose_key, tables=None):
    """A Key from a COSE_Key map {1: 5, -1: octets} (RFC 8778 section 4)."""
    if tables is not None:
        raise ValueError("there are no tables for this algorithm")
    return Key(cose_key[-1])
