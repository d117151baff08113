"""A tray of virtual boards, made over their USB ports: seconds and failures.

    python -m tests.bench.tray --count 100

Every board is a MicroPython with a board's heap on a flash of its own behind a
pseudo-terminal; the command is the one that a line runs, `latchkey factory init`, with real
mpremote, certificates, a registry in SQLite and labels as SVG and PNG. It is run twice: the
second time nothing may be made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from host_client.authority import Authority, AuthorityStore
from host_client.registry import Operator, OperatorStore, Registry
from tests.factory.line import plugged_in

PASSPHRASE = "bench-passphrase"
DEADLINE_S = 1800


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="how many boards")
    parser.add_argument("--at-once", type=int, default=4, help="how many at a time")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-tray-") as folder:
        figures = measure(Path(folder), options.count, options.at_once)
    for name, value in figures.items():
        print(f"{name:<22} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 1 if figures["failures"] or figures["made_again"] else 0


def measure(folder: Path, count: int, at_once: int) -> dict[str, Any]:
    """Make a tray, and run the same again."""
    home = folder / "home"
    os.environ["LATCHKEY_HOME"] = str(home)
    for name in ("workshop", "maker"):
        AuthorityStore().save(Authority.generate(name), PASSPHRASE)
    OperatorStore().save(Operator.generate("op"), PASSPHRASE)
    Registry(create=True).close()
    began = time.monotonic()
    with plugged_in(folder / "boards", count) as boards:
        power_s = time.monotonic() - began
        ports = [board.port for board in boards]
        seconds, first = run(ports, at_once)
        again_seconds, again = run(ports, at_once)
    with Registry() as registry:
        registered = registry.count()
    return {
        "boards": count, "at_once": at_once, "cores": os.cpu_count(),
        "seconds_to_power_on": round(power_s, 1),
        "seconds": round(seconds, 1), "made": first["outcomes"].get("made", 0),
        "failures": first["failed"], "seconds_a_board": round(seconds / count, 2),
        "registered": registered, "labels": len(list((home / "factory" / "labels").iterdir())),
        "seconds_again": round(again_seconds, 1), "known": again["outcomes"].get("known", 0),
        "made_again": again["outcomes"].get("made", 0),
    }  # fmt: skip


def run(ports: list[str], at_once: int) -> tuple[float, dict[str, Any]]:
    """(seconds, result) of `latchkey factory init` at these ports, start of the program and all."""
    named = [word for port in ports for word in ("--port", port)]
    command = [sys.executable, "-c", "from host_client.cli import main; main()", "factory", "init",
               *named, "--authority", "workshop", "--manufacturer", "maker", "--policy", "label",
               "--model", "thermostat", "--at-once", str(at_once), "--json"]  # fmt: skip
    environment = {**os.environ, "LATCHKEY_PASSPHRASE": PASSPHRASE}
    began = time.monotonic()
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, check=False, timeout=DEADLINE_S
    )
    seconds = time.monotonic() - began
    document = json.loads(done.stdout)
    if document["result"] is None:
        raise SystemExit(document["error"]["message"])
    return seconds, document["result"]


if __name__ == "__main__":
    sys.exit(main())
