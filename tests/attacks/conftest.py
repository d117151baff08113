"""Fixtures of the attacks: those of the scenarios, over HTTP and over Bluetooth LE."""

from __future__ import annotations

from tests.scenarios.conftest import link, new_rig, rig  # noqa: F401
from tests.virtual_board.fixtures import world  # noqa: F401
