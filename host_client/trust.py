"""Whether to seal to the key that a board shows."""

from __future__ import annotations

import re

from host_client.errors import UntrustedBoard
from host_client.fingerprint import PREFIX, KeyPin, fingerprint, short
from host_client.known_boards import KnownBoards
from transports.contract import DERIVED_ID_PREFIX

# An id that is the start of its key's digest: it proves itself, a little (64 bits).
_DERIVED_ID = re.compile(DERIVED_ID_PREFIX + "[0-9a-f]{16}")


class Trust:
    """Who vouches for a key: what the caller was told (label, registry), or an earlier meeting."""

    def __init__(self, device_key: str | bytes | None, known_boards: KnownBoards) -> None:
        """Raises UntrustedBoard where `device_key` is neither a key nor a fingerprint."""
        self._pin = None if device_key is None else KeyPin(device_key)
        self._known_boards = known_boards

    def check(self, device_id: str, key: bytes) -> bytes:
        """Return the key to seal to. Raises UntrustedBoard, ChangedKey."""
        derived = DERIVED_ID_PREFIX + fingerprint(key).removeprefix(PREFIX)[:16]
        if _DERIVED_ID.fullmatch(device_id) and device_id != derived:
            raise UntrustedBoard(f"the id {device_id} does not belong to the key the board shows")
        if self._pin is None:
            self._known_boards.meet(device_id, key)
            return key
        if not self._pin.matches(key):
            shown = short(fingerprint(key))
            raise UntrustedBoard(f"board {device_id} shows the key {shown}, not the one given")
        if self._known_boards.get(device_id) != key:
            self._known_boards.remember(device_id, key)
        return key
