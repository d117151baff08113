"""`latchkey order make` for boards of each policy that are not here."""

from __future__ import annotations

from pathlib import Path

from host_client.authority import Authority
from host_client.label import Label
from tests.host.command_line import latchkey
from tests.host.policy_bench import CODE, Served, of
from transports import contract as c


@of(c.LABEL, c.FIRST_USE, c.OPEN_POLICY)
def test_orders_of_each_form_are_made_and_delivered(served: Served, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[[network]]\nssid = "home"\n')
    (tmp_path / "labels.txt").write_text(served.label.text() + "\n")
    orders, secrets = str(tmp_path / "orders.lko"), str(tmp_path / "secrets.lks")
    latchkey("owner", "new", "me", "--json")
    form = {
        c.LABEL: ("--labels", str(tmp_path / "labels.txt")),
        c.FIRST_USE: ("--first-use", "--owner", "me"),
        c.OPEN_POLICY: ("--allow-open",),
    }[served.policy]
    make = (
        "order", "make", "-s", str(tmp_path / "settings.toml"), "-o", orders, "--secrets", secrets,
        "--board", f"kettle-1={served.key.hex()}",
    )  # fmt: skip
    assert latchkey(*make, *form).code == 0
    receipts = str(tmp_path / "receipts.lkr")
    assert latchkey("order", "deliver", orders, served.url, "-r", receipts).code == 0
    assert latchkey("order", "check", receipts, "--secrets", secrets).code == 0


def test_labels_must_be_those_of_the_boards(signer: Authority, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[[network]]\nssid = "home"\n')
    key = bytes([9]) + bytes(31)
    labels = {
        "another key": Label.for_board("kettle-1", bytes(32), CODE).text(),
        "another board": Label.for_board("kettle-2", key, CODE).text(),
        "no code": Label.for_board("kettle-1", key).text(),
        "no label": "x",
        "no text": "\xff",
    }
    for text in labels.values():
        (tmp_path / "labels.txt").write_text(text, encoding="latin-1")
        done = latchkey(
            "order", "make", "-s", str(tmp_path / "settings.toml"), "-o", str(tmp_path / "o"),
            "--secrets", str(tmp_path / "s"), "--board", f"kettle-1={key.hex()}",
            "--labels", str(tmp_path / "labels.txt"), "--json",
        )  # fmt: skip
        assert (done.code, done.error["kind"]) == (9, "bad_label")
        assert CODE not in done.out + done.err
    assert not (tmp_path / "o").exists()
