"""`latchkey bootstrap`: the server's key, its pin, and the server as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import host_client.bootstrap
from host_client import bundle
from host_client.authority import Authority
from host_client.bootstrap import serving
from host_client.bootstrap.app import make_app
from host_client.bootstrap.errors import BootstrapError
from host_client.bootstrap.sources import BundleSource
from host_client.order import SealedOrder, Target, seal_order
from host_client.settings import Settings
from tests.host.command_line import ROOT, latchkey
from tests.host.test_bootstrap_sources import receipt_of, secrets_of

BAD = BootstrapError.exit_code


@pytest.fixture
def order(authority: Authority) -> SealedOrder:
    return seal_order(Settings(app=b"x"), Target("lk-1", bytes(range(32))), authority)


@pytest.fixture
def files(tmp_path: Path, order: SealedOrder) -> Path:
    """A folder with a key, a certificate, one order, and its secret."""
    made = latchkey("bootstrap", "key", "boot.example", *key_options(tmp_path), "--json")
    assert made.code == 0, made.err
    bundle.write_orders(tmp_path / "orders", [order])
    bundle.write_secrets(tmp_path / "secrets", secrets_of([order]).values())
    return tmp_path


def key_options(folder: Path) -> list[str]:
    return ["--key", str(folder / "server.key"), "--certificate", str(folder / "server.crt")]


def test_makes_a_key_that_only_its_owner_reads_and_shows_its_pin(tmp_path: Path) -> None:
    made = latchkey("bootstrap", "key", "boot.example", *key_options(tmp_path), "--json").result
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.crt").read_bytes())
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert made["pin"] == hashlib.sha256(info).hexdigest()
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600
    shown = latchkey("bootstrap", "pin", str(tmp_path / "server.crt"), "--json").result
    assert shown == {"pin": made["pin"]}
    assert latchkey("bootstrap", "pin", str(tmp_path / "server.crt")).out.strip() == made["pin"]


def test_never_replaces_a_key(files: Path) -> None:
    before = (files / "server.key").read_bytes()
    again = latchkey("bootstrap", "key", "boot.example", *key_options(files), "--json")
    assert again.code == BAD and "there already" in again.error["message"]
    assert (files / "server.key").read_bytes() == before


def test_says_what_is_wrong_with_files(files: Path, tmp_path: Path) -> None:
    assert latchkey("bootstrap", "pin", str(files / "orders"), "--json").code == BAD
    assert latchkey("bootstrap", "pin", str(files / "none"), "--json").code == BAD
    orders = ["--orders", str(files / "orders"), "--receipts", str(files / "receipts")]
    for options, told in (
        ([*orders, "--key", str(files / "orders"), "--certificate", str(files / "server.crt")],
         "no key and its certificate"),
        ([*orders, "--key", str(files / "none"), "--certificate", str(files / "server.crt")],
         "cannot read"),
        ([*orders, "--registry", "sqlite://", *key_options(files)], "give one of them"),
        (["--orders", str(files / "server.crt"), *key_options(files)], "not a file of Latchkey"),
    ):  # fmt: skip
        failed = latchkey("bootstrap", "serve", "--port", "0", "--json", *options)
        assert failed.code in (9, BAD) and told in failed.error["message"], failed.error


def test_says_when_the_port_is_taken(files: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ["--orders", str(files / "orders"), "--receipts", str(files / "receipts")]
        failed = latchkey(
            "bootstrap", "serve", "--port", str(taken.getsockname()[1]), *options,
            *key_options(files), "--json",
        )  # fmt: skip
    assert failed.code == BAD and "cannot listen" in failed.error["message"]


@pytest.fixture
def server(files: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """(port, process) of a server that was started as people start it."""
    command = [
        sys.executable, "-m", "host_client.bootstrap", "serve", "--port", "0",
        "--orders", str(files / "orders"), "--receipts", str(files / "receipts"),
        "--secrets", str(files / "secrets"), *key_options(files),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        found = re.search(r"port (\d+); pin ([0-9a-f]{64})", first)
        assert found, first + process.stderr.read()
        yield int(found[1]), process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def exchange(port: int, request: bytes) -> bytes:
    """One request as a board makes it: TLS 1.2, whatever the certificate, one answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="boot.example") as secure,
    ):
        secure.sendall(request)
        answer = b""
        while part := secure.recv(4096):
            answer += part
    return answer


def test_serves_until_it_is_interrupted(
    server: tuple[int, subprocess.Popen[str]], order: SealedOrder, files: Path
) -> None:
    port, process = server
    ask = b"GET /v1/orders/lk-1 HTTP/1.1\r\nHost: boot.example\r\nConnection: close\r\n\r\n"
    assert exchange(port, ask).endswith(b"\r\n\r\n" + order.data)
    receipt = receipt_of(order)
    head = b"POST /v1/receipts HTTP/1.1\r\nHost: boot.example\r\nConnection: close\r\n"
    answer = exchange(port, head + b"Content-Length: %d\r\n\r\n" % len(receipt) + receipt)
    assert answer.startswith(b"HTTP/1.1 204 ")
    assert b"server: uvicorn" not in answer.lower()
    assert exchange(port, ask).startswith(b"HTTP/1.1 204 ")
    assert [one.data for one in bundle.read_receipts(files / "receipts")] == [receipt]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode in (0, 130), err
    assert "lk-1: its order" in err and "lk-1: receipt, ok, checked" in err
    assert "Traceback" not in err
    for secret in (order.secret.receipt_key, order.data) if order.secret else ():
        assert secret.hex() not in out + err


async def test_who_says_nothing_is_not_waited_for(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "REQUEST_S", 0.2)
    source = BundleSource([files / "orders"], files / "receipts")
    ports: asyncio.Queue[int] = asyncio.Queue()
    address = serving.Address("127.0.0.1", 0, files / "server.key", files / "server.crt")
    task = asyncio.create_task(serving.serve(make_app(source), address, ports.put_nowait))
    try:
        port = await asyncio.wait_for(ports.get(), 5)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(b"GET /v1/orders/lk-1 HTTP/1.1\r\nHost: x\r\n")  # and no end
        begun = time.monotonic()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert time.monotonic() - begun < 2
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_without_the_extra_it_says_what_to_install(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("app", "serving"):
        monkeypatch.delitem(sys.modules, f"host_client.bootstrap.{name}", raising=False)
        monkeypatch.delattr(host_client.bootstrap, name, raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "starlette"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    failed = latchkey("bootstrap", "serve", "--orders", str(files / "orders"), "--json")
    assert failed.error["kind"] == "missing_library"
    assert "latchkey[factory]" in failed.error["remedy"]
