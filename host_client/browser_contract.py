"""Writes host_client/browser/core/contract.ts: the protocol's numbers and names for the pages.

`python -m host_client.browser_contract` writes it anew, as `make fix` does; what the pages and
the board agree on is thus written down once, in transports/contract.py and transports/names.py.
"""

from __future__ import annotations

import json
from pathlib import Path

from transports import contract, framing, names

FILE = Path(__file__).parent / "browser" / "core" / "contract.ts"
_HEAD = """\
// Written by host_client/browser_contract.py from transports/contract.py, framing.py and
// names.py: change those, then `make fix`.
"""
_OF_FRAMING = (
    "WINDOW", "ACK_EVERY", "MIN_FRAME", "MAX_FRAME", "RETRY_MS", "RETRIES", "STALLED_MS",
    "TOO_LONG", "BROKEN", "NO_ROOM",
)  # fmt: skip


def contract_module() -> str:
    """The text of contract.ts."""
    values = {name: getattr(contract, name) for name in vars(contract) if name.isupper()}
    values |= {
        name if "FRAME" in name else f"FRAME_{name}": getattr(framing, name) for name in _OF_FRAMING
    }
    values |= {name: getattr(names, name) for name in vars(names) if name.isupper()}
    return _HEAD + "\n" + "".join(_constant(name, value) for name, value in values.items())


def _constant(name: str, value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii")  # contexts: the pages encode them as UTF-8
    if isinstance(value, (dict, tuple)):
        return f"export const {name} = {json.dumps(value, separators=(', ', ': '))} as const;\n"
    return f"export const {name} = {json.dumps(value)};\n"


if __name__ == "__main__":
    FILE.write_text(contract_module(), encoding="utf-8")
