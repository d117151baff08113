"""Work areas that are laid by between uses.

After some time a board's heap is in pieces and may have no place for a new one of some
kilobytes. What was once made is therefore kept, wiped, for whoever comes next.
"""

_CHUNK = 64
_ZEROS = bytes(_CHUNK)
_laid_by = []


def take(length):
    """A bytearray of at least `length` octets, all zero."""
    for i, area in enumerate(_laid_by):
        if len(area) >= length:
            return _laid_by.pop(i)
    return bytearray(length)


def lay_by(area):
    """Wipe an area that was taken, and keep it."""
    view = memoryview(area)
    for at in range(0, len(area), _CHUNK):
        part = view[at : at + _CHUNK]
        part[:] = _ZEROS[: len(part)]
    _laid_by.append(area)
