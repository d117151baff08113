"""What a line keeps between two runs: the journal, the serial numbers, the plan."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from host_client.authority import Authority, AuthorityStore
from host_client.errors import AuthorityError, ProvisioningError
from host_client.factory.errors import FactoryError
from host_client.factory.journal import Begun, Journal
from host_client.factory.plan import Plan, read_authority, read_pin
from host_client.factory.plan_file import read_plan
from host_client.factory.serials import Counter, Listed, read_list
from host_client.label import new_code

AUTHORITY = Authority.generate("workshop").public_key
BEGUN = Begun("lk-1", b"\1" * 32, "thermostat", "SN 1", b"\2" * 100, new_code())
NO_NAMES: dict[str, str | None] = {}


def test_the_journal_gives_back_what_it_was_given(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "begun")
    bare = Begun("lk-2", b"\3" * 32, "m", "SN 2")
    assert journal.find(BEGUN.device_key) is None and journal.entries() == []
    journal.keep(BEGUN)
    journal.keep(bare)
    assert Journal(tmp_path / "begun").find(BEGUN.device_key) == BEGUN
    assert sorted(journal.entries(), key=lambda entry: entry.device_id) == [BEGUN, bare]
    with pytest.raises(FactoryError, match="begun already"):
        journal.keep(BEGUN)
    if os.name == "posix":
        assert all(f.stat().st_mode & 0o777 == 0o600 for f in (tmp_path / "begun").iterdir())
    journal.drop(BEGUN)
    journal.drop(BEGUN)
    assert journal.entries() == [bare]


def test_no_repr_and_no_error_shows_a_code(tmp_path: Path) -> None:
    assert BEGUN.code is not None and BEGUN.code not in repr(BEGUN)
    journal = Journal(tmp_path)
    journal.keep(BEGUN)
    (file,) = tmp_path.glob("*.json")
    whole = file.read_text()
    for damaged in (whole[:-20], whole.replace(BEGUN.code, BEGUN.code[:-1]), "[" * 8000):
        file.write_text(damaged)
        with pytest.raises(FactoryError, match="damaged") as caught:
            journal.find(BEGUN.device_key)
        assert BEGUN.code[:8] not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_serial_numbers_count_on_for_each_prefix(tmp_path: Path) -> None:
    path = tmp_path / "serials.json"
    assert [Counter("A-", path=path).next() for _ in range(3)] == [
        "A-000001", "A-000002", "A-000003",
    ]  # fmt: skip
    assert Counter("B", 2, path=path).next() == "B01"
    assert Counter("A-", path=path).next() == "A-000004"
    path.write_text("[]")
    with pytest.raises(FactoryError, match="damaged"):
        Counter("A-", path=path).next()


def test_two_lines_at_once_never_get_the_same_number(tmp_path: Path) -> None:
    """Each opens the lock's file anew, so threads are as good as processes here."""
    counters = [Counter("P", path=tmp_path / "serials.json") for _ in range(3)]

    def take(counter: Counter) -> list[str]:
        return [counter.next() for _ in range(10)]

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(take, counters))
    assert len({serial for part in found for serial in part}) == 30


def test_a_list_gives_each_number_once(tmp_path: Path) -> None:
    file = tmp_path / "serials.txt"
    file.write_text("X1\n\n X2 \nX3\n")
    listed = Listed(read_list(file))
    assert [listed.next() for _ in range(3)] == ["X1", "X2", "X3"]
    with pytest.raises(FactoryError, match="used up"):
        listed.next()
    for numbers in (["a", "a"], [""], ["x" * 65], ["é"], [" a"]):
        with pytest.raises(FactoryError):
            Listed(numbers)
    with pytest.raises(FactoryError):
        read_list(tmp_path / "absent")


PLAN = """
authority = "workshop"
policy = "label"
profile = "consumer"
model = "thermostat"
group = "east"
label_code = true
shut = true
[bootstrap]
url = "https://first.example/orders"
pin = "{pin}"
[pins]
button = 9
tamper = -1
[limits]
window_s = 300
"""


def test_a_plan_is_read_from_its_file_and_options_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATCHKEY_HOME", str(tmp_path))
    kept = Authority.generate("workshop")
    AuthorityStore().save(kept, "correct horse")
    file = tmp_path / "plan.toml"
    file.write_text(PLAN.format(pin="ab" * 32))
    plan = read_plan(file, {"model": "kettle", "group": None})
    assert plan == Plan(
        kept.public_key, "label", "consumer", "kettle", "east",
        ("https://first.example/orders", b"\xab" * 32), {"button": 9, "tamper": -1},
        {"window_s": 300}, with_code=True, shut=True,
    )  # fmt: skip
    (tmp_path / "other.cose").write_bytes(AUTHORITY)
    assert read_plan(file, {"authority": "other.cose"}).authority == AUTHORITY


@pytest.mark.parametrize(
    "text",
    ["polcy = 'label'", "policy = 1", "label_code = 'yes'", "pins = 3", "[pins]\nbell = 1",
     "[pins]\nbutton = true", "[pins]\nbutton = -2", "[limits]\nwindow_s = 1.5",
     "[bootstrap]\nurl = 'https://x'", "[bootstrap]\nurl = 'http://x'\npin = '%s'" % ("a" * 64),
     "[bootstrap]\nurl = 'https://x'\npin = 'ab'", "model = ''", "model = ' x'", 'group = "a\\nb"',
     "policy = 'none'", "profile = 'none'", "not toml", "model = '%s'" % ("x" * 65),
     "x = " + "[" * 5000],
)  # fmt: skip
def test_refuses_a_plan_that_no_board_would_take(text: str, tmp_path: Path) -> None:
    (tmp_path / "key.cose").write_bytes(AUTHORITY)
    file = tmp_path / "plan.toml"
    file.write_text('authority = "key.cose"\n' if "=" in text else "", encoding="utf-8")
    read_plan(file, {"policy": "open"} if "=" not in text else NO_NAMES)
    file.write_text(file.read_text() + text, encoding="utf-8")
    with pytest.raises(FactoryError):
        read_plan(file, NO_NAMES)


def test_refuses_authorities_that_are_none(tmp_path: Path) -> None:
    file = tmp_path / "key.cose"
    for content in (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", b"", b"x" * 600, AUTHORITY[:-1]):
        file.write_bytes(content)
        with pytest.raises(AuthorityError):
            read_authority(file)
        with pytest.raises(ProvisioningError):
            Plan(content)
    with pytest.raises(AuthorityError, match="cannot read"):
        read_authority(tmp_path / "absent.cose")


def test_a_policy_without_signatures_needs_no_authority() -> None:
    values: dict[str, Any] = Plan(None, "label").values()
    assert values["authority"] is None and values["policy"] == 1
    with pytest.raises(FactoryError, match="needs an authority"):
        Plan(None)


def test_a_pin_is_typed_in_several_ways() -> None:
    digits = "0a" * 32
    for text in (digits, digits.upper(), "sha256:" + digits, ":".join(["0a"] * 32)):
        assert read_pin(text) == b"\x0a" * 32
    for text in ("", digits[:-1], digits + "0", "zz" * 32):
        with pytest.raises(FactoryError):
            read_pin(text)
