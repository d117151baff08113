"""What a push decides to do, from what is on the board and what has to be."""

import json

import pytest

from host_client.deploy import plan
from host_client.deploy.errors import UnfitBoard
from host_client.deploy.image import BoardFile

START = BoardFile("/main.py", b"import firmware.start\n")
CODE = BoardFile("/firmware/start.mpy", b"M1")
SERVER = BoardFile("/lib/microdot/microdot.mpy", b"M2")
WANTED = [CODE, SERVER, START]
XTENSAWIN = 10 << 10 | 3 << 8 | 6
RV32IMC = 11 << 10 | 3 << 8 | 6


def state(
    *files: BoardFile,
    free: int = 1 << 20,
    mpy: int = XTENSAWIN,
    version: tuple[int, ...] = (1, 24, 0),
    platform: str = "esp32",
) -> plan.BoardState:
    described = {file.path: (len(file.content), file.sha256) for file in files}
    return plan.BoardState(platform, "micropython", version, mpy, "", free, 4096, (), described)


def paths(files: tuple[BoardFile, ...]) -> list[str]:
    return [file.path for file in files]


def test_an_empty_board_gets_everything_and_the_start_last() -> None:
    made = plan.make_plan(WANTED, state())
    assert paths(made.copy) == ["/firmware/start.mpy", "/lib/microdot/microdot.mpy", "/main.py"]
    assert made.folders == ("/firmware", "/lib", "/lib/microdot")
    assert made.remove == ()
    assert made.octets == len(START.content) + 4


def test_an_up_to_date_board_gets_nothing() -> None:
    made = plan.make_plan(WANTED, state(*WANTED))
    assert made.is_empty
    assert set(made.unchanged) == {file.path for file in WANTED}


def test_the_start_goes_first_and_comes_back_last() -> None:
    made = plan.make_plan(WANTED, state(BoardFile(CODE.path, b"older"), SERVER, START))
    assert made.remove == ("/main.py",)
    assert paths(made.copy) == ["/firmware/start.mpy", "/main.py"]
    assert made.unchanged == ("/lib/microdot/microdot.mpy",)


def test_removes_a_source_that_would_win_over_our_compiled_file() -> None:
    made = plan.make_plan(WANTED, state(*WANTED, BoardFile("/firmware/start.py", b"old")))
    assert made.remove == ("/main.py", "/firmware/start.py")


def test_leaves_alone_what_is_not_ours() -> None:
    others = [BoardFile("/boot.py", b"x"), BoardFile("/lib/aioble/core.mpy", b"x")]
    assert plan.make_plan(WANTED, state(*WANTED, *others)).is_empty


def test_removes_what_an_earlier_push_recorded_elsewhere() -> None:
    moved = BoardFile("/lib/old_place.mpy", b"x")
    made = plan.make_plan(WANTED, state(*WANTED, moved), frozenset([moved.path, "/gone.mpy"]))
    assert made.remove == ("/main.py", "/lib/old_place.mpy")


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"files": 3}', '{"version": "1"}', "null"])
def test_a_damaged_record_counts_as_none(text: str | None) -> None:
    assert plan.deployed_paths(text) == frozenset()


def test_the_record_lists_every_file_with_its_digest() -> None:
    record = plan.manifest("0.1.0", WANTED)
    assert json.loads(record.content)["files"] == {file.path: file.sha256 for file in WANTED}
    assert plan.deployed_paths(record.content.decode()) == {file.path for file in WANTED}


def test_differing_names_what_is_absent_or_another() -> None:
    on_board = state(START, BoardFile(SERVER.path, b"M"))
    assert plan.differing(WANTED, on_board) == [CODE.path, SERVER.path]


def test_accepts_every_chip_of_the_family() -> None:
    for mpy, march in ((XTENSAWIN, "xtensawin"), (RV32IMC, "rv32imc")):
        plan.check_board(state(mpy=mpy), (6, 3))
        assert state(mpy=mpy).march == march


def test_the_architecture_is_read_below_the_flags() -> None:
    assert state(mpy=1 << 16 | RV32IMC).march == "rv32imc"
    assert state(mpy=15 << 10).march is None


@pytest.mark.parametrize(
    ("unfit", "words"),
    [
        (state(platform="rp2"), "not MicroPython on an ESP32"),
        (state(version=(1, 23, 9)), "1.23.9 is older than 1.24"),
        (state(mpy=XTENSAWIN & ~0x300 | 2 << 8), "loads .mpy v6.2"),
        (state(mpy=0), "loads .mpy v0.0"),
    ],
)
def test_refuses_a_board_that_cannot_run_it(unfit: plan.BoardState, words: str) -> None:
    with pytest.raises(UnfitBoard, match=words):
        plan.check_board(unfit, (6, 3))


def test_refuses_what_does_not_fit_and_counts_what_it_frees() -> None:
    old = BoardFile(CODE.path, b"x" * 5000)
    for free, enough in ((0, False), (4096, True)):
        on_board = state(old, free=free)
        made = plan.make_plan(WANTED, on_board)
        if enough:
            plan.check_space(made, on_board)
        else:
            with pytest.raises(UnfitBoard, match="12288 octets of flash and 8192 are free"):
                plan.check_space(made, on_board)


def test_a_board_that_says_nothing_is_refused() -> None:
    with pytest.raises(UnfitBoard):
        plan.read_state([{"kind": "file", "path": "/x", "size": 1, "sha256": ""}])
