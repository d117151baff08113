"""AES-128, one block, as FIPS 197 reads: for interpreters that have no AES to lend."""


def _doubled(octet):
    return (octet << 1 ^ (0x11B if octet & 0x80 else 0)) & 0xFF


def _times(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = _doubled(a)
        b >>= 1
    return product


def _substitution():
    """The S-box (section 5.1.1): inverse in GF(2^8), then an affine map."""
    box = bytearray(256)
    for value in range(256):
        inverse = value
        for _ in range(6):  # value^254, by squaring and multiplying
            inverse = _times(_times(inverse, inverse), value)
        inverse = _times(inverse, inverse)
        out = 0x63
        for turn in range(5):
            out ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        box[value] = out
    return box


_BOX = _substitution()


class Ecb:
    """cryptolib.aes(key, 1), 16-octet keys, encryption only."""

    def __init__(self, key, mode):
        assert mode == 1 and len(key) == 16
        words = [bytes(key[i : i + 4]) for i in range(0, 16, 4)]
        constant = 1
        for i in range(4, 44):
            word = words[i - 1]
            if i % 4 == 0:
                word = bytes(
                    (_BOX[word[1]] ^ constant, _BOX[word[2]], _BOX[word[3]], _BOX[word[0]])
                )
                constant = _doubled(constant)
            words.append(bytes(x ^ word[j] for j, x in enumerate(words[i - 4])))
        self._rounds = [b"".join(words[i : i + 4]) for i in range(0, 44, 4)]

    def encrypt(self, octets):
        return b"".join([self._block(octets[i : i + 16]) for i in range(0, len(octets), 16)])

    def _block(self, octets):
        state = [x ^ self._rounds[0][i] for i, x in enumerate(octets)]
        for number in range(1, 11):
            state = [_BOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]  # with ShiftRows
            if number < 10:
                state = self._mixed(state)
            state = [x ^ self._rounds[number][i] for i, x in enumerate(state)]
        return bytes(state)

    def _mixed(self, state):
        out = []
        for column in range(0, 16, 4):
            a = state[column : column + 4]
            whole = a[0] ^ a[1] ^ a[2] ^ a[3]
            for i in range(4):
                out.append(a[i] ^ whole ^ _doubled(a[i] ^ a[(i + 1) % 4]))
        return out
