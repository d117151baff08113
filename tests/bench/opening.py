"""Opening and verifying the real order on the board's own interpreter, and by the textbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from host_client.authority import Authority
from host_client.order import Target
from tests.bench.orders import usual_order
from tests.bench.spread import spread
from tests.virtual_board import image
from tests.virtual_board.process import run_code
from tests.virtual_board.world import World
from transports.contract import ALG_HPKE_3, ALG_HPKE_4

_CODE = Path(__file__).with_name("crypto_on_board.py")
_TEXTBOOK = Path(__file__).with_name("textbook.py")
SUITES = {"HPKE-4, ChaCha20-Poly1305": ALG_HPKE_4, "HPKE-3, AES-128-GCM": ALG_HPKE_3}
ALGORITHMS = ("ed25519", "p256")
STAGES = ("open", "verify", "decode", "whole")


async def measure(repeat: int, textbook: bool = True) -> list[dict[str, Any]]:
    """A row for each algorithm and suite: {algorithm, suite, order_octets, seconds: {stage:
    spread}, first_s: {stage: seconds, code loaded from the flash and tables made included},
    textbook_s: {stage: seconds}, vs_textbook: {stage: how many times longer that is}}."""
    rows = []
    async with World() as world:
        for algorithm in ALGORITHMS:
            authority = Authority.generate("bench", algorithm)
            board = await world.add_board(authority=authority.public_key)
            target = Target(board.factory["device_id"], bytes.fromhex(board.factory["device_key"]))
            for name, suite in SUITES.items():
                order = usual_order(target, authority, suite).data
                # The textbook has ChaCha20-Poly1305 only, and once an algorithm is enough.
                with_textbook = textbook and suite == ALG_HPKE_4
                told = await _on_board(board.flash, order, repeat, with_textbook)
                rows.append(_row(algorithm, name, len(order), told))
    return rows


async def _on_board(flash: Path, order: bytes, repeat: int, textbook: bool) -> dict[str, list[int]]:
    source = _TEXTBOOK.read_text(encoding="utf-8") if textbook else ""
    names = f"ORDER = {order.hex()!r}\nREPEAT = {repeat}\nTEXTBOOK = {source!r}\n"
    plan = {"code": names + _CODE.read_text(encoding="utf-8")}
    lines = await run_code(await image.rom(), flash, image.FLASH_BLOCKS, plan)
    told: dict[str, list[int]] = json.loads(lines[-1])
    return told


def _row(algorithm: str, suite: str, octets: int, told: dict[str, list[int]]) -> dict[str, Any]:
    in_s = {stage: [one / 1e6 for one in taken] for stage, taken in told.items()}
    seconds = {stage: spread(in_s[stage]) for stage in STAGES}
    first = {stage: in_s["first " + stage][0] for stage in ("open", "verify")}
    row = {
        "algorithm": algorithm, "suite": suite, "order_octets": octets,
        "seconds": seconds, "first_s": first,
    }  # fmt: skip
    if "textbook verify" in in_s:
        verify = in_s["textbook verify"][0]
        opening = in_s["textbook x25519"][0] + in_s["textbook chacha20poly1305"][0]
        row["textbook_s"] = {"open": opening, "verify": verify}
        row["vs_textbook"] = {
            "open": opening / seconds["open"]["median"],
            "verify": verify / seconds["verify"]["median"],
        }
    return row
