"""`latchkey registry`: what a person or a script sees of it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from host_client.authority import Authority, AuthorityStore
from host_client.bundle import (
    CarriedReceipt,
    read_orders,
    write_orders,
    write_receipts,
    write_secrets,
)
from host_client.label import group_code, key_fingerprint, new_code
from host_client.registry import Registry
from tests.host.command_line import Run, latchkey
from tests.host.conftest import PASSPHRASE
from tests.host.registry.test_orders import order_for, receipt_of

KEY = secrets.token_bytes(32)
DATABASE_PASSWORD = "unmistakable-database-secret"


@pytest.fixture
def stocked(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registry in $LATCHKEY_HOME with an operator and a device; returns its label code."""
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", PASSPHRASE)
    monkeypatch.delenv("LATCHKEY_REGISTRY", raising=False)
    registry("init")
    registry("operator", "new", "keeper")
    code = new_code()
    (tmp_path / "code.txt").write_text(group_code(code).lower() + "\n")
    registry("add", "kettle-0001", "--device-key", KEY.hex(), "--serial", "SN-1", "--policy",
             "label", "--label-code-file", str(tmp_path / "code.txt"))  # fmt: skip
    return code


def registry(*arguments: str) -> dict[str, object]:
    """The result of a command that must work; without --json it must say something too."""
    done = latchkey("registry", *arguments, "--json")
    assert done.code == 0, done.out + done.err
    return done.result


def refused(*arguments: str) -> Run:
    return latchkey("registry", *arguments, "--json")


def test_a_registry_is_made_first(home: Path) -> None:
    done = refused("list")
    assert (done.code, done.error["kind"]) == (13, "registry_schema")
    assert "registry init" in done.error["remedy"]
    assert registry("init") == {"registry": str(home / "registry.db"), "from": None, "to": "0001"}
    assert registry("upgrade")["from"] == "0001"
    assert registry("list") == {"devices": [], "more": False}


def test_a_device_is_shown_by_whatever_names_it(stocked: str) -> None:
    for text in ("SN-1", "kettle-0001", key_fingerprint(KEY)):
        shown = registry("show", text)
        assert (shown["serial"], shown["device_key"], shown["policy"]) == ("SN-1", KEY.hex(),
                                                                           "label")  # fmt: skip
        assert shown["has_label_code"] is True
        assert shown["orders"] == 0
    (listed,) = registry("list")["devices"]  # type: ignore[misc]
    assert registry("find", "SN")["devices"] == [listed]
    assert registry("find", "kettle-")["devices"] == [listed]
    assert registry("find", "%")["devices"] == []
    done = refused("show", "SN-2")
    assert (done.code, done.error["kind"]) == (13, "not_registered")
    told = {"SN-1": ("show SN-1", "list", "find SN", "audit"),
            "keeper": ("operator list", "operator show keeper", "audit")}  # fmt: skip
    for name, commands in told.items():
        for text in commands:
            done = latchkey("registry", *text.split())
            assert (done.code, name in done.out) == (0, True), text
            assert stocked not in done.out


def test_a_label_code_is_had_back_and_the_trail_tells(stocked: str) -> None:
    assert registry("secret", "SN-1") == {"serial": "SN-1", "label_code": stocked}
    assert latchkey("registry", "secret", "kettle-0001").out == group_code(stocked) + "\n"
    registry("operator", "enrol", "keeper", "--hourly-limit", "2")
    done = refused("secret", "SN-1")
    assert (done.code, done.error["kind"]) == (14, "secret_refused")
    assert "minutes" in done.error["remedy"]
    entries = registry("audit")["entries"]
    assert [e["action"] for e in entries] == [  # type: ignore[attr-defined]
        "upgraded", "operator enrolled", "device added", "secret given", "secret given",
        "operator enrolled", "secret refused",
    ]  # fmt: skip
    assert stocked not in str(entries)
    head = registry("audit", "--verify")["head"]
    assert registry("audit", "--noted", str(head)) == {"entries": 7, "head": head}
    done = refused("audit", "--noted", "3:" + "00" * 32)
    assert (done.code, done.error["kind"]) == (15, "trail_broken")


def test_to_ask_for_the_code_of_a_device_that_is_none_is_in_the_trail(stocked: str) -> None:
    assert refused("secret", "SN-2").error["kind"] == "not_registered"
    assert registry("audit")["entries"][-1]["subject"] == "SN-2"  # type: ignore[index]


