"""CSV files: out and in again the same, nothing half, nothing that a spreadsheet computes."""

from __future__ import annotations

import csv
import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host_client.label import new_code
from host_client.registry import Device, Operator, Registry
from host_client.registry.csv_rows import COLUMNS, MAX_LINE, guarded, unguarded
from host_client.registry.errors import BadFile, BadRow, RegistryError
from host_client.registry.transfer import export_csv, import_csv, line_count
from tests.host.registry.conftest import new_device

HEAD = "device_id,public_key,serial,policy,made_at\n"
KEYS = [f"{number:064x}" for number in range(1, 20)]


def same(devices: list[Device]) -> list[Device]:
    return [dataclasses.replace(device, added_ms=0) for device in devices]


@pytest.fixture
def empty(tmp_path: Path) -> Registry:
    registry = Registry(f"sqlite:///{tmp_path / 'another.db'}", create=True)
    yield registry  # type: ignore[misc]
    registry.close()


def test_out_and_in_again_is_the_same(
    registry: Registry, empty: Registry, operator: Operator, tmp_path: Path
) -> None:
    codes = [new_code() for _ in range(3)]
    registry.add_device(new_device(1, serial='=2+5"|', model="a,b;c", group="'quoted", made_ms=1,
                                   label_code=codes[0], policy=3, profile=2))  # fmt: skip
    registry.add_device(new_device(2, serial="@ß漢", certificate=b"\x00\xff", label_code=codes[1]))
    registry.add_device(new_device(3, serial="-1", batch="b2"))
    file = tmp_path / "devices.csv"
    assert export_csv(registry, file, sealed=True) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    empty.enrol(operator.keys)
    added = import_csv(empty, file)
    assert (added.new, added.known) == (3, 0)
    assert same(list(empty.devices())) == same(list(registry.devices()))
    assert empty.label_code('=2+5"|', operator) == codes[0]
    again = import_csv(empty, file)
    assert (again.new, again.known, again.completed) == (0, 3, 0)
    entry = list(registry.audit())[-1]
    assert (entry.action, entry.detail["label_codes"]) == ("devices exported", "sealed")


def test_no_secret_is_in_the_file(registry: Registry, tmp_path: Path) -> None:
    code = new_code()
    registry.add_device(new_device(label_code=code))
    for sealed in (False, True):
        export_csv(registry, tmp_path / "devices.csv", sealed=sealed)
        text = (tmp_path / "devices.csv").read_text()
        assert code not in text
        assert ("sealed_label_code" in text) == sealed
        assert code.encode().hex() not in text


def test_no_cell_is_a_formula(registry: Registry, tmp_path: Path) -> None:
    for number, start in enumerate("=+-@"):
        text = f'{start}HYPERLINK("http://x")'
        registry.add_device(new_device(number, serial=text, model=text, group=text, batch=text))
    export_csv(registry, tmp_path / "devices.csv")
    with (tmp_path / "devices.csv").open(newline="") as file:
        for row in csv.reader(file):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


@given(st.text())
def test_the_guard_comes_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_batch_is_exported_alone(registry: Registry, empty: Registry, tmp_path: Path) -> None:
    registry.add_devices([new_device(n, batch=f"b{n % 2}") for n in range(1100)])
    told: list[int] = []
    file = tmp_path / "devices.csv"
    assert export_csv(registry, file, batch="b1", on_progress=told.append) == 550
    assert told == [500]
    assert line_count(file) == 551
    import_csv(empty, file)
    assert {device.batch for device in empty.devices()} == {"b1"}


