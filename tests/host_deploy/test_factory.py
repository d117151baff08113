"""The factory step over a real prompt, with the firmware that was pushed there before."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from host_client.deploy.errors import UsbError
from host_client.deploy.usb_board import UsbBoard
from host_client.factory.errors import NoFirmware
from host_client.factory.plan import LIMIT_NAMES, PIN_NAMES, Plan
from host_client.factory.report import derived_id, read_report
from host_client.factory.usb_step import UsbStep, write_script
from tests.host_deploy.usb_stand_in import UsbStandIn

READ_BACK = (
    "from firmware.device import identity\n"
    "import os\n"
    "who = identity.load()\n"
    "print([who.device_id, who.model, who.pins['button'], who.limits['window_s'], who.policy,"
    " who.profile, who.label_key == %r, who.bootstrap == %r, who.group, who.serial,"
    " who.certificate == %r, who.shut, 'device.key' in os.listdir('/latchkey')])\n"
)


@pytest.fixture
def authority() -> bytes:
    """A COSE_Key of an Ed25519 public key (RFC 9053 section 7.2)."""
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return cbor2.dumps({1: 1, -1: 6, -2: public}, canonical=True)


def test_the_board_makes_its_key_once_and_keeps_what_it_is_told(
    board: UsbBoard, authority: bytes
) -> None:
    step = UsbStep(board)
    begun = step.begin()
    assert begun.device_id == derived_id(begun.device_key)
    assert begun.name == "Latchkey-" + begun.device_id[-4:].upper()
    assert not begun.written
    assert step.begin() == begun  # cut here, it goes on with the same key
    plan = Plan(authority, "label", "consumer", "thermostat", "building-7",
                ("https://first.example/orders", b"\x05" * 32), {"button": 9}, {"window_s": 300},
                shut=True)  # fmt: skip
    own: dict[str, Any] = {"label_key": b"\x07" * 32, "serial": "SN 1", "certificate": b"\x06" * 99}
    written = step.write(plan.values() | own | {"device_key": begun.device_key})
    assert written.written and written.device_key == begun.device_key
    assert step.begin() == written
    assert plan.differences(written) == ()
    assert (written.serial, written.certificate) == ("SN 1", own["certificate"])
    script = READ_BACK % (own["label_key"], ["https://first.example/orders", b"\x05" * 32],
                          own["certificate"])  # fmt: skip
    said = board.run(script).strip().splitlines()[-1]
    assert said == str([begun.device_id, "thermostat", 9, 300, 1, 1, True, True, "building-7",
                        "SN 1", True, True, False])  # fmt: skip
    with pytest.raises(UsbError, match="written once"):
        step.write(plan.values() | own)


def test_what_the_board_prints_holds_no_secret(board: UsbBoard, authority: bytes) -> None:
    step, printed = UsbStep(board), []
    run = board.run
    board.run = lambda *given: printed.append(run(*given)) or printed[-1]  # type: ignore[method-assign, func-returns-value]
    step.begin()
    step.write(Plan(authority).values() | {"label_key": b"\xa7" * 32})
    del board.run
    secret = board.run(
        "from firmware.device import identity\nprint(identity.load().private_key.hex())"
    )
    assert len(printed) == 2
    for text in printed:
        assert secret.strip() not in text and "a7a7" not in text


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"authority": b"\xa1\x01\x01"}, "UnusableKey"),
    ({"policy": 7}, "no such policy"),
    ({"policy": 1}, "policy needs"),
    ({"policy": 1, "label_key": b"short"}, "32 octets"),
    ({"authority": None}, "policy needs"),
    ({"profile": 3}, "no such profile"),
    ({"pins": {"bell": 1}}, "unknown or unfit"),
    ({"limits": {"window_s": True}}, "unknown or unfit"),
    ({"serial": "s" * 65}, "serial"),
    ({"bootstrap": ["https://x", b"1"]}, "bootstrap"),
    ({"certificate": b"c" * 513}, "certificate"),
    ({"device_key": b"\x01" * 32}, "another board"),
    ({"device_id": "lk-0123456789abcdef"}, "begin with lk-"),
]


def test_what_does_not_fit_writes_nothing(authority: bytes, board: UsbBoard) -> None:
    script = (
        "from firmware import factory\n"
        f"for values in {[{'authority': authority, **values} for values, _ in UNFIT]!r}:\n"
        "    try:\n"
        "        factory.write(**values)\n"
        "        print('taken')\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__, error)\n"
    )
    said = board.run(script).strip().splitlines()
    assert len(said) == len(UNFIT)
    for line, (values, wrong) in zip(said, UNFIT, strict=True):
        assert wrong in line, values
    assert not UsbStep(board).begin().written


def test_a_board_that_destroyed_its_secrets_is_made_anew_once_it_is_done(
    board: UsbBoard, authority: bytes
) -> None:
    """The marks are those of firmware/device/zeroize.py."""
    step = UsbStep(board)
    mark = "import os\nos.mkdir('/latchkey')\nopen('/latchkey/%s', 'wb').close()\n"
    board.run(mark % "zeroizing")
    for half in (step.begin, lambda: step.write(Plan(authority).values())):
        with pytest.raises(UsbError, match="still destroys"):
            half()
    board.run("import os\nos.rename('/latchkey/zeroizing', '/latchkey/zeroized')\n")
    step.write(Plan(authority).values())
    listing = "import os\nprint(os.listdir('/latchkey'))\n"
    assert "zeroized" not in board.run(listing)
    # Cut after the record and before the mark was taken away: the next look does that.
    board.run("open('/latchkey/zeroized', 'wb').close()\n")
    assert step.begin().written
    assert "zeroized" not in board.run(listing)


def test_a_board_without_the_firmware_says_so(usb_port: UsbStandIn) -> None:
    with pytest.raises(NoFirmware):
        UsbStep(UsbBoard(usb_port.port)).begin()


def test_tables_are_kept_beside_the_key_and_do_without_when_damaged(board: UsbBoard) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    cose_key = cbor2.dumps({1: 1, -1: 6, -2: public}, canonical=True)
    UsbStep(board).write(Plan(cose_key, with_tables=True).values())
    message, signed = b"an order", key.sign(b"an order")
    verify = (
        "from firmware.crypto import pacing, signature\n"
        "from firmware.device import identity\n"
        "from firmware.envelope import cbor\n"
        "who = identity.load()\n"
        "tables = who.authority_tables()\n"
        "key = signature.load_key(cbor.decode(who.authority), tables)\n"
        f"good = signature.verify(key, -8, {message!r}, {signed!r})\n"
        f"bad = signature.verify(key, -8, b'another', {signed!r})\n"
        "print(tables is not None, pacing.run(good), pacing.run(bad))\n"
    )
    assert board.run(verify).split()[-3:] == ["True", "True", "False"]
    board.run("with open('/latchkey/authority.tables', 'r+b') as f: f.write(b'damaged')\n")
    assert board.run(verify).split()[-3:] == ["False", "True", "False"]


def test_the_host_knows_the_names_that_the_board_takes() -> None:
    from firmware.device import identity

    assert set(PIN_NAMES) == set(identity.PINS)
    assert set(LIMIT_NAMES) == set(identity.LIMITS)


def test_the_script_says_every_value() -> None:
    called: dict[str, object] = {}

    class Recorder:
        @staticmethod
        def write(**given: object) -> None:
            called.update(given)

    values = {
        "authority": b"\x00'\"\n", "pins": {"led": 2}, "serial": "it's", "tables": None,
        "certificate": bytes(range(256)), "bootstrap": ["https://x", b"\x05" * 32],
    }  # fmt: skip
    script = write_script(values)
    exec(script.replace("from firmware import factory\n", ""), {"factory": Recorder})
    assert called == values


GOOD = {"device_id": "a", "name": "b", "device_key": "00" * 32, "written": False}


@pytest.mark.parametrize(
    "change",
    [{"device_key": "zz"}, {"device_key": "00"}, {"device_id": ""}, {"device_id": "x" * 33},
     {"device_id": "lk-0123456789abcdef"}, {"name": None, "written": None, "device_key": 5},
     {"device_id": "\ud800"}, {"model": ["\ud800"]}]
)  # fmt: skip
def test_refuses_a_garbled_report(change: dict[str, Any]) -> None:
    with pytest.raises(UsbError):
        read_report("boot noise\n" + json.dumps(GOOD | change) + "\n")


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '{"device_id": "a"}', '{"a":' * 5000])
def test_refuses_what_is_no_report(text: str) -> None:
    with pytest.raises(UsbError):
        read_report(text)


def test_accepts_a_report_among_noise() -> None:
    assert read_report(f"noise\n{json.dumps(GOOD)}\nmore\n").device_id == "a"
