"""What became of each board, as rows for a program or a spreadsheet. No row holds a code."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from host_client.factory.errors import FactoryError
from host_client.factory.tray import Result, Tray
from host_client.private_file import write_whole

COLUMNS = (
    "port", "outcome", "device_id", "serial", "model", "device_key", "fingerprint", "labels",
    "seconds", "notes", "error", "message",
)  # fmt: skip


def row(result: Result) -> dict[str, Any]:
    """One board. labels, notes: lists; error: its kind, None where there was none."""
    found: dict[str, Any] = dict.fromkeys(COLUMNS)
    found.update(port=result.port, outcome=result.outcome, seconds=round(result.seconds, 3),
                 labels=[], notes=[])  # fmt: skip
    if result.made is not None:
        report = result.made.report
        found.update(
            device_id=report.device_id, serial=result.made.serial,
            model=report.facts.get("model"), device_key=report.device_key.hex(),
            fingerprint=report.fingerprint, labels=list(result.made.labels),
            notes=list(result.made.notes),
        )  # fmt: skip
    if result.error is not None:
        found.update(error=result.error.kind, message=str(result.error))
    return found


def document(tray: Tray) -> dict[str, Any]:
    """The whole run, as --json prints it."""
    outcomes = sorted({result.outcome for result in tray.results})
    return {
        "boards": [row(result) for result in tray.results],
        "good": tray.good,
        "failed": len(tray.failed),
        "outcomes": {outcome: tray.count(outcome) for outcome in outcomes},
        "seconds": round(tray.seconds, 3),
    }


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """One line a board, in the order in which they were done. Raises FactoryError."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for result in results:
        values = row(result)
        for name in ("labels", "notes"):
            values[name] = "; ".join(values[name])
        writer.writerow({name: _harmless(value) for name, value in values.items()})
    try:
        write_whole(path, text.getvalue().encode())
    except OSError as error:
        raise FactoryError(f"cannot write {path}: {error.strerror}") from error


def _harmless(value: object) -> object:
    """A text that no spreadsheet takes for a formula: what a board said is not to be trusted."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
