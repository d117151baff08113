"""A board has one radio: joining a network on another channel drops the phone that sent it there.

The phone stays away, as phones do, and learns how its order ended on the network that the board
joined; or, where it is not on that network, what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import pytest

from host_client import cbor
from host_client.errors import OutOfSight
from host_client.links.base import open_link
from host_client.order import SealedOrder
from host_client.settings import ServerSettings, Settings
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import Rig, settings
from tests.scenarios.test_command_line import Shell, provisioning, rig_of, shell  # noqa: F401
from tests.virtual_board.air import SILENT, Network
from transports import contract as c

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has all of 127/8, and multicast, on its loopback"
)

FAR_SSID, FAR_PASSWORD = b"Far end", b"up-the-ladder"
HERE, ELSEWHERE = "127.77.1", "192.168.77"


@pytest.fixture
def link() -> str:
    return "http"


@pytest.fixture
async def rig(new_rig: NewRig) -> Rig:
    """Its access point is on channel 6, as the strongest network around."""
    made = await new_rig()
    made.world.add_network(
        FAR_SSID, password=FAR_PASSWORD.decode(), channel=11, rssi=-63, subnet=HERE
    )
    made.board.wifi.access_point.follows = False
    made.secrets.add(FAR_PASSWORD)
    await made.open_window()
    assert made.board.wifi.access_point.settings["channel"] == 6
    return made


def far(rig: Rig) -> Network:
    return next(network for network in rig.world.air.networks if network.ssid == FAR_SSID)


def hostname(rig: Rig) -> str:
    return rig.board.ble_name.lower()


def order(**sections: object) -> Settings:
    return settings((FAR_SSID, FAR_PASSWORD), **sections)


async def test_a_dropped_phone_gets_its_receipt_over_the_network(rig: Rig) -> None:
    lost: list[str] = []
    async with rig.client() as client:
        outcome = await client.provision(order(), on_lost=lost.append)
    assert outcome.receipt.verified and outcome.status.step == c.DONE
    assert outcome.address == rig.board.wifi.station.address
    assert lost == [hostname(rig)]
    access_point = rig.board.wifi.access_point
    assert access_point.channel_moves == 1 and not access_point.proxy.is_open
    assert f"{hostname(rig)}.local." in rig.world.air.responder.asked
    await rig.board.wait_log("on the network")  # it has been collected: no more waiting
    assert rig.joined() == FAR_SSID


async def test_a_phone_that_is_not_on_the_network_is_told_what_to_do(rig: Rig) -> None:
    far(rig).subnet = ELSEWHERE
    async with rig.client() as client:
        sealed = await client.seal(order())
        with pytest.raises(OutOfSight) as out_of_sight:
            await client.provision(sealed, timeout_s=4)
        command = f"latchkey receipt http://{hostname(rig)}.local --order {sealed.order_id.hex()}"
        assert command in out_of_sight.value.remedy
        rig.board.wifi.access_point.rejoin()  # somebody puts the phone there again
        assert (await client.receipt(sealed)).verified


async def test_a_receipt_is_fetched_by_the_name_of_the_board(rig: Rig) -> None:
    async with rig.client() as client:
        sealed = await client.seal(order())
        await client.submit(sealed)
    await rig.board.wait_log("order tried")
    async with rig.on_the_network(hostname(rig)) as client:
        assert (await client.receipt(sealed, timeout_s=10)).verified


@contextlib.asynccontextmanager
async def impostor(rig: Rig, reply: bytes) -> AsyncIterator[list[bytes]]:
    """Somebody else who answers to the board's name; yields the requests that came."""
    requests: list[bytes] = []
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.append(task)
        try:
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            head = f"HTTP/1.0 200 OK\r\nContent-Type: {c.CBOR_TYPE}\r\n\r\n"
            writer.write(head.encode() + reply)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # whoever asked has given up
        finally:
            writer.close()

    port = rig.board.wifi.access_point.proxy.port
    server = await asyncio.start_server(serve, f"{HERE}.66", port)
    await rig.world.air.responder.answer(hostname(rig), f"{HERE}.66")
    async with server:
        yield requests
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
    await asyncio.sleep(0)  # the transports' own farewell


