"""The stand-in behaves as the real aioble does, its silent losses and its endings included."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bumble.att import ATT_Error, ErrorCode

from tests.virtual_board import image
from tests.virtual_board.central import Central
from tests.virtual_board.world import World

CAPTURED, GROWING, UNLUCKY = (f"0000bb0{n}-1111-2222-3333-444455556666" for n in (1, 2, 3))
FOLDER = Path(image.__file__).parent / "testdata" / "stop"


@pytest.mark.parametrize("library", ["stand-in", "aioble"])
async def test_two_lives(world: World, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if library == "stand-in":
        monkeypatch.delenv("LATCHKEY_AIOBLE", raising=False)
    elif "LATCHKEY_AIOBLE" not in os.environ:
        pytest.skip("LATCHKEY_AIOBLE does not name the folder of the real aioble")
    board = await world.add_board(firmware=image.Firmware.of_folder(FOLDER))
    await board.power_on()
    central = await Central.on(world.radio)
    for life in (1, 2):
        before = len(board.log)
        address = (await central.find(f"Stop-{life}")).address
        async with central.link(address) as link:
            with pytest.raises(ATT_Error) as refused:
                await link[UNLUCKY].read_value()
            assert refused.value.error_code == ErrorCode.INSUFFICIENT_AUTHENTICATION
            await link[GROWING].write_value(b"abc", with_response=True)
            await link[GROWING].write_value(b"defghijk", with_response=True)
            # The buffer holds 8; reading an appending buffer empties it.
            await board.wait_log("grown b'abcdefgh' b''", since=before)
            for number in range(20):
                await link[CAPTURED].write_value(bytes((number,)), with_response=True)
            kept = await board.wait_log("kept", since=before)
            # The first was taken, then the loop stood: of nineteen more the last ten survive.
            assert kept == f"kept {list(range(10, 20))}"
            await board.wait_log("timed out", since=before)
        await board.wait_log(f"stopped {life} False", since=before)
        left = board.log.index("left False", before)
        assert board.log[left + 1 : left + 3] == ["no notify", "cancelled None"]
    await board.wait_log("end")
