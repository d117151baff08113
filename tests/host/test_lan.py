"""host_client/lan.py and mdns.py: the second way to a receipt, when the first link is lost."""

from __future__ import annotations

import asyncio

import pytest

from host_client import lan, mdns
from host_client.authority import Authority
from host_client.board import Status
from host_client.conversation import Conversation
from host_client.errors import BoardNotFound, DeadlinePassed, LinkError, OutOfSight
from host_client.links.base import Link, LinkOptions
from host_client.links.http import HttpLink
from host_client.order import Target, seal_order
from host_client.outcome import Outcome
from host_client.settings import Settings
from tests.host.board_in_memory import MemoryBoard, MemoryLink, rest_endpoint
from tests.host.conftest import client_of
from transports import contract as c

KEY = b"\x09" + bytes(31)  # of a board that does not take part


class Network:
    """Stands in for multicast DNS: who has which name, and who was asked for."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.asked: list[str] = []

    async def addresses_of(self, hostname: str, timeout_s: float) -> list[str]:
        self.asked.append(hostname)
        return self.names.get(hostname, [])


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    made = Network()
    monkeypatch.setattr(mdns, "addresses_of", made.addresses_of)
    monkeypatch.setattr(lan, "_PAUSE_S", 0.01)
    return made


class Dropping:
    """Faults of a MemoryLink: once the order was handed over, nothing gets through."""

    def __init__(self) -> None:
        self.dropped = False

    def __call__(self, moment: str, operation: int) -> None:
        if self.dropped:
            raise LinkError("no route to the board")
        self.dropped = (moment, operation) == ("after", c.PROVISION)


async def test_finds_a_board_that_was_lost_by_its_name(
    board: MemoryBoard, authority: Authority, settings: Settings, network: Network
) -> None:
    network.names[board.hostname] = ["127.0.0.1"]
    lost: list[str] = []
    steps: list[int] = []
    async with rest_endpoint(board) as url:
        link = MemoryLink(board, Dropping())
        link.rest_port = HttpLink(url, LinkOptions()).rest_port
        async with client_of(link, authority) as client:
            outcome = await client.provision(
                settings, timeout_s=10, on_lost=lost.append,
                on_status=lambda status: steps.append(status.step),
            )  # fmt: skip
    assert outcome.receipt.verified and outcome.address == "192.0.2.7"
    assert lost == [board.hostname]
    assert steps == [c.DONE]


async def test_looks_for_nobody_while_the_link_holds(
    board: MemoryBoard, authority: Authority, settings: Settings, network: Network
) -> None:
    async with client_of(MemoryLink(board), authority) as client:
        outcome = await client.provision(settings, timeout_s=10)
    assert outcome.receipt.verified and not network.asked


async def test_says_what_to_do_about_a_board_that_is_not_found(
    board: MemoryBoard, authority: Authority, settings: Settings, network: Network
) -> None:
    async with client_of(MemoryLink(board, Dropping()), authority) as client:
        with pytest.raises(OutOfSight) as out_of_sight:
            await client.provision(settings, timeout_s=0.3)
    assert isinstance(out_of_sight.value, DeadlinePassed)
    assert f"latchkey receipt http://{board.hostname}.local --order " in out_of_sight.value.remedy
    assert network.asked


async def urls_tried(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, settings: Settings,
    hostname: str | None, address: str | None,
) -> set[str]:  # fmt: skip
    """Where a search of a lost board looks, that knows this name and this address."""
    urls: set[str] = set()

    def open_link(url: str, options: LinkOptions) -> Link:
        urls.add(url)
        raise LinkError("nobody")

    async def never() -> Outcome:
        await asyncio.sleep(0.1)
        raise DeadlinePassed("not finished")

    monkeypatch.setattr(lan, "open_link", open_link)
    conversation = Conversation(HttpLink("http://192.168.4.1:8080", LinkOptions()))
    order = seal_order(settings, Target("lk-test", KEY), authority)
    search = lan.LanSearch(order, conversation, hostname)
    search.saw(Status(c.TRYING, c.REACHING, address=address))
    conversation.lost.set()
    with pytest.raises(OutOfSight):
        await search.beside(never(), lambda status: None)
    return urls


@pytest.mark.parametrize("hostname", ["", "www.example.com", "x" * 33, "a b", "k\u00e4se", "a/b"])
async def test_asks_the_network_for_no_name_that_a_board_cannot_have(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, settings: Settings, network: Network,
    hostname: str,
) -> None:  # fmt: skip
    network.names[hostname] = ["192.0.2.9"]
    assert await urls_tried(monkeypatch, authority, settings, hostname, None) == set()
    assert not network.asked


@pytest.mark.parametrize(
    ("told", "tried"),
    [
        ("192.0.2.7", {"http://192.0.2.7:8080", "http://192.0.2.9:8080"}),
        ("192.0.2.7/x", {"http://192.0.2.9:8080"}),
        ("evil.example", {"http://192.0.2.9:8080"}),
    ],
)
async def test_goes_where_the_status_and_the_network_say_if_that_is_an_address(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, settings: Settings, network: Network,
    told: str, tried: set[str],
) -> None:  # fmt: skip
    network.names["latchkey-1a2b"] = ["192.0.2.9"]
    assert await urls_tried(monkeypatch, authority, settings, "latchkey-1a2b", told) == tried


async def test_a_link_goes_to_the_board_that_has_the_name(
    board: MemoryBoard, network: Network
) -> None:
    network.names["latchkey-1a2b"] = ["127.0.0.1"]
    async with rest_endpoint(board) as url:
        port = HttpLink(url, LinkOptions()).rest_port
        async with HttpLink(f"http://latchkey-1a2b.local:{port}", LinkOptions()) as link:
            assert await link.exchange(c.INFO)
    with pytest.raises(BoardNotFound, match="latchkey-ffff"):
        await HttpLink("http://latchkey-ffff.local", LinkOptions()).open()


async def test_a_name_that_is_none_is_nobodys() -> None:
    assert await mdns.addresses_of("www.example.com", 5) == []
