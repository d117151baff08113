"""`python -m host_client.bootstrap`: the commands of `latchkey bootstrap`."""

from __future__ import annotations

from host_client.cli.bootstrap import app

if __name__ == "__main__":
    app(prog_name="python -m host_client.bootstrap")
