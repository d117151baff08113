"""The command line, `latchkey`."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `latchkey` script."""
    from host_client.cli.app import app

    app(prog_name="latchkey")
