"""`latchkey` from end to end, each command a process of its own, over both links."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import segno

from host_client.fingerprint import fingerprint
from host_client.label import Label, label_key, new_code
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import PASSWORD, SSID, Rig
from transports.contract import LABEL

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from host_client.cli import main; main()"]
PASSPHRASE = "a passphrase of the scenarios"
DEADLINE_S = 60
SECRETS = (PASSWORD.decode(), PASSWORD.hex(), PASSPHRASE)
KEYS = {"schema", "command", "ok", "exit_code", "result", "error"}


@dataclass
class Shell:
    """A home for keys and known boards, and what was typed and shown."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    async def run(self, *arguments: str, code: int = 0) -> Any:
        """The result (or the error) of `latchkey ... --json --verbose`; checks all the rest."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, "--json", "--verbose",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "", "PYTHONPATH": str(ROOT), "LATCHKEY_HOME": str(self.home),
                 **self.environment},
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        self.seen += [*arguments, out.decode(), err.decode()]
        assert process.returncode == code, (arguments, out, err)
        document = json.loads(out)
        assert set(document) == KEYS
        assert (document["schema"], document["exit_code"]) == ("latchkey/1", code)
        assert document["ok"] == (code == 0)
        return document["result"] if code == 0 else document["error"]

    def file(self, name: str, text: str) -> str:
        path = self.home / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)


@pytest.fixture
async def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    passphrase = made.file("passphrase", PASSPHRASE + "\n")
    await made.run("authority", "new", "plant", "--passphrase-file", passphrase)
    return made


async def rig_of(new_rig: NewRig, shell: Shell, **board: Any) -> Rig:
    """A board that trusts this authority, its window open, in reach of other processes."""
    public = bytes.fromhex((shell.home / "authorities" / "plant.pub").read_text().strip())
    rig = await new_rig(authority=public, **board)
    if rig.radio is not None:
        if not rig.radio.environment:
            pytest.skip(f"no radio for another process: {rig.radio.reason}")
        shell.environment.update(rig.radio.environment)
    await rig.open_window()
    return rig


def provisioning(rig: Rig, shell: Shell, password: str = PASSWORD.decode()) -> list[str]:
    return [
        "provision", rig.url, "--ssid", SSID.decode(),
        "--password-file", shell.file("wifi", password + "\n"),
        "--authority", "plant", "--passphrase-file", shell.file("passphrase", PASSPHRASE),
        "--device-key", fingerprint(rig.target.device_key),
    ]  # fmt: skip


def told_secrets(shell: Shell) -> list[str]:
    return [text for text in shell.seen if any(secret in text for secret in SECRETS)]


async def test_from_a_new_board_to_its_receipt(new_rig: NewRig, shell: Shell) -> None:
    rig = await rig_of(new_rig, shell)
    info = await shell.run("info", rig.url)
    assert info["device_id"] == rig.target.device_id
    assert info["state"] == "open"
    networks = (await shell.run("scan", rig.url))["networks"]
    assert networks[0]["ssid"] == SSID.decode()
    await shell.run("identify", rig.url)
    outcome = await shell.run(*provisioning(rig, shell))
    assert outcome["receipt"]["verified"]
    assert outcome["address"] == rig.board.wifi.station.address
    assert (await rig.saved()).order_id == outcome["order_id"]
    assert not told_secrets(shell)


async def test_each_failure_has_its_exit_code(new_rig: NewRig, shell: Shell) -> None:
    rig = await rig_of(new_rig, shell)
    failed = await shell.run(*provisioning(rig, shell, "not the password"), code=5)
    assert failed["name"] == "wrong_password"
    assert failed["proven"]
    await shell.run(
        "authority", "new", "thief", "--passphrase-file", shell.file("other", "another phrase")
    )
    stranger = provisioning(rig, shell)
    stranger[stranger.index("plant")] = "thief"
    stranger[stranger.index("--passphrase-file") + 1] = shell.file("other", "another phrase")
    refused = await shell.run(*stranger, code=4)
    assert refused["name"] == "not_authentic"
    wrong_key = [*provisioning(rig, shell)[:-1], fingerprint(bytes(31) + b"\x09")]
    await shell.run(*wrong_key, code=7)
    none = await shell.run("receipt", rig.url, "--order", "00" * 16, code=4)
    assert none["name"] == "no_receipt"
    assert (await rig.saved()).order_id is None
    assert not told_secrets(shell)


async def test_orders_for_couriers(new_rig: NewRig, shell: Shell) -> None:
    rig = await rig_of(new_rig, shell)
    orders, secrets, receipts = (str(shell.home / name) for name in ("o", "s", "r"))
    toml = f'[[network]]\nssid = "{SSID.decode()}"\npassword = "{PASSWORD.decode()}"\n'
    made = await shell.run(
        "order", "make", "--settings", shell.file("settings.toml", toml), "--output", orders,
        "--secrets", secrets, "--boards", shell.file("boards", json.dumps(rig.board.factory)),
        "--authority", "plant", "--passphrase-file", shell.file("passphrase", PASSPHRASE),
    )  # fmt: skip
    assert len(made["orders"]) == 1
    (shell.home / "authorities" / "plant.pem").unlink()  # the courier has no key
    await shell.run("order", "deliver", orders, rig.url, "--receipts", receipts)
    checked = await shell.run("order", "check", receipts, "--secrets", secrets)
    assert [receipt["verified"] for receipt in checked["receipts"]] == [True]
    assert checked["missing"] == []
    await rig.board.wait_log("on the network")
    await rig.open_window()
    again = await shell.run("order", "deliver", orders, rig.url, code=4)
    assert again["name"] == "replayed"
    fetched = await shell.run("receipt", rig.url)
    assert fetched["order_id"] == made["orders"][0]["order_id"]
    assert not told_secrets(shell)


@pytest.mark.parametrize("link", ["http"], indirect=True)
async def test_the_label_alone_will_do_until_its_owner_says_otherwise(
    new_rig: NewRig, shell: Shell
) -> None:
    """Label, then a policy tightened by it, then the authority's signature."""
    code = new_code()
    record = {"label_key": label_key(code, "kettle-0001")}
    rig = await rig_of(new_rig, shell, policy=LABEL, device_id="kettle-0001", record=record)
    label = Label.for_board("kettle-0001", rig.target.device_key, code)
    picture = shell.home / "label.png"
    segno.make(label.text(), error="m").save(str(picture), kind="png", scale=5)
    by_label = ("--label", str(picture))
    network = ("--ssid", SSID.decode(), "--password-file", shell.file("wifi", PASSWORD.decode()))
    signed = ("--authority", "plant", "--passphrase-file", shell.file("passphrase", PASSPHRASE))

    assert (await shell.run("info", rig.url, *by_label))["vouched"]
    wrong = await shell.run("provision", rig.url, *network, *signed, *by_label, code=9)
    assert wrong["kind"] == "wrong_policy"
    done = await shell.run("provision", rig.url, *network, *by_label)
    assert done["receipt"]["verified"]
    await rig.board.wait_log("on the network")
    await rig.open_window()
    await shell.run("policy", "tighten", "signed", rig.url, *by_label)
    await rig.board.wait_log("on the network")
    await rig.open_window()
    assert (await shell.run("info", rig.url))["policy"] == "signed"
    done = await shell.run("provision", rig.url, *network, *signed, *by_label)
    assert done["receipt"]["verified"]
    assert not told_secrets(shell)
    assert not [text for text in shell.seen if code[:20] in text]