def forged_receipt(sealed: SealedOrder) -> bytes:
    """All that a stranger can know of it, under no key."""
    claims = {
        c.R_ORDER_ID: sealed.order_id, c.R_DEVICE_ID: sealed.device_id, c.R_RESULT: c.OK,
        c.R_DIGEST: bytes(32), c.R_ADDRESS: f"{HERE}.66", c.R_NETWORK: 0,
    }  # fmt: skip
    body = [cbor.encode({1: c.ALG_HMAC_256}), {}, cbor.encode(claims), bytes(32)]
    return b"\xd1" + cbor.encode(body)


@pytest.mark.parametrize("told", ["a forged receipt", "that it failed"])
async def test_a_false_board_on_the_network_proves_nothing(rig: Rig, told: str) -> None:
    far(rig).subnet = ELSEWHERE
    async with rig.client() as client:
        sealed = await client.seal(order())
        reply: dict[int, object] = {c.F_STATUS: c.OK, c.F_ORDER_ID: sealed.order_id}
        if told == "a forged receipt":
            reply[c.F_RECEIPT] = forged_receipt(sealed)
        else:
            reply |= {c.F_STEP: c.FAILED, c.F_STATE: c.OPEN, c.F_RESULT: c.WRONG_PASSWORD}
        async with impostor(rig, cbor.encode(reply)) as requests:
            with pytest.raises(OutOfSight):
                await client.provision(sealed, timeout_s=4)
        assert requests


@pytest.mark.parametrize("when", ["while the window is open", "when it has shut"])
async def test_the_network_learns_how_an_order_ended_and_no_more(rig: Rig, when: str) -> None:
    """Whoever is on it was not asked to come near: it cannot provision, look around, or blink."""
    far(rig).servers["fleet.example"] = SILENT
    is_open = when == "while the window is open"
    server = ServerSettings(url="https://fleet.example", required=is_open)
    rig.board.wifi.access_point.follows = True
    async with rig.client() as client:
        sealed = await client.seal(order(server=server))
        await client.submit(sealed)
    await rig.board.until(lambda: rig.board.wifi.lan.is_open, what="place on the network")
    if not is_open:
        await rig.board.wait_log("order tried")
    async with rig.on_the_network(hostname(rig)) as client:
        info = await client.info()
        assert info.hostname == hostname(rig)
        assert (await client.current_status(sealed.order_id)).order_id == sealed.order_id
    stranger = rig.offline(order())
    async with open_link(rig.lan_url, rig.LAN_OPTIONS) as lan:
        for operation, body in (
            (c.PROVISION, stranger.data), (c.SCAN, b""), (c.IDENTIFY, b""), (c.PROVISION, b"\xd0"),
        ):  # fmt: skip
            assert cbor.decode(await lan.exchange(operation, body)) == {c.F_STATUS: c.WINDOW_SHUT}
    assert (info.window_s > 0) == is_open
    async with rig.client() as client:
        near = await client.info()
        assert near.attempts == (10 if is_open else 0)


async def test_the_board_moves_only_when_its_answer_has_arrived(rig: Rig) -> None:
    """Its radio has sent it long before a slow phone has it."""
    access_point = rig.board.wifi.access_point
    sealed = rig.offline(order())
    async with rig.asking() as ask:
        access_point.proxy.faults.delay_ms = 300
        reply = cbor.decode(await ask(c.PROVISION, sealed.data))
        assert reply[c.F_STATUS] == c.ACCEPTED and access_point.channel_moves == 0
    await rig.board.until(lambda: access_point.channel_moves == 1, what="other channel")


async def test_the_command_looks_for_the_board_on_its_network(
    new_rig: NewRig,
    shell: Shell,  # noqa: F811
) -> None:
    rig = await rig_of(new_rig, shell)
    rig.board.wifi.access_point.follows = False
    workshop = rig.world.air.networks[0]
    workshop.channel, workshop.subnet = 11, HERE
    outcome = await shell.run(*provisioning(rig, shell))
    assert outcome["receipt"]["verified"] and outcome["address"].startswith(HERE)
    assert any(f"as {hostname(rig)} on the network" in text for text in map(unwrapped, shell.seen))


def unwrapped(text: str) -> str:
    return " ".join(text.split())
