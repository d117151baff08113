"""Two clients at once, over the same link or over both: one order wins, nothing is mixed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from host_client.client import Board as Client
from host_client.errors import Refused
from host_client.order import SealedOrder
from host_client.outcome import Outcome
from host_client.settings import Settings
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import Rig, settings
from transports import contract as c

LOST = (c.BUSY, c.STALE, c.WINDOW_SHUT)
PAIRS = [("http", "http"), ("ble", "ble"), ("http", "ble")]


@pytest.fixture
def link() -> str:
    return "ble"  # so that there is a radio; HTTP is always there


async def clients_of(rig: Rig, links: tuple[str, str]) -> list[Rig]:
    """The same board twice, as each client sees it."""
    assert rig.radio is not None
    radios = iter((rig.radio, await rig.radio.another()))
    return [
        Rig(link, rig.world, rig.board, next(radios) if link == "ble" else None) for link in links
    ]


@contextlib.asynccontextmanager
async def clients(rigs: list[Rig]) -> AsyncIterator[list[Client]]:
    """Both connected before either speaks."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(rig.client()) for rig in rigs]


async def provision(client: Client, order: SealedOrder | Settings) -> Outcome:
    """Again while the board is busy: an order of somebody is being verified."""
    while True:
        try:
            return await client.provision(order)
        except Refused as refused:
            if refused.status != c.BUSY:
                raise


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("links", PAIRS)
async def test_one_of_two_orders_wins(
    new_rig: NewRig, links: tuple[str, str], offline: bool
) -> None:
    rig = await new_rig()
    await rig.open_window()
    rigs = await clients_of(rig, links)
    async with rigs[0].client() as client:
        orders = [
            rig.offline(settings(app=name)) if offline else await client.seal(settings(app=name))
            for name in (b"the first of two", b"the second of two")
        ]
    async with clients(rigs) as pair:
        tries = [client.provision(order) for client, order in zip(pair, orders, strict=True)]
        results = await asyncio.gather(*tries, return_exceptions=True)
    won = [result for result in results if isinstance(result, Outcome)]
    lost = [result for result in results if isinstance(result, Refused)]
    assert (len(won), len(lost)) == (1, 1), results
    assert won[0].receipt.verified
    assert lost[0].status in LOST
    saved = await rig.saved()
    assert saved.order_id == won[0].order_id.hex()
    apps = [app.hex() in saved.settings for app in (b"the first of two", b"the second of two")]
    assert apps == [isinstance(result, Outcome) for result in results]


@pytest.mark.parametrize("links", PAIRS)
async def test_the_same_order_from_two_sides_is_kept_once(
    new_rig: NewRig, links: tuple[str, str]
) -> None:
    rig = await new_rig()
    await rig.open_window()
    order = rig.offline()
    async with clients(await clients_of(rig, links)) as pair:
        outcomes = await asyncio.gather(*(provision(client, order) for client in pair))
    assert all(outcome.receipt.verified for outcome in outcomes)
    assert len([line for line in rig.board.log if "order accepted" in line]) == 1


@pytest.mark.parametrize("links", PAIRS)
async def test_a_stranger_beside_an_honest_client(new_rig: NewRig, links: tuple[str, str]) -> None:
    """Junk costs attempts, and at most makes the honest client ask again."""
    rig = await new_rig()
    await rig.open_window()
    honest, stranger = await clients_of(rig, links)

    async with honest.client() as client, stranger.asking() as ask:

        async def guess() -> None:
            for _ in range(4):
                await ask(c.PROVISION, b"\xd0" * 300)

        outcome, _ = await asyncio.gather(provision(client, settings()), guess())
    assert outcome.receipt.verified
