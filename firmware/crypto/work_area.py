"""Work areas that are laid by between uses.

After some time a board's heap is in pieces and may have no place for a new one of some
kilobytes. What was once made is therefore kept, wiped, for whoever comes next.
"""

_CHUNK = 512
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
    length = len(area)
    whole = length - length % _CHUNK
    for at in range(0, whole, _CHUNK):
        area[at : at + _CHUNK] = _ZEROS
    for at in range(whole, length):
        area[at] = 0
    _laid_by.append(area)
