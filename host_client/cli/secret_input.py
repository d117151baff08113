"""Asking for secrets: from a file, the environment, or the terminal without echo.

A secret given as an argument can be read by every user of the machine (`ps`), so there
is a warning for the one option that takes it.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from host_client.authority import Authority, AuthorityStore, load_authority
from host_client.cli.output import Output
from host_client.errors import (
    AuthorityError,
    BadSettings,
    PassphraseNeeded,
    ProvisioningError,
)
from host_client.settings_file import read_secret

WIFI_VARIABLE = "LATCHKEY_WIFI_PASSWORD"
PASSPHRASE_VARIABLE = "LATCHKEY_PASSPHRASE"
_MAX_SECRET = 4096


def ask(prompt: str, instead: str, error: type[ProvisioningError] = BadSettings) -> str:
    """Ask on the terminal without echo. Where there is none, raises `error`: what else to do."""
    if not sys.stdin.isatty():
        raise error(f"{prompt}: there is no terminal to ask at; {instead}")
    with _interruptible():
        return getpass.getpass(f"{prompt}: ")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Inside, Ctrl-C raises at once: the loop's own handler would wait for the answer first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def read_password_file(path: Path) -> str:
    """The secret in a file; `-` is standard input. Raises BadSettings."""
    if str(path) != "-":
        return read_secret(path)
    return sys.stdin.readline(_MAX_SECRET).rstrip("\r\n")


def wifi_password(output: Output, ssid: str, argument: str | None, file: Path | None) -> str:
    """The password of a network, from whichever source was given. Raises BadSettings."""
    if argument is not None and file is not None:
        raise BadSettings("give --password or --password-file, not both")
    if argument is not None:
        output.note(
            "A password given as an argument can be read by other users of this computer (ps) "
            "and stays in the shell's history: prefer --password-file, or let it be asked for."
        )
        return argument
    if file is not None:
        return read_password_file(file)
    if WIFI_VARIABLE in os.environ:
        return os.environ[WIFI_VARIABLE]
    return ask(
        f"Wi-Fi password of {ssid}",
        f"give --password-file, set {WIFI_VARIABLE}, or --open for a network without one",
    )


def load_named_authority(name: str | None, passphrase_file: Path | None) -> Authority:
    """The authority by name or PEM file, or the only one there is. Raises AuthorityError."""
    store = AuthorityStore()
    if name is None:
        name = only_one(store.names(), "authority", "latchkey authority new NAME")
    is_file = os.sep in name or name.endswith(".pem")
    passphrase = given_passphrase(passphrase_file)
    while True:
        try:
            return (
                load_authority(Path(name), passphrase) if is_file else store.load(name, passphrase)
            )
        except PassphraseNeeded:
            passphrase = _ask_passphrase(f"authority {name}")
            if not passphrase:
                raise


def only_one(names: list[str], kind: str, maker: str) -> str:
    """The one key of its kind that is kept here. maker: the command that makes one.

    Raises AuthorityError where there is another number of them.
    """
    if len(names) != 1:
        kept = ", ".join(names) or f"none yet: make one with `{maker}`"
        raise AuthorityError(f"which {kind}? --{kind} NAME ({kept})")
    return names[0]


def given_passphrase(file: Path | None) -> str | None:
    """The passphrase from a file or the environment, None where it is to be asked for."""
    if file is not None:
        return read_password_file(file)
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def passphrase_of(what: str, file: Path | None) -> str:
    """The passphrase of something encrypted. Raises PassphraseNeeded where nobody can be asked."""
    given = given_passphrase(file)
    return _ask_passphrase(what) if given is None else given


def _ask_passphrase(what: str) -> str:
    instead = f"give --passphrase-file, or set {PASSPHRASE_VARIABLE}"
    return ask(f"Passphrase of {what}", instead, PassphraseNeeded)


def new_passphrase(file: Path | None) -> str:
    """A passphrase for a new key, asked for twice. Raises AuthorityError."""
    given = given_passphrase(file)
    if given is not None:
        return given
    instead = f"give --passphrase-file, or set {PASSPHRASE_VARIABLE}"
    passphrase = ask("New passphrase (8 characters or more)", instead, AuthorityError)
    if ask("The same again", instead, AuthorityError) != passphrase:
        raise AuthorityError("the two passphrases differ")
    return passphrase
