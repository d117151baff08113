"""Cuts the power of a board at every flash operation: ``python -m tests.power_cuts``.

Without arguments all scenarios, all cuts. ``--only WORD`` takes the scenarios that have the word
in their name, ``--every N`` every Nth cut. ``--scenario NAME --cut 12:torn/3:clean`` makes one
cut, or one pair, again. The last line is survived/total.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.power_cuts import runner
from tests.power_cuts.injection import runner as injection

# A wipe writes every free block, and the commit has its pairs: these are shared among more.
_PARTS = 4


class Line:
    """One line of progress, on a terminal written over itself."""

    def __init__(self) -> None:
        self._done, self._begun, self._shown = 0, time.monotonic(), 0.0

    def __call__(self, done: int) -> None:
        self._done += done
        now = time.monotonic()
        if now - self._shown < (0.5 if sys.stderr.isatty() else 20):
            return
        self._shown = now
        end = "\r" if sys.stderr.isatty() else "\n"
        text = f"{self._done:,} cuts in {now - self._begun:.0f} s"
        print(text, end=end, file=sys.stderr, flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.power_cuts", description=__doc__)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--wear", action="store_true", help="only count erases and programs")
    parser.add_argument("--scenario", metavar="NAME")
    parser.add_argument("--cut", metavar="NUMBER:MODE[/NUMBER:MODE]")
    return parser.parse_args()


def one_cut(scenario: str, cut: str) -> int:
    for told in runner.told_by("one", scenario, cut):
        if "wrong" in told:
            print(f"{scenario} at {cut}: {told['wrong'] or 'survived'}")
            return 1 if told["wrong"] else 0
    return 1


def table(results: list[runner.Result]) -> None:
    width = max(len(result.name) for result in results)
    print(f"{'scenario':{width}} {'operations':>10} {'cuts':>7} {'pairs':>7} {'survived':>8}")
    for one in results:
        print(f"{one.name:{width}} {one.operations:>10,} {one.cuts:>7,} {one.pairs:>7,} "
              f"{one.survived:>8,}")  # fmt: skip
    for one in results:
        for point, wrong in one.failures:
            print(f'FAILED --scenario "{one.name}" --cut "{point}": {wrong}')


def injected(every: int, jobs: int) -> list[runner.Result]:
    """Faults of another kind than a power cut, in the same tables."""
    kinds = (
        (runner.flash_errors, 1), (injection.cancelling, 1), (injection.starving, 32),
        (injection.nomemory, 1), (injection.nomemory_in_arithmetic, 29),
    )  # fmt: skip
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda kind: kind[0](kind[1] * every), kinds))


def wear_table() -> None:
    rows = runner.wear()
    width = max(len(row.what) for row in rows)
    print(f"\n{'wear of':{width}} {'erases':>7} {'at most':>7} {'programs':>8}")
    for row in rows:
        print(f"{row.what:{width}} {row.erases / row.count:>7.2f} {row.most_erases:>7} "
              f"{row.programs / row.count:>8.1f}")  # fmt: skip
    print()


def main() -> int:
    chosen = options()
    if chosen.scenario:
        return one_cut(chosen.scenario, chosen.cut)
    if chosen.wear:
        wear_table()
        return 0
    names = [name for name in runner.scenario_names() if chosen.only in name]
    parts = dict.fromkeys(names, _PARTS)
    results = runner.sweep_all(names, parts, chosen.every, chosen.jobs, Line())
    if not chosen.only:
        results += injected(chosen.every, chosen.jobs)
    table(results)
    if not chosen.only:
        wear_table()
    survived = sum(one.survived for one in results)
    total = sum(one.total for one in results)
    print(f"survived {survived:,}/{total:,} cuts and other faults")
    return 0 if survived == total else 1


if __name__ == "__main__":
    sys.exit(main())
