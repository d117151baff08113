"""Memory for one radio only: one transport is left out, said so, and the other does the job."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import SSID, Rig, settings

ORDER_NEEDS = 48 * 1024  # octets, as in firmware/device/memory.py
ONE_LEFT = [
    {"no_ble": True},
    {"idf_free": 100_000},
    {"idf_free": 60_000},
]


@pytest.mark.parametrize("link", ["http"])
@pytest.mark.parametrize("shortage", ONE_LEFT, ids=str)
async def test_bluetooth_is_left_out(new_rig: NewRig, shortage: dict[str, Any]) -> None:
    rig = await new_rig(**shortage)
    await rig.open_window()
    async with rig.client() as client:
        info = await client.info()
        assert info.transports == ("wifi_ap",)
        assert len(info.notes) == 1
        assert "ble_gatt left out" in info.notes[0]
        assert any(info.notes[0] in line for line in rig.board.log)
        assert not rig.board.ble.is_active
        assert (await client.provision(settings())).receipt.verified
    assert rig.joined() == SSID


@pytest.mark.parametrize("link", ["http"])
async def test_the_heap_of_a_plain_esp32(new_rig: NewRig) -> None:
    """What does not fit is left out and said so; the job works over what is left."""
    rig = await new_rig(chip="esp32")
    await rig.open_window()
    async with rig.client() as client:
        info = await client.info()
        assert bool(info.notes) == (len(info.transports) < 2)
        assert (await client.provision(settings())).receipt.verified


@pytest.mark.parametrize("link", ["http"])
async def test_the_page_gives_way_to_an_order(new_rig: NewRig) -> None:
    """It is left out and said so; neither names nor foreign hosts are answered then."""
    rig = await new_rig(chip="esp32")
    await rig.open_window()
    async with rig.client() as client:
        notes = (await client.info()).notes
        assert any(note.startswith("the page is left out: ") for note in notes), notes
        async with httpx.AsyncClient(base_url=rig.board.http_url, timeout=5) as browser:
            assert (await browser.get("/")).status_code == 404
            foreign = await browser.get("/v1/info", headers={"Host": "x.example"})
            assert foreign.status_code == 400
        assert 53 not in rig.board.wifi.datagrams
        assert (await client.provision(settings())).receipt.verified


def free_heap(rig: Rig) -> int:
    """Octets that the board found free as its window opened."""
    line = [line for line in rig.board.log if " used " in line and line.endswith(" free")][-1]
    return int(line.split()[-2])


@pytest.mark.parametrize("link", ["http"])
async def test_bluetooth_is_not_left_out_for_the_page(new_rig: NewRig) -> None:
    """A heap that lacks 4 KB for both transports and the page, and suffices without the page."""
    roomy, rig = await new_rig(), await new_rig()
    await roomy.open_window()
    rig.board.heap_kb -= (free_heap(roomy) - ORDER_NEEDS) // 1024 + 4
    await rig.open_window()
    async with rig.client() as client:
        info = await client.info()
    assert sorted(info.transports) == ["ble_gatt", "wifi_ap"], rig.board.log
    assert [note.partition(":")[0] for note in info.notes] == ["the page is left out"]
    assert free_heap(rig) >= ORDER_NEEDS


@pytest.mark.parametrize("link", ["http"])
async def test_no_radio_fits(new_rig: NewRig) -> None:
    """The window shuts by itself and the board goes back to its work."""
    rig = await new_rig(idf_free=30_000)
    await rig.board.power_on()
    await rig.board.ready()
    await rig.hold_for("let go to reset")
    await rig.board.wait_log("window requested")
    since = len(rig.board.log)
    await rig.board.wait_log("waiting to be provisioned", since=since)
    log = "\n".join(rig.board.log[since:])
    assert "wifi_ap left out" in log
    assert "ble_gatt left out" in log
    assert not rig.board.wifi.access_point.active
    await rig.board.power_cut()
    rig.board.faults.idf_free = 160_000
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(settings())).receipt.verified
