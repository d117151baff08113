"""Options of the whole suite."""

from __future__ import annotations

import signal

import pytest


def pytest_configure() -> None:
    """A shell without job control starts what runs in the background deaf to SIGINT, and what
    that starts as well; the tests interrupt what they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--board",
        default="virtual",
        metavar="virtual|PORT",
        help="Run the scenarios that need no made-up faults on a real board, see "
        "tests/scenarios/usb_rig.py.",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a real board, leave out whatever needs a virtual one, and say so."""
    if config.getoption("--board") == "virtual":
        return
    virtual_only = pytest.mark.skip(reason="needs a virtual board")
    for item in items:
        if item.get_closest_marker("any_board") is None:
            item.add_marker(virtual_only)
