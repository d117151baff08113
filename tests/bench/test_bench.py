"""`make bench` in its quick form: every part runs, and the JSON has the shape it promises."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cbor2
import pytest
from rich.console import Console

from host_client import cbor
from host_client.order import SealedOrder
from tests.bench import opening, orders, policies, report
from tests.bench.figures import QUICK_CONDITIONS, SCHEMA
from tests.bench.timed import STAGES
from tests.virtual_board.process import InterpreterMissing, find_interpreter

PROJECT = Path(__file__).resolve().parents[2]
SPREAD = {"median", "min", "max"}
BLE_COUNTS = {"writes", "notifications", "frames", "acks"}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    try:
        find_interpreter()
    except InterpreterMissing as missing:
        pytest.skip(str(missing))
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    command = [sys.executable, "-m", "tests.bench", "--quick", "--json", str(file)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_it_says_what_was_measured_and_where(figures: dict[str, Any]) -> None:
    assert figures["schema"] == SCHEMA
    assert figures["quick"] is True
    assert figures["runs"] == 1
    assert set(figures["machine"]) == {"cores", "architecture", "python", "micropython"}
    measured = [(row["link"], row["mtu"]) for row in figures["links"]]
    assert measured == [(c.link, c.mtu) for c in QUICK_CONDITIONS]


def test_the_stages_make_up_the_total(figures: dict[str, Any]) -> None:
    for row in figures["links"]:
        seconds = row["seconds"]
        assert set(seconds) == {"connect", "total", *STAGES}
        assert all(set(spread) == SPREAD for spread in seconds.values())
        told = sum(seconds[stage]["median"] for stage in STAGES)
        assert told == pytest.approx(seconds["total"]["median"])
        assert sum(row["share"].values()) == pytest.approx(1)
        for stage in ("link", "open", "verify", "join", "commit"):
            assert seconds[stage]["median"] > 0, stage


def test_the_wire_carries_at_least_the_order_and_the_replies(figures: dict[str, Any]) -> None:
    for row in figures["links"]:
        assert row["messages"]["median"] >= 8  # info, provision, status, receipt
        assert row["octets_up"]["median"] > row["order_octets"]
        assert row["octets_down"]["median"] > 100
        assert row["peer"]["seconds"]["median"] > 0
    http, ble = figures["links"]
    assert not BLE_COUNTS & set(http)
    assert set(ble) >= BLE_COUNTS
    assert ble["frames"]["median"] + ble["acks"]["median"] <= (
        ble["writes"]["median"] + ble["notifications"]["median"]
    )
    assert http["vs_http"] == {"total": 1, "link": 1}


def test_both_algorithms_and_suites_are_opened_beside_the_textbook(
    figures: dict[str, Any],
) -> None:
    rows = figures["opening"]
    assert {(row["algorithm"], row["suite"]) for row in rows} == {
        (algorithm, suite) for algorithm in opening.ALGORITHMS for suite in opening.SUITES
    }
    for row in rows:
        assert set(row["seconds"]) == set(opening.STAGES)
        for ratio in row.get("vs_textbook", {}).values():
            assert ratio > 0  # how much faster: `make bench`, on a quiet machine


def test_memory_and_size_are_of_this_firmware(figures: dict[str, Any]) -> None:
    row = figures["memory"][0]
    assert 0 < row["before_firmware"] < row["window_open"] < row["peak"] < row["heap"]
    assert set(figures["memory_of_opening"]) == {"small", "usual", "largest", "8 KB"}
    folders = figures["size"]["folders"].values()
    assert sum(folder["octets"] for folder in folders) == figures["size"]["octets"] > 0


def test_the_tables_fit_a_terminal_of_80_columns(figures: dict[str, Any]) -> None:
    screen = Console(file=io.StringIO(), width=80)
    report.show(figures, screen)
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in text
    assert "on this machine" in text


@pytest.mark.parametrize("more", [4, 30, 300, 7000])
def test_an_order_can_be_filled_to_any_length(more: int) -> None:
    body = [b"\xa1\x01\x18\x2a", {-4: bytes(32)}, bytes(200)]
    order = SealedOrder(bytes(16), "lk-1", cbor.encode(cbor2.CBORTag(16, body)))
    assert len(orders.filled(order, len(order.data) + more).data) == len(order.data) + more


async def test_measures_what_an_order_of_each_policy_costs() -> None:
    try:
        find_interpreter()
    except InterpreterMissing as missing:
        pytest.skip(str(missing))
    rows = {(row["board"], row["order"]): row for row in await policies.measure(repeat=1)}
    assert len(rows) == 9
    for algorithm in ("ed25519", "p256"):
        plain = rows[f"signed, {algorithm}", "authority"]
        delegated = rows[f"signed, {algorithm}", f"installer, {algorithm}"]
        assert plain["octets"] + 150 < delegated["octets"] < plain["octets"] + 300
        assert min(plain["ms"], delegated["ms"]) > 0  # times are for the benchmark to compare
        assert max(plain["peak"], delegated["peak"]) < 48 * 1024  # memory.ORDER_NEEDS
    label = rows["label", "unsigned"]
    assert label["rehearsed"] < rows["signed, ed25519", "authority"]["rehearsed"] - 10_000