def test_reads_what_spreadsheets_write(empty: Registry, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    text = f"Device_ID;public_key;made_at\r\na;{KEYS[0]};2026-01-02T03:04:05+02:00\r\n;;\r\n"
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert import_csv(empty, file).new == 1
    device = empty.device("a")
    assert device is not None
    assert device.made_ms == 1_767_315_845_000


def test_bad_lines_are_told_and_nothing_is_imported(empty: Registry, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    rows = [
        f"a,{KEYS[0]},,,",
        f"b,{KEYS[1]},,,",
        f'c,{KEYS[2]},"two\nlines",,',  # lines 4 and 5
        f"d,{KEYS[3]},,loose,",
        "e,zz,,,",
        f"f,{KEYS[4]},,,2026-01-02",
        f"b,{KEYS[5]},,,",
        f"g,{KEYS[6]},b,,",
        f"h,{KEYS[7]}",
        "",
        f"i,{KEYS[0]},,signed,2026-01-02T03:04:05Z",
    ]
    file.write_text(HEAD + "\n".join(rows) + "\n")
    with pytest.raises(BadRow, match="nothing was imported") as refused:
        import_csv(empty, file)
    assert [line for line, _ in refused.value.rows] == [4, 6, 7, 8, 9, 10, 11, 13]
    told = dict(refused.value.rows)
    for line, words in ((4, "printable"), (6, "policy"), (7, "hexadecimal"), (8, "time zone"),
                        (9, "another key"), (10, "taken by device b"), (11, "2 cells"),
                        (13, "key is that of device a")):  # fmt: skip
        assert words in told[line]
    assert empty.count() == 0
    file.write_text(HEAD + "\n".join(rows[:2]))
    assert import_csv(empty, file).new == 2


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b"device_id\n", b"device_id,public_key,public_key\n", b"a,b\n",
        HEAD.encode() + b'a,"un' + KEYS[0].encode(), HEAD.encode() + b"\xff\xfe,,,,\n",
        HEAD.encode() + b"x" * (MAX_LINE + 5), b"\x00" * 50, b"x" * MAX_LINE * 2,
        b"device_id,public_key,label_code\n", b'"device_id,public_key\n',
    ],
)  # fmt: skip
def test_refuses_files_that_are_none(empty: Registry, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "devices.csv"
    file.write_bytes(content)
    with pytest.raises(BadFile):
        import_csv(empty, file)
    assert empty.count() == 0


def test_a_sealed_code_needs_its_operator_here(
    registry: Registry, empty: Registry, tmp_path: Path
) -> None:
    registry.add_device(new_device(label_code=new_code()))
    export_csv(registry, tmp_path / "devices.csv", sealed=True)
    with pytest.raises(BadRow) as refused:
        import_csv(empty, tmp_path / "devices.csv")
    assert refused.value.rows == ((2, "its label code is sealed to an operator that is not "
                                      "enrolled here"),)  # fmt: skip


def test_refuses_sealed_codes_and_fingerprints_that_do_not_fit(
    empty: Registry, tmp_path: Path
) -> None:
    head = "device_id,public_key,fingerprint,operator,sealed_label_code\n"
    rows = [f"a,{KEYS[0]},sha256:{'0' * 64},,", f"b,{KEYS[1]},,{'ab' * 32},d083",
            f"c,{KEYS[2]},,{'ab' * 32},", f"d,{KEYS[3]},,ab,d083"]  # fmt: skip
    (tmp_path / "devices.csv").write_text(head + "\n".join(rows))
    with pytest.raises(BadRow) as refused:
        import_csv(empty, tmp_path / "devices.csv")
    assert [line for line, _ in refused.value.rows] == [2, 3, 4, 5]


def test_files_that_cannot_be_read_or_written(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot read"):
        import_csv(registry, tmp_path / "absent.csv")
    with pytest.raises(RegistryError, match="cannot read"):
        line_count(tmp_path / "absent.csv")
    with pytest.raises(RegistryError, match="cannot write"):
        export_csv(registry, tmp_path / "absent" / "devices.csv")
    assert not [name for name in os.listdir(tmp_path) if "csv" in name]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.sampled_from(["a", "'", '"', ",", "\n", "\r", "é", "=", ""]),
                         max_size=12).map("".join), max_size=12))  # fmt: skip
def test_whatever_is_in_it_an_import_ends_well(
    empty: Registry, tmp_path: Path, cells: list[str]
) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(",".join(COLUMNS) + "\n" + ",".join(cells), encoding="utf-8", newline="")
    try:
        import_csv(empty, file)
    except BadRow:
        pass
    assert empty.count() == 0
