"""The boards met so far and the keys they showed, as ssh keeps known_hosts.

A key that nobody vouches for is taken on first meeting, with a warning, and remembered;
a board that later shows another one is refused.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from host_client.errors import ChangedKey, UntrustedBoard
from host_client.fingerprint import DEVICE_KEY_LENGTH, fingerprint, short
from host_client.private_file import alone, latchkey_home, write_whole

log = logging.getLogger("latchkey.trust")
_MAX_OCTETS = 16 << 20


class KnownBoards:
    """`device id -> key`, kept in a text file of lines `DEVICE-ID HEX-KEY`, or in memory only."""

    def __init__(self, path: Path | None = None, *, in_memory: bool = False) -> None:
        self.path = None if in_memory else path or latchkey_home() / "known_boards"
        self._keys: dict[str, bytes] = {}

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        self._read()
        return iter(sorted(self._keys.items()))

    def get(self, device_id: str) -> bytes | None:
        self._read()
        return self._keys.get(device_id)

    def meet(self, device_id: str, key: bytes) -> bool:
        """Check a board's key, or remember it. True on first meeting. Raises ChangedKey."""
        with self._changing():
            return self._meet(device_id, key)

    def _meet(self, device_id: str, key: bytes) -> bool:
        known = self.get(device_id)
        if known == key:
            return False
        if known is not None:
            raise ChangedKey(
                f"board {device_id} shows the key {short(fingerprint(key))}; "
                f"the one known here is {short(fingerprint(known))}"
            )
        log.warning(
            "first meeting with board %s: its key %s is taken on trust; compare it with the label",
            device_id,
            short(fingerprint(key)),
        )
        self._add(device_id, key)
        return True

    def remember(self, device_id: str, key: bytes) -> None:
        """Keep a key. Raises UntrustedBoard if the id cannot be kept or the file not written."""
        with self._changing():
            self._add(device_id, key)

    def _add(self, device_id: str, key: bytes) -> None:
        if not device_id or any(c.isspace() or not c.isprintable() for c in device_id):
            raise UntrustedBoard("the board's id holds spaces or control characters")
        self._read()
        self._keys[device_id] = key
        self._write()

    def forget(self, device_id: str) -> bool:
        """Drop a board; False if it was not known."""
        with self._changing():
            self._read()
            if self._keys.pop(device_id, None) is None:
                return False
            self._write()
            return True

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Between reading and writing, no other process may write: it would be forgotten."""
        if self.path is None:
            yield
            return
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(alone(self.path))
            except OSError as error:
                raise UntrustedBoard(f"cannot write {self.path}: {error.strerror}") from error
            yield

    def _read(self) -> None:
        if self.path is None:
            return
        try:
            with self.path.open(encoding="utf-8") as file:
                lines = file.read(_MAX_OCTETS).splitlines()
        except FileNotFoundError:
            lines = []
        except (OSError, UnicodeDecodeError) as error:
            raise UntrustedBoard(f"cannot read {self.path}") from error
        self._keys = dict(self._parse(line) for line in lines if line and line[0] != "#")

    def _parse(self, line: str) -> tuple[str, bytes]:
        try:
            device_id, digits = line.split()
            key = bytes.fromhex(digits)
        except ValueError:
            key = b""
        if len(key) != DEVICE_KEY_LENGTH:
            # A damaged line must not become "never met", which would trust any key.
            raise UntrustedBoard(f"{self.path} is damaged: a line is not `DEVICE-ID HEX-KEY`")
        return device_id, key

    def _write(self) -> None:
        if self.path is None:
            return
        lines = "".join(f"{name} {key.hex()}\n" for name, key in sorted(self._keys.items()))
        try:
            write_whole(self.path, b"# Latchkey: boards met, and their keys\n" + lines.encode())
        except OSError as error:
            raise UntrustedBoard(f"cannot write {self.path}: {error.strerror}") from error
