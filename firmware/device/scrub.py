"""Overwrite what was deleted: LittleFS never writes in place, so old octets stay on the flash.

They stay in blocks that are free, and in the log that each pair of metadata blocks is: names, and
the contents of files of up to 128 octets (vfs_lfsx.c gives LittleFS a cache of that size). So a
small file is written anew until both blocks of our folder's pair have been begun anew, and then
a large one grows until no block is free. What that does not reach: blocks that LittleFS or the
chip has put out of use as bad, and the user's own folders.

The work is one erase of every free block; it takes as long as a chip needs for that, about a
tenth of a second for each 4 KB.
"""

import os

from firmware.device.store import FOLDER, NEW

_ENOSPC = 28  # the number; MicroPython's errno does not name it
_SMALL, _LARGE = FOLDER + "/small" + NEW, FOLDER + "/large" + NEW
_SMALL_LENGTH = 96
_REWRITES = 128  # each logs 96 octets and some: together more than both blocks of 4 KB hold
_CHUNK = 1024
_CHUNKS_A_TURN = 4


async def overwrite_deleted(pause):
    """Return the octets of free blocks overwritten. pause: gives the event loop its turn.

    Half-written files go too: they may hold what was never kept. Raises OSError.
    """
    _remove_unfinished()
    try:
        await _turn_metadata_over(pause)
        return await _fill(pause)
    finally:
        _remove_unfinished()


async def _turn_metadata_over(pause):
    filler = b"\xff" * _SMALL_LENGTH
    for _ in range(_REWRITES):
        with open(_SMALL, "wb") as file:  # noqa: ASYNC230 (a board has no other)
            file.write(filler)
        await pause()


async def _fill(pause):
    chunk = b"\xff" * _CHUNK
    written = 0
    try:
        with open(_LARGE, "wb") as file:  # noqa: ASYNC230
            while True:
                for _ in range(_CHUNKS_A_TURN):
                    written += file.write(chunk)
                await pause()
    except OSError as error:
        if error.errno != _ENOSPC:
            raise
    return written


def _remove_unfinished():
    for name in os.listdir(FOLDER):
        if name.endswith(NEW):
            os.remove(FOLDER + "/" + name)
