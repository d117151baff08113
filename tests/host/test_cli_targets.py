"""host_client/cli/targets.py: the boards of a file, in whatever form another command wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host_client.cli.targets import read_targets
from host_client.errors import BadOrder
from host_client.order import Target

KEYS = [bytes([number]) * 32 for number in (1, 2)]
TARGETS = [Target("lk-one", KEYS[0]), Target("lk-two", KEYS[1])]
BOARDS = [
    {"device_id": target.device_id, "device_key": target.device_key.hex(), "outcome": "made"}
    for target in TARGETS
]
FAILED = {"device_id": None, "device_key": None, "outcome": "failed"}


def document(command: str, result: object) -> str:
    return json.dumps({"schema": "latchkey/1", "command": command, "result": result}) + "\n"


FORMS = {
    "lines": "".join(json.dumps(board) + "\n" for board in BOARDS),
    "factory init --json": document("factory init", {"boards": [FAILED, *BOARDS]}),
    "one board each": "".join(document("factory init", {"boards": [one]}) for one in BOARDS),
    "registry list --json": document("registry list", {"devices": BOARDS, "more": False}),
    "registry export": '"serial","device_id","public_key"\n'
    + "".join(f'"S","{one.device_id}","{one.device_key.hex()}"\n' for one in TARGETS),
    "factory init --report": "outcome,device_id,device_key\nfailed,,\n"
    + "".join(f"made,{one.device_id},{one.device_key.hex()}\n" for one in TARGETS),
    "of a spreadsheet": "\ufeffdevice_id,device_key\r\n"
    + "".join(f"{one.device_id},{one.device_key.hex()}\r\n" for one in TARGETS),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_boards_are_read_in_every_form_in_which_they_are_written(
    form: str, tmp_path: Path
) -> None:
    file = tmp_path / "boards"
    file.write_bytes(FORMS[form].encode())
    assert read_targets([], file) == TARGETS


def test_an_id_that_a_spreadsheet_would_compute_is_the_id(tmp_path: Path) -> None:
    file = tmp_path / "boards.csv"
    file.write_text(f'"device_id","public_key"\n"\'-1","{KEYS[0].hex()}"\n')
    assert read_targets([], file) == [Target("-1", KEYS[0])]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "lists no boards"),
        ("serial,model\n1,2\n", "headings device_id"),
        ("device_id,device_key\nlk-one,zz\n", "line 2: a device key is"),
        ("device_id,device_key\nlk-one\n", "line 2: there is no"),
        ('{"device_id": "lk-one", "device_key": "00"}\n', "line 1: a device key has 32"),
        ('{"device_id": "lk-one"}\n', "line 1: there is no"),
        ('{"device_id": 7, "device_key": 8}\n', "line 1: there is no"),
        ('{"a": ' + "[" * 100_000, "line 1: not JSON"),
        ("{\n", "line 1: not JSON"),
        (document("authority list", {"authorities": []}), "lists no boards"),
        (document("factory init", {"boards": ["x"]}), "lists no boards"),
        (document("factory init", {"boards": [FAILED]}), "for which boards"),
        ("\x00", "lists no boards"),
        ("device_id,device_key\n" + '"' + "x" * 200_000 + '",\n', "field larger"),
    ],
)
def test_what_lists_no_boards_is_refused_with_its_place(
    text: str, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "boards"
    file.write_text(text)
    with pytest.raises(BadOrder, match=complaint):
        read_targets([], file)


def test_octets_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "boards"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadOrder, match="not UTF-8"):
        read_targets([], file)
