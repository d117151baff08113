"""Runs everything and puts the figures together, as they go into the JSON file."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable
from statistics import median
from typing import Any

from host_client.authority import Authority
from host_client.errors import ProvisioningError
from host_client.order import MAX_ORDER
from tests.bench import memory, opening, peers, size
from tests.bench.provisioning import CONDITIONS, Bench, Condition, bench
from tests.bench.spread import spread
from tests.bench.timed import STAGES, Run
from tests.virtual_board.process import find_interpreter

SCHEMA = 1
RUNS, QUICK_RUNS = 5, 1
REPEAT, QUICK_REPEAT = 21, 1
QUICK_CONDITIONS = (Condition("http"), Condition("ble", 185))

Say = Callable[[str], None]


async def collect(quick: bool, say: Say) -> dict[str, Any]:
    """All figures. quick: one run of everything and fewer conditions, to see that it works.

    say: called with what is measured next.
    """
    runs = QUICK_RUNS if quick else RUNS
    say("size of the .mpy files")
    figures: dict[str, Any] = {
        "schema": SCHEMA, "quick": quick, "runs": runs, "machine": _machine(),
        "size": size.measure(),
    }  # fmt: skip
    links = []
    for condition in QUICK_CONDITIONS if quick else CONDITIONS:
        say(f"provisioning: {condition.name}")
        links.append(await _link(condition, runs, quick))
    _compare_with_http(links)
    figures["links"] = links
    say("opening and verifying on the board's interpreter")
    figures["opening"] = await opening.measure(QUICK_REPEAT if quick else REPEAT)
    say("memory of the board")
    chips = ("esp32s3",) if quick else ("esp32s3", "esp32")
    over = ("http",) if quick else ("http", "ble")
    sizes = {"usual": None} if quick else memory.ORDERS
    figures["memory"] = [row for chip in chips for row in await memory.on_board(chip, over, sizes)]
    figures["memory_of_opening"] = memory.of_opening()
    return figures


async def _link(condition: Condition, runs: int, quick: bool) -> dict[str, Any]:
    """A row of "links". The first run warms up, and counts for nothing."""
    failures: list[str] = []
    async with bench(condition, Authority.generate("bench")) as one:
        done = (await _runs(one, runs + (not quick), None, failures))[-runs:]
        largest = [] if quick else await _runs(one, 1, MAX_ORDER, failures)
    row = _row(condition, done)
    row["failures"] = failures
    row["largest_order"] = _largest(largest[0]) if largest else None
    sizes = [(exchange.up, exchange.down) for exchange in done[-1].exchanges]
    plain = spread(await peers.seconds(condition, sizes, runs))
    own = row["seconds"]["link"]["median"]
    row["peer"] = {"seconds": plain, "link_to_peer": own / plain["median"]}
    return row


async def _runs(one: Bench, wanted: int, octets: int | None, failures: list[str]) -> list[Run]:
    """So many runs that went well; what the others ended with is told, and not measured.

    Raises ProvisioningError when more than that fail; of the largest order, gives up.
    """
    done: list[Run] = []
    failed = 0
    while len(done) < wanted:
        await one.open_window()
        try:
            done.append(await one.provision(octets))
        except ProvisioningError as error:
            failures.append(str(error))
            failed += 1
            if failed > wanted and octets is None:
                raise
            if failed > wanted:
                break
    return done


def _row(condition: Condition, done: list[Run]) -> dict[str, Any]:
    total = median(run.total_s for run in done)
    stages = {stage: spread([run.stages_s[stage] for run in done]) for stage in STAGES}
    return {
        "link": condition.link, "mtu": condition.mtu, "interval_ms": condition.interval_ms,
        "order_octets": done[-1].order,
        "messages": spread([2 * len(run.exchanges) for run in done]),
        **{name: spread([run.counts[name] for run in done]) for name in done[0].counts},
        "seconds": {
            "connect": spread([run.connect_s for run in done]),
            "total": spread([run.total_s for run in done]),
            **stages,
        },
        "share": {stage: stages[stage]["median"] / total for stage in STAGES},
    }  # fmt: skip


def _largest(run: Run) -> dict[str, Any]:
    return {
        "order_octets": run.order, "total_s": run.total_s, "link_s": run.stages_s["link"],
        **run.counts,
    }  # fmt: skip


def _compare_with_http(links: list[dict[str, Any]]) -> None:
    """How many times as long as over HTTP, in all and for the link alone."""
    http = links[0]["seconds"]
    for row in links:
        row["vs_http"] = {
            what: row["seconds"][what]["median"] / http[what]["median"]
            for what in ("total", "link")
        }


def _machine() -> dict[str, Any]:
    told = "import sys; print('%d.%d.%d' % sys.implementation.version[:3])"
    version = subprocess.run(
        [str(find_interpreter()), "-c", told],
        capture_output=True, text=True, timeout=10, check=True,
    )  # fmt: skip
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "micropython": version.stdout.strip(),
    }
