"""What is left of memory, in the two heaps that matter on an ESP32.

The radios live in ESP-IDF's heap and need large blocks of it; Python's heap grows into the
same memory and never gives it back. NimBLE running out of it restarts the chip, which
Python cannot catch, so a radio is started only where its block is known to be there.
"""

import gc

import esp32

# Largest free block before a radio is started, octets. Wi-Fi's static buffers and the
# Bluetooth controller with NimBLE; from reports on micropython#18859 and #17027, not
# measured on hardware.
WIFI_NEEDS = 36 * 1024
BLE_NEEDS = 48 * 1024

# Free Python heap when a window opens, after the policy's rehearsal: an order of 8 KB, what
# opening it takes (tests/bench/README.md), and something for a heap that is in pieces.
ORDER_NEEDS = 48 * 1024

# What the page for phones takes of it, beside an order: portal and name server (7 KB of 4-byte
# words, measured), and a page on its way out.
PAGE_NEEDS = 10 * 1024

_PACKED_OCTETS = 4096


def largest_block():
    """Octets of the largest free block of ESP-IDF's data heap."""
    gc.collect()
    return max(region[2] for region in esp32.idf_heap_info(esp32.HEAP_DATA))


def executable_block():
    """Octets of the largest free block that machine code can be loaded into."""
    return max([region[2] for region in esp32.idf_heap_info(esp32.HEAP_EXEC)] or [0])


def python_heap():
    """(allocated, free) octets of MicroPython's heap. `free` may include room to grow."""
    gc.collect()
    return gc.mem_alloc(), gc.mem_free()


class Packed:
    """`with memory.Packed():` what is allocated inside for good lies side by side.

    Without it the allocator goes up through the whole heap before it collects, and modules that
    are loaded in between leave no large piece. Costs a collection for every _PACKED_OCTETS.
    """

    def __enter__(self):
        self._before = gc.threshold()
        gc.collect()
        gc.threshold(_PACKED_OCTETS)

    def __exit__(self, *error):
        gc.threshold(self._before)
