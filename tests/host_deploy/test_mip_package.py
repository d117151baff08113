"""firmware/package.json is one that mpremote's mip installs, to a firmware that imports."""

import json
import shutil
from pathlib import Path

from host_client.deploy.image import PROJECT
from host_client.deploy.mip_package import LIST
from host_client.deploy.tools import run_module
from host_client.deploy.usb_board import UsbBoard
from tests.host_deploy.usb_stand_in import UsbStandIn


def test_mip_installs_the_firmware_from_a_checkout(usb_port: UsbStandIn, tmp_path: Path) -> None:
    """Our own part of the list: the libraries come from addresses that a test does not reach."""
    for folder in ("firmware", "transports"):
        shutil.copytree(PROJECT / folder, tmp_path / "checkout" / folder)
    file = tmp_path / "checkout" / LIST
    package = json.loads(file.read_text(encoding="utf-8"))
    package["urls"] = [pair for pair in package["urls"] if pair[1].startswith("../")]
    package["deps"] = []
    file.write_text(json.dumps(package), encoding="utf-8")
    arguments = ["connect", usb_port.port, "mip", "--target", "/lib", "install", str(file)]
    installed = run_module("mpremote", arguments, 60)
    assert installed.count("Installing:") == len(package["urls"])
    board = UsbBoard(usb_port.port)
    said = board.run("from firmware import factory\nfrom transports import contract\n"
                     "print(factory.__file__, contract.PROTOCOL_VERSION)\n")  # fmt: skip
    assert said.split() == ["/lib/firmware/factory.py", "1"]


def test_the_page_goes_beside_a_frozen_firmware(usb_port: UsbStandIn, tmp_path: Path) -> None:
    """The command of firmware/manifest.py; it makes no folder that hides the frozen package."""
    command = "mkdir :lib + mkdir :lib/firmware + cp -r firmware/page :lib/firmware/"
    for text in ("firmware/manifest.py", "host_client/deploy/README.md"):
        assert f"mpremote {command}" in (PROJECT / text).read_text(encoding="utf-8")
    page = tmp_path / "firmware" / "page"
    page.mkdir(parents=True)
    (page / "index.html.gz").write_bytes(b"page")
    local = command.replace("cp -r firmware/page", f"cp -r {page}").split()
    run_module("mpremote", ["connect", usb_port.port, *local], 60)
    said = UsbBoard(usb_port.port).run(
        "import os\nprint(os.listdir('/lib/firmware/page'), 'firmware' in os.listdir('/'))\n"
    )
    assert said.split() == ["['index.html.gz']", "False"]
