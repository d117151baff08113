"""The command line and boards of each policy: labels, owners, installers, rotation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import segno

from host_client.authority import Authority, AuthorityStore
from host_client.certificate import make_device_certificate
from host_client.label import Label, group_code
from tests.host.command_line import latchkey
from tests.host.conftest import PASSPHRASE
from tests.host.policy_bench import CODE, Served, of
from transports import contract as c


def picture(label: Label, path: Path) -> str:
    segno.make(label.text(), error="m").save(str(path), kind="png", scale=5)
    return str(path)


# --- Labels --------------------------------------------------------------------------------------


@of(c.LABEL)
def test_provisions_by_the_labels_picture(served: Served, tmp_path: Path, home: Path) -> None:
    done = served.provision("-v", "--label", picture(served.label, tmp_path / "label.png"))
    assert done.result["receipt"]["verified"]
    assert "POST /v1/provision" in done.err
    kept = "".join(path.read_text("latin-1") for path in home.rglob("*") if path.is_file())
    assert kept, "the board is remembered"
    assert CODE[:20] not in done.err + done.out + kept


@of(c.LABEL)
@pytest.mark.parametrize("way", ["file", "code file", "stdin", "argument"])
def test_provisions_by_the_labels_text(served: Served, tmp_path: Path, way: str) -> None:
    text, typed = served.label.text(), None
    if way == "file":
        (tmp_path / "label.txt").write_text(text + "\n")
        given = str(tmp_path / "label.txt")
    elif way == "code file":
        (tmp_path / "code").write_text(group_code(CODE).lower())
        given = str(tmp_path / "code")
    elif way == "stdin":
        given, typed = "-", text + "\n"
    else:
        given = text
    done = served.provision("--label", given, typed=typed)
    assert done.result["receipt"]["verified"]
    assert ("ps" in done.err) == (way == "argument")
    assert CODE not in done.err + done.out and group_code(CODE) not in done.err + done.out


@of(c.LABEL)
@pytest.mark.parametrize(
    "wrong",
    ["absent.png", CODE[:-1], "LK1:x", "ask", ""],
    ids=["no file", "cut short", "no label", "ask", "nothing"],
)
def test_a_label_that_is_none_is_told_and_not_repeated(served: Served, wrong: str) -> None:
    done = served.provision("--label", wrong or "-", typed="\n")
    assert (done.code, done.error["kind"]) == (9, "bad_label")
    assert CODE[:10] not in done.err + done.out
    assert not served.board.record.settings


@of(c.SIGNED, c.LABEL)
def test_a_label_of_another_board_sends_nothing(served: Served, tmp_path: Path) -> None:
    label = Label.for_board("kettle-1", bytes(32), CODE)
    done = served.provision("--label", picture(label, tmp_path / "label.png"))
    assert (done.code, done.error["kind"]) == (7, "untrusted_board")
    assert served.board.window.attempts_left == 10


@of(c.SIGNED)
def test_a_label_vouches_for_a_board_that_wants_a_signature(served: Served, tmp_path: Path) -> None:
    done = served.provision("--label", picture(served.label, tmp_path / "label.png"))
    assert done.result["receipt"]["verified"]
    assert "irst meeting" not in done.err


@of(c.SIGNED)
def test_who_gave_a_code_alone_is_not_talked_into_a_signature(served: Served) -> None:
    """A false board could open an order that is sealed only to a key nobody vouches for."""
    done = served.provision("--label", "-", typed=CODE)
    assert (done.code, done.error["kind"]) == (9, "wrong_policy")
    assert served.board.window.attempts_left == 10
    assert served.provision("--label", "-", "-a", "factory", typed=CODE).code == 0


@of(c.LABEL, c.FIRST_USE, c.OPEN_POLICY)
def test_tells_what_the_board_wants(served: Served) -> None:
    done = served.provision()
    assert (done.code, done.error["kind"]) == (9, "wrong_policy")
    wanted = {c.LABEL: "authority", c.FIRST_USE: "authority", c.OPEN_POLICY: "authority"}
    assert wanted[served.policy] in done.error["message"]
    assert served.board.window.attempts_left == 10


@of(c.OPEN_POLICY)
def test_an_open_board_is_provisioned_with_a_loud_word(served: Served) -> None:
    done = served.provision("--allow-open")
    assert done.result["receipt"]["verified"]
    assert "unsigned" in done.err


# --- Owners --------------------------------------------------------------------------------------


@of(c.FIRST_USE)
def test_an_owner_is_made_kept_and_obeyed(served: Served, home: Path) -> None:
    first = served.provision("--first-use", "--owner", "me")
    assert first.result["receipt"]["verified"]
    assert "Keep a copy" in first.err
    store = AuthorityStore()
    assert served.board.record.owner == store.public_key("me")
    info = latchkey("info", served.url, "--json").result
    assert (info["owned"], info["profile"]) == (True, "consumer")

    served.board.press()
    assert served.provision("--owner", "me").code == 0
    served.board.press()
    store.save(Authority.generate("thief"), PASSPHRASE)
    stolen = served.provision("--first-use", "--owner", "thief")
    assert (stolen.code, stolen.error["name"]) == (4, "not_authentic")

    made = latchkey("owner", "new", "next", "--json").result
    moved = latchkey("owner", "transfer", served.url, "--owner", "me", "--to", "next", "--json")
    assert moved.result["owner"] == made["fingerprint"]
    served.board.press()
    assert latchkey("owner", "release", served.url, "--owner", "me").code == 4
    assert latchkey("owner", "release", served.url, "--owner", "next").code == 0
    assert served.board.record.owner is None


@of(c.FIRST_USE)
def test_the_owners_key_is_kept_before_the_board_hears_of_it(served: Served, home: Path) -> None:
    served.board.window.shut()
    assert served.provision("--first-use", "--owner", "me").code == 4
    assert AuthorityStore().load("me", PASSPHRASE)
    assert served.board.record.owner is None


@pytest.mark.parametrize(
    "more",
    [
        ("--first-use",),
        ("--owner", "absent"),
        ("--owner", "factory", "--installer", "factory"),
        ("--owner", "factory", "--authority", "factory"),
        ("--installer", "factory"),
        ("--manufacturer", "absent.pub"),
    ],
    ids=" ".join,
)
def test_refuses_keys_that_make_no_sense(signer: Authority, more: tuple[str, ...]) -> None:
    done = latchkey("provision", "http://127.0.0.1:9", "--ssid", "x", "--open", "--json", *more)
    assert done.code == 10, done.error


# --- Installers, rotation, policy -----------------------------------------------------------------


@of(c.SIGNED)
def test_an_installer_is_certified_imported_and_provisions(served: Served, tmp_path: Path) -> None:
    certificate = str(tmp_path / "ann.cert")
    latchkey("authority", "new", "ann", "--json")
    latchkey("authority", "export", "ann", "-o", str(tmp_path / "ann.pub"))
    made = latchkey(
        "installer", "certify", "Ann", "--key", str(tmp_path / "ann.pub"), "-o", certificate,
        "--kinds", "networks,device", "--days", "2", "-a", "factory", "--json",
    ).result  # fmt: skip
    assert made["kinds"] == ["networks", "device"] and made["checked"]
    shown = latchkey("installer", "show", certificate, "--json").result
    assert shown == {key: made[key] for key in shown} | {"checked": False}
    assert latchkey("installer", "show", certificate, "-a", "ann").code == 10
    assert latchkey("installer", "import", "factory", certificate).code == 10
    assert latchkey("installer", "import", "ann", certificate, "-a", "factory").code == 0

    beyond = served.provision("--installer", "ann", "--server-url", "https://x.example")
    assert (beyond.code, beyond.error["kind"]) == (10, "not_permitted")
    assert served.board.window.attempts_left == 10
    done = served.provision("--installer", "ann")
    assert done.result["receipt"]["verified"]


@of(c.SIGNED)
def test_boards_are_moved_to_a_new_authority(served: Served, tmp_path: Path) -> None:
    orders, secrets = str(tmp_path / "orders.lko"), str(tmp_path / "secrets.lks")
    board = f"kettle-1={served.key.hex()}"
    latchkey("authority", "new", "next", "--json")
    files = ("-o", orders, "--secrets", secrets, "--board", board)
    same = latchkey("authority", "rotate", "factory", "-a", "factory", *files)
    assert same.code == 10
    assert latchkey("authority", "rotate", "next", "-a", "factory", *files).code == 0
    assert latchkey("order", "deliver", orders, served.url).code == 0
    served.board.press()
    assert served.provision("-a", "factory").code == 4
    assert served.provision("-a", "next").code == 0


@of(c.OPEN_POLICY)
def test_a_policy_is_tightened_and_never_loosened(served: Served) -> None:
    tighten = ("policy", "tighten")
    assert latchkey(*tighten, "none", served.url, "--allow-open").code == 9
    done = latchkey(*tighten, "label", served.url, "--allow-open", "--json")
    assert done.result["policy"] == "label"
    served.board.press()
    code = ("--label", "-")
    looser = latchkey(*tighten, "open", served.url, *code, "--json", typed=CODE)
    assert (looser.code, looser.error["name"]) == (4, "forbidden")
    assert latchkey(*tighten, "signed", served.url, *code, typed=CODE).code == 0


@of(c.SIGNED)
def test_the_manufacturers_certificate_vouches(served: Served, tmp_path: Path) -> None:
    maker = Authority.generate("maker")
    identity: Any = served.board.identity
    identity.certificate = make_device_certificate(maker, "kettle-1", served.key)
    (tmp_path / "maker.cose").write_bytes(maker.public_key)
    done = served.provision("--manufacturer", str(tmp_path / "maker.cose"))
    assert done.result["receipt"]["verified"]
    assert "irst meeting" not in done.err
    served.board.press()
    other = served.provision("--manufacturer", "factory")
    assert (other.code, other.error["kind"]) == (7, "untrusted_board")


@of(c.SIGNED)
def test_info_tells_whether_the_key_is_vouched_for(served: Served, home: Path) -> None:
    whole = served.label.text()
    assert latchkey("info", served.url, "--json").result["vouched"] is False
    assert latchkey("info", served.url, "--label", "-", "--json", typed=whole).result["vouched"]
    other = Label.for_board("kettle-1", bytes(32)).text()
    assert latchkey("info", served.url, "--label", "-", typed=other).code == 7
    assert latchkey("info", served.url, "--manufacturer", "factory").code == 7
    assert not (home / "known_boards").exists()
