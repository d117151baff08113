"""host_client/trust.py: to whose key an order is sealed."""

from __future__ import annotations

import pytest

from host_client.authority import Authority
from host_client.client import Board
from host_client.credentials import Credentials
from host_client.errors import (
    ChangedKey,
    UntrustedBoard,
)
from host_client.fingerprint import fingerprint
from host_client.known_boards import KnownBoards
from host_client.settings import Settings
from host_client.trust import Trust
from tests.host.board_in_memory import MemoryBoard, MemoryLink
from transports import contract as c


async def test_a_key_met_before_is_required_afterwards(
    authority: Authority, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    known = KnownBoards(in_memory=True)
    first, impostor = MemoryBoard(authority), MemoryBoard(authority)
    for board in (first, impostor):
        board.press()
    async with Board(MemoryLink(first), Trust(None, known), Credentials(authority)) as client:
        await client.provision(settings)
    assert "first meeting" in caplog.text
    link = MemoryLink(impostor)
    async with Board(link, Trust(None, known), Credentials(authority)) as client:
        with pytest.raises(ChangedKey):
            await client.provision(settings)
    assert c.PROVISION not in [operation for operation, _ in link.requests]


async def test_a_pinned_key_or_fingerprint_decides(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    key = board.identity.public_key
    good = (key, key.hex(), fingerprint(key), fingerprint(key)[: 7 + 32])
    wrong = (bytes(32), fingerprint(bytes(32)))
    for expected in (*good, *wrong):
        trust = Trust(expected, KnownBoards(in_memory=True))
        async with Board(MemoryLink(board), trust, Credentials(authority)) as client:
            if expected in wrong:
                with pytest.raises(UntrustedBoard):
                    await client.seal(settings)
            else:
                assert (await client.seal(settings)).device_id == "lk-test"


@pytest.mark.parametrize("pin", ["", "abc", "sha256:abcd", "00" * 31, b"short", "xyz" * 22])
def test_refuses_an_unreadable_pin(pin: str | bytes) -> None:
    with pytest.raises(UntrustedBoard):
        Trust(pin, KnownBoards(in_memory=True))


def test_an_id_made_of_a_key_stands_for_no_other_key() -> None:
    key, other = b"k" * 32, b"o" * 32
    device_id = "lk-" + fingerprint(key).removeprefix("sha256:")[:16]
    assert Trust(None, KnownBoards(in_memory=True)).check(device_id, key) == key
    for trust in (
        Trust(None, KnownBoards(in_memory=True)),
        Trust(other, KnownBoards(in_memory=True)),
    ):
        with pytest.raises(UntrustedBoard, match="does not belong"):
            trust.check(device_id, other)
