"""What has to change on a board, from what is on it and what has to be. Does no I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from host_client.deploy.errors import UnfitBoard
from host_client.deploy.image import BoardFile

OLDEST_MICROPYTHON = (1, 24)
SUPPORTED_PLATFORMS = ("esp32",)
# Folders whose every file is ours. A stale x.py in one of them would win over our x.mpy.
OWNED_FOLDERS = ("/firmware", "/transports", "/lib/microdot", "/lib/aioble")
MANIFEST_PATH = "/firmware/deployed.json"
# Removed before anything else changes and written last: a deploy that breaks off leaves a board
# that does not start a mixture of two versions.
START_PATH = "/main.py"
AT_START = ("/boot.py", START_PATH)
# Architectures, numbered as in sys.implementation._mpy >> 10 (MicroPython's page on .mpy files).
_ARCHITECTURES = (
    None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp",
    "xtensa", "xtensawin", "rv32imc", "rv64imc",
)  # fmt: skip


@dataclass(frozen=True)
class BoardState:
    """What a board said of itself: the interpreter, the free space, the files."""

    platform: str
    name: str
    version: tuple[int, ...]
    mpy: int
    machine: str
    free: int  # octets
    block: int  # octets of one block of the file system
    libraries: tuple[str, ...]  # names in /lib
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # path: (size, SHA-256)

    @property
    def march(self) -> str | None:
        """Name of the native architecture for mpy-cross, None where there is none."""
        index = (self.mpy >> 10) & 0x0F
        return _ARCHITECTURES[index] if index < len(_ARCHITECTURES) else None

    @property
    def mpy_version(self) -> tuple[int, int]:
        """(version, sub-version) of the .mpy files that this board loads."""
        return self.mpy & 0xFF, (self.mpy >> 8) & 3


@dataclass(frozen=True)
class Plan:
    """What to do, in this order: remove, make folders, copy."""

    remove: tuple[str, ...]
    folders: tuple[str, ...]
    copy: tuple[BoardFile, ...]
    unchanged: tuple[str, ...]

    @property
    def octets(self) -> int:
        return sum(len(file.content) for file in self.copy)

    @property
    def is_empty(self) -> bool:
        return not self.copy and not self.remove


def read_state(facts: Iterable[Mapping[str, Any]]) -> BoardState:
    """The state from the facts that `on_board.inventory` said. Raises UnfitBoard without them."""
    files = {}
    board: Mapping[str, Any] | None = None
    for fact in facts:
        if fact["kind"] == "board":
            board = fact
        elif fact["kind"] == "file":
            files[fact["path"]] = (fact["size"], fact["sha256"])
    if board is None:
        raise UnfitBoard("the board did not say what it is")
    return BoardState(
        platform=board["platform"], name=board["name"], version=tuple(board["version"]),
        mpy=board["mpy"], machine=board["machine"], free=board["free"], block=board["block"],
        libraries=tuple(board["libraries"]), files=files,
    )  # fmt: skip


def check_board(
    state: BoardState,
    compiler: tuple[int, int],
    platforms: Sequence[str] = SUPPORTED_PLATFORMS,
) -> None:
    """Raise UnfitBoard unless Latchkey can run there. `compiler`: .mpy version it writes."""
    if state.name != "micropython" or state.platform not in platforms:
        raise UnfitBoard(f"this is {state.name} on {state.platform}, not MicroPython on an ESP32")
    if state.version[:2] < OLDEST_MICROPYTHON:
        have = ".".join(str(part) for part in state.version)
        raise UnfitBoard(f"MicroPython {have} is older than 1.24")
    if state.mpy_version != compiler:
        have, wanted = (".".join(str(n) for n in v) for v in (state.mpy_version, compiler))
        raise UnfitBoard(f"the board loads .mpy v{have}, the installed mpy-cross writes v{wanted}")


def manifest(version: str, files: Iterable[BoardFile]) -> BoardFile:
    """The record of a deploy that stays on the board: version, and SHA-256 of every file."""
    record = {"version": version, "files": {f.path: f.sha256 for f in files}}
    return BoardFile(MANIFEST_PATH, json.dumps(record, sort_keys=True).encode())


def deployed_paths(text: str | None) -> frozenset[str]:
    """Paths that an earlier deploy recorded; none where the record is absent or damaged."""
    try:
        return frozenset(map(str, json.loads(text or "{}")["files"]))
    except (ValueError, KeyError, TypeError):
        return frozenset()


def make_plan(
    wanted: Sequence[BoardFile], state: BoardState, earlier: frozenset[str] = frozenset()
) -> Plan:
    """Compare `wanted` with the board. `earlier`: paths that an earlier deploy put there."""
    paths = {file.path for file in wanted}
    # A folder of which we bring nothing (aioble, when mip has installed it) is left alone.
    ours = tuple(f + "/" for f in OWNED_FOLDERS if any(p.startswith(f + "/") for p in paths))
    stale = {p for p in state.files if p not in paths and (p.startswith(ours) or p in earlier)}
    changed = [f for f in wanted if state.files.get(f.path, (0, ""))[1] != f.sha256]
    unchanged = [f.path for f in wanted if f not in changed]
    if changed or stale:
        changed, unchanged, stale = _start_last(wanted, changed, unchanged, stale, state)
    folders = sorted({folder for file in changed for folder in _folders_above(file.path)})
    return Plan(tuple(sorted(stale, key=_start_first)), tuple(folders), tuple(changed),
                tuple(unchanged))  # fmt: skip


def _start_last(
    wanted: Sequence[BoardFile], changed: list[BoardFile], unchanged: list[str], stale: set[str],
    state: BoardState,
) -> tuple[list[BoardFile], list[str], set[str]]:  # fmt: skip
    start = [file for file in wanted if file.path == START_PATH]
    changed = [file for file in changed if file.path != START_PATH] + start
    unchanged = [path for path in unchanged if path != START_PATH]
    if START_PATH in state.files:
        stale = stale | {START_PATH}
    return changed, unchanged, stale


def _start_first(path: str) -> tuple[bool, str]:
    return path != START_PATH, path


def _folders_above(path: str) -> list[str]:
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: n + 1]) for n in range(len(parts))]


def check_space(plan: Plan, state: BoardState) -> None:
    """Raise UnfitBoard if the plan does not fit into the board's file system."""
    going = {file.path for file in plan.copy} | set(plan.remove)
    freed = [size for path, (size, _) in state.files.items() if path in going]
    need = sum(_on_disk(len(file.content), state.block) for file in plan.copy)
    have = state.free + sum(_on_disk(size, state.block) for size in freed)
    if need > have:
        raise UnfitBoard(f"the files take {need} octets of flash and {have} are free")


def _on_disk(size: int, block: int) -> int:
    return -(-size // block) * block if block else size


def differing(wanted: Iterable[BoardFile], state: BoardState) -> list[str]:
    """Paths whose content on the board is not what it has to be."""
    return [f.path for f in wanted if state.files.get(f.path, (0, ""))[1] != f.sha256]
