"""What is wrong with a board, and what it has done: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

WIFI_OCTETS = 48_000
BLE_OCTETS = 32_000


@dataclass
class Faults:
    """What is wrong with a board; read when its power comes on, except `no_ble`.

    cut_power_after: block operations of the flash (programs and erases) after which the power
    goes, counted from power-on; torn: half of the next one is still done; fail_after: block
    operations after which the flash answers EIO; flash_full: no free block in the file
    system; no_ble: starting the radio raises ENOMEM; idf_free: octets of the IDF heap free
    before a radio runs; each radio takes its part of it (low memory: 60000).
    """

    cut_power_after: int | None = None
    torn: bool = False
    fail_after: int | None = None
    flash_full: bool = False
    no_ble: bool = False
    idf_free: int = 160_000

    def idf_left(self, wifi_is_on: bool, ble_is_on: bool) -> int:
        """Octets of the IDF heap left; below 0 where the radios do not fit.

        The two radios' shares are of the size reported for an ESP32; not measured here.
        """
        return self.idf_free - WIFI_OCTETS * wifi_is_on - BLE_OCTETS * ble_is_on

    def idf_heap(self, wifi_is_on: bool, ble_is_on: bool) -> list[list[int]]:
        """[total, free, largest block, least ever free] octets of each region."""
        free = max(0, self.idf_left(wifi_is_on, ble_is_on))
        return [[190_000, free, free * 2 // 3, free], [16_000, 8_000, 6_000, 6_000]]

    def of_flash(self) -> dict[str, Any]:
        return {
            "cut_after": self.cut_power_after, "torn": self.torn, "fail_after": self.fail_after,
        }  # fmt: skip


@dataclass
class Record:
    """What a board did since it was made."""

    log: list[str] = field(default_factory=list)
    flash_operations: int = 0  # since the power came on
    starts: list[int] = field(default_factory=list)  # reset causes
    ended: str | None = None  # how main.py ended, in this power cycle
    heap_base: int = 0  # octets in use before boot.py
    heap_peak: int = 0  # octets in use after a collection, at most, when measured
    heap_used: list[int] = field(default_factory=list)  # the same, every time it was measured
