"""The factory step over a real prompt, with the firmware that was pushed there before."""

import json
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from host_client.deploy.errors import UsbError
from host_client.deploy.factory import (
    FactorySettings,
    factory_script,
    make_board,
    read_authority,
)
from host_client.deploy.image import build, firmware_sources
from host_client.deploy.usb_board import UsbBoard
from host_client.errors import AuthorityError
from tests.host_deploy.usb_stand_in import UsbStandIn


@pytest.fixture
def authority() -> bytes:
    """A COSE_Key of an Ed25519 public key (RFC 9053 section 7.2)."""
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return cbor2.dumps({1: 1, -1: 6, -2: public}, canonical=True)


@pytest.fixture
def board(usb_port: UsbStandIn) -> UsbBoard:
    """A board that carries the firmware and has no record yet."""
    made = UsbBoard(usb_port.port)
    files = [file for file in build(firmware_sources(), "x64") if file.path.endswith(".mpy")]
    folders = sorted({file.folder for file in files})
    made.ask(f"make_folders({folders!r})")
    made.copy(files, lambda _file: None)
    return made


def test_the_board_makes_its_key_once(board: UsbBoard, authority: bytes) -> None:
    settings = FactorySettings(authority, model="thermostat", pins={"button": 9, "led": 8})
    made = make_board(board, settings)
    assert len(made.device_key) == 32
    assert made.name == "Latchkey-" + made.device_id[-4:].upper()
    assert made.fingerprint.startswith("sha256:")
    read_back = board.run(
        "from firmware.device import identity\nwho = identity.load()\n"
        f"print(who.device_id, who.model, who.public_key == {made.device_key!r}, who.pins,"
        f" who.authority == {authority!r})\n"
    )
    assert read_back.split()[:3] == [made.device_id, "thermostat", "True"]
    assert "'button': 9" in read_back
    assert read_back.split()[-1] == "True"
    with pytest.raises(UsbError, match="written once"):
        make_board(board, settings)


def test_a_key_that_is_none_writes_nothing(board: UsbBoard, authority: bytes) -> None:
    with pytest.raises(UsbError):
        make_board(board, FactorySettings(authority[:-1]))
    make_board(board, FactorySettings(authority))


def test_the_script_holds_public_things_alone(authority: bytes) -> None:
    script = factory_script(FactorySettings(authority, "label", "m", {"led": 2}, "dev-1"))
    called: dict[str, object] = {}

    class Recorder:
        @staticmethod
        def write(**given: object) -> None:
            called.update(given)

    exec(script.replace("from firmware import factory\n", ""), {"factory": Recorder})
    assert called == {"authority": authority, "policy": 1, "model": "m", "pins": {"led": 2},
                      "device_id": "dev-1", "tables": None}  # fmt: skip


def test_refuses_a_private_key_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", encoding="utf-8")
    with pytest.raises(AuthorityError, match="public half"):
        read_authority(file)


@pytest.mark.parametrize("content", [b"", b"x" * 513])
def test_refuses_a_file_of_no_fitting_size(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.cose"
    file.write_bytes(content)
    with pytest.raises(AuthorityError, match="no COSE key"):
        read_authority(file)
    with pytest.raises(AuthorityError, match="cannot read"):
        read_authority(tmp_path / "absent.cose")


@pytest.mark.parametrize(
    "line", ["{", "{}", '{"device_id": "a", "name": "b", "device_key": "zz"}',
             json.dumps({"device_id": "a", "name": "b", "device_key": "00"})]
)  # fmt: skip
def test_refuses_a_garbled_report(
    line: str, authority: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UsbBoard, "run", lambda *_: f"boot noise\n{line}\n")
    with pytest.raises(UsbError):
        make_board(UsbBoard("p"), FactorySettings(authority))


def test_an_id_that_looks_derived_and_is_not_is_refused(board: UsbBoard, authority: bytes) -> None:
    with pytest.raises(UsbError, match="begin with lk-"):
        make_board(board, FactorySettings(authority, device_id="lk-0123456789abcdef"))
    assert (
        make_board(board, FactorySettings(authority, device_id="kettle-7")).device_id == "kettle-7"
    )


def test_tables_are_kept_beside_the_key_and_do_without_when_damaged(board: UsbBoard) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    cose_key = cbor2.dumps({1: 1, -1: 6, -2: public}, canonical=True)
    make_board(board, FactorySettings(cose_key, with_tables=True))
    message, signed = b"an order", key.sign(b"an order")
    verify = (
        "from firmware.crypto import pacing, signature\n"
        "from firmware.device import identity\n"
        "from firmware.provision.policies.signed import Signed\n"
        "who = identity.load()\n"
        "class Unchanged: authority = None\n"
        "key = Signed(who, Unchanged)._authority\n"
        f"good = signature.verify(key, -8, {message!r}, {signed!r})\n"
        f"bad = signature.verify(key, -8, b'another', {signed!r})\n"
        "print(who.authority_tables() is not None, pacing.run(good), pacing.run(bad))\n"
    )
    assert board.run(verify).split()[-3:] == ["True", "True", "False"]
    board.run("with open('/latchkey/authority.tables', 'r+b') as f: f.write(b'damaged')\n")
    assert board.run(verify).split()[-3:] == ["False", "True", "False"]
