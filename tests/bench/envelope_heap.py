"""Heap that opening an order takes on MicroPython: ``python -m tests.bench.envelope_heap``.

For a small, a usual, the largest order and one of 8 KB, octets that the envelope code
allocates by itself (garbage included), that are alive at most, and that the opened order
keeps; see envelope_on_board.py. The order as received is not counted: the transport has
it. The interpreter here has 64-bit words: objects on a board are half the size, octets
are not.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.device.interpreter import run_micropython
from tests.vectors import order_cases as cases
from tests.vectors.sealing import HPKE_4, dumps, encrypt0, ordered, sign1
from transports.contract import MAX_MESSAGE

DEADLINE_S = 60


def usual_claims() -> dict[int, Any]:
    """Two networks, a server, a device: about 600 octets when sealed."""
    return {
        **cases.CLAIMS,
        -65537: HPKE_4,
        -65539: [{1: b"home", 2: b"correct horse"}, {1: b"workshop", 2: b"battery staple"}],
        -65540: {1: "https://example.org/devices", 2: bytes(32), 3: b"t" * 240},
        -65541: {1: "Pump 7", 2: "pump-7", 3: "CH", 4: "CET-1CEST,M3.5.0,M10.5.0/3"},
    }


def sealed(claims: dict[int, Any], **parts: Any) -> bytes:
    signed = sign1(cases.AUTHORITY, cases.octets(claims), **parts)
    return encrypt0(cases.DEVICE, signed, HPKE_4)


def orders() -> dict[str, bytes]:
    named = {
        "small": sealed({**cases.CLAIMS, -65537: HPKE_4}),
        "usual": sealed(usual_claims()),
        "largest": sealed(cases.FULL),
    }
    # No claims are that long: a key identifier fills the message up.
    kid = bytes(MAX_MESSAGE - len(named["largest"]) - 4)
    named["8 KB"] = sealed(cases.FULL, unprotected={4: kid})
    return named


def measure(octets: bytes) -> dict[str, int]:
    script = Path(__file__).with_name("envelope_on_board.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "order"
        key = dumps(ordered(cases.AUTHORITY.cose_key))
        path.write_text("\n".join(part.hex() for part in (cases.DEVICE.secret, key, octets)))
        done = run_micropython([str(script), str(path)], DEADLINE_S)
    if done.returncode != 0:
        raise SystemExit(done.stdout.decode())
    allocated, peak, kept = [int(number) for number in done.stdout.split()]
    return {"order_octets": len(octets), "allocated": allocated, "peak": peak, "kept": kept}


def main() -> None:
    print(json.dumps({name: measure(octets) for name, octets in orders().items()}, indent=1))


if __name__ == "__main__":
    main()
