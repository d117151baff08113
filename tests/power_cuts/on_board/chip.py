"""A flash chip in memory, as LittleFS of the ESP32 port sees it, whose power can go at any
operation.

Operations are what can change the chip or its order of changes: programs, erases and syncs. A
chip of flash without a cache does them one after another ("clean", "torn", "garbled"); one that
keeps writes back until a sync may have done them in part and out of order ("first lost",
"only last", "shuffled"), each block for itself.
"""

import micropython

BLOCK = 4096
_SYNC, _BLOCK_COUNT, _BLOCK_SIZE, _ERASE = 3, 4, 5, 6
_ERASED = b"\xff" * BLOCK

IN_ORDER = ("clean", "torn", "garbled")
OUT_OF_ORDER = ("first lost", "only last", "shuffled")
MODES = IN_ORDER + OUT_OF_ORDER
EIO, ENOSPC = 5, 28


class PowerLost(BaseException):
    """No code of a board can catch what ends it."""


class Chip:
    """`image` is changed in place; a Chip lasts from power on to power off.

    cut: (operation, mode), the power goes when operation number n, from 0, is asked for.
    fail: (operation, errno, how many): from that one on so many operations are not done.
    """

    def __init__(self, image, cut=None, fail=None):
        self._image = image
        self._view = memoryview(image)
        self._cut_at, self._mode = cut or (-1, "")
        self._fail_at, self._errno, self._failures = fail or (-1, 0, 0)
        self._pending = []  # (block, position, what was there), since the last sync
        self._keep = self._mode in OUT_OF_ORDER
        self.operations = self.programs = self.erases = self.syncs = self.octets = 0
        self.lost = False  # the power has gone
        self._off = False
        self._dark = False  # one of the two

    @micropython.native
    def readblocks(self, block, buffer, offset=0):
        if self._dark:
            if self._off:
                return 0
            raise PowerLost
        position = block * BLOCK + offset
        buffer[:] = self._view[position : position + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        if self._off:
            return 0
        position = block * BLOCK + offset
        error = self._count(position, buffer)
        if error == 0:
            self.programs += 1
            self.octets += len(buffer)
            self._image[position : position + len(buffer)] = buffer
        return error

    def ioctl(self, operation, argument):
        if self._off:
            return 0
        if operation == _BLOCK_COUNT:
            return len(self._image) // BLOCK
        if operation == _BLOCK_SIZE:
            return BLOCK
        if operation == _ERASE:
            position = argument * BLOCK
            error = self._count(position, _ERASED)
            if error == 0:
                self.erases += 1
                self._image[position : position + BLOCK] = _ERASED
            return error
        if operation == _SYNC:
            error = self._count(None, None)
            self.syncs += 1
            self._pending = []
            return error
        return 0

    def switch_off(self):
        """The end of this chip: what still writes to it changes nothing.

        MicroPython closes forgotten files when it collects garbage, and has no memory for
        anything then; so the ways into this class end early, and allocate nothing.
        """
        self._off = self._dark = True

    def heal(self):
        """From now on every operation is done."""
        self._fail_at = -1

    def _count(self, position, data):
        if self.lost:
            raise PowerLost
        number, self.operations = self.operations, self.operations + 1
        if number == self._cut_at:
            self.lost = self._dark = True
            self._break(position, data)
            raise PowerLost
        if 0 <= self._fail_at <= number < self._fail_at + self._failures:
            return -self._errno
        if self._keep and position is not None:
            before = bytes(memoryview(self._image)[position : position + len(data)])
            self._pending.append((position // BLOCK, position, before))
        return 0

    def _break(self, position, data):
        """Leave the chip as the cut leaves it."""
        if self._mode in IN_ORDER:
            if position is not None and self._mode == "torn":
                half = len(data) // 2
                self._image[position : position + half] = data[:half]
            elif position is not None and self._mode == "garbled":
                self._garble(position, data)
            return
        blocks = []
        for block, _, _ in self._pending:
            if block not in blocks:
                blocks.append(block)
        for number, block in enumerate(blocks):
            self._undo(block, self._kept(number, len(blocks), block))

    def _kept(self, number, count, block):
        """How many of its operations the block `number` of `count` still got done."""
        had = sum(1 for one in self._pending if one[0] == block)
        if self._mode == "first lost":
            return 0 if number == 0 else had
        if self._mode == "only last":
            return had if number == count - 1 else 0
        return (self._cut_at * 2654435761 + block * 40503 >> 7) % (had + 1)

    def _undo(self, block, kept):
        own = [one for one in self._pending if one[0] == block]
        for _, position, before in reversed(own[kept:]):
            self._image[position : position + len(before)] = before

    def _garble(self, position, data):
        """Each octet is the old one, the new one, or has some bits of each."""
        state = self._cut_at * 7919 + 1
        for index in range(len(data)):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            mask = state >> 16 & 0xFF
            old = self._image[position + index]
            self._image[position + index] = old & mask | data[index] & ~mask & 0xFF
