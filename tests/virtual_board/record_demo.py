"""Record `make demo` as the picture in README.md: python -m tests.virtual_board.record_demo."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100
PICTURE = Path(__file__).with_name("demo.svg")
# What differs from run to run and place to place, and would only widen the picture.
_SHORTER = (
    (re.compile(r"(sha256:[0-9a-f]{16})[0-9a-f]{48}"), r"\1…"),
    (re.compile(r"/\S*/wifi-password"), "wifi-password"),
)


def main() -> int:
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TTY_INTERACTIVE": "0"}
    done = subprocess.run(
        (sys.executable, "-m", "tests.virtual_board.demo"),
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, text=True,
    )  # fmt: skip
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print("[bold]$ make demo[/]")
    for line in done.stdout.splitlines():
        for pattern, replacement in _SHORTER:
            line = pattern.sub(replacement, line)
        console.print(Text.from_ansi(line))
    picture = console.export_svg(title="Latchkey")
    # Whoever looks at it shall not be sent to somebody's server for a font.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    PICTURE.write_text(
        picture.replace("Fira Code", "Fira Code, DejaVu Sans Mono"), encoding="utf-8"
    )
    print(PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
