"""A consumer's board changes hands: its owner says so, in a window or through the bootstrap
server; or a new owner, with the board in hand, wipes it."""

from __future__ import annotations

from pathlib import Path

from host_client.authority import Authority
from host_client.order import SealedOrder
from host_client.proof import FirstUse
from host_client.settings import TrustSettings
from tests.device.tls_server import make_credentials
from tests.scenarios.bootstrap_server import Orders, serving
from tests.scenarios.lifecycle import LET_GO_TO_WIPE, WIPE_MS
from tests.scenarios.rig import AUTHORITY, LIMITS, PASSWORD, SSID, Rig, settings
from tests.virtual_board.fixtures import world  # noqa: F401
from tests.virtual_board.world import World
from transports import contract as c

NAME = "boot.example"
OWNER, NEXT = Authority.generate("owner"), Authority.generate("next", "p256")
AT_ONCE = {"fetch_s": 0, "fetch_most_s": 0, "exchange_s": 8}


async def own_it(rig: Rig, order: SealedOrder) -> None:
    async with rig.client() as client:
        assert (await client.info()).owned is False
        assert (await client.provision(order)).receipt.verified


async def test_a_board_is_handed_over_and_then_set_free(
    world: World,  # noqa: F811
    tmp_path: Path,
) -> None:
    pinned = make_credentials(tmp_path, "pinned")
    board = await world.add_board(
        authority=AUTHORITY.public_key, policy=c.FIRST_USE, limits={**LIMITS, **AT_ONCE},
        record={"profile": c.CONSUMER, "bootstrap": [f"https://{NAME}:8443", pinned.pin]},
    )  # fmt: skip
    network = world.add_network(SSID, password=PASSWORD.decode())
    rig, orders = Rig("http", world, board, None), Orders()
    own = settings(trust=TrustSettings(owner=NEXT.public_key))
    free = own.model_copy(update={"networks": [], "trust": TrustSettings(release=True)})
    async with serving(orders, pinned) as port:
        network.servers[NAME] = "refused"
        await rig.open_window()
        await own_it(rig, rig.offline(authority=FirstUse(OWNER)))
        await board.wait_log("on the network")
        orders.add(rig.offline(own, authority=OWNER))
        network.servers[NAME] = port
        await board.wait_log("the receipt is delivered", timeout_s=20)
        since = len(board.log)
        orders.add(rig.offline(free, authority=OWNER))  # no longer his
        await board.wait_log("the order is refused, status 20", since=since, timeout_s=20)
        orders.waiting.clear()
        orders.add(rig.offline(free, authority=NEXT))
        await board.wait_log("waiting to be provisioned", since=since, timeout_s=20)
    assert [receipt.verified for receipt in orders.receipts] == [True, True]
    assert (await rig.saved()).settings == "a0"
    await rig.open_window()
    await own_it(rig, rig.offline(authority=FirstUse(OWNER)))
    assert not rig.told_secrets()


async def a_board_with_an_owner(
    world: World,  # noqa: F811
    profile: int = c.CONSUMER,
) -> tuple[Rig, SealedOrder]:
    """And the order that made OWNER its owner."""
    board = await world.add_board(
        authority=AUTHORITY.public_key, policy=c.FIRST_USE,
        limits={**LIMITS, "wipe_ms": WIPE_MS}, record={"profile": profile},
    )  # fmt: skip
    world.add_network(SSID, password=PASSWORD.decode())
    rig = Rig("http", world, board, None)
    await rig.open_window()
    first = rig.offline(authority=FirstUse(OWNER))
    await own_it(rig, first)
    await board.wait_log("on the network")
    return rig, first


async def test_a_reset_opens_the_window_to_the_owner_and_to_nobody_else(
    world: World,  # noqa: F811
) -> None:
    rig, _ = await a_board_with_an_owner(world)
    await rig.open_window()
    assert (await rig.saved()).settings != "a0"
    own = settings(trust=TrustSettings(owner=NEXT.public_key))
    async with rig.asking() as ask:
        for stranger in (FirstUse(NEXT), NEXT):
            order = rig.offline(authority=stranger)
            assert await ask(c.PROVISION, order.data) == bytes((0xA1, 0, c.NOT_AUTHENTIC))
    async with rig.client() as client:
        assert (await client.provision(rig.offline(own, authority=OWNER))).receipt.verified
    await rig.board.wait_log("on the network", since=len(rig.board.log) - 1)
    await rig.open_window()
    async with rig.client() as client:
        assert (await client.provision(rig.offline(authority=NEXT))).receipt.verified


async def test_a_wipe_lets_a_new_owner_in(world: World) -> None:  # noqa: F811
    rig, first = await a_board_with_an_owner(world)
    since = len(rig.board.log)
    await rig.hold_for(LET_GO_TO_WIPE)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    await rig.until_reachable()
    saved = await rig.saved()
    assert saved.settings == "a0" and saved.sequence > 0
    async with rig.asking() as ask:
        # The order of before the reset is none of after it, whoever recorded it.
        assert await ask(c.PROVISION, first.data) == bytes((0xA1, 0, 0x18, c.STALE))
        old = rig.offline(authority=OWNER)
        assert await ask(c.PROVISION, old.data) == bytes((0xA1, 0, c.NOT_AUTHENTIC))
    await own_it(rig, rig.offline(authority=FirstUse(NEXT)))


async def test_a_wipe_leaves_a_board_that_never_changes_hands_to_its_owner(
    world: World,  # noqa: F811
) -> None:
    rig, _ = await a_board_with_an_owner(world, c.COMMERCIAL)
    since = len(rig.board.log)
    await rig.hold_for(LET_GO_TO_WIPE)
    await rig.board.wait_log("window open", since=since, timeout_s=60)
    await rig.until_reachable()
    assert (await rig.saved()).settings == "a0"
    async with rig.asking() as ask:
        order = rig.offline(authority=FirstUse(NEXT))
        assert await ask(c.PROVISION, order.data) == bytes((0xA1, 0, c.NOT_AUTHENTIC))
    async with rig.client() as client:
        assert (await client.provision(rig.offline(authority=OWNER))).receipt.verified
