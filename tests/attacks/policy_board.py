"""A board of any policy that has the keys of tests/vectors, so that every order there is for it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import cbor2

from tests.attacks.siege import PATIENT, Siege, unharmed
from tests.attacks.vector_board import VECTORS, vector_rig
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import PASSWORD, SSID, Rig
from tests.vectors import policy_cases as cases
from transports import contract as c

NETWORKS = [{1: SSID, 2: PASSWORD}]
Order = Callable[..., bytes]


async def policy_rig(new_rig: NewRig, **board: Any) -> Rig:
    """A rig whose window is open; board: policy, profile, group, as in policy_cases.BOARD."""
    fields = {**cases.BOARD, **board}
    record = {name: fields[name] for name in ("profile", "group")}
    record["label_key"] = bytes.fromhex(fields["label_key"])
    return await vector_rig(
        new_rig, "Ed25519", policy=fields["policy"], record=record, **PATIENT
    )  # fmt: skip


class Orders:
    """Orders that are fresh for any window: offline, and each newer than the one before."""

    def __init__(self, first: int = 1 << 40) -> None:
        self._sequences = itertools.count(first)

    def claims(self, **changes: Any) -> dict[str, Any]:
        claims = {"NONCE": None, "SEQUENCE": next(self._sequences), "NETWORKS": NETWORKS}
        return {**claims, "ORDER_ID": os.urandom(16), **changes}

    def make(self, order: Order, *arguments: Any, **changes: Any) -> bytes:
        """order: of policy_cases, such as `signed`."""
        return order(*arguments, **self.claims(**changes))

    def delegated(self, certified: bytes | None = None, **changes: Any) -> bytes:
        """By the installer of policy_cases, whose certificate is for sequences 5 to 9."""
        return cases.delegated(certified, order=cases.payload(**self.claims(**changes)))


def recorded(policy: int, status: int) -> list[dict[str, Any]]:
    """Cases of policies.json for a board of this policy as it comes from the factory."""
    listed = json.loads((VECTORS / "policies.json").read_text())["orders"]
    board = {} if policy == c.SIGNED else {"policy": policy}
    return [case for case in listed if case["status"] == status and case["board"] == board]


async def keep(rig: Rig, order: bytes) -> None:
    """The order is accepted and kept; afterwards the window is open again."""
    since = len(rig.board.log)
    async with rig.asking() as ask:
        assert cbor2.loads(await ask(c.PROVISION, order))[c.F_STATUS] == c.ACCEPTED
        await rig.board.wait_log("order tried, status 0", since=since)
        order_id = cbor2.loads(await ask(c.RECEIPT))[c.F_ORDER_ID]
        # Who names the order and gets its receipt lets the board go to its work.
        await ask(c.RECEIPT, order_id)
    await rig.board.wait_log("on the network", since=since)
    await rig.open_window()


@contextlib.asynccontextmanager
async def under_attack(rig: Rig, good: Callable[[], bytes]) -> AsyncIterator[Siege]:
    """Attacks inside; afterwards the board must be unharmed, and keep the good order."""
    before = await rig.saved()
    async with rig.asking() as ask:
        attack = Siege(rig, ask)
        yield attack
    await unharmed(rig, before, attack.spent)
    assert len({line for line in rig.board.log if "refused, status 20" in line}) <= 1
    await keep(rig, good())
