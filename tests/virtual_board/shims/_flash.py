"""The flash chip: an image file as a block device, whose power can fail at any operation.

A block operation is one program or one erase. When the allowed number is used up, the next
one is not done (or done by half, if torn) and the world is told to cut the power.
"""

import _wire

BLOCK = 4096
_ERASED = b"\xff" * BLOCK  # a real chip erases without asking the heap for it


class Flash:
    """`faults`: {"cut_after": N or None, "torn": bool, "fail_after": N or None}."""

    def __init__(self, path, blocks, faults):
        self._file = open(path, "r+b")
        self._blocks = blocks
        self._cut_after = faults.get("cut_after")
        self._torn = faults.get("torn")
        self._fail_after = faults.get("fail_after")
        self._done = 0

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buffer)
        return 0

    def writeblocks(self, block, buffer, offset=0):
        return self._operate(block * BLOCK + offset, buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return BLOCK
        if operation == 6:
            return self._operate(argument * BLOCK, _ERASED)
        return 0

    def _operate(self, position, data):
        if self._fail_after is not None and self._done >= self._fail_after:
            return -5  # EIO: the chip does not take it
        cut = self._cut_after is not None and self._done >= self._cut_after
        if cut and self._torn:
            data = memoryview(data)[: len(data) // 2]
        if not cut or self._torn:
            self._file.seek(position)
            self._file.write(data)
        if cut:
            _wire.post("power_lost")
            _wire.halt()
        self._done += 1
        _wire.send_raw(_wire.POST, 1, b"")
        return 0
