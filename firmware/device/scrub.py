"""Overwrite what was deleted: LittleFS never writes in place, so old octets lie in free blocks.

One file is made to grow until no block is free, then deleted: every block that was free has
been erased by then. What that does not reach: blocks that the chip itself or LittleFS has put
out of use as bad, and metadata blocks, which hold names, and contents of up to 128 octets
(vfs_lfsx.c gives LittleFS a cache of that size). No file with a secret is that short.
"""

import os

from firmware.device.store import FOLDER, NEW

_ENOSPC = 28  # the number; MicroPython's errno does not name it
_FILLER = FOLDER + "/filler" + NEW
_CHUNK = 1024
_CHUNKS_A_TURN = 4  # one block, whose erasing takes a chip 50 ms and longer


async def overwrite_free_blocks(pause):
    """Return the octets overwritten. Raises OSError; pause: gives the event loop its turn.

    Half-written files go too: they may hold what was never kept.
    """
    remove_unfinished()
    chunk = b"\xff" * _CHUNK
    written = 0
    try:
        with open(_FILLER, "wb") as file:  # noqa: ASYNC230 (there is no other)
            while True:
                for _ in range(_CHUNKS_A_TURN):
                    written += file.write(chunk)
                await pause()
    except OSError as error:
        if error.errno != _ENOSPC:
            raise
    finally:
        remove_unfinished()
    return written


def remove_unfinished():
    """Delete what saves that the power cut left behind."""
    for name in os.listdir(FOLDER):
        if name.endswith(NEW):
            os.remove(FOLDER + "/" + name)
