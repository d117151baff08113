"""From the production line to the first network: a board is made over USB, its label drawn and
scanned, and with the label alone it is provisioned."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

from host_client.deploy.usb_board import UsbBoard
from host_client.factory.label_files import LabelFiles
from host_client.factory.making import MADE, Line, Made, make
from host_client.factory.plan import Plan
from host_client.factory.usb_step import UsbStep
from host_client.label_picture import read_picture
from tests.factory.line import plugged_in
from tests.factory.made_up import MANUFACTURER, new_line
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import LIMITS, settings
from tests.virtual_board import image
from transports.contract import OK


def at_the_line(folder: Path, line: Line) -> Made:
    """Make the board whose flash is then FOLDER/board-0/flash."""
    with plugged_in(folder, 1) as (board,):
        return make(UsbStep(UsbBoard(board.port)), line)


async def test_a_board_from_the_line_is_provisioned_by_its_label(
    new_rig: NewRig, tmp_path: Path
) -> None:
    plan = Plan(None, "label", "consumer", "lamp", limits=LIMITS)
    line = replace(new_line(tmp_path, None, plan), printer=LabelFiles(tmp_path / "labels"))
    made = await asyncio.to_thread(at_the_line, tmp_path, line)
    assert made.outcome == MADE
    label = read_picture(Path(made.labels[1]))
    assert label == made.label and label.matches(made.report.device_key)

    rig = await new_rig(firmware=image.Firmware.product())
    shutil.copyfile(tmp_path / "board-0" / "flash", rig.board.flash)
    report = made.report
    rig.board.factory = {"device_id": report.device_id, "name": report.name,
                         "device_key": report.device_key.hex()}  # fmt: skip
    await rig.open_window()
    maker = MANUFACTURER.public_key
    async with rig.client(None, label=label, device_key=None, manufacturer=maker) as client:
        info = await client.info()
        assert (info.device_id, info.model) == (label.device_id, "lamp")
        assert info.certificate == made.report.certificate
        outcome = await client.provision(settings())
    assert outcome.receipt.verified and outcome.receipt.result == OK
    assert rig.board.wifi.station.address
