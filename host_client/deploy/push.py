"""Bring a board up to date: look, plan, remove, copy, check, restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from host_client.deploy import image, plan
from host_client.deploy.errors import UsbError
from host_client.deploy.image import BoardFile
from host_client.deploy.usb_board import UsbBoard

# The peripheral's half of aioble: its other half would be imported too, and take memory.
AIOBLE_PACKAGES = ("aioble-peripheral", "aioble-server")


class Watcher(Protocol):
    """Who shows how it goes."""

    def step(self, text: str) -> None:
        """A new step begins."""

    def begin_copy(self, octets: int) -> None:
        """Copying of so many octets begins."""

    def copying(self, file: BoardFile) -> None:
        """This file is about to be written."""


@dataclass(frozen=True)
class Options:
    """How to push. `aioble`: its folder, to compile it here rather than have mip fetch it."""

    version: str
    dry_run: bool = False
    aioble: Path | None = None
    mip_index: str | None = None
    refresh_libraries: bool = False
    platforms: Sequence[str] = plan.SUPPORTED_PLATFORMS


@dataclass(frozen=True)
class Report:
    """What was done, or would be done on a dry run."""

    board: str
    march: str | None
    dry_run: bool
    copied: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)
    octets: int = 0
    restarted: bool = False


def push(board: UsbBoard, options: Options, watcher: Watcher) -> Report:
    """Make the board carry the firmware of this checkout. Raises UsbError, UnfitBoard, BadBuild.

    A push that breaks off leaves a board that starts nothing; the next one goes on from there.
    """
    watcher.step(f"Looking at the board on {board.port}")
    state, earlier = look(board)
    plan.check_board(state, image.compiler_mpy_version(), options.platforms)
    watcher.step(f"Compiling for {state.machine or state.platform} ({state.march})")
    wanted = build(state.march, options)
    if not image.has_page(wanted):
        watcher.step(image.NO_PAGE)
    changes = plan.make_plan(wanted, state, earlier)
    plan.check_space(changes, state)
    libraries = _libraries_to_install(state, options)
    if not options.dry_run:
        _carry_out(board, changes, libraries, options, watcher)
        _check(board, wanted, watcher)
        watcher.step("Restarting the board")
        board.reset()
    return Report(
        board=state.machine or state.platform, march=state.march, dry_run=options.dry_run,
        copied=[file.path for file in changes.copy], removed=list(changes.remove),
        unchanged=list(changes.unchanged), installed=libraries, octets=changes.octets,
        restarted=not options.dry_run,
    )  # fmt: skip


def look(board: UsbBoard) -> tuple[plan.BoardState, frozenset[str]]:
    """What the board is and holds, and the paths that an earlier push recorded on it."""
    where = (plan.OWNED_FOLDERS, plan.MANIFEST_PATH, plan.AT_START)
    facts = board.ask(f"inventory{where!r}")
    recorded = [fact["text"] for fact in facts if fact["kind"] == "record"]
    earlier = plan.deployed_paths(recorded[0] if recorded else None)
    return plan.read_state(facts), earlier


def build(march: str | None, options: Options) -> list[BoardFile]:
    """Everything that has to be on the board, its record included."""
    sources = image.firmware_sources() + image.microdot_sources()
    if options.aioble is not None:
        sources += image.aioble_sources(options.aioble)
    files = image.build(sources, march)
    return [*files, plan.manifest(options.version, files)]


def _libraries_to_install(state: plan.BoardState, options: Options) -> list[str]:
    if options.aioble is not None:
        return []
    # Without a start the last push broke off, perhaps in the middle of aioble.
    whole = "aioble" in state.libraries and plan.START_PATH in state.files
    if whole and not options.refresh_libraries:
        return []
    return list(AIOBLE_PACKAGES)


def _carry_out(
    board: UsbBoard, changes: plan.Plan, libraries: list[str], options: Options, watcher: Watcher
) -> None:
    if changes.remove:
        watcher.step(f"Removing {len(changes.remove)} files")
        board.ask(f"remove({changes.remove!r})")
    if libraries:
        watcher.step(f"Installing {' and '.join(libraries)} with mip")
        board.install(libraries, options.mip_index, lambda _line: None)
    if changes.copy:
        board.ask(f"make_folders({changes.folders!r})")
        watcher.begin_copy(changes.octets)
        board.copy(changes.copy, watcher.copying)


def _check(board: UsbBoard, wanted: list[BoardFile], watcher: Watcher) -> None:
    watcher.step("Checking every file's SHA-256 on the board")
    wrong = plan.differing(wanted, look(board)[0])
    if wrong:
        raise UsbError(f"not as written on the board: {', '.join(wrong)}")
