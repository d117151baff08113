"""The figures as tables in a terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.timed import STAGES

Row = dict[str, Any]
_MS = 1000
_KB = 1024
_COUNTS = ("octets_up", "octets_down", "writes", "notifications", "frames", "acks")
_LARGEST_COUNTS = ("octets_up", "octets_down", "frames", "acks")


def show(figures: Row, screen: Console) -> None:
    machine = figures["machine"]
    screen.print(
        f"\n[bold]Provisioning, on this machine[/]: {machine['cores']} cores, "
        f"{machine['architecture']}, MicroPython {machine['micropython']}, with a virtual board.\n"
        "Times hold for this machine and this moment; ratios and counts say more. "
        f"Median of {figures['runs']} runs, (least to most)."
    )
    if figures["quick"]:
        screen.print("[yellow]--quick: single runs; the times mean little.[/]")
    for table in tables(figures):
        screen.print()
        screen.print(table)


def tables(figures: Row) -> list[Table]:
    links = figures["links"]
    tables = [
        _times(links), _stages(links), _peers(links), _traffic(links), _largest(links),
        _opening(figures["opening"]), _memory(figures["memory"]),
        _memory_of_opening(figures["memory_of_opening"]), _size(figures["size"]),
    ]  # fmt: skip
    return [table for table in tables if table.row_count]


def _table(title: str, *columns: str, caption: str = "") -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", caption=caption or None,
        caption_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True,
    )  # fmt: skip
    table.add_column(columns[0], no_wrap=True)
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def name_of(row: Row) -> str:
    if row["link"] == "http":
        return "http"
    pace = f"{row['interval_ms']:g} ms" if row["interval_ms"] else "unpaced"
    return f"ble {row['mtu']:>3} {pace}"


def _range(spread: Row) -> str:
    low, high = spread["min"] * _MS, spread["max"] * _MS
    return f"{spread['median'] * _MS:.0f} ({low:.0f} to {high:.0f})"


def _times(links: list[Row]) -> Table:
    table = _table(
        "From `provision` to the verified receipt, ms", "link", "connect", "total", "vs http",
        caption="\n".join([
            "ble: ATT_MTU and connection interval; connect is not part of the total",
            *(f"{name_of(row)}: {len(row['failures'])} runs failed and were made again: "
              f"{', '.join(sorted(set(row['failures'])))}" for row in links if row["failures"]),
        ]),
    )  # fmt: skip
    for row in links:
        seconds = row["seconds"]
        table.add_row(
            name_of(row), _range(seconds["connect"]), _range(seconds["total"]),
            f"{row['vs_http']['total']:.2f}",
        )  # fmt: skip
    return table


def _stages(links: list[Row]) -> Table:
    table = _table(
        "Where the time goes, ms and share of the total", "link", *STAGES,
        caption="link: messages under way and answered; turns: given to the radios while opening "
        "and verifying; poll: until the host asks again",
    )  # fmt: skip
    for row in links:
        table.add_row(
            name_of(row),
            *(f"{row['seconds'][stage]['median'] * _MS:.1f}\n[dim]{row['share'][stage]:.0%}[/]"
              for stage in STAGES),
        )  # fmt: skip
    return table


def _peers(links: list[Row]) -> Table:
    table = _table(
        "The link alone, ms, and a plain peer", "link", "ours", "vs http", "peer", "ratio",
        caption="peer: the same octets, message by message, by microdot alone, or by values "
        "written with response and notified; ratio: ours to it",
    )  # fmt: skip
    for row in links:
        table.add_row(
            name_of(row), _range(row["seconds"]["link"]), f"{row['vs_http']['link']:.2f}",
            _range(row["peer"]["seconds"]), f"{row['peer']['link_to_peer']:.2f}",
        )  # fmt: skip
    return table


def _traffic(links: list[Row]) -> Table:
    table = _table(
        "On the wire", "link", "order", "mes-\nsages", "up", "down", "writes", "noti-\nfied",
        "frames", "acks",
        caption="up, down: octets to and from the board, of HTTP with its heads or of L2CAP",
    )  # fmt: skip
    for row in links:
        counts = (_count(row.get(name)) for name in ("messages", *_COUNTS))
        table.add_row(name_of(row), str(row["order_octets"]), *counts)
    return table


def _largest(links: list[Row]) -> Table:
    table = _table(
        "An order of 8 KB, one run", "link", "order", "total, ms", "link, ms", "up", "down",
        "frames", "acks",
    )  # fmt: skip
    for row in links:
        if largest := row["largest_order"]:
            times = (f"{largest[name] * _MS:.0f}" for name in ("total_s", "link_s"))
            counts = (str(largest.get(name, "-")) for name in _LARGEST_COUNTS)
            table.add_row(name_of(row), str(largest["order_octets"]), *times, *counts)
    return table


def _count(spread: Row | None) -> str:
    return "-" if spread is None else f"{spread['median']:g}"


def _opening(rows: list[Row]) -> Table:
    table = _table(
        "Opening an order on the board's interpreter, ms", "authority", "suite", "open", "first",
        "text-\nbook", "verify", "first", "text-\nbook", "all",
        caption="first: after a start, loading included; all: open, verify, decode; "
        "textbook: tests/bench/textbook.py, and how many times as long",
    )  # fmt: skip
    for row in rows:
        seconds = row["seconds"]
        table.add_row(
            row["algorithm"], row["suite"].partition(",")[0],
            f"{seconds['open']['median'] * _MS:.2f}", f"{row['first_s']['open'] * _MS:.1f}",
            _textbook(row, "open"),
            f"{seconds['verify']['median'] * _MS:.2f}", f"{row['first_s']['verify'] * _MS:.1f}",
            _textbook(row, "verify"), f"{seconds['whole']['median'] * _MS:.2f}",
        )  # fmt: skip
    return table


def _textbook(row: Row, stage: str) -> str:
    if "textbook_s" not in row:
        return "-"
    return f"{row['textbook_s'][stage] * _MS:.0f} x{row['vs_textbook'][stage]:.1f}"


def _memory(rows: list[Row]) -> Table:
    failed = [row for row in rows if "failed" in row]
    notes = [f"{row['chip']}, {row['link']}, {row['order']}: {row['failed']}" for row in failed]
    table = _table(
        "Python heap of the board, KB of 64-bit words", "chip", "link", "order", "heap",
        "window\nopen", "share", "at\nmost", "share", "for the\norder",
        caption="\n".join(["the heap is sized to be as full as the chip's", *notes]),
    )  # fmt: skip
    for row in rows:
        start = [row["chip"], row["link"], row["order"]]
        if "failed" in row:
            table.add_row(*start, "fails", "", "", "", "", "")
            continue
        table.add_row(
            *start, f"{row['heap'] / _KB:.0f}", f"{row['window_open'] / _KB:.0f}",
            f"{row['window_open_share']:.0%}", f"{row['peak'] / _KB:.0f}",
            f"{row['peak_share']:.0%}", f"{row['during_order'] / _KB:.0f}",
        )  # fmt: skip
    return table


def _memory_of_opening(rows: dict[str, Row]) -> Table:
    table = _table("Heap for opening alone, octets", "order", "length", "at most", "kept")
    for name, row in rows.items():
        table.add_row(name, *(f"{row[key]:,}" for key in ("order_octets", "peak", "kept")))
    return table


def _size(size: Row) -> Table:
    table = _table("Compiled files (.mpy)", "folder", "octets", "budget")
    for folder, row in size["folders"].items():
        table.add_row(folder, f"{row['octets']:,}", f"{row['budget']:,}" if row["budget"] else "-")
    table.add_row("together", f"{size['octets']:,}", "")
    return table
