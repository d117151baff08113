"""A board whose page is made up, so that its octets are known and its size is the largest."""

from __future__ import annotations

import random
from pathlib import Path

from host_client.deploy.image import PAGE, Source
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import AUTHORITY, LIMITS, Rig
from tests.virtual_board import image
from tests.virtual_board.world import factory_code

_SIZES = {"index.html.gz": 3000, "style.css.gz": 3000, "page.js.gz": 34960, "scan.js.gz": 16384,
          "owner_key.js.gz": 21504}  # fmt: skip
PAGE_FILES = {name: random.Random(name).randbytes(size) for name, size in _SIZES.items()}


async def rig_with_page(new_rig: NewRig, folder: Path) -> Rig:
    """A rig with an open window, and those files for a page. folder: an empty one."""
    sources = [s for s in image.Firmware.product().sources if PAGE not in s.board_path]
    for name, octets in PAGE_FILES.items():
        (folder / name).write_bytes(octets)
        sources.append(Source(folder / name, f"/{PAGE}/{name}"))
    code = factory_code(AUTHORITY.public_key, 0, "virtual", {**LIMITS, "attempts": 100_000})
    rig = await new_rig(firmware=image.Firmware(tuple(sources), code))
    await rig.open_window()
    return rig
