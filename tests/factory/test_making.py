"""One board, cut short at every step, and again: nothing is made twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from host_client.certificate import check_device_certificate
from host_client.factory.errors import FactoryError, ForeignBoard
from host_client.factory.making import ADOPTED, FINISHED, KNOWN, MADE, Line, make
from host_client.factory.plan import Plan
from host_client.label import label_key
from host_client.registry import OperatorStore, Registry
from host_client.registry.errors import RegistryConflict
from tests.factory.made_up import (
    AUTHORITY,
    MANUFACTURER,
    BoardInMemory,
    Cut,
    CutAt,
    new_line,
    new_registry,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Registry]]:
    folder = tmp_path_factory.mktemp("line")
    with new_registry(folder) as registry:
        yield folder, registry


@pytest.fixture
def line(shared: tuple[Path, Registry]) -> Line:
    return new_line(*shared)


def code_of(shared: tuple[Path, Registry], serial: str) -> str:
    folder, registry = shared
    operator = OperatorStore(folder / "operators").load("op", "correct horse")
    return registry.label_code(serial, operator)


def code_on_label(path: str) -> str:
    """The code as it is typed, from the text of an SVG label."""
    lines = re.findall(r"<text[^>]*>([0-9A-Z-]{11,15})</text>", Path(path).read_text())
    return "".join(lines).replace("-", "")


def test_a_board_gets_everything_once(shared: tuple[Path, Registry], line: Line) -> None:
    board = BoardInMemory()
    made = make(board, line)
    assert made.outcome == MADE and made.notes == ()
    assert board.record is not None and made.serial is not None
    certificate = check_device_certificate(
        board.record["certificate"], MANUFACTURER.public_key, made.report.device_id,
        made.report.device_key,
    )  # fmt: skip
    assert (certificate.model, certificate.serial) == ("thermostat", made.serial)
    code = code_of(shared, made.serial)
    assert board.record["label_key"] == label_key(code, made.report.device_id)
    assert code_on_label(made.labels[0]) == code
    assert made.label is not None and made.label.code == code
    assert made.label.matches(made.report.device_key)
    device = shared[1].device(made.serial)
    assert device is not None and device.certificate == board.record["certificate"]
    assert (device.batch, device.policy_name) == ("batch 1", "label")
    assert line.journal.find(made.report.device_key) is None
    again = make(board, line)
    assert (again.outcome, again.serial, again.labels) == (KNOWN, made.serial, made.labels)
    assert again.label is None


def calls_of_one_board(shared: tuple[Path, Registry]) -> int:
    never = CutAt(-1, after=False)
    make(never.around(BoardInMemory()), wrapped(new_line(*shared), never))
    return never.calls


def wrapped(line: Line, cut: CutAt) -> Line:
    return replace(
        line, register=cut.around(line.register), journal=cut.around(line.journal),
        serials=cut.around(line.serials), printer=cut.around(line.printer),
    )  # fmt: skip


@pytest.mark.parametrize("after", [False, True])
def test_cut_at_every_step_a_board_is_finished_by_the_next_run(
    shared: tuple[Path, Registry], after: bool
) -> None:
    line = new_line(*shared)
    calls_of_one_board(shared)  # passes over the serial numbers that other tests have taken
    total = calls_of_one_board(shared)
    assert total >= 12
    written: list[bool] = []
    for number in range(total):
        board, cut = BoardInMemory(), CutAt(number, after=after)
        with pytest.raises(Cut):
            make(cut.around(board), wrapped(line, cut))
        begun = None if board.key is None else line.journal.find(board.key)
        record = board.record
        made = make(board, line)
        assert board.keys_made == 1
        assert board.record is not None and made.serial is not None
        written.append(record is not None)
        if record is not None:
            assert board.record is record
        if begun is not None:
            assert (made.serial, board.record["certificate"]) == (begun.serial, begun.certificate)
            assert board.record["label_key"] == label_key(begun.code or "", begun.device_id)
        assert board.record["serial"] == made.serial
        code = code_of(shared, made.serial)
        assert board.record["label_key"] == label_key(code, made.report.device_id)
        assert code_on_label(made.labels[0]) == code
        assert line.journal.entries() == []
        assert make(board, line).outcome == KNOWN
    assert set(written) == {False, True}  # some cuts came before the board was written, some after


def test_no_code_is_on_the_board_before_it_is_kept_here(line: Line) -> None:
    board, seen = BoardInMemory(), []
    keep, record, write = line.journal.keep, line.register.record, board.write  # type: ignore[union-attr]
    line.journal.keep = lambda begun: (seen.append("journal"), keep(begun))  # type: ignore[method-assign, assign, func-returns-value]
    line.register.record = lambda *g: (seen.append("registry"), record(*g))  # type: ignore[union-attr, method-assign, func-returns-value]
    board.write = lambda values: (seen.append("board"), write(values))[1]  # type: ignore[method-assign, func-returns-value]
    make(board, line)
    assert seen == ["journal", "registry", "board"]


def test_a_board_of_another_manufacturer_is_left_alone(
    shared: tuple[Path, Registry], line: Line
) -> None:
    board = BoardInMemory()
    make(board, replace(line, manufacturer=AUTHORITY, register=None))
    for mine in (line, replace(line, register=None)):
        with pytest.raises(ForeignBoard):
            make(board, mine)
    assert shared[1].device(device_id=board.begin().device_id) is None


def test_a_board_with_our_certificate_and_no_entry_is_adopted(
    shared: tuple[Path, Registry], line: Line
) -> None:
    board = BoardInMemory()
    made = make(board, replace(line, register=None))
    adopted = make(board, line)
    assert adopted.outcome == ADOPTED
    assert "not known here" in adopted.notes[-1]
    device = shared[1].device(made.serial)
    assert device is not None and not device.has_label_code
    assert make(board, line).outcome == KNOWN


def test_tells_what_a_board_does_in_another_way(line: Line) -> None:
    board = BoardInMemory()
    make(board, line)
    other = Plan(MANUFACTURER.public_key, "signed", "consumer", "kettle", "east",
                 ("https://first.example/", b"\1" * 32), shut=True)  # fmt: skip
    notes = make(board, replace(line, plan=other)).notes
    for word in ("model", "group", "policy", "profile", "authority", "bootstrap", "shut"):
        assert any(word in note for note in notes), word


def test_a_taken_serial_number_is_passed_over(shared: tuple[Path, Registry]) -> None:
    first = make(BoardInMemory(), new_line(*shared, prefix="lost-"))
    counts = json.loads((shared[0] / "serials.json").read_text())
    del counts["lost-"]
    (shared[0] / "serials.json").write_text(json.dumps(counts))
    second = make(BoardInMemory(), new_line(*shared, prefix="lost-"))
    assert second.serial != first.serial


def test_a_board_that_another_computer_began_is_not_begun_again(
    shared: tuple[Path, Registry], line: Line, tmp_path: Path
) -> None:
    board, cut = BoardInMemory(), CutAt(0, after=False)
    with pytest.raises(Cut):
        make(board, replace(line, printer=cut.around(line.printer)))
    board.record = None  # as if the cut had come before the board was written
    with pytest.raises(FactoryError, match="another computer"):
        make(board, new_line(tmp_path, shared[1], prefix="other-"))
    assert make(board, line).outcome == FINISHED


def test_a_board_is_finished_as_what_it_was_begun(line: Line) -> None:
    board, cut = BoardInMemory(), CutAt(1, after=False)  # 0 is begin, 1 is write
    with pytest.raises(Cut):
        make(cut.around(board), line)
    with pytest.raises(FactoryError, match="model thermostat"):
        make(board, replace(line, plan=Plan(AUTHORITY.public_key, "label", model="kettle")))
    assert board.record is None
    assert make(board, line).outcome == FINISHED


def test_under_signed_no_code_is_made(tmp_path: Path) -> None:
    line = new_line(tmp_path, None, Plan(AUTHORITY.public_key))
    board = BoardInMemory()
    made = make(board, line)
    assert board.record is not None and board.record["label_key"] is None
    assert made.label is not None and made.label.code is None
    wanted = new_line(tmp_path, None, Plan(AUTHORITY.public_key, with_code=True))
    second = BoardInMemory()
    make(second, wanted)
    assert second.record is not None and second.record["label_key"] is not None


def test_a_registry_that_refuses_leaves_the_board_unwritten(
    shared: tuple[Path, Registry], line: Line
) -> None:
    board = BoardInMemory()

    def refuse(*_: object) -> None:
        raise RegistryConflict("taken")

    record = line.register.record  # type: ignore[union-attr]
    line.register.record = refuse  # type: ignore[union-attr, method-assign]
    with pytest.raises(RegistryConflict):
        make(board, line)
    assert board.record is None
    line.register.record = record  # type: ignore[union-attr, method-assign]
    assert make(board, line).outcome == FINISHED
