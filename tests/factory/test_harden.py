"""eFuses: read and burned with the real espefuse, on the chips that it plays itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from host_client.cli.app import app
from host_client.cli.factory_harden import _rehearsal
from host_client.deploy.errors import UsbError
from host_client.factory import efuses
from host_client.factory.efuses import EfuseTool, Fuse, Fuses, read_summary
from host_client.factory.errors import FactoryError
from host_client.factory.harden import (
    DOWNLOAD,
    JTAG,
    OPEN,
    SHUT,
    WEAK,
    explain,
    plan_burns,
)


def states(fuses: Fuses) -> dict[str, str]:
    return {finding.topic: finding.state for finding in explain(fuses)}


def chip(**raw: int) -> Fuses:
    return Fuses({name: Fuse(name, bits, 1, True) for name, bits in raw.items()})


def test_burns_what_it_said_and_sees_it_burned(tmp_path: Path) -> None:
    tool = _rehearsal("esp32s3", tmp_path)
    blank = tool.read()
    assert states(blank)["download mode"] == states(blank)["JTAG"] == OPEN
    (burn,) = plan_burns(blank, ["jtag"])
    assert burn.fuses == ("DIS_PAD_JTAG", "DIS_USB_JTAG")
    tool.burn(burn.fuses)
    after = tool.read()
    assert states(after)["JTAG"] == SHUT
    assert states(after)["download mode"] == OPEN
    assert plan_burns(after, ["jtag"])[0].fuses == ()
    changed = [name for name in after if after[name] != blank[name]]
    assert sorted(changed) == ["DIS_PAD_JTAG", "DIS_USB_JTAG"]


def test_the_command_burns_nothing_without_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    real = efuses.run_module

    def watched(module: str, arguments: list[str], deadline_s: float) -> str:
        ran.append(arguments)
        return real(module, arguments, deadline_s)

    monkeypatch.setattr(efuses, "run_module", watched)
    done = CliRunner().invoke(
        app, ["factory", "harden", "--rehearse", "esp32c3", "--burn", "download", "--json"]
    )
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)["result"]
    assert result["burned"] == []
    assert result["burns"][0]["fuses"] == ["DIS_DOWNLOAD_MODE"]
    assert "esptool will never reach this chip again" in result["burns"][0]["consequence"]
    assert ["burn-efuse" in arguments for arguments in ran] == [False]


def test_the_command_burns_with_yes() -> None:
    done = CliRunner().invoke(
        app, ["factory", "harden", "--rehearse", "esp32c3", "--burn", "jtag", "--yes"]
    )
    assert done.exit_code == 0, done.output
    assert "irreversibly" in done.output
    assert "Burned: DIS_PAD_JTAG, DIS_USB_JTAG." in done.output


@pytest.mark.parametrize(
    "arguments",
    [[], ["--port", "p", "--rehearse", "esp32"], ["--rehearse", "esp32", "--yes"],
     ["--rehearse", "--help"]]
)  # fmt: skip
def test_refuses_a_wrong_command_before_it_runs_anything(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(efuses, "run_module", None)
    assert CliRunner().invoke(app, ["factory", "harden", *arguments]).exit_code == 17


def test_an_esp32_before_revision_3_is_not_shut_in_vain() -> None:
    old = chip(UART_DOWNLOAD_DIS=0, JTAG_DISABLE=0, WAFER_VERSION_MAJOR=1)
    with pytest.raises(FactoryError, match="revision 3"):
        plan_burns(old, ["download"])
    new = chip(UART_DOWNLOAD_DIS=0, JTAG_DISABLE=0, WAFER_VERSION_MAJOR=3)
    burns = plan_burns(new, ["download", "jtag"])
    assert [burn.fuses for burn in burns] == [("JTAG_DISABLE",), ("UART_DOWNLOAD_DIS",)]


def test_refuses_to_burn_what_it_does_not_know_or_cannot() -> None:
    known = chip(DIS_DOWNLOAD_MODE=0, DIS_PAD_JTAG=0)
    for step in ("encryption", "SECURE_BOOT_EN", ""):
        with pytest.raises(FactoryError):
            plan_burns(known, [step])
    shut = Fuses({"DIS_DOWNLOAD_MODE": Fuse("DIS_DOWNLOAD_MODE", 0, 1, False)})
    with pytest.raises(FactoryError, match="write-protected"):
        plan_burns(shut, ["download"])
    with pytest.raises(FactoryError, match="no fuse against jtag"):
        plan_burns(shut, ["jtag"])
    with pytest.raises(FactoryError):
        explain(chip(DIS_PAD_JTAG=0))


def test_nothing_that_needs_another_bootloader_can_be_burned() -> None:
    offered = {*JTAG, *DOWNLOAD}
    assert not {name for name in offered if "CRYPT" in name or "BOOT" in name or "KEY" in name}


@pytest.mark.parametrize(
    ("fuses", "topic", "state"),
    [
        ({"SPI_BOOT_CRYPT_CNT": 0b001}, "flash encryption", SHUT),
        ({"SPI_BOOT_CRYPT_CNT": 0b011}, "flash encryption", OPEN),
        ({"FLASH_CRYPT_CNT": 0b0000111}, "flash encryption", SHUT),
        ({"SECURE_BOOT_EN": 1}, "secure boot", SHUT),
        ({"ABS_DONE_1": 1}, "secure boot", SHUT),
        ({"ENABLE_SECURITY_DOWNLOAD": 1}, "download mode", OPEN),
        ({"DIS_PAD_JTAG": 1, "DIS_USB_JTAG": 0}, "JTAG", WEAK),
        ({"DIS_PAD_JTAG": 0, "SOFT_DIS_JTAG": 7}, "JTAG", WEAK),
    ],
)
def test_says_what_is_open(fuses: dict[str, int], topic: str, state: str) -> None:
    assert states(chip(DIS_DOWNLOAD_MODE=0, **fuses))[topic] == state


def test_no_key_of_the_chip_is_kept_or_told(tmp_path: Path) -> None:
    key = "c0 ff ee " * 10
    summary = {
        "BLOCK_KEY0": {"efuse_type": "bytes:32", "raw_value": "0xc0ffee", "value": key,
                       "bit_len": 256, "writeable": True},
        "DIS_DOWNLOAD_MODE": {"efuse_type": "bool", "raw_value": "0x1", "value": True,
                              "bit_len": 1, "writeable": True},
    }  # fmt: skip
    fuses = read_summary("espefuse v5\n" + json.dumps(summary) + "\n")
    assert list(fuses) == ["DIS_DOWNLOAD_MODE"]
    with pytest.raises(UsbError) as caught:
        read_summary(json.dumps(summary)[:-40] + "}")
    assert "ff ee" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_chip_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsbError):
        EfuseTool.at(str(tmp_path / "absent")).read()
    with pytest.raises(UsbError):
        EfuseTool.at("p").burn(["--force-write"])
