"""`make bench`: what provisioning costs, over each link, on this machine's virtual board.

See README.md beside this file for what each figure means.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path

from rich.console import Console

from tests.bench import figures, report


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure provisioning on a virtual board."
    )
    parser.add_argument("--json", metavar="FILE", help="write the same as JSON")
    parser.add_argument(
        "--quick", action="store_true", help="one run of the main parts, to see that it works"
    )
    options = parser.parse_args()
    # Between two runs the power is cut, with the last acknowledgement perhaps still under way.
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    screen = Console(highlight=False)
    with screen.status("starting") as status:
        found = asyncio.run(
            figures.collect(options.quick, lambda what: status.update(f"measuring: {what}"))
        )
    report.show(found, screen)
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
