"""What an order costs under each policy, and an installer's beside the authority's own:
``python -m tests.bench.policies``. Prints JSON; see README.md."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from host_client import label
from host_client.authority import Authority
from host_client.installer import certify_installer
from host_client.order import Target, seal_order
from host_client.proof import Anybody, FirstUse, LabelCode, Proof, SignedBy
from tests.bench.orders import usual_settings
from tests.virtual_board import image
from tests.virtual_board.process import run_code
from tests.virtual_board.world import World
from transports import contract as c

_CODE = Path(__file__).with_name("policies_on_board.py")
REPEAT = 21
GROUP, DEVICE_ID, CODE = "site-a", "bench-0001", label.new_code()
Case = tuple[str, int, Authority, list[tuple[str, Proof]]]


def cases() -> list[Case]:
    """(name of the board, its policy, its authority, the orders' names and proofs)."""
    keys = {name: Authority.generate(name, name) for name in ("ed25519", "p256")}
    first = keys["ed25519"]
    found: list[Case] = [
        (f"signed, {name}", c.SIGNED, key, [("authority", SignedBy(key)), *_installers(key)])
        for name, key in keys.items()
    ]
    unsigned: tuple[tuple[str, int, Proof], ...] = (
        ("label", c.LABEL, LabelCode(CODE)),
        ("first-use", c.FIRST_USE, FirstUse(first)),
        ("open", c.OPEN_POLICY, Anybody()),
    )
    return found + [(name, policy, first, [("unsigned", how)]) for name, policy, how in unsigned]


def _installers(authority: Authority) -> list[tuple[str, Proof]]:
    found: list[tuple[str, Proof]] = []
    for name in ("ed25519", "p256"):
        key = Authority.generate("installer", name)
        certificate = certify_installer(
            authority, "An installer", key.public_key, GROUP,
            first_sequence=0, last_sequence=c.MAX_SEQUENCE,
        )  # fmt: skip
        found.append((f"installer, {name}", SignedBy(Authority("", key._key, certificate))))
    return found


async def measure(repeat: int = REPEAT) -> list[dict[str, Any]]:
    """A row for each order: {board, order, octets, ms (median), first_ms, rehearsed, loaded, peak};
    the last three in octets of heap, on an interpreter with 64-bit words."""
    rows = []
    async with World() as world:
        for name, policy, authority, proofs in cases():
            record = {"group": GROUP, "label_key": label.label_key(CODE, DEVICE_ID)}
            board = await world.add_board(
                authority=authority.public_key, policy=policy, device_id=DEVICE_ID, record=record
            )
            target = Target(DEVICE_ID, bytes.fromhex(board.factory["device_key"]))
            orders = [(what, seal_order(usual_settings(), target, by).data) for what, by in proofs]
            plan = [[what, data.hex()] for what, data in orders]
            code = f"ORDERS = {plan!r}\nREPEAT = {repeat}\n" + _CODE.read_text(encoding="utf-8")
            lines = await run_code(
                await image.rom(), board.flash, image.FLASH_BLOCKS, {"code": code}
            )
            told = json.loads(lines[-1])
            for what, data in orders:
                rows.append({"board": name, "order": what, "octets": len(data), **_row(told, what)})
    return rows


def _row(told: dict[str, Any], what: str) -> dict[str, Any]:
    one = told["orders"][what]
    return {
        "ms": round(median(one["us"]) / 1000, 2), "first_ms": round(one["first_us"] / 1000, 2),
        "rehearsed": told["rehearsed"], "loaded": one["loaded"], "peak": one["peak"],
    }  # fmt: skip


def main() -> None:
    json.dump(asyncio.run(measure()), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
