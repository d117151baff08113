"""The firmware that tells how long its stages take, and what one run of it came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from host_client.deploy.image import Source
from tests.bench.meter import Exchange
from tests.virtual_board import image
from tests.virtual_board.world import factory_code

BOARD_STAGES = ("open", "verify", "turns", "join", "commit")
STAGES = ("link", *BOARD_STAGES, "poll", "host")
_FOLDER = Path(__file__).with_name("timed_board")


def timed_firmware(authority: bytes, limits: dict[str, int]) -> image.Firmware:
    """The product's files with another main.py, which compiles nothing on the board."""
    product = [s for s in image.Firmware.product().sources if s.board_path != "/main.py"]
    code = factory_code(authority, 0, "bench", limits)
    own = (Source(_FOLDER / "main.py", "/main.py"), Source(_FOLDER / "stages.py", "/stages.mpy"))
    return image.Firmware((*product, *own), code)


@dataclass(frozen=True)
class Run:
    """One provisioning. order: octets; seconds: to connect, from `provision` to the verified
    receipt, and of it by stage; counts: by kind, for the link."""

    order: int
    connect_s: float
    total_s: float
    stages_s: dict[str, float]
    exchanges: list[Exchange]
    counts: dict[str, int]
