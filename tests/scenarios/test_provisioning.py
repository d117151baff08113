"""The main job, over each link: a board takes a good order, and keeps what works."""

from __future__ import annotations

import asyncio

import pytest

from host_client.errors import Refused, TrialFailed
from host_client.settings import DeviceSettings, ServerSettings, Settings
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import (
    OTHER_PASSWORD,
    OTHER_SSID,
    PASSWORD,
    SSID,
    STRANGER,
    Rig,
    settings,
)
from transports import contract as c


@pytest.mark.any_board
async def test_a_good_order_is_kept_once(rig: Rig) -> None:
    async with rig.client() as client:
        order = await client.seal(settings())
        outcome = await client.provision(order)
        assert outcome.receipt.verified
        await client.submit(order)  # a lost answer: acknowledged again
    assert (await rig.saved()).order_id == outcome.order_id.hex()
    await rig.open_window()
    with pytest.raises(Refused) as refused:
        await rig.give(order)
    assert refused.value.status == c.REPLAYED


@pytest.mark.any_board
async def test_a_network_that_is_not_there(rig: Rig) -> None:
    before = await rig.saved()
    async with rig.client() as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(settings((b"no such network here", b"whatever-it-is")))
    assert failed.value.status == c.NETWORK_NOT_FOUND
    assert (await rig.saved()).settings == before.settings


async def test_a_good_order_is_tried_kept_and_receipted(rig: Rig) -> None:
    steps = []
    async with rig.client() as client:
        info = await client.info()
        assert info.device_id == rig.board.factory["device_id"]
        assert info.state_name == "open" and info.attempts == 10 and not info.notes
        assert sorted(info.transports) == ["ble_gatt", "wifi_ap"]
        outcome = await client.provision(settings(), on_status=lambda s: steps.append(s.step))
    assert outcome.receipt.verified and outcome.receipt.result == c.OK
    assert outcome.address == rig.board.wifi.station.address
    assert steps[-1] == c.DONE and rig.joined() == SSID
    assert (await rig.saved()).order_id == outcome.order_id.hex()


async def test_once_provisioned_both_transports_are_off_until_the_next_press(rig: Rig) -> None:
    async with rig.client() as client:
        await client.provision(settings())
    await rig.board.wait_log("on the network")
    assert not rig.board.wifi.access_point.proxy.is_open
    assert not rig.board.ble.is_advertising
    await rig.board.power_cut()
    await rig.board.power_on()
    await rig.board.ready()
    assert not rig.is_reachable()
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.info()).state_name == "open"


async def test_the_board_is_back_on_its_network_after_a_power_cut(rig: Rig) -> None:
    async with rig.client() as client:
        await client.provision(settings())
    await rig.board.power_cut()
    since = len(rig.board.log)
    with rig.world.without(rig.world.air.networks[0]):
        await rig.board.power_on()  # up before its router
        await rig.board.wait_log("no network yet", since=since)
        assert not rig.is_reachable()
    await rig.board.wait_log("on the network", since=since)
    assert rig.joined() == SSID


async def test_a_board_whose_button_was_never_pressed_is_silent(new_rig: NewRig) -> None:
    rig = await new_rig()
    await rig.board.power_on()
    await rig.board.ready()
    await rig.board.press(20)  # not long enough
    assert not rig.is_reachable() and not rig.board.wifi.access_point.active


async def test_a_wrong_password_says_so_and_the_right_one_follows(rig: Rig) -> None:
    async with rig.client() as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(settings((SSID, b"wrong-password")))
        assert failed.value.status == c.WRONG_PASSWORD and failed.value.proven
        assert (await client.info()).attempts == 10
        outcome = await client.provision(settings())
    assert outcome.receipt.verified and rig.joined() == SSID


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"present": False}, c.NETWORK_NOT_FOUND),
        ({"dhcp": False}, c.NO_ADDRESS),
        ({"refuses_with": 203}, c.JOIN_REFUSED),
        ({"security": "wpa2-enterprise"}, c.SECURITY_MISMATCH),
        ({"delay_ms": 60000}, c.JOIN_TIMEOUT),
        ({"wrong_key_reason": 2, "password": "another one"}, c.WRONG_PASSWORD),
        ({"wrong_key_reason": 204, "password": "another one"}, c.WRONG_PASSWORD),
    ],
)
async def test_each_failure_has_its_reason(new_rig: NewRig, change: dict, status: int) -> None:
    rig = await new_rig(limits={"try_s": 1})
    network = rig.world.air.networks[0]
    for name, value in change.items():
        setattr(network, name, value)
    await rig.open_window()
    async with rig.client() as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(settings())
    assert failed.value.status == status
    assert (await rig.saved()).order_id is None


