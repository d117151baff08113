"""`make bench-registry`: the registry with a million devices, on SQLite and PostgreSQL.

Fills a registry the way an import does, then asks it what a host asks. Every figure is of the
Python interface, with its transaction; nothing is left behind.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from host_client.registry import NewDevice, Registry
from host_client.registry.transfer import export_csv, import_csv
from tests.host.registry.cluster import NoServer, run_cluster

LOOK_UPS = 2000
IMPORTED = 100_000  # devices of the exported file that are imported again
ADDED = 50  # one at a time


def devices(number: int) -> Iterator[NewDevice]:
    """So many devices; the keys follow from the numbers."""
    for n in range(number):
        key = hashlib.sha256(n.to_bytes(8, "big")).digest()
        yield NewDevice(f"bench-{n:012}", key, f"SN{n:010}", "bench", "", f"batch {n // 1000}",
                        bytes(200), made_ms=1_700_000_000_000 + n)  # fmt: skip


def measure(url: str, number: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures of one registry, which must be empty."""
    with Registry(url, create=True, actor="bench") as registry:
        began = time.perf_counter()
        registry.add_devices(
            devices(number), on_progress=lambda done: say(f"{registry.name}: {done} devices")
        )
        fill_s = time.perf_counter() - began
    began = time.perf_counter()
    with Registry(url, actor="bench") as registry:
        registry.device(f"SN{number // 2:010}")
        first_ms = (time.perf_counter() - began) * 1000
        found = {"devices": number, "fill_s": fill_s, "first_ms": first_ms}
        say(f"{registry.name}: looking up")
        found |= _look_ups(registry, number)
        say(f"{registry.name}: files")
        found |= _files(registry, min(number, IMPORTED))
    return found


def _look_ups(registry: Registry, number: int) -> dict[str, Any]:
    pick = random.Random(1)
    numbers = [pick.randrange(number) for _ in range(LOOK_UPS)]
    keys = [hashlib.sha256(n.to_bytes(8, "big")).digest() for n in numbers]
    prints = ["sha256:" + hashlib.sha256(key).hexdigest()[:32] for key in keys]
    return {
        "serial": _spread([_timed(registry.device, f"SN{n:010}") for n in numbers]),
        "absent": _spread([_timed(registry.find, f"SN{n}") for n in numbers]),
        "device_id": _spread(
            [_timed(lambda d: registry.device(device_id=d), f"bench-{n:012}") for n in numbers]
        ),
        "fingerprint": _spread(
            [_timed(lambda f: registry.device(fingerprint=f), text) for text in prints]
        ),
        "pending_order": _spread(
            [_timed(registry.pending_order, f"bench-{n:012}") for n in numbers]
        ),
        "add": _spread(
            [_timed(registry.add_device, NewDevice(f"late-{n}", hashlib.sha256(b"%d" % n).digest()))
             for n in range(ADDED)]
        ),
    }  # fmt: skip


def _files(registry: Registry, number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        everything, part = Path(folder) / "all.csv", Path(folder) / "part.csv"
        began = time.perf_counter()
        exported = export_csv(registry, everything)
        export_s = time.perf_counter() - began
        with everything.open("rb") as source, part.open("wb") as target:
            target.writelines(islice(source, number + 1))
        with Registry(f"sqlite:///{folder}/other.db", create=True) as empty:
            began = time.perf_counter()
            added = import_csv(empty, part)
            import_s = time.perf_counter() - began
    return {"export_per_s": exported / export_s, "import_per_s": added.new / import_s}


def _timed(call: Callable[[Any], Any], argument: Any) -> float:
    began = time.perf_counter()
    call(argument)
    return (time.perf_counter() - began) * 1000


def _spread(times_ms: list[float]) -> dict[str, float]:
    """Median and 99th percentile, in milliseconds."""
    times_ms.sort()
    last = len(times_ms) - 1
    return {"median_ms": times_ms[last // 2], "p99_ms": times_ms[round(last * 0.99)]}


@contextlib.contextmanager
def databases(postgresql: str | None, screen: Console) -> Iterator[dict[str, str]]:
    """The registries to be measured: a new file, and a given server or one of its own."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = {"SQLite": f"sqlite:///{folder}/registry.db"}
        if postgresql is not None:
            urls["PostgreSQL"] = postgresql
        else:
            try:
                running = run_cluster({})
                cluster = next(running)
                stack.callback(running.close)
                urls["PostgreSQL"] = cluster.url("postgres")
            except NoServer as missing:
                screen.print(f"PostgreSQL is left out: {missing}")
        yield urls


def show(found: dict[str, dict[str, Any]], screen: Console) -> None:
    table = Table(title=f"{next(iter(found.values()))['devices']:,} devices", title_justify="left")
    table.add_column("")
    for name in found:
        table.add_column(name, justify="right")
    rows = [("fill, devices a second", lambda f: f"{f['devices'] / f['fill_s']:,.0f}"),
            ("open and first look-up, ms", lambda f: f"{f['first_ms']:.1f}")]  # fmt: skip
    for what in ("serial", "device_id", "fingerprint", "absent", "pending_order", "add"):
        name = f"{what.replace('_', ' ')}, ms: median (p99)"
        rows.append((name, lambda f, what=what: "{median_ms:.2f} ({p99_ms:.2f})".format(**f[what])))
    rows.append(("CSV out, devices a second", lambda f: f"{f['export_per_s']:,.0f}"))
    rows.append(("CSV in to SQLite, devices a second", lambda f: f"{f['import_per_s']:,.0f}"))
    for name, text in rows:
        table.add_row(name, *(text(figures) for figures in found.values()))
    screen.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench-registry", description="Measure the registry of devices."
    )
    parser.add_argument("--devices", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database of a server")
    parser.add_argument("--json", metavar="FILE", help="write the same as JSON")
    options = parser.parse_args()
    screen, found = Console(highlight=False), {}
    with databases(options.postgresql, screen) as urls, screen.status("starting") as status:
        for name, url in urls.items():
            found[name] = measure(url, options.devices, status.update)
    show(found, screen)
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
