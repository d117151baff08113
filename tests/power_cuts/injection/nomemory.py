"""MemoryError at every allocation of verify-open-commit, on CPython: ``_testcapi.set_nomemory``.

Either one allocation fails, or thirty, one after the other; with none for good CPython itself goes
round in circles. The trial is driven by hand: the event loop of CPython is not the board's, and is
not what is to be tried here.
"""

from __future__ import annotations

import _testcapi
import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto.pacing import run
from firmware.provision import ordering
from tests.power_cuts.injection.real_board import Case, Judge
from transports import contract as c

_MOST = 1 << 22  # allocations that an order never takes
LENGTHS = (1, 30)  # allocations that fail


class Event:
    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        self.is_set = True

    async def wait(self) -> None:
        pass


class ByHand:
    """asyncio, as firmware/provision/ordering.py sees it: a task waits until it is run."""

    Event = Event
    TimeoutError = asyncio.TimeoutError

    def __init__(self) -> None:
        self.task: Any = None

    def create_task(self, coroutine: Any) -> None:
        self.task = coroutine

    async def wait_for(self, awaited: Any, timeout_s: float) -> Any:
        return await awaited


class Starved:
    def __init__(self, case: Case) -> None:
        self._case, self.judge = case, Judge(case)
        self.seen: dict[str, int] = {}

    def order(self, first: int, last: int) -> tuple[Any, Any, Any]:
        """Give order 0 while allocations from `first` to before `last` fail.

        Returns board, handler, and the reply, or None where MemoryError came out instead.
        """
        board, handler = self._case.board()
        board.pause = _no_pause
        board.wifi.join = _join
        octets = self._case.orders[0]
        by_hand = ByHand()
        ordering.asyncio = by_hand
        reply = None
        try:
            _testcapi.set_nomemory(first, last)
            try:
                reply = run(handler.handle(c.PROVISION, octets))
            finally:
                if by_hand.task is not None:
                    run(by_hand.task)
        except MemoryError:
            pass  # it ends what it happens in, and no more: what is judged is what is left
        finally:
            _testcapi.remove_mem_hooks()
            ordering.asyncio = asyncio
        return board, handler, reply

    def check(self, number: int, length: int) -> str | None:
        board, handler, reply = self.order(number, number + length)
        outcome = handler._ordering.progress.outcome
        happened = "MemoryError" if reply is None else str(reply.status)
        if outcome is not None:
            happened += f", {outcome.status}"
        self.seen[happened] = self.seen.get(happened, 0) + 1
        if happened not in ALLOWED and _CPYTHONS_OWN not in board.lines:
            return f"ended with {happened}"
        return asyncio.run(self.judge.judge(board, handler))

    def allocations(self) -> int:
        """How many an order takes: where a thousand may fail, and it is kept all the same."""
        least, most = 0, _MOST
        while least < most:
            middle = (least + most) // 2
            outcome = self.order(middle, middle + 1000)[1]._ordering.progress.outcome
            if outcome is not None and outcome.status == c.OK:
                most = middle
            else:
                least = middle + 1
        return least


# What CPython raises where it has no memory for the lock of a file.
_CPYTHONS_OWN = "internal error RuntimeError"
# Status of the answer, status of the trial.
ALLOWED = (
    "MemoryError", str(c.OUT_OF_MEMORY),
    f"{c.ACCEPTED}, {c.OK}", f"{c.ACCEPTED}, {c.OUT_OF_MEMORY}",
    # There was no memory for the answer, when the trial had begun: as an answer that is lost.
    f"{c.OUT_OF_MEMORY}, {c.OK}", f"{c.OUT_OF_MEMORY}, {c.OUT_OF_MEMORY}",
    f"MemoryError, {c.OK}", f"MemoryError, {c.OUT_OF_MEMORY}",
)  # fmt: skip


async def _no_pause() -> None:
    pass


async def _join(ssid: bytes, key: bytes, static: Any, timeout_ms: int, on_associated: Any) -> Any:
    on_associated()
    return Joined


class Joined:
    status, reason, address = c.OK, 0, "192.0.2.7"


def remember_arithmetic() -> None:
    """Have the curves' arithmetic done once, and remembered: it is nine in ten allocations, all
    alike. What is around it is then tried at each."""
    from firmware.crypto import hpke, signature

    for module, name in ((hpke, "x25519"), (hpke, "x25519_public_key"), (signature, "verify")):
        setattr(module, name, _remembering(getattr(module, name)))


def _remembering(function: Any) -> Any:
    known: dict[Any, Any] = {}

    async def remembered(*arguments: Any) -> Any:
        key = tuple(bytes(a) for a in arguments if isinstance(a, (bytes, bytearray, memoryview)))
        if key not in known:
            known[key] = await function(*arguments)
        return known[key]

    return remembered


def points(allocations: int, every: int) -> Iterator[tuple[int, int]]:
    for length in LENGTHS:
        for number in range(0, allocations, every * length):
            yield number, length


def main(path: str, folder: str, every: str, arithmetic: str) -> None:
    if arithmetic == "remembered":
        remember_arithmetic()
    starved = Starved(Case(path, folder))
    allocations = starved.allocations()
    print(json.dumps({"allocations": allocations}), flush=True)
    count = 0
    for number, length in points(allocations, int(every)):
        wrong = starved.check(number, length)
        count += 1
        if wrong:
            print(json.dumps({"point": f"{length} from {number}", "wrong": wrong}), flush=True)
    print(json.dumps({"points": count, "seen": starved.seen}))


if __name__ == "__main__":
    main(*sys.argv[1:])
