"""Python heap of the board while it takes an order, and of opening one alone.

Octets of this interpreter, whose words are twice as wide as an ESP32's: the heap is sized to
be as full as there (tests/virtual_board/heap.py), so shares carry over better than octets.
"""

from __future__ import annotations

import re
from typing import Any

from host_client.authority import Authority
from host_client.errors import ProvisioningError
from host_client.order import MAX_ORDER
from tests.bench import envelope_heap
from tests.bench.provisioning import Bench, Condition, bench
from tests.virtual_board.board import BoardError

SAMPLE_MS = 20.0
_REACHABLE_S = 3.0
ORDERS = {"usual": None, "8 KB": MAX_ORDER}
_HEAP_TOLD = re.compile(r"heap (\d+) used (\d+) free")


async def on_board(chip: str, links: tuple[str, ...], sizes: dict[str, int | None]) -> list[Any]:
    """A row for each link and order: octets before the firmware starts, with the window open,
    and at most while the order is taken, sampled every few milliseconds after a collection."""
    rows = []
    authority = Authority.generate("bench")
    for link in links:
        condition = Condition(link, 517 if link == "ble" else None)
        async with bench(condition, authority, timed=False, chip=chip) as one:
            for name, octets in sizes.items():
                try:
                    figures = await _row(one, octets)
                except (BoardError, ProvisioningError) as error:
                    figures = {"failed": _why(one, error)}
                rows.append({"chip": chip, "link": link, "order": name, **figures})
    return rows


def _why(one: Bench, error: Exception) -> str:
    """What the board said of a transport that it left out, else the first line of the error."""
    left_out = [line for line in one.board.log if "left out" in line]
    if isinstance(error, BoardError) and left_out:
        return left_out[-1].removeprefix("latchkey: ")
    return str(error).partition("\n")[0]


async def _row(one: Bench, octets: int | None) -> dict[str, Any]:
    await one.open_window(_REACHABLE_S)
    found = [match for line in one.board.log if (match := _HEAP_TOLD.search(line))][-1]
    heap = int(found[1]) + int(found[2])
    record = one.board.record
    record.heap_peak = 0
    one.board.measure_heap()
    await one.board.until(lambda: record.heap_peak, what="measure of the heap")
    started = record.heap_peak
    async with one.board.heap_sampled(SAMPLE_MS):
        run = await one.provision(octets)
    return {
        "order_octets": run.order,
        "heap": heap,
        "before_firmware": record.heap_base,
        "window_open": started,
        "peak": record.heap_peak,
        "during_order": record.heap_peak - started,
        "window_open_share": started / heap,
        "peak_share": record.heap_peak / heap,
    }


def of_opening() -> dict[str, dict[str, int]]:
    """Exactly, by the envelope code alone: see envelope_heap."""
    return {name: envelope_heap.measure(data) for name, data in envelope_heap.orders().items()}
