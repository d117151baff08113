"""Writes the figures of a run into README.md beside this file.

make bench JSON=FILE && python -m tests.bench.in_readme FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.bench import report

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: written by in_readme.py -->", "<!-- end of figures -->"


def as_markdown(table: Table) -> str:
    """The table with its title above and its caption below."""
    rows = [[_plain(str(column.header)) for column in table.columns]]
    rows.append(["---" if column.justify == "left" else "---:" for column in table.columns])
    columns = [[_plain(str(cell)) for cell in column.cells] for column in table.columns]
    rows += [list(row) for row in zip(*columns, strict=True)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    caption = f"\n\n{_plain(str(table.caption), '; ')}" if table.caption else ""
    return f"**{_plain(str(table.title))}**\n\n" + "\n".join(lines) + caption


def _plain(text: str, instead_of_newline: str = " ") -> str:
    plain = Text.from_markup(text).plain.replace("-\n", "")
    return plain.replace("\n", instead_of_newline)


def written(readme: str, figures: dict) -> str:
    """README with the figures between its two marks. Raises ValueError without them."""
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{README.name} has no place for the figures")
    told = "\n\n".join(as_markdown(table) for table in report.tables(figures))
    return f"{before}{BEGIN}\n\n{told}\n\n{END}{after}"


def main() -> int:
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    README.write_text(written(README.read_text(encoding="utf-8"), figures), encoding="utf-8")
    Console().print(f"written to {README.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