def test_a_wrong_passphrase_or_operator_gets_nothing(
    stocked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry("operator", "new", "second")
    assert refused("secret", "SN-1").code == 10  # which of the two?
    assert refused("secret", "SN-1", "--operator", "second").error["kind"] == "not_registered"
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", "not " + PASSPHRASE)
    done = refused("secret", "SN-1", "--operator", "keeper")
    assert (done.code, done.error["kind"]) == (10, "authority")
    monkeypatch.delenv("LATCHKEY_PASSPHRASE")
    assert "--passphrase-file" in refused("secret", "SN-1", "--operator", "keeper").error["message"]


def test_another_operator_takes_over(stocked: str) -> None:
    registry("operator", "new", "heir")
    done = registry("operator", "reseal", "keeper", "heir")
    assert done == {"label_codes": 1, "receipt_secrets": 0, "left": 0}
    assert registry("secret", "SN-1", "--operator", "heir")["label_code"] == stocked
    assert refused("secret", "SN-1", "--operator", "keeper").code == 14


def test_the_same_again_changes_nothing_and_another_key_is_refused(stocked: str) -> None:
    registry("add", "kettle-0001", "--device-key", KEY.hex())
    done = refused("add", "kettle-0001", "--device-key", "ab" * 32)
    assert (done.code, done.error["kind"]) == (13, "registry_conflict")
    for more in (["--policy", "none"], ["--profile", "x"], ["--certificate", "/nonexistent"]):
        assert refused("add", "x", "--device-key", KEY.hex(), *more).error["kind"] == "bad_row"
    assert refused("add", "x", "--device-key", "zz").error["kind"] == "bad_row"
    assert len(registry("list")["devices"]) == 1  # type: ignore[arg-type]


def test_out_and_in_again(stocked: str, home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "devices.csv", f"sqlite:///{tmp_path / 'other.db'}"
    assert registry("export", str(file), "--sealed")["devices"] == 1
    registry("init", "--registry", other)
    registry("operator", "enrol", "keeper", "--registry", other)
    added = registry("import", str(file), "--registry", other)
    assert added == {"new": 1, "known": 0, "completed": 0}
    assert registry("secret", "SN-1", "--registry", other)["label_code"] == stocked
    assert latchkey("registry", "export", str(file)).code == 0
    file.write_text(file.read_text().replace(KEY.hex(), "ab" * 32) + "x\n")
    done = refused("import", str(file))
    assert (done.code, done.error["kind"]) == (13, "bad_row")
    assert [row["line"] for row in done.document["result"]["lines"]] == [2, 3]
    done = latchkey("registry", "import", str(file))
    assert "! Line 3: it has 1 cells" in done.err


def test_orders_and_receipts_come_and_go_in_files(stocked: str, tmp_path: Path) -> None:
    checked, carried, taken_back = order_for(), order_for(), order_for()
    orders, secrets_, receipts = (tmp_path / name for name in ("orders", "secrets", "receipts"))
    write_orders(orders, [checked, carried, taken_back])
    write_secrets(secrets_, [order.secret for order in (checked, carried) if order.secret])
    assert registry("give", str(orders), "--secrets", str(secrets_)) == {"new": 3}
    assert registry("give", str(orders)) == {"new": 0}
    registry("withdraw", taken_back.order_id.hex())
    write_receipts(receipts, [CarriedReceipt(carried.order_id, "kettle-0001", receipt_of(carried))])
    assert registry("take", str(receipts)) == {"receipts": 1}
    write_receipts(receipts, [CarriedReceipt(checked.order_id, "kettle-0001", receipt_of(checked))])
    registry("take", str(receipts), "--secrets", str(secrets_))

    def states() -> list[str]:
        return [order["state"] for order in registry("orders")["orders"]]  # type: ignore[attr-defined]

    assert states() == ["withdrawn", "answered", "done"]
    result = registry("receipts", "--check", "--device", "kettle-0001")
    assert result["checked"] == [{"order_id": carried.order_id.hex(), "state": "done"}]
    assert [got["checked"] for got in result["receipts"]] == ["true", "true"]  # type: ignore[attr-defined]
    assert states() == ["withdrawn", "done", "done"]
    assert len(registry("orders", "--state", "done")["orders"]) == 2  # type: ignore[arg-type]
    for text in ("orders", "receipts"):
        assert "SN-1" in latchkey("registry", text).out
    assert refused("withdraw", "00").error["kind"] == "bad_order"
    assert refused("withdraw", "00" * 16).error["kind"] == "not_registered"


def test_no_output_shows_the_databases_password(home: Path) -> None:
    url = f"postgresql://u:{DATABASE_PASSWORD}@127.0.0.1:9/x"
    for arguments in (["list"], ["init"], ["list", "-v"], ["audit"]):
        done = latchkey("registry", *arguments, "--registry", url)
        assert done.code == 13
        assert "can be read by other users" in done.err
        assert "127.0.0.1:9/x" in done.err
        assert DATABASE_PASSWORD not in done.out + done.err


def test_an_order_that_waits_is_numbered_ahead_and_expires(stocked: str, tmp_path: Path) -> None:
    """What the file of orders knows of them is not lost on the way into the registry."""
    AuthorityStore().save(Authority.generate("plant"), PASSPHRASE)
    settings, boards, carried = (tmp_path / name for name in ("s.toml", "boards.csv", "orders"))
    settings.write_text('[device]\nname = "Boiler"\n')
    registry("export", str(boards))

    def give(*more: str) -> dict[str, Any]:
        made = latchkey(
            "order", "make", "-s", str(settings), "--boards", str(boards), "-o", str(carried),
            "--secrets", str(tmp_path / "secrets"), "-a", "plant", "--json", *more,
        ).result["orders"][0]  # fmt: skip
        assert registry("give", str(carried)) == {"new": 1}
        orders: Any = registry("orders")["orders"]
        (given,) = [order for order in orders if order["order_id"] == made["order_id"]]
        assert (given["sequence"], given["expires_s"]) == (made["sequence"], made["expires_s"])
        return {**given, "data": read_orders(carried)[0].data}

    ahead, over, next_one = give("--ahead", "30"), give("--expires", "0"), give("--expires", "20")
    day_ms = 86_400_000
    assert ahead["sequence"] - next_one["sequence"] == pytest.approx(30 * day_ms, abs=60_000)
    assert over["sequence"] <= next_one["sequence"]
    with Registry() as opened:
        assert opened.pending_order("kettle-0001") == next_one["data"]
