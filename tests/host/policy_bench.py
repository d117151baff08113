"""A board of any policy for host tests that lies at will, and clients for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from host_client.authority import Authority
from host_client.board_client import Board
from host_client.credentials import Credentials
from host_client.known_boards import KnownBoards
from host_client.label import Label, label_key, new_code
from host_client.trust import Trust
from tests.host.board_in_memory import Lying, MemoryBoard, MemoryLink
from tests.host.command_line import Run, latchkey
from transports import contract as c

CODE = new_code()


@dataclass
class Bench:
    """A board of one policy with its window open, and clients for it."""

    authority: Authority
    policy: int
    profile: int = c.CONSUMER
    known: KnownBoards = field(default_factory=lambda: KnownBoards(in_memory=True))

    def __post_init__(self) -> None:
        self.board = MemoryBoard(self.authority, "kettle-1")
        identity: Any = self.board.identity
        identity.policy = self.policy
        identity.profile = self.profile
        identity.label_key = label_key(CODE, "kettle-1")
        self.link = MemoryLink(self.board)
        self.board.press()

    @property
    def key(self) -> bytes:
        return self.board.identity.public_key

    @property
    def label(self) -> Label:
        return Label.for_board("kettle-1", self.key, CODE)

    def client(
        self,
        *,
        label: Label | None = None,
        manufacturer: bytes | None = None,
        **given: Any,
    ) -> Board:
        trust = Trust(None, self.known, label=label, manufacturer=manufacturer)
        return Board(self.link, trust, Credentials(**given))

    def lies(self, **fields: object) -> None:
        """What the board says of itself from now on is changed on the way."""

        def change(operation: int, reply: dict[int, object]) -> None:
            if operation == c.INFO:
                for name, value in fields.items():
                    reply[getattr(c, "F_" + name.upper())] = value

        self.link = Lying(self.board, change)

    @property
    def was_sent_an_order(self) -> bool:
        return c.PROVISION in [operation for operation, _ in self.link.requests]


class Served(Bench):
    """With its REST endpoint at `url`."""

    url = ""

    def provision(self, *more: str, typed: str | None = None) -> Run:
        return latchkey("provision", self.url, "--ssid", "home", "--open", "--json", *more,
                        typed=typed)  # fmt: skip


def of(*policies: int) -> Any:
    """Boards of these policies, one a test, as the fixture `served`."""
    return pytest.mark.parametrize("served", policies, indirect=True)
