"""Boards that have been given a network and nothing else; fixtures of the tests of bootstrap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from host_client import Settings
from host_client.order import SealedOrder
from host_client.settings import ServerSettings
from tests.device.tls_server import Credentials, make_credentials
from tests.scenarios.rig import (
    AUTHORITY,
    LIMITS,
    OTHER_PASSWORD,
    OTHER_SSID,
    PASSWORD,
    SSID,
    Rig,
    settings,
)
from tests.virtual_board.air import Network
from tests.virtual_board.world import World

__all__ = ("Fetching", "Field", "false_key", "fetching", "pinned_key", "the_rest")

NAME = "boot.example"
URL = f"https://{NAME}:8443"
# No waiting between two questions: what a board does, it does at once.
AT_ONCE = {"fetch_s": 0, "fetch_most_s": 0, "exchange_s": 8}

Fetching = Callable[..., Awaitable["Field"]]


class Field:
    """One board that has been given a network, and what it finds there."""

    def __init__(self, rig: Rig, network: Network) -> None:
        self.rig = rig
        self.network = network

    @property
    def log(self) -> list[str]:
        return self.rig.board.log

    def leads_to(self, port: int | None, *, everywhere: bool = False) -> None:
        """What the server's name leads to from now on; None for nobody. `everywhere`: on the
        other networks, too."""
        networks = self.rig.world.air.networks if everywhere else [self.network]
        for network in networks:
            network.servers[NAME] = "refused" if port is None else port

    async def logs(self, text: str, since: int = 0) -> None:
        await self.rig.board.wait_log(text, since=since, timeout_s=20)


@pytest.fixture(scope="module")
def pinned_key(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return make_credentials(tmp_path_factory.mktemp("pinned"), "pinned")


@pytest.fixture(scope="module")
def false_key(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return make_credentials(tmp_path_factory.mktemp("other"), "other")


@pytest.fixture
async def fetching(world: World, pinned_key: Credentials) -> AsyncIterator[Fetching]:
    """`await fetching(...)`: a board on its network, with no server in its settings."""
    fields: list[Field] = []

    async def make(
        first: Settings | None = None, limits: dict[str, int] | None = None, **board: Any
    ) -> Field:
        record = {"bootstrap": [URL, pinned_key.pin], **board.pop("record", {})}
        made = await world.add_board(
            authority=AUTHORITY.public_key, record=record,
            limits={**LIMITS, **AT_ONCE, "linger_s": 0, **(limits or {})}, **board,
        )  # fmt: skip
        network = world.add_network(SSID, password=PASSWORD.decode())
        world.add_network(OTHER_SSID, password=OTHER_PASSWORD.decode(), channel=11, rssi=-61)
        rig = Rig("http", world, made, None)
        fields.append(Field(rig, network))
        fields[-1].leads_to(None)
        await rig.open_window()
        await rig.give(rig.offline(first))
        await fields[-1].logs("on the network")
        return fields[-1]

    yield make
    for field in fields:
        assert not field.rig.told_secrets()
        assert not [line for line in field.log if "Traceback" in line], "\n".join(field.log)


def the_rest(
    field: Field, *networks: tuple[bytes, bytes | None], app: bytes = b"rest", **changes: Any
) -> SealedOrder:
    """An offline order that brings a server, and whatever networks are given."""
    wanted = Settings(server=ServerSettings(url="https://cloud.example"), app=app)
    if networks:
        wanted = settings(*networks, server=wanted.server, app=app)
    return field.rig.offline(wanted, **changes)
