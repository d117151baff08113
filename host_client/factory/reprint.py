"""Labels drawn again, from what the registry knows of a board."""

from __future__ import annotations

from host_client.factory.journal import Begun
from host_client.factory.label_files import LabelFiles
from host_client.factory.plan import transports_of
from host_client.label import Label
from host_client.registry import Device, Registry
from host_client.registry.errors import NotRegistered


def find(registry: Registry, which: str) -> Device:
    """The board of a serial number, id or fingerprint. Raises NotRegistered."""
    found = registry.find(which)
    if found is None:
        raise NotRegistered("no such board is registered")
    return found


def draw(
    board: Device, code: str | None, host: str, files: LabelFiles
) -> tuple[Label, tuple[str, ...]]:
    """Draw a label: it, and the files' paths. Raises BadLabel, FactoryError, MissingExtra."""
    drawn = Label.for_board(
        board.device_id, board.public_key, code, transports_of(board.profile_name), host
    )
    about = Begun(board.device_id, board.public_key, board.model, board.serial)
    return drawn, files.put(drawn, about)
