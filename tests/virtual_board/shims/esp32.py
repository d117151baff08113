"""MicroPython's `esp32` module: the figures of the IDF heap, which the world makes up.

They go down when a radio is started, as they would; how far is set per board.
"""

import _wire

HEAP_DATA = 4
HEAP_EXEC = 1


def idf_heap_info(capabilities):
    """[(total, free, largest free block, least ever free), ...] in octets."""
    return [tuple(region) for region in _wire.call("idf_heap", capabilities)]
