"""host_client/cli: commands, exit codes, JSON documents, against a board on a loopback port."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from host_client.authority import Authority
from host_client.errors import ProvisioningError
from host_client.known_boards import KnownBoards
from host_client.pending import PendingSecrets
from tests.host.board_in_memory import MemoryBoard
from tests.host.command_line import COMMAND, ROOT, environment, latchkey
from tests.host.conftest import PASSPHRASE, PASSWORD
from transports import contract as c

NOBODY = "http://127.0.0.1:9"


def provision(url: str, *more: str, ssid: str = "home") -> tuple[str, ...]:
    return ("provision", url, "--ssid", ssid, "--json", *more)


def test_info(url: str, own_board: MemoryBoard) -> None:
    result = latchkey("info", url, "--json").result
    assert result["device_id"] == "kettle-0123456789"
    assert result["state"] == "open"
    assert result["policy"] == "signed"
    assert result["device_key"] == own_board.identity.public_key.hex()
    shown = latchkey("info", url)
    assert "kettle-0123456789" in shown.out
    assert "10:00 left" in shown.out


def test_scan(url: str) -> None:
    networks = latchkey("scan", url, "--json").result["networks"]
    assert len(networks) == 20
    assert networks[0] == {
        "ssid": "net0",
        "ssid_hex": b"net0".hex(),
        "rssi_dbm": -40,
        "channel": 6,
        "security": "WPA2",
    }
    assert "net19" in latchkey("scan", url, "--fresh").out


def test_identify_status_and_no_receipt(url: str, own_board: MemoryBoard) -> None:
    assert latchkey("identify", url, "--json").result == {}
    assert own_board.identified == 1
    status = latchkey("status", url, "--json").result
    assert (status["state"], status["step"], status["result"]) == ("open", "idle", None)
    refused = latchkey("receipt", url, "--json")
    assert refused.code == 4
    assert refused.error["name"] == "no_receipt"


def test_provision_and_what_can_be_asked_afterwards(
    url: str, own_board: MemoryBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATCHKEY_WIFI_PASSWORD", PASSWORD)
    done = latchkey(*provision(url, "--hostname", "boiler"))
    result = done.result
    assert result["device_id"] == "kettle-0123456789"
    assert result["address"] == "192.0.2.7"
    assert result["receipt"]["verified"] is True
    assert own_board.record.settings["networks"] == [[b"home", PASSWORD.encode(), False, None]]
    assert own_board.record.settings["device"]["hostname"] == "boiler"
    assert "First meeting" in done.err
    assert dict(KnownBoards())["kettle-0123456789"] == own_board.identity.public_key
    assert not list(PendingSecrets().folder.glob("*")), "nothing is pending after the proof"
    order_id = result["order_id"]
    status = latchkey("status", url, "--order", order_id, "--follow", "--json").result
    assert (status["step"], status["address"]) == ("done", "192.0.2.7")
    receipt = latchkey("receipt", url, "--order", order_id, "--json").result
    assert receipt["verified"] is False, "its secret is gone with the proof"
    assert latchkey("status", url, "--order", "00" * 16, "--json").code == 4


def test_provision_for_people_shows_the_steps(url: str, tmp_path: Path, signer: Authority) -> None:
    (tmp_path / "wifi.txt").write_text(PASSWORD + "\n")
    done = latchkey(
        "provision", url, "--ssid", "home", "--password-file", str(tmp_path / "wifi.txt")
    )
    assert done.code == 0, done.err
    assert "connected to" in done.err
    assert "signed by factory, sealed to kettle-0123456789" in done.err
    assert "receipt checked" in done.err
    assert "checked: this board opened this order" in done.out
    assert PASSWORD not in done.out + done.err


def test_options_win_over_the_file(url: str, own_board: MemoryBoard, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[[network]]\nssid = "spare"\npassword = "{PASSWORD}"\n'
        '[device]\nhostname = "file"\ncountry = "DE"\n'
    )
    more = ("--open", "--hidden", "--settings", str(file), "--hostname", "option")
    done = latchkey(*provision(url, *more))
    assert done.code == 0
    settings = own_board.record.settings
    assert settings["networks"] == [
        [b"home", None, True, None],
        [b"spare", PASSWORD.encode(), False, None],
    ]
    assert settings["device"]["hostname"] == "option"
    assert settings["device"]["country"] == "DE"


@pytest.mark.parametrize(
    ("ssid", "name"), [("wrong-key", "wrong_password"), ("nowhere", "network_not_found")]
)
def test_a_failed_trial_has_its_own_code(
    url: str, monkeypatch: pytest.MonkeyPatch, ssid: str, name: str
) -> None:
    monkeypatch.setenv("LATCHKEY_WIFI_PASSWORD", PASSWORD)
    done = latchkey(*provision(url, ssid=ssid))
    assert done.code == 5
    assert done.error["kind"] == "trial_failed"
    assert done.error["name"] == name
    assert done.error["remedy"]
    assert done.error["proven"] is True
    assert done.error["reason"] in (15, 201)
    assert latchkey("status", url, "--follow", "--json").code in (0, 5)


def test_each_class_of_error_has_its_code(
    url: str, own_board: MemoryBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATCHKEY_WIFI_PASSWORD", PASSWORD)
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(Authority.generate("stranger").to_pem(PASSPHRASE))
    cases = {
        2: ("info", url, "--no-such-option"),
        3: ("info", NOBODY, "--json"),
        4: provision(url, "--authority", str(stranger)),
        7: provision(url, "--device-key", "00" * 32),
        9: provision(url, "--hostname", "under_score"),
        10: provision(url, "--authority", "absent"),
    }
    for code, arguments in cases.items():
        assert latchkey(*arguments).code == code, arguments
    assert own_board.record.settings == {}
    assert not list(PendingSecrets().folder.glob("*")), "a refused order has no receipt to check"


def test_exit_codes_are_distinct_and_in_the_help() -> None:
    shown = " ".join(latchkey("--help").out.split())
    codes: dict[int, str] = {}
    for kind in _family(ProvisioningError):
        if "exit_code" in vars(kind):
            assert kind.exit_code not in codes, kind
            codes[kind.exit_code] = kind.__name__
            assert f" {kind.exit_code} " in shown
    assert len(codes) >= 11


def _family(kind: type[ProvisioningError]) -> list[type[ProvisioningError]]:
    """The tree of errors, those of parts that are loaded when they are asked for included."""
    import host_client.bootstrap.errors
    import host_client.deploy.errors
    import host_client.factory.errors
    import host_client.registry.errors  # noqa: F401

    children = kind.__subclasses__()
    return [kind, *(entry for child in children for entry in _family(child))]


def test_changed_key_is_refused_until_forgotten(url: str, own_board: MemoryBoard) -> None:
    KnownBoards().remember("kettle-0123456789", b"k" * 32)
    refused = latchkey(*provision(url, "--open"))
    assert refused.code == 7
    assert refused.error["kind"] == "changed_key"
    assert latchkey("boards", "list", "--json").result["boards"][0]["device_key"] == "6b" * 32
    assert latchkey("boards", "forget", "kettle-0123456789", "--json").result["device_id"]
    assert latchkey("boards", "forget", "kettle-0123456789").code == 7
    assert latchkey(*provision(url, "--open")).code == 0


def test_authority_commands(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", PASSPHRASE)
    made = latchkey("authority", "new", "one", "--json").result
    other = latchkey("authority", "new", "two", "--algorithm", "p256", "--json").result
    assert latchkey("authority", "new", "one", "--json").error["kind"] == "authority"
    listed = latchkey("authority", "list", "--json").result["authorities"]
    assert [(entry["name"], entry["algorithm"]) for entry in listed] == [
        ("one", "ed25519"),
        ("two", "p256"),
    ]
    shown = latchkey("authority", "show", "two", "--json").result
    assert shown["public_key"] == other["public_key"]
    file = tmp_path / "one.cose"
    latchkey("authority", "export", "one", "-o", str(file))
    assert file.read_bytes().hex() == made["public_key"]
    for text in (json.dumps(made), latchkey("authority", "list").out):
        assert "PRIVATE" not in text


def test_discover(url: str) -> None:
    found = latchkey("discover", "--link", "http", "--url", url, "--seconds", "1", "--json").result
    assert found["boards"][0]["url"] == url
    assert found["boards"][0]["info"]["state"] == "open"
    nothing = latchkey("discover", "--link", "http", "--url", NOBODY, "--seconds", "1", "--json")
    assert nothing.code == 3
    assert nothing.error["kind"] == "board_not_found"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_knows_commands_and_authorities(signer: Authority, shell: str) -> None:
    def completed(line: str) -> str:
        words = environment(
            _LATCHKEY_COMPLETE=f"complete_{shell}",
            COMP_WORDS=line,
            COMP_CWORD=str(len(line.split(" ")) - 1),
            _TYPER_COMPLETE_ARGS=line,
            _TYPER_COMPLETE_FISH_ACTION="get-args",
        )
        done = subprocess.run(COMMAND, env=words, capture_output=True, text=True, timeout=30)
        return done.stdout

    assert "provision" in completed("latchkey prov")
    assert "factory" in completed("latchkey provision --authority fa")


def test_words_of_a_board_are_shown_and_not_obeyed(url: str, own_board: MemoryBoard) -> None:
    own_board.notes.append("\x1b]0;owned\x07 [bold]x[/bold] \x9b31m \u202eabc")
    own_board.look_around = lambda fresh: ([(b"\x1b[2J", -40, 1, 0), (b"[red]x", -50, 1, 3)], 0)
    shown = latchkey("info", url).out + latchkey("scan", url).out
    for character in "\x1b\x07\x9b\u202e":
        assert character not in shown
    assert "[bold]x[/bold]" in shown
    assert "hex:1b5b324a" in shown
    assert "[red]x" in shown
    assert "\x1b" not in latchkey("info", url, "--json").out


def test_statuses_unknown_to_this_host_are_told_by_number(
    url: str, own_board: MemoryBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from firmware.provision.errors import Refusal

    async def refuse(argument: bytes) -> None:
        raise Refusal(c.BUSY)

    own_board.handler._operations[c.INFO] = refuse
    done = latchkey("info", url, "--json")
    assert (done.code, done.error["status"]) == (4, c.BUSY)


# --- What scripts may count on ---------------------------------------------------------------

INFO = {
    "protocol", "device_id", "model", "firmware", "state", "policy", "window_s", "attempts",
    "device_key", "fingerprint", "suites", "transports", "max_message", "sequence", "notes",
    "profile", "owned", "hostname", "certificate",
}  # fmt: skip
STATUS = {
    "state", "step", "order_id", "network", "result", "result_code", "reason", "address",
}  # fmt: skip
RECEIPT = {
    "order_id", "device_id", "result", "result_code", "address", "network", "verified", "receipt",
}  # fmt: skip
OUTCOME = {"order_id", "device_id", "address", "network", "receipt"}


def test_documents_keep_their_fields(url: str) -> None:
    """Within `latchkey/1` fields are added, and never renamed or removed."""
    assert set(latchkey("info", url, "--json").result) == INFO | {"vouched"}
    done = latchkey(*provision(url, "--open")).result
    assert set(done) == OUTCOME
    assert set(done["receipt"]) == RECEIPT
    assert set(latchkey("status", url, "--json").result) == STATUS
    assert set(latchkey("receipt", url, "--json").result) == RECEIPT


def test_the_readme_lists_every_exit_code_and_kind() -> None:
    readme = (ROOT / "host_client" / "README.md").read_text()
    rows = {row.split("|")[1].strip(): row for row in readme.splitlines() if row.startswith("|")}
    for kind in _family(ProvisioningError):
        row = rows[str(kind.exit_code)]
        assert kind.exit_code == 12 or f"`{kind.kind}`" in row, kind
