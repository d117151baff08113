"""Boards in the registry, as the line needs it; the registry's own words are in registry/."""

from __future__ import annotations

from host_client.factory.journal import Begun
from host_client.factory.plan import Plan
from host_client.registry import NewDevice, Registry
from transports.names import POLICY_NAMES, PROFILE_NAMES


class Registration:
    """A registry that boards are recorded in, in one batch. Safe to share between threads."""

    def __init__(self, registry: Registry, batch: str = "") -> None:
        self._registry = registry
        self._batch = batch

    def holds(self, device_id: str) -> bool:
        """Whether a board is recorded. Raises RegistryError."""
        return self._registry.device(device_id=device_id) is not None

    def has_serial(self, serial: str) -> bool:
        """Whether a board has this serial number. Raises RegistryError."""
        return self._registry.device(serial) is not None

    def record(self, board: Begun, plan: Plan) -> None:
        """Record a board; the same again changes nothing. Raises RegistryError."""
        self._registry.add_device(
            NewDevice(
                board.device_id,
                board.device_key,
                board.serial,
                board.model,
                plan.group or "",
                self._batch,
                board.certificate,
                POLICY_NAMES.index(plan.policy),
                PROFILE_NAMES.index(plan.profile),
                label_code=board.code,
            )
        )

    def done(self, board: Begun) -> None:
        """Say in the trail that the board has its factory record. Raises RegistryError."""
        self._registry.note("board made", board.serial, {"device_id": board.device_id})
