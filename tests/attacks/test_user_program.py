"""A user's program that is broken: the board is on its network and its button works."""

from __future__ import annotations

from pathlib import Path

import pytest

from host_client.deploy.image import Source
from tests.scenarios.rig import AUTHORITY, LIMITS, PASSWORD, SSID, Rig, settings
from tests.virtual_board import image
from tests.virtual_board.world import World, factory_code

PROGRAMS = {
    "a slip of syntax": "async def main(settings)\n    pass\n",
    "raises when it is imported": "raise ValueError('broken')\n",
    "needs what is not there": "import appliance\nasync def main(settings):\n    pass\n",
    "has no main": "x = 1\n",
    "raises when it runs": "async def main(settings):\n    raise ValueError('broken')\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_broken_program_does_not_keep_the_board_off_its_network(
    world: World, tmp_path: Path, name: str
) -> None:
    program = tmp_path / "app.py"
    program.write_text(PROGRAMS[name])
    product = image.Firmware.product()
    code = factory_code(AUTHORITY.public_key, 0, "virtual", LIMITS)
    firmware = image.Firmware((*product.sources, Source(program, "/app.py")), code)
    world.add_network(SSID, password=PASSWORD.decode())
    rig = Rig("http", world, await world.add_board(firmware=firmware), None)
    await rig.open_window()
    async with rig.client() as client:
        await client.provision(settings())
    await rig.board.wait_log("/app.py failed:")
    await rig.board.wait_log("on the network")
    await rig.open_window()  # the button
    assert not rig.told_secrets()
