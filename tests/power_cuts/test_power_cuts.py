"""A sample of `make power-cuts`, and proof that the rig finds what it is there to find."""

from __future__ import annotations

import pytest

from tests.device.interpreter import MISSING, find_micropython
from tests.power_cuts import runner

pytestmark = pytest.mark.skipif(find_micropython() is None, reason=MISSING)

# Every how many cuts: all scenarios together take some ten seconds of one core.
_EVERY = {"commit": 37, "refused orders": 17, "first provisioning": 23}
_OTHERS = 97
_SLOW = 499  # these write every free block, at each cut twice


def no_progress(_: int) -> None:
    pass


def every(name: str) -> int:
    slow = any(word in name for word in ("wipe", "release", "given", "case", "after"))
    return _EVERY.get(name, _SLOW if slow else _OTHERS)


@pytest.mark.parametrize("name", runner.scenario_names() if find_micropython() else [])
def test_survives_power_cuts(name: str) -> None:
    result = runner.sweep(name, 1, every(name), 1, no_progress)
    assert result.total >= 2
    assert result.survived == result.total, result.failures


def test_wears_out_no_flash_from_outside() -> None:
    """What a stranger in range can make a board write is little, and bounded by the window."""
    rows = {row.what: row for row in runner.wear()}
    refused, other = rows["refused order"], rows["any other request, or one too long"]
    assert refused.erases / refused.count < 1.5 and refused.most_erases <= 4
    assert other.count > 500 and other.erases == other.programs == 0
    window = rows["window, reset to end, refused orders only"]
    assert window.most_erases <= 40
    assert rows["start at work"].erases == 0


@pytest.mark.parametrize("name", ["delete first", "count afterwards", "gain time"])
def test_finds_the_fault(name: str) -> None:
    """A board with a fault of that kind does not survive."""
    assert any(told.get("wrong") for told in runner.told_by("faulty", name, "1"))
