"""What networks a board can be given: with a static address, of each security, in the dark."""

from __future__ import annotations

import pytest

from host_client.errors import TrialFailed
from host_client.network_settings import NetworkSettings
from host_client.settings import ServerSettings, Settings
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, PASSWORD, SSID, Rig, settings
from transports import contract as c

STATIC = "192.168.1.77"


@pytest.fixture
def link() -> str:
    return "ble"  # what comes after the order has come is the same over both


def static(address: str = f"{STATIC}/24", **more: str) -> NetworkSettings:
    return NetworkSettings(ssid=SSID, key=PASSWORD, address=address, **more)


async def test_a_static_address_needs_no_dhcp_and_is_kept(rig: Rig) -> None:
    rig.world.air.networks[0].dhcp = False
    wanted = static(gateway="192.168.1.254", dns="192.168.1.53")
    async with rig.client() as client:
        outcome = await client.provision(Settings(networks=[wanted]))
    assert outcome.receipt.verified and outcome.receipt.address == STATIC
    await rig.board.wait_log(f"on the network: {STATIC}")
    station = rig.board.wifi.station
    assert station.ifconfig() == [STATIC, "255.255.255.0", "192.168.1.254", "192.168.1.53"]


async def test_a_static_address_alone_is_enough(rig: Rig) -> None:
    async with rig.client() as client:
        outcome = await client.provision(Settings(networks=[static()]))
    assert outcome.receipt.address == STATIC


async def test_the_next_network_has_an_address_of_its_own(rig: Rig) -> None:
    """The first one's static address is not taken along."""
    rig.world.air.networks[0].refuses_with = 203
    other = NetworkSettings(ssid=OTHER_SSID, key=OTHER_PASSWORD)
    async with rig.client() as client:
        outcome = await client.provision(Settings(networks=[static(), other]))
    assert outcome.receipt.network == 1
    assert outcome.receipt.address == rig.board.wifi.station.address != STATIC


async def test_a_static_address_of_another_network_reaches_no_server(rig: Rig) -> None:
    rig.world.air.networks[0].servers["fleet.example"] = "refused"
    wrong = Settings(
        networks=[static("10.9.8.7/24")],
        server=ServerSettings(url="https://fleet.example", required=True),
    )
    async with rig.client() as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(wrong, timeout_s=30)
    assert failed.value.status == c.SERVER_UNREACHABLE and failed.value.proven


@pytest.mark.parametrize("security", ["wpa2", "wpa/wpa2", "wpa2/wpa3", "wpa3"])
async def test_each_kind_of_personal_security_is_joined(rig: Rig, security: str) -> None:
    rig.world.air.networks[0].security = security
    async with rig.client() as client:
        assert (await client.provision(settings())).receipt.verified
    assert rig.joined() == SSID


@pytest.mark.parametrize("security", ["wep", "wpa", "open"])
async def test_a_password_is_never_given_to_a_weaker_network(rig: Rig, security: str) -> None:
    rig.world.air.networks[0].security = security
    async with rig.client() as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(settings())
    assert (failed.value.status, failed.value.reason) == (c.SECURITY_MISMATCH, 211)


@pytest.mark.parametrize("link", ["http"])
async def test_a_prototype_has_an_access_point_and_no_bluetooth(new_rig: NewRig, link: str) -> None:
    rig = await new_rig(record={"profile": c.PROTOTYPE})
    await rig.open_window()
    assert not rig.board.ble.is_active
    async with rig.client() as client:
        info = await client.info()
        assert info.transports == ("wifi_ap",) and info.profile == c.PROTOTYPE and not info.notes
        assert (await client.provision(settings())).receipt.verified


async def test_a_board_that_is_up_before_its_router_waits_for_it_and_opens_no_window(
    new_rig: NewRig,
) -> None:
    rig = await new_rig()
    await rig.open_window()
    async with rig.client() as client:
        await client.provision(settings())
    await rig.board.wait_log("on the network")
    await rig.board.power_cut()
    since = len(rig.board.log)
    with rig.world.without(rig.world.air.networks[0]):
        await rig.board.power_on()
        await rig.board.until(lambda: len(pauses(rig, since)) == 3, what="third pause")
        assert not rig.is_reachable() and not rig.board.wifi.access_point.active
    for pause_ms, most_ms in zip(pauses(rig, since), (1000, 2000, 4000), strict=True):
        assert most_ms // 2 <= pause_ms <= most_ms
    assert not (await rig.saved()).window
    await rig.board.wait_log("on the network", since=since)
    assert rig.joined() == SSID


def pauses(rig: Rig, since: int) -> list[int]:
    """Milliseconds that the board has said it will wait, since that line of its log."""
    lines = [line for line in rig.board.log[since:] if "no network yet" in line]
    return [int(line.split()[-2]) for line in lines]
