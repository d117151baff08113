"""What is on a board before it first has power: the ROM, and a flash with the firmware on it.

The firmware's files are those of `make deploy` (host_client.deploy.image), compiled by the
same mpy-cross. Both ROM and flash are made once for each content and kept in .build/.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from host_client.deploy import image as deploy
from host_client.deploy.image import BoardFile, Source
from tests.virtual_board.process import find_interpreter, run_code

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / ".build" / "virtual_board"
BLOCK_OCTETS = 4096
FLASH_BLOCKS = 512  # 2 MB, the file system of the 4 MB modules that the ESP32 port is made for
_MARCH = "x64"  # of the interpreter's native emitter, where @native and @viper need it

# Copies the staged files; runs on the board itself, onto the flash it has just formatted.
_COPY = """
import os
def copy(folder):
    for name, kind, *_ in os.ilistdir("/stage" + folder):
        path = folder + "/" + name
        if kind == 0x4000:
            os.mkdir(path)
            copy(path)
        else:
            with open("/stage" + path, "rb") as source, open(path, "wb") as target:
                while part := source.read(4096):
                    target.write(part)
copy("")
print("copied")
"""


@dataclass(frozen=True)
class Firmware:
    """The files of a board and the code of its factory step (run as over USB; may be empty)."""

    sources: tuple[Source, ...]
    factory_code: str = ""
    libraries: tuple[Source, ...] = field(default_factory=tuple)

    @classmethod
    def product(cls) -> Firmware:
        """The firmware of this project with microdot and aioble."""
        sources = [*deploy.firmware_sources(), *deploy.microdot_sources(), *aioble()]
        return cls(tuple(sources))

    @classmethod
    def of_folder(cls, folder: Path) -> Firmware:
        """A test firmware: `folder`/main.py and what is beside it, with both libraries."""
        own = [Source(file, "/" + file.name) for file in sorted(folder.glob("*.py"))]
        return cls((*own, *deploy.microdot_sources(), *aioble()))


def aioble_folder() -> Path | None:
    """Where the real aioble is, if LATCHKEY_AIOBLE names the folder that holds its modules."""
    named = os.environ.get("LATCHKEY_AIOBLE")
    return Path(named).expanduser() if named else None


def aioble() -> list[Source]:
    """aioble as a board has it: the real one where there is one, else the stand-in."""
    folder = aioble_folder()
    if folder is not None:
        return deploy.aioble_sources(folder)
    files = sorted((HERE / "aioble_standin").glob("*.py"))
    return [Source(file, f"/lib/aioble/{file.stem}.mpy") for file in files]


async def rom() -> Path:
    """The folder of the compiled shims."""
    shims = sorted((HERE / "shims").glob("*.py"))
    target = BUILD / f"rom-{_digest(shims)}"
    if not target.exists():
        sources = [Source(file, f"/{file.stem}.mpy") for file in shims]
        files = await asyncio.to_thread(deploy.build, sources)
        start = BoardFile("/start.py", b"import sys, _start\n_start.start(*sys.argv[1:])\n")
        _install([*files, start], target)
    return target


async def flash(firmware: Firmware) -> Path:
    """A formatted flash image with the files of `firmware` on it; not to be written to."""
    sources = list(firmware.sources)
    target = BUILD / f"flash-{_digest([s.file for s in sources], sources)}.bin"
    if not target.exists():
        files = await asyncio.to_thread(deploy.build, sources, _MARCH)
        await _write_flash(files, target)
    return target


async def _write_flash(files: list[BoardFile], target: Path) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="making-") as folder:
        stage = Path(folder) / "stage"
        _install(files, stage)
        image = Path(folder) / "flash.bin"
        image.write_bytes(b"\xff" * (FLASH_BLOCKS * BLOCK_OCTETS))
        plan = {"format": True, "stage": str(stage), "code": _COPY}
        lines = await run_code(await rom(), image, FLASH_BLOCKS, plan)
        if lines[-1:] != ["copied"]:
            raise RuntimeError("the flash image was not made: " + "\n".join(lines))
        image.replace(target)


def _install(files: list[BoardFile], target: Path) -> None:
    # Made aside and renamed, so that two runs at once do not see half of it.
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as folder:
        made = Path(folder) / "files"
        for file in files:
            path = made / file.path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        try:
            made.rename(target)
        except OSError:
            if not target.exists():
                raise
            shutil.rmtree(made)


def _digest(files: list[Path], sources: list[Source] | None = None) -> str:
    digest = hashlib.sha256(f"{sys.version_info} {FLASH_BLOCKS} {_COPY}".encode())
    digest.update(repr(deploy.compiler_mpy_version()).encode())
    digest.update(str(find_interpreter()).encode())
    for number, file in enumerate(files):
        place = sources[number].board_path if sources else file.name
        content = file.read_bytes()
        digest.update(f"{place} {len(content)} ".encode() + content)
    return digest.hexdigest()[:24]
