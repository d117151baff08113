"""A sample of the faults that `make power-cuts` injects into verify-open-commit."""

from __future__ import annotations

import pytest

from tests.device.interpreter import MISSING, find_micropython
from tests.power_cuts import runner
from tests.power_cuts.injection import runner as injection

needs_micropython = pytest.mark.skipif(find_micropython() is None, reason=MISSING)


@needs_micropython
def test_survives_being_cancelled_at_every_await() -> None:
    result = injection.cancelling()
    assert result.total > 40 and not result.failures, result.failures


@needs_micropython
def test_survives_a_heap_that_is_nearly_full() -> None:
    result = injection.starving(1600)
    assert result.total > 40 and not result.failures, result.failures


def test_survives_an_allocation_that_fails() -> None:
    pytest.importorskip("_testcapi", reason="this CPython has no _testcapi")
    result = injection.nomemory(41)
    assert result.total > 300 and not result.failures, result.failures


@needs_micropython
def test_survives_a_flash_that_takes_nothing() -> None:
    result = runner.flash_errors(13)
    assert result.total > 30 and not result.failures, result.failures