async def test_networks_are_tried_in_their_order(rig: Rig) -> None:
    async with rig.client() as client:
        outcome = await client.provision(
            settings((b"nowhere", b"who-knows"), (OTHER_SSID, OTHER_PASSWORD), (SSID, PASSWORD))
        )
    assert outcome.receipt.network == 1 and rig.joined() == OTHER_SSID


@pytest.mark.parametrize("ssid", [b"\x00\xff" * 16, "Café ☕".encode(), b"<b>&'\"\\"])
async def test_an_ssid_is_any_octets(rig: Rig, ssid: bytes) -> None:
    rig.world.add_network(ssid, password="any-octets-42")
    async with rig.client() as client:
        outcome = await client.provision(settings((ssid, b"any-octets-42")))
    assert outcome.receipt.verified and rig.joined() == ssid


async def test_an_open_and_a_hidden_network(rig: Rig) -> None:
    rig.world.add_network(b"guests", security="open")
    rig.world.add_network(b"hidden", password="out-of-sight", hidden=True)
    async with rig.client() as client:
        assert b"hidden" not in [n.ssid for n in await client.scan()]
        with pytest.raises(TrialFailed):
            await client.provision(settings((b"hidden", b"not-the-key")))
        outcome = await client.provision(settings((b"hidden", b"out-of-sight"), (b"guests", None)))
    assert outcome.receipt.network == 0 and rig.joined() == b"hidden"


async def test_a_failed_try_leaves_the_old_settings_in_use(rig: Rig) -> None:
    async with rig.client() as client:
        await client.provision(settings())
    before = await rig.saved()
    await rig.board.wait_log("on the network")
    await rig.open_window()
    async with rig.client() as client:
        with pytest.raises(TrialFailed):
            await client.provision(settings((OTHER_SSID, b"wrong-password")))
    assert (await rig.saved()).settings == before.settings
    await rig.board.power_cut()
    saved = await rig.saved()
    assert saved.window and saved.order_id == before.order_id


async def test_a_server_is_reached_before_the_order_is_kept(rig: Rig) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    required = {"server": ServerSettings(url="https://fleet.example/v1", required=True)}
    async with server, rig.client() as client:
        for place in ("refused", "silent"):
            rig.world.air.networks[0].servers["fleet.example"] = place
            with pytest.raises(TrialFailed) as failed:
                await client.provision(settings(**required), timeout_s=30)
            assert failed.value.status == c.SERVER_UNREACHABLE
        rig.world.air.networks[0].servers["fleet.example"] = port
        outcome = await client.provision(settings(**required))
    assert outcome.receipt.verified


async def test_an_order_of_the_largest_size(rig: Rig) -> None:
    app = bytes(range(256)) * 16
    largest = settings(
        *[(b"absent network number %02d, long" % i, b"p" * 63) for i in range(4)], (SSID, PASSWORD),
        app=app, device=DeviceSettings(name="x" * 64, hostname="h" * 32, timezone="CET-1CEST"),
    )  # fmt: skip
    async with rig.client() as client:
        outcome = await client.provision(largest, timeout_s=60)
    assert outcome.receipt.verified and outcome.receipt.network == 4
    assert app.hex() in (await rig.saved()).settings


async def test_what_an_order_leaves_out_stays(rig: Rig) -> None:
    async with rig.client() as client:
        await client.provision(settings(device=DeviceSettings(hostname="kettle")))
    await rig.board.wait_log("on the network")
    assert rig.board.wifi.hostname == "kettle"
    await rig.open_window()
    async with rig.client() as client:
        await client.provision(Settings(app=b"only this"))
    saved = bytes.fromhex((await rig.saved()).settings)
    assert b"kettle" in saved and b"only this" in saved and SSID in saved


async def test_identify_blinks(rig: Rig) -> None:
    before = len(rig.board.led)
    async with rig.client() as client:
        await client.identify()
    await rig.board.until(lambda: len(rig.board.led) >= before + 10, what="blinking")


async def test_scan_shows_what_the_board_sees(rig: Rig) -> None:
    for number in range(20):
        rig.world.add_network(b"net %02d" % number, security="open", rssi=-70 - number)
    await rig.restart()  # a board looks around when its window opens
    async with rig.client() as client:
        found = await client.scan()
    assert [n.ssid for n in found[:2]] == [SSID, OTHER_SSID]
    assert len(found) == 22 and found[0].security_name == "WPA2" and found[1].channel == 11


@pytest.mark.any_board
async def test_an_order_of_a_stranger_is_refused(rig: Rig) -> None:
    async with rig.client(STRANGER) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings())
        assert refused.value.status == c.NOT_AUTHENTIC
        assert (await client.info()).attempts == 9
    async with rig.client() as client:
        assert (await client.provision(settings())).receipt.verified
