"""`make size`: octets of the .mpy files, folder by folder, and of the page for phones, gzipped,
against the budget beside this file.

Compiled for both architectures of the family, since native code differs in size; the larger one
counts. The flash that a file takes is its size rounded up to a block of 4 KB.
"""

import argparse
import json
import sys
from pathlib import Path

from host_client.deploy.image import BoardFile, build, firmware_sources, microdot_sources

BUDGET = Path(__file__).with_name("size_budget.json")
ARCHITECTURES = ("xtensawin", "rv32imc")
BLOCK = 4096
# Of the page: fetched each by itself, and only where it is wanted.
LANGUAGES = ("de.js.gz", "es.js.gz", "fr.js.gz", "zh.js.gz")
ON_DEMAND = ("scan.js.gz", "owner_key.js.gz", *LANGUAGES)


def folder_of(path: str) -> str:
    """The line of the budget that a file counts in: two levels below /firmware, else one."""
    parts = path.strip("/").split("/")
    if parts[-1] in ON_DEMAND:
        return "/".join(parts)
    if parts[0] in ("firmware", "lib"):
        return "/".join(parts[:2]) if len(parts) > 2 else parts[0]
    return parts[0] if len(parts) > 1 else "start"


def sizes(files: list[BoardFile]) -> dict[str, int]:
    """Octets by folder."""
    summed: dict[str, int] = {}
    for file in files:
        folder = folder_of(file.path)
        summed[folder] = summed.get(folder, 0) + len(file.content)
    return summed


def measure() -> dict[str, object]:
    """What there is and what is allowed: {"folders": {name: {octets, budget}}, ...}."""
    budget = json.loads(BUDGET.read_text(encoding="utf-8"))
    sources = firmware_sources() + microdot_sources()
    built = {march: build(sources, march) for march in ARCHITECTURES}
    by_march = {march: sizes(files) for march, files in built.items()}
    folders = {
        folder: {
            **{march: by_march[march][folder] for march in ARCHITECTURES},
            "octets": max(by_march[march][folder] for march in ARCHITECTURES),
            "budget": budget.get(folder),
        }
        for folder in sorted(by_march[ARCHITECTURES[0]])
    }
    return {
        "folders": folders,
        "octets": sum(folder["octets"] for folder in folders.values()),
        "flash_octets": sum(-(-len(f.content) // BLOCK) * BLOCK for f in built["xtensawin"]),
        "files": len(sources),
    }


def over_budget(measured: dict) -> list[str]:
    """Folders that are larger than allowed, or that have no line in the budget."""
    return [
        folder
        for folder, row in measured["folders"].items()
        if row["budget"] is None or row["octets"] > row["budget"]
    ]


def show(measured: dict) -> None:
    print(f"{'folder':<30}{'octets':>8}{'budget':>8}")
    for folder, row in measured["folders"].items():
        print(f"{folder:<30}{row['octets']:>8}{row['budget'] or '-':>8}")
    print(f"{'together':<30}{measured['octets']:>8}")
    print(
        f"{measured['files']} files take {measured['flash_octets']} octets of flash in 4 KB blocks"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make size", description="Size of the firmware.")
    parser.add_argument("--json", metavar="FILE", help="write the same as JSON")
    options = parser.parse_args()
    measured = measure()
    show(measured)
    if options.json:
        Path(options.json).write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    too_large = over_budget(measured)
    if too_large:
        print(f"Over the budget of {BUDGET.name}: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
