"""What the command line prints: for people on a terminal, or one JSON document.

Results go to standard output; progress, warnings and errors to standard error. Nothing
that came from a board is taken for markup, nor are its control characters let through.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from host_client.errors import ProvisioningError, StatusError

SCHEMA = "latchkey/1"


def clean(value: object) -> str:
    """Text that a terminal shows and does not obey."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(value)
    )


def ssid_text(ssid: bytes) -> str:
    """An SSID for people; `hex:...` where it is not printable UTF-8."""
    try:
        text = ssid.decode()
    except UnicodeDecodeError:
        return f"hex:{ssid.hex()}"
    return text if text.isprintable() and text.strip() else f"hex:{ssid.hex()}"


class Output:
    """Where one command's words go."""

    def __init__(self, command: str, as_json: bool) -> None:
        self.command = command
        self.as_json = as_json
        self.partial: dict[str, Any] | None = None  # what was done though the command failed
        self.out = Console(quiet=as_json, highlight=False, soft_wrap=False)
        self.err = Console(stderr=True, highlight=False)

    def show(self, renderable: RenderableType) -> None:
        """Print for people; nothing with --json."""
        self.out.print(renderable)

    def say(self, message: str, style: str = "") -> None:
        self.out.print(Text(clean(message), style=style))

    def plain(self, text: str) -> None:
        """Print as it is, to be copied or piped, lines of any length; nothing with --json."""
        self.out.out(text, end="", highlight=False)

    def note(self, message: str) -> None:
        """A warning for people, also with --json."""
        self.err.print(_marked("!", "bold yellow", message))

    def facts(self, title: str, rows: list[tuple[str, object]]) -> None:
        """A titled list of names and values; empty values are left out."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            if value not in (None, "", ()):
                text = value if isinstance(value, Text) else Text(clean(value))
                table.add_row(name, text)
        self.out.print(Text(clean(title), style="bold"))
        self.out.print(Padding(table, (0, 0, 0, 2)))

    def succeed(self, result: dict[str, Any]) -> None:
        """Print the JSON document of a command that worked."""
        self._document(0, result=result, error=None)

    def fail(self, error: ProvisioningError) -> None:
        """Print an error with its remedy, or its JSON document."""
        self._document(error.exit_code, result=self.partial, error=error_document(error))
        if self.as_json:
            return
        self.err.print(_marked("✗", "bold red", str(error) or type(error).__name__))
        if error.remedy:
            self.err.print(Padding(Text(clean(error.remedy), style="dim"), (0, 0, 0, 2)))

    def _document(self, exit_code: int, **parts: Any) -> None:
        if self.as_json:
            document = {
                "schema": SCHEMA,
                "command": self.command,
                "ok": exit_code == 0,
                "exit_code": exit_code,
                **parts,
            }
            sys.stdout.write(json.dumps(document, ensure_ascii=True) + "\n")
            sys.stdout.flush()


def _marked(mark: str, style: str, message: str) -> Table:
    """A sentence behind a mark, its later lines under its first word."""
    first = message.partition(" ")[0]
    if first.isalpha():
        message = first[0].upper() + message[1:]
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(mark, style=style), Text(clean(message)))
    return table


def error_document(error: ProvisioningError) -> dict[str, Any]:
    """An error as JSON; status, name, reason and proven are null but for a board's status."""
    document: dict[str, Any] = {
        "kind": error.kind,
        "message": str(error),
        "remedy": error.remedy,
        "status": None,
        "name": None,
        "reason": None,
        "proven": None,
    }
    if isinstance(error, StatusError):
        document.update(status=error.status, name=error.name, reason=error.reason)
        document["proven"] = getattr(error, "proven", None)
    return document
