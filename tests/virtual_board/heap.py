"""How large a board's heap is, and why.

What lives in MicroPython's heap is partly words (object headers, tuples, dict tables,
pointers), which are twice as wide here as on an ESP32, and partly octets (bytecode, strings,
buffers), which are not. Measured by loading the whole firmware into the same MicroPython
1.29 built for 32 and for 64 bits (x86): 120 KB there, 175 KB here, a factor of 1.46.

The shims do in Python what is C in a chip's flash, so their share comes on top; it was
measured as 39.5 KB (tests/rig/test_board.py holds it under what is added here).
"""

from __future__ import annotations

WORD_FACTOR = 1.46
SHIMS_KB = 44

# KB of 4-byte words that the GC heap can grow to. A plain ESP32: 112 with both radios on (field
# notes: reported by others), and what NimBLE leaves alone when it is not started. That is too
# little for both transports from the file system, and enough for one. A chip with PSRAM has
# more than is asked for here: both transports, an order of 8 KB, and P-256 without tables,
# which takes most. Not measured on hardware.
GC_HEAP_KB = {"esp32": 165, "esp32s3": 240}
DEFAULT_CHIP = "esp32s3"


def kb_for(chip: str = DEFAULT_CHIP) -> int:
    """What to give the interpreter (-X heapsize=) so that `chip`'s heap is as full as there."""
    return round(GC_HEAP_KB[chip] * WORD_FACTOR) + SHIMS_KB
