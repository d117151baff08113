"""SHA-512 compression in machine code; sha512.py uses it where it can be had.

Words are 32 bits on a board and 64 on a PC. The code gives the same on both, for only the
low 32 bits of a value are ever looked at: a store through ptr32 drops the rest, a right
shift is of a uint just loaded, and sums are of at most six 16-bit pieces.

The work area has a record a round, so that one pointer, moved along, reaches everything at
fixed distances. A record is eight 32-bit words, low half first: A, E (what the round
makes: the next a and e; b, c, d are the a of earlier rounds), W (message schedule), K
(constant). Round t has record 16 + t; the state before the first is in records 12 to 15.
"""

import micropython

from firmware.crypto import work_area

_RECORD = 32  # octets
_FIRST = 16  # record of round 0
_ROUNDS = 80
# State words a to h: octet of each in the work area.
_STATE = (480, 448, 416, 384, 488, 456, 424, 392)


@micropython.viper
def _copy(to: ptr8, at: int, source: ptr8, offset: int, count: int):
    """64-bit words, their octets turned round, from a source into one record each."""
    for _ in range(count):
        for j in range(8):
            to[at + j] = source[offset + 7 - j]
        at += 32
        offset += 8


@micropython.viper
def _schedule(q: ptr32, h: ptr16):
    """Words 16 to 79 of the message schedule."""
    q = ptr32(int(q) + 512)
    h = ptr16(int(q))
    for _ in range(64):
        # q is at W(t-16): W(t-15) is one record on, W(t-7) nine, W(t-2) fourteen.
        lo = uint(q[12])
        hi = uint(q[13])
        q[128] = (lo >> 1 | hi << 31) ^ (lo >> 8 | hi << 24) ^ (lo >> 7 | hi << 25)
        q[129] = (hi >> 1 | lo << 31) ^ (hi >> 8 | lo << 24) ^ (hi >> 7)
        lo = uint(q[116])
        hi = uint(q[117])
        q[130] = (lo >> 19 | hi << 13) ^ (hi >> 29 | lo << 3) ^ (lo >> 6 | hi << 26)
        q[131] = (hi >> 19 | lo << 13) ^ (lo >> 29 | hi << 3) ^ (hi >> 6)
        s = h[256] + h[260] + h[8] + h[152]
        h[264] = s
        s = (s >> 16) + h[257] + h[261] + h[9] + h[153]
        h[265] = s
        s = (s >> 16) + h[258] + h[262] + h[10] + h[154]
        h[266] = s
        h[267] = (s >> 16) + h[259] + h[263] + h[11] + h[155]
        q = ptr32(int(q) + 32)
        h = ptr16(int(q))


@micropython.viper
def _rounds(q: ptr32, h: ptr16):
    """All 80 rounds."""
    q = ptr32(int(q) + 384)
    h = ptr16(int(q))
    for _ in range(80):
        # d, c, b, a are the A of records 0 to 3; h, g, f, e their E; record 4 is made.
        lo = uint(q[26])
        hi = uint(q[27])
        q[34] = (lo >> 14 | hi << 18) ^ (lo >> 18 | hi << 14) ^ (hi >> 9 | lo << 23)
        q[35] = (hi >> 14 | lo << 18) ^ (hi >> 18 | lo << 14) ^ (lo >> 9 | hi << 23)
        q[32] = (q[18] ^ q[10]) & q[26] ^ q[10]
        q[33] = (q[19] ^ q[11]) & q[27] ^ q[11]
        # t1 = h + S1(e) + ch(e, f, g) + K + W, kept in W
        s = h[4] + h[68] + h[64] + h[76] + h[72]
        h[72] = s
        s = (s >> 16) + h[5] + h[69] + h[65] + h[77] + h[73]
        h[73] = s
        s = (s >> 16) + h[6] + h[70] + h[66] + h[78] + h[74]
        h[74] = s
        h[75] = (s >> 16) + h[7] + h[71] + h[67] + h[79] + h[75]
        # e = d + t1
        s = h[72] + h[0]
        h[68] = s
        s = (s >> 16) + h[73] + h[1]
        h[69] = s
        s = (s >> 16) + h[74] + h[2]
        h[70] = s
        h[71] = (s >> 16) + h[75] + h[3]
        # a = t1 + S0(a) + maj(a, b, c); the W of record 0 is spent and holds maj
        lo = uint(q[24])
        hi = uint(q[25])
        q[32] = (lo >> 28 | hi << 4) ^ (hi >> 2 | lo << 30) ^ (hi >> 7 | lo << 25)
        q[33] = (hi >> 28 | lo << 4) ^ (lo >> 2 | hi << 30) ^ (lo >> 7 | hi << 25)
        q[4] = (q[24] | q[16]) & q[8] | q[24] & q[16]
        q[5] = (q[25] | q[17]) & q[9] | q[25] & q[17]
        s = h[72] + h[64] + h[8]
        h[64] = s
        s = (s >> 16) + h[73] + h[65] + h[9]
        h[65] = s
        s = (s >> 16) + h[74] + h[66] + h[10]
        h[66] = s
        h[67] = (s >> 16) + h[75] + h[67] + h[11]
        q = ptr32(int(q) + 32)
        h = ptr16(int(q))


@micropython.viper
def _finish(h: ptr16):
    """Add what came out to what went in, and put it where the next block looks for it."""
    for i in range(4):
        for at in range(192 + 16 * i, 200 + 16 * i, 4):  # A, then E
            s = 0
            for j in range(at, at + 4):
                s = (s >> 16) + h[j] + h[j + 1280]
                h[j] = s


class State:
    """A running SHA-512: the state of eight words within its work area (3 KB)."""

    def __init__(self, start, constants):
        self._area = work_area.take((_FIRST + _ROUNDS) * _RECORD)
        _copy(self._area, _FIRST * _RECORD + 24, constants, 0, _ROUNDS)
        for i in range(8):
            _copy(self._area, _STATE[i], start, 8 * i, 1)

    def compress(self, block, offset):
        """Take in the 128 octets of a block from an offset."""
        area = self._area
        _copy(area, _FIRST * _RECORD + 16, block, offset, 16)
        _schedule(area, area)
        _rounds(area, area)
        _finish(area)

    def digest(self):
        """The state as 64 octets; there is no more state afterwards."""
        out = bytearray(64)
        for i in range(8):
            _copy(out, 8 * i, self._area, _STATE[i], 1)
        work_area.lay_by(self._area)
        self._area = None
        return bytes(out)
