"""The link goes at any moment: the client carries on, and the board keeps the order once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from host_client.board import Status
from host_client.errors import OrderForgotten
from host_client.order import SealedOrder
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, Rig, settings
from transports import contract as c

Order = SealedOrder


def cut_http(rig: Rig, up: int | None = None, down: int | None = None) -> None:
    """The next connection that carries so many octets is cut behind them; once."""
    faults = rig.board.wifi.access_point.proxy.faults
    faults.cut_up, faults.cut_down, faults.once = up, down, True


def cut_ble(rig: Rig, packets: int) -> None:
    """The board's links are lost with the so-many-th packet from now, either way; once."""
    air = rig.world.radio.link
    send, left = air.send_acl_data, packets

    def lossy(*packet: object) -> None:
        nonlocal left
        left -= 1
        send(*packet)  # type: ignore[arg-type]
        if left == 0:
            air.send_acl_data = send  # type: ignore[method-assign]
            rig.board.ble.drop_links()

    air.send_acl_data = lossy  # type: ignore[method-assign,assignment]


async def provisioned_in_spite_of(rig: Rig, when: str, cut: Callable[[], None]) -> None:
    """Provision, the link cut at the step `when`; the order is kept, and kept once."""
    done: list[int] = []

    def on_sealed(order: Order) -> None:
        if when == "handing over":
            cut()

    def on_status(status: Status) -> None:
        wanted = {"following": not done, "fetching": status.step == c.DONE}
        done.append(status.step)
        if wanted.get(when):
            cut()

    async with rig.client() as client:
        if when == "asking":
            cut()
        outcome = await client.provision(
            settings(), timeout_s=40, on_sealed=on_sealed, on_status=on_status
        )
    assert outcome.receipt.verified
    assert outcome.address == rig.board.wifi.station.address
    assert (await rig.saved()).order_id == outcome.order_id.hex()
    for once in ("order accepted", "order tried"):
        assert len([line for line in rig.board.log if once in line]) == 1, rig.board.log


@pytest.mark.parametrize("link", ["http"])
@pytest.mark.parametrize("when", ["asking", "handing over", "following", "fetching"])
@pytest.mark.parametrize("cut", [{"up": 1}, {"up": 100}, {"down": 1}, {"down": 110}], ids=str)
async def test_http_is_cut(new_rig: NewRig, when: str, cut: dict[str, int]) -> None:
    rig = await new_rig()
    await rig.open_window()
    await provisioned_in_spite_of(rig, when, lambda: cut_http(rig, **cut))


@pytest.mark.parametrize("link", ["ble"])
@pytest.mark.parametrize("when", ["asking", "handing over", "following", "fetching"])
@pytest.mark.parametrize("packets", [1, 2, 4, 7])
async def test_bluetooth_is_lost(new_rig: NewRig, when: str, packets: int) -> None:
    rig = await new_rig()
    await rig.open_window()
    await provisioned_in_spite_of(rig, when, lambda: cut_ble(rig, packets))


async def test_the_access_point_follows_the_station_to_another_channel(rig: Rig) -> None:
    """Which drops every client of it in the middle of the trial."""
    moves = rig.board.wifi.access_point.channel_moves
    wanted = settings((OTHER_SSID, OTHER_PASSWORD))
    rig.world.air.networks[0].channel = 1  # the board's own access point goes with the strongest
    await rig.restart()
    async with rig.client() as client:
        outcome = await client.provision(wanted)
    assert outcome.receipt.verified
    assert rig.joined() == OTHER_SSID
    assert rig.board.wifi.access_point.channel_moves > moves


async def test_the_power_of_the_board_goes_while_the_client_waits(rig: Rig) -> None:
    """The client learns that the board has forgotten the order, and gives a new one."""
    rig.world.air.networks[0].delay_ms = 60_000
    restarting: list[asyncio.Task[None]] = []

    def on_status(status: Status) -> None:
        if not restarting:
            restarting.append(asyncio.create_task(rig.restart()))

    async with rig.client() as client:
        with pytest.raises(OrderForgotten):
            await client.provision(settings(), timeout_s=30, on_status=on_status)
        await restarting[0]
        rig.world.air.networks[0].delay_ms = 0
        assert (await client.provision(settings())).receipt.verified
