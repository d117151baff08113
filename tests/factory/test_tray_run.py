"""The order of a tray's work: ports that come and go, failures, an end."""

from __future__ import annotations

import csv
import itertools
import threading
from pathlib import Path

import pytest

from host_client.errors import LinkError
from host_client.factory.errors import FactoryError
from host_client.factory.making import KNOWN, MADE, Made
from host_client.factory.ports import Given, Swapped, among
from host_client.factory.report import BoardReport
from host_client.factory.run import source
from host_client.factory.tray import FAILED, Ports, Result, Tray, run_tray
from host_client.factory.tray_report import document, write_csv


def made(name: str, outcome: str = MADE) -> Made:
    key = name.encode().ljust(32, b"\0")
    return Made(outcome, BoardReport(name, "Latchkey-" + name, key, True), "SN " + name)


def run(ports: Ports, make_one, *, count: int, at_once: int = 2, stop=None) -> Tray:  # type: ignore[no-untyped-def]
    told: list[Result] = []
    tray = run_tray(ports, make_one, told.append, count=count, at_once=at_once,
                    stop=stop or threading.Event())  # fmt: skip
    assert told == tray.results
    return tray


def test_each_given_port_is_done_once_and_a_failure_ends_none_but_its_own() -> None:
    def make_one(port: str) -> Made:
        if port == "c":
            raise LinkError("no answer")
        return made(port)

    tray = run(Given(["a", "b", "c", "a", "d"]), make_one, count=4)
    assert sorted(result.port for result in tray.results) == ["a", "b", "c", "d"]
    assert (tray.good, [result.port for result in tray.failed]) == (3, ["c"])
    assert tray.results and document(tray)["outcomes"] == {FAILED: 1, MADE: 3}


def test_boards_are_made_at_once_but_never_two_at_one_port() -> None:
    barrier, lock, number = threading.Barrier(2, timeout=10), threading.Lock(), itertools.count()
    busy: set[str] = set()

    def make_one(port: str) -> Made:
        with lock:
            assert port not in busy
            busy.add(port)
        barrier.wait()  # passes only while two are under way
        with lock:
            busy.remove(port)
        return made(f"{port}{next(number)}")

    class Flapping:
        """Both ports appear again and again, also while there is a board under way."""

        ended = False

        def fresh(self) -> list[str]:
            return ["a", "b"]

    assert run(Flapping(), make_one, count=2).good == 2


def test_one_port_takes_one_board_after_another() -> None:
    """As somebody swaps them, and takes one twice, and one does not answer at first."""
    present: set[str] = {"p"}
    boards = ["1", "1", "bad", "2", "3"]
    done: list[str] = []

    def look() -> set[str]:
        now = set(present)
        if not now:
            present.add("p")
        return now

    def make_one(port: str) -> Made:
        board = boards[len(done)]
        present.clear()  # unplugged when it is done
        done.append(board)
        if board == "bad":
            raise LinkError("no answer")
        return made(board, KNOWN if board in done[:-1] else MADE)

    tray = run(Swapped(look, also_at_start=True), make_one, count=3, at_once=1)
    assert done == boards
    assert (tray.good, tray.count(MADE), tray.count(KNOWN)) == (3, 3, 1)
    assert tray.failed == []  # the port did well afterwards


def test_what_is_there_before_is_not_touched_where_no_port_was_named() -> None:
    present = {"modem"}
    swapped = Swapped(lambda: set(present), also_at_start=False)
    assert swapped.fresh() == []
    present.add("board")
    assert swapped.fresh() == ["board"]
    assert swapped.fresh() == []
    present.remove("board")
    assert swapped.fresh() == []
    present.add("board")
    assert swapped.fresh() == ["board"]


def test_stopped_it_finishes_what_is_under_way_and_begins_no_more() -> None:
    stop = threading.Event()

    def make_one(port: str) -> Made:
        stop.set()
        return made(port)

    tray = run(Given(["a", "b", "c"]), make_one, count=3, at_once=1, stop=stop)
    assert [result.port for result in tray.results] == ["a"]


def test_a_fault_of_the_program_is_not_taken_for_a_bad_board() -> None:
    def make_one(port: str) -> Made:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        run(Given(["a"]), make_one, count=1)


@pytest.mark.parametrize(
    ("ports", "count", "kind", "total", "at_once"),
    [
        (["a", "b"], None, Given, 2, 2),
        (["a", "b", "a"], 2, Given, 2, 2),
        (["a", "b"], 1, Given, 1, 2),
        (["a"], 100, Swapped, 100, 1),
        ([str(n) for n in range(50)], None, Given, 50, 8),
    ],
)
def test_ports_and_count_say_how_boards_come(
    ports: list[str], count: int | None, kind: type, total: int, at_once: int
) -> None:
    found = source(ports, count, None)
    assert isinstance(found.ports, kind)
    assert (found.count, found.at_once) == (total, at_once)


def test_a_named_port_is_there_when_its_file_is(tmp_path: Path) -> None:
    file = tmp_path / "ttyUSB0"
    present = among([str(file)])
    assert present() == set()
    file.touch()
    assert present() == {str(file)}


def test_the_report_is_no_formula_and_holds_no_code(tmp_path: Path) -> None:
    tray = Tray([Result("=cmd()", 1.23456, made("a")),
                 Result("b", 0.5, error=FactoryError("@SUM(1)"))])  # fmt: skip
    path = tmp_path / "report.csv"
    write_csv(path, tray.results)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [row["port"] for row in rows] == ["'=cmd()", "b"]
    assert (rows[0]["outcome"], rows[1]["outcome"]) == (MADE, FAILED)
    assert (rows[1]["error"], rows[1]["message"]) == ("factory", "'@SUM(1)")
    with pytest.raises(FactoryError):
        write_csv(tmp_path / "report.csv" / "x", tray.results)
