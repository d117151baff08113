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
