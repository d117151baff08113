"""A push from end to end: real mpremote, a real raw prompt, a real LittleFS."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from host_client.deploy import image
from host_client.deploy.errors import UnfitBoard, UsbError
from host_client.deploy.image import BoardFile
from host_client.deploy.push import Options, push
from host_client.deploy.usb_board import UsbBoard
from tests.host_deploy.conftest import Quiet
from tests.host_deploy.usb_stand_in import UsbStandIn

LIST_ALL = """
import os
def show(folder):
    for name, kind, *rest in os.ilistdir(folder or "/"):
        path = folder + "/" + name
        show(path) if kind == 0x4000 else print(path)
show("")
"""


def options(aioble: Path | None, dry_run: bool = False, mip_index: str | None = None) -> Options:
    return Options("0.1.0", dry_run=dry_run, aioble=aioble, mip_index=mip_index,
                   platforms=("linux",))  # fmt: skip


def files_on(board: UsbBoard) -> set[str]:
    return {line.strip() for line in board.run(LIST_ALL).split("\n") if line.strip()}


def test_pushes_the_whole_firmware_and_it_imports(
    usb_port: UsbStandIn, aioble: Path, watcher: Quiet
) -> None:
    board = UsbBoard(usb_port.port)
    report = push(board, options(aioble), watcher)
    assert files_on(board) == set(report.copied)
    assert {"/main.py", "/transports/contract.mpy", "/lib/microdot/microdot.mpy",
            "/lib/aioble/server.mpy", "/firmware/deployed.json"} <= set(report.copied)  # fmt: skip
    assert not [path for path in report.copied if path.endswith(".py") and path.count("/") > 1]
    assert [file.path for file in watcher.copied] == report.copied
    assert sum(len(file.content) for file in watcher.copied) == watcher.octets == report.octets
    assert usb_port.hard_resets == 1
    imported = board.run("from firmware.envelope import cbor\nprint(cbor.encode([1, 2]))\n")
    assert "b'\\x82\\x01\\x02'" in imported


def test_copies_only_what_changed_and_removes_what_is_gone(
    usb_port: UsbStandIn, sources: Path, aioble: Path, watcher: Quiet
) -> None:
    board = UsbBoard(usb_port.port)
    push(board, options(aioble), watcher)
    assert push(board, options(aioble), watcher).copied == []
    (sources / "firmware/start.py").rename(sources / "firmware/begin.py")
    board.run("f = open('/firmware/begin.py', 'w')\nf.write('stale')\nf.close()\n")
    board.run("f = open('/settings.txt', 'w')\nf.write('mine')\nf.close()\n")
    report = push(board, options(aioble), watcher)
    assert report.removed == ["/main.py", "/firmware/begin.py", "/firmware/start.mpy"]
    assert report.copied == ["/firmware/begin.mpy", "/firmware/deployed.json", "/main.py"]
    assert "/settings.txt" in files_on(board)


def test_the_page_comes_and_goes_with_its_files(
    usb_port: UsbStandIn, sources: Path, aioble: Path, watcher: Quiet
) -> None:
    board = UsbBoard(usb_port.port)
    push(board, options(aioble), watcher)
    assert image.NO_PAGE in watcher.steps
    page = sources / image.PAGE
    page.mkdir()
    whole = bytes(range(256)) * 40
    (page / "index.html.gz").write_bytes(whole)
    report = push(board, options(aioble), Quiet())
    path = "/firmware/page/index.html.gz"
    assert report.copied == [path, "/firmware/deployed.json", "/main.py"]
    read = (
        f"from hashlib import sha256\nprint(sha256(open({path!r}, 'rb').read()).digest().hex())\n"
    )
    assert hashlib.sha256(whole).hexdigest() in board.run(read)
    (page / "index.html.gz").unlink()
    assert path in push(board, options(aioble), Quiet()).removed
    assert not [name for name in files_on(board) if name.startswith("/firmware/page")]


def test_repairs_a_file_that_was_changed_on_the_board(
    usb_port: UsbStandIn, sources: Path, aioble: Path, watcher: Quiet
) -> None:
    board = UsbBoard(usb_port.port)
    push(board, options(aioble), watcher)
    board.run("f = open('/transports/contract.mpy', 'ab')\nf.write(b'x')\nf.close()\n")
    assert "/transports/contract.mpy" in push(board, options(aioble), watcher).copied


def test_dry_run_changes_nothing(
    usb_port: UsbStandIn, sources: Path, aioble: Path, watcher: Quiet
) -> None:
    board = UsbBoard(usb_port.port)
    report = push(board, options(aioble, dry_run=True), watcher)
    assert "/main.py" in report.copied
    assert files_on(board) == set()
    assert usb_port.hard_resets == 0


def test_a_push_that_breaks_off_leaves_nothing_to_start(
    usb_port: UsbStandIn, sources: Path, aioble: Path, watcher: Quiet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    board = UsbBoard(usb_port.port)
    push(board, options(aioble), watcher)
    (sources / "firmware/start.py").write_text("A = 2\n", encoding="utf-8")

    def cable_pulled(*_: object) -> None:
        raise UsbError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(UsbBoard, "copy", cable_pulled)
        with pytest.raises(UsbError):
            push(board, options(aioble), watcher)
    assert "/main.py" not in files_on(board)
    push(board, options(aioble), watcher)
    assert "/main.py" in files_on(board)


def test_refuses_a_board_that_is_no_esp32(usb_port: UsbStandIn, watcher: Quiet) -> None:
    board = UsbBoard(usb_port.port)
    with pytest.raises(UnfitBoard, match="not MicroPython on an ESP32"):
        push(board, Options("0.1.0"), watcher)
    assert files_on(board) == set()


def test_says_which_files_did_not_arrive(
    usb_port: UsbStandIn, sources: Path, aioble: Path, watcher: Quiet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    copy = UsbBoard.copy

    def spoil(board: UsbBoard, files: list[BoardFile], on_start: object) -> None:
        spoilt = [BoardFile(f.path, f.content[:-1] if "contract" in f.path else f.content)
                  for f in files]  # fmt: skip
        copy(board, spoilt, on_start)

    monkeypatch.setattr(UsbBoard, "copy", spoil)
    with pytest.raises(UsbError, match="not as written on the board: /transports/contract.mpy"):
        push(UsbBoard(usb_port.port), options(aioble), watcher)
    assert usb_port.hard_resets == 0


def test_reports_the_traceback_of_the_board(usb_port: UsbStandIn) -> None:
    with pytest.raises(UsbError, match="ZeroDivisionError"):
        UsbBoard(usb_port.port).run("1/0\n")


def test_reports_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsbError, match="failed to access"):
        UsbBoard(str(tmp_path / "no-port")).run("print(1)\n")


def test_ends_what_takes_too_long(usb_port: UsbStandIn) -> None:
    with pytest.raises(UsbError, match="did not end within 1 s"):
        UsbBoard(usb_port.port).run("while True: pass\n", deadline_s=1)


@pytest.fixture
def mip_index() -> Iterator[str]:
    """An index of micropython-lib with two small packages, on this computer."""
    content = b"ORIGIN = 'mip'\n"
    short = hashlib.sha256(content).hexdigest()[:8]

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("/")[-2]
            package = {"v": 1, "version": "1", "deps": [],
                       "hashes": [[f"aioble/{name.partition('-')[2]}.py", short]]}  # fmt: skip
            body = content if "/file/" in self.path else json.dumps(package).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_installs_aioble_with_mip_once(
    usb_port: UsbStandIn, sources: Path, mip_index: str, watcher: Quiet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    board = UsbBoard(usb_port.port)
    report = push(board, options(None, mip_index=mip_index), watcher)
    assert report.installed == ["aioble-peripheral", "aioble-server"]
    assert {"/lib/aioble/peripheral.py", "/lib/aioble/server.py"} <= files_on(board)
    again = push(board, options(None, mip_index=mip_index), watcher)
    assert (again.installed, again.copied, again.removed) == ([], [], [])
