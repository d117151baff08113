"""firmware/device/tls.py: who is not the pinned server hears that somebody called, and no more."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from tests.device.interpreter import MISSING, find_micropython, run_micropython
from tests.device.tls_server import (
    APPLICATION_DATA,
    Credentials,
    Faults,
    Meeting,
    TlsServer,
    make_credentials,
)

CPYTHON_ONLY = "starts the servers; the client runs on MicroPython, in tls_on_micropython.py"
SCRIPT = "tests/device/tls_on_micropython.py"
TOLD = b"lk-secret"

pytestmark = pytest.mark.skipif(find_micropython() is None, reason=MISSING)


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return make_credentials(tmp_path_factory.mktemp("pinned"), "pinned")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return make_credentials(tmp_path_factory.mktemp("other"), "other")


def ask(port: int, pin: bytes | str, timeout_ms: int = 3000, *host: str) -> tuple[str, int]:
    """(how it ended, after how many milliseconds) of one exchange by a board."""
    text = pin if isinstance(pin, str) else pin.hex()
    done = run_micropython([SCRIPT, str(port), text, str(timeout_ms), *host], 20)
    outcome, _, took_ms = done.stdout.decode().strip().rpartition(" ")
    return outcome, int(took_ms)


def told_nothing(meeting: Meeting) -> bool:
    return not meeting.said and APPLICATION_DATA not in meeting.record_types() and (
        TOLD not in meeting.raw
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["p256", "rsa"])
@pytest.mark.parametrize("host", ["127.0.0.1", "boot.example"])
def test_the_pinned_server_is_asked(kind: str, host: str, tmp_path: Path) -> None:
    credentials = make_credentials(tmp_path, "server", kind)
    with TlsServer(credentials) as server:
        assert ask(server.port, credentials.pin, 3000, host)[0] == "status 204"
        meeting = server.last()
    assert meeting.said.startswith(b"GET /v1/orders/lk-secret HTTP/1.1\r\n")
    assert TOLD not in meeting.raw
    assert (b"boot.example" in meeting.raw) == (host == "boot.example")


def test_another_server_is_told_nothing(pinned: Credentials, other: Credentials) -> None:
    with TlsServer(other) as server:
        assert ask(server.port, pinned.pin)[0] == "FalseServer"
        meeting = server.last()
    assert told_nothing(meeting) and not meeting.shaken


def test_one_that_shows_the_pinned_certificate_behind_its_own_is_told_nothing(
    pinned: Credentials, other: Credentials, tmp_path: Path
) -> None:
    chain = tmp_path / "chain"
    chain.write_bytes(other.certificate.read_bytes() + pinned.certificate.read_bytes())
    with TlsServer(other, Faults(chain=chain)) as server:
        assert ask(server.port, pinned.pin)[0] == "FalseServer"
        assert told_nothing(server.last())


def test_a_judgment_that_fails_accepts_nobody(pinned: Credentials) -> None:
    with TlsServer(pinned) as server:
        assert ask(server.port, "broken")[0] == "FalseServer"
        assert told_nothing(server.last())


def hello_length(credentials: Credentials) -> int:
    """How many octets the server sends before it has heard from the client again."""
    with TlsServer(credentials) as server:
        low, high = 1, 4096
        while low < high:  # the least cut at which the board still gets its answer to the hello
            middle = (low + high) // 2
            server.faults = Faults(cut_after=middle)
            ask(server.port, credentials.pin)
            if any(kind == 20 for kind in server.last().record_types()):
                high = middle
            else:
                low = middle + 1
    return low


def test_a_handshake_that_is_cut_or_changed_anywhere_tells_nothing(pinned: Credentials) -> None:
    """Changed octets of ServerKeyExchange are what somebody has to offer who copied the pinned
    certificate and lacks its key."""
    whole = hello_length(pinned)
    assert 300 < whole < 1500
    with TlsServer(pinned) as server:
        for at in range(7, whole - 8, whole // 12):  # a signature varies by some octets
            for faults in (Faults(cut_after=at), Faults(flip=at)):
                server.faults = faults
                begun = time.monotonic()
                outcome, _ = ask(server.port, pinned.pin, 600)
                if faults.flip and server.last().is_in_head(at):
                    continue
                assert outcome in ("OSError", "FalseServer", "TooLate", "BadResponse"), faults
                assert time.monotonic() - begun < 60, "no server can keep a board for ever"
                assert told_nothing(server.last()), faults


def test_a_server_that_says_nothing_has_its_time(pinned: Credentials) -> None:
    with TlsServer(pinned, Faults(silent=True)) as server:
        outcome, took_ms = ask(server.port, pinned.pin, 400)
    assert outcome == "TooLate" and 400 <= took_ms < 30_000  # far below the silence


def test_an_answer_of_one_octet_at_a_time_has_its_time(pinned: Credentials) -> None:
    answer = b"HTTP/1.1 204 No Content\r\n" + b"A: b\r\n" * 100
    with TlsServer(pinned, Faults(answer=answer, pieces_s=0.02)) as server:
        outcome, took_ms = ask(server.port, pinned.pin, 600)
    assert outcome == "TooLate" and 600 <= took_ms


def test_who_speaks_no_tls_is_told_nothing(pinned: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def speak() -> None:
            client, _ = listener.accept()
            with client:
                client.settimeout(2)
                heard.append(client.recv(4096))
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        assert ask(listener.getsockname()[1], pinned.pin)[0] == "OSError"
        thread.join(3)
    assert told_nothing(Meeting(raw=heard[0]))


def test_nobody_there(pinned: Credentials) -> None:
    with TlsServer(pinned) as server:
        port = server.port
    assert ask(port, pinned.pin)[0] == "OSError"
