"""The command line tells a person what is so, and what to do next."""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from host_client.authority import Authority, AuthorityStore
from host_client.certificate import make_device_certificate
from host_client.label import Label
from tests.host.command_line import COMMAND, ROOT, environment, latchkey
from tests.host.conftest import PASSPHRASE
from tests.host.policy_bench import CODE, Served, of
from transports import contract as c


@pytest.mark.parametrize("words", ["authority new x", "authority rotate x -o o --secrets s"])
def test_one_interrupt_ends_a_question(words: str, tmp_path: Path, signer: Authority) -> None:
    """The event loop's own handler would wait for the answer first."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
    extra = [] if "new" in words else ["--board", "kettle-1=" + "09" + "00" * 31]
    variables = environment(TERM="xterm-256color")
    del variables["LATCHKEY_PASSPHRASE"]
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, [*COMMAND, *words.split(), *extra], variables)
    shown = ""
    try:
        while "assphrase" not in shown:
            shown += _shown(master)
        _until_asleep(pid)
        os.write(master, b"\x03")
        while more := _shown(master):
            shown += more
    finally:
        os.close(master)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 130, shown
    assert "Interrupted" in shown and "Traceback" not in shown
    assert "latchkey status" not in shown, "no board has heard of it"


def _until_asleep(pid: int) -> None:
    """Until it waits for the answer.

    A signal in the few instructions between Python's last look for one and the system's read()
    is handled after the read: nobody types so fast, but a test does, once in a hundred times.
    """
    state, deadline = Path(f"/proc/{pid}/stat"), time.monotonic() + 20
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline, "the command is busy, and does not ask"
        time.sleep(0.01)


def _shown(master: int) -> str:
    """What the terminal shows next; nothing when its process has ended."""
    assert select.select([master], [], [], 20)[0], "the command says nothing more"
    try:
        return os.read(master, 65536).decode(errors="replace")
    except OSError:  # Linux ends a pseudo-terminal so
        return ""


@of(c.SIGNED)
def test_info_tells_whether_the_certificate_was_checked(served: Served) -> None:
    maker = Authority.generate("maker")
    AuthorityStore().save(maker, PASSPHRASE)
    identity: Any = served.board.identity
    identity.certificate = make_device_certificate(maker, "kettle-1", served.key)
    assert "not checked: --manufacturer" in latchkey("info", served.url).out
    assert "the manufacturer's" in latchkey("info", served.url, "--manufacturer", "maker").out
    refused = latchkey("info", served.url, "--manufacturer", "factory")
    assert refused.code == 7 and "not checked" in refused.out


@of(c.LABEL)
def test_another_boards_label_is_told_from_a_false_key(served: Served) -> None:
    other = Label.for_board("kettle-2", served.key, CODE)
    error = served.provision("--label", other.text()).error
    assert (error["kind"], "kettle-2, not kettle-1" in error["message"]) == (
        "untrusted_board",
        True,
    )
    assert "board of this label" in error["remedy"]


@of(c.FIRST_USE)
def test_an_order_without_networks_joins_none(served: Served) -> None:
    assert served.provision("--first-use", "--owner", "me").code == 0
    served.board.press()
    done = latchkey("owner", "release", served.url, "--owner", "me")
    assert done.code == 0
    assert "settings kept" in done.err and "joined" not in done.err


@of(c.SIGNED)
def test_a_receipt_fetched_again_does_not_come_from_elsewhere(served: Served) -> None:
    assert served.provision().code == 0
    assert "or its receipt checked before" in latchkey("receipt", served.url).out


def test_an_installer_sees_what_the_kept_certificate_allows(
    signer: Authority, tmp_path: Path
) -> None:
    AuthorityStore().save(Authority.generate("ann"), PASSPHRASE)
    certify = ("installer", "certify", "Ann", "--key", "ann", "-o", str(tmp_path / "ann.cert"))
    assert latchkey(*certify, "-a", "factory").code == 0
    assert "has no certificate" in latchkey("installer", "show", "ann", "--json").error["message"]
    assert latchkey("installer", "import", "ann", str(tmp_path / "ann.cert")).code == 0
    shown = latchkey("installer", "show", "ann", "-a", "factory", "--json").result
    assert (shown["subject"], shown["checked"]) == ("Ann", True)
    wrong = latchkey(*certify, "-a", "factory", "--kinds", "nets", "--json").error
    assert "nets (there are networks, server, device, app)" in wrong["message"]
