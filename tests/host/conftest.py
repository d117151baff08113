"""Fixtures of the host tests: a home of their own, an authority, a board whose window is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from host_client import conversation
from host_client.authority import Authority, AuthorityStore
from host_client.client import Board
from host_client.credentials import Credentials
from host_client.known_boards import KnownBoards
from host_client.settings import Settings, parse_settings
from host_client.trust import Trust
from tests.host.board_in_memory import MemoryBoard, MemoryLink
from tests.host.command_line import serving
from tests.host.policy_bench import Served

PASSWORD = "correct horse"
PASSPHRASE = "an authority's passphrase"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the keys and boards of whoever runs it."""
    folder = tmp_path / "home"
    for name in ("AUTHORITY", "PASSPHRASE", "URL", "WIFI_PASSWORD"):
        monkeypatch.delenv(f"LATCHKEY_{name}", raising=False)
    monkeypatch.setenv("LATCHKEY_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between two tries are for radios; the tests' links fail at once."""
    monkeypatch.setattr(conversation, "BACKOFF_S", (0.001, 0.002))


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.generate("factory")


@pytest.fixture(scope="session")
def stranger() -> Authority:
    return Authority.generate("stranger")


@pytest.fixture
def board(authority: Authority) -> MemoryBoard:
    """A board with its window open."""
    board = MemoryBoard(authority)
    board.press()
    return board


@pytest.fixture
def settings() -> Settings:
    return parse_settings(
        {
            "network": [{"ssid": "home", "password": PASSWORD}],
            "device": {"hostname": "boiler"},
            "app": "opaque",
        }
    )


@pytest.fixture
def signer(monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority in the store, its passphrase in the environment."""
    authority = Authority.generate("factory")
    AuthorityStore().save(authority, PASSPHRASE)
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", PASSPHRASE)
    return authority


@pytest.fixture
def own_board(signer: Authority) -> MemoryBoard:
    """A board of that authority, its window open."""
    board = MemoryBoard(signer, "kettle-0123456789")
    board.press()
    return board


@pytest.fixture
def url(own_board: MemoryBoard) -> Iterator[str]:
    """Where that board's REST endpoint is served."""
    with serving(own_board) as url:
        yield url


@pytest.fixture
def served(request: pytest.FixtureRequest, signer: Authority) -> Iterator[Served]:
    """A board of the policy that the test asks for, of the authority in the store."""
    bench = Served(signer, request.param)
    with serving(bench.board) as url:
        bench.url = url
        yield bench


def client_of(link: MemoryLink, authority: Authority | None, **options: float) -> Board:
    """A client over a link, with a memory of boards that ends with it."""
    trust = Trust(None, KnownBoards(in_memory=True))
    return Board(link, trust, Credentials(authority), **options)
