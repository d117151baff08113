"""Commands for installers: keys that an authority lets sign orders, within limits."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from host_client.authority import AuthorityStore
from host_client.cli.execution import execute
from host_client.cli.options import AsJson, AuthorityName, PassphraseFile, Verbose
from host_client.cli.output import Output
from host_client.cli.proof_input import named_public_key
from host_client.cli.secret_input import load_named_authority
from host_client.errors import AuthorityError, BadCertificate
from host_client.fingerprint import fingerprint, short
from host_client.installer import (
    KINDS,
    MAX_CERTIFICATE,
    InstallerCertificate,
    certify_installer,
    read_installer_certificate,
)
from host_client.private_file import write_whole

app = typer.Typer(help="Keys that an authority lets sign, within limits.", no_args_is_help=True)

_DAY_S = 86400
_ALL_KINDS = ",".join(KINDS)

Subject = Annotated[str, typer.Argument(metavar="WHO", help="Who it is, for people.")]
InstallerKey = Annotated[
    str, typer.Option("--key", metavar="FILE|NAME", help="The installer's public key.")
]
CertificateOutput = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="Where to.")
]
Kinds = Annotated[
    str, typer.Option("--kinds", help=f"What its orders may set: some of {_ALL_KINDS}.")
]
Group = Annotated[str | None, typer.Option("--group", help="Only boards of this device group.")]
Days = Annotated[float, typer.Option("--days", min=0.001, help="For how long from now it is good.")]
FirstSequence = Annotated[
    int | None, typer.Option("--first", help="Lowest sequence number, instead of --days.")
]
LastSequence = Annotated[
    int | None, typer.Option("--last", help="Highest sequence number, instead of --days.")
]
CertificateFile = Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")]
CheckedBy = Annotated[
    str | None,
    typer.Option(
        "--authority", "-a", metavar="FILE|NAME", help="Check that this authority has signed it."
    ),
]


@app.command()
def certify(
    subject: Subject,
    key: InstallerKey,
    output: CertificateOutput,
    kinds: Kinds = _ALL_KINDS,
    group: Group = None,
    days: Days = 30,
    first: FirstSequence = None,
    last: LastSequence = None,
    authority: AuthorityName = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Certify an installer's key. Needs the authority; the installer needs only the result.

    Hosts number orders by the clock, so a span of sequence numbers is a span of time.
    """

    async def work(out: Output) -> dict[str, Any]:
        signer = load_named_authority(authority, passphrase_file)
        data = certify_installer(
            signer,
            subject,
            named_public_key(key),
            group,
            tuple(kinds.replace(" ", "").split(",")),
            **_limits(days, first, last),
        )
        _write(output, data)
        certificate = read_installer_certificate(data, signer.public_key)
        _show(out, certificate)
        out.say(f"Give {output} to the installer: latchkey installer import NAME {output.name}")
        return _document(certificate, checked=True) | {"file": str(output)}

    execute("installer certify", work, as_json=as_json, verbose=verbose)


@app.command()
def show(
    file: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="The certificate, or a key kept with one.")
    ],
    authority: CheckedBy = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show what a certificate allows; with --authority, check whose it is."""

    async def work(out: Output) -> dict[str, Any]:
        key = None if authority is None else named_public_key(authority)
        certificate = read_installer_certificate(_kept_or_read(file), key)
        _show(out, certificate)
        if key is None:
            out.note("Its signature was not checked: give --authority.")
        return _document(certificate, checked=key is not None)

    execute("installer show", work, as_json=as_json, verbose=verbose)


@app.command(name="import")
def import_certificate(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Your key, kept here.")],
    file: CertificateFile,
    authority: CheckedBy = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Keep a certificate beside the key that it is about; `--installer NAME` then uses both."""

    async def work(out: Output) -> dict[str, Any]:
        key = None if authority is None else named_public_key(authority)
        certificate = read_installer_certificate(_read(file), key)
        path = AuthorityStore().keep_certificate(name, certificate.data)
        _show(out, certificate)
        return _document(certificate, checked=key is not None) | {"file": str(path)}

    execute("installer import", work, as_json=as_json, verbose=verbose)


def _limits(days: float, first: int | None, last: int | None) -> dict[str, Any]:
    """From now on for some days, unless sequence numbers are given: then without an expiry."""
    now_s = time.time()
    end_s = now_s + days * _DAY_S
    return {
        "first_sequence": int(now_s * 1000) if first is None else first,
        "last_sequence": int(end_s * 1000) if last is None else last,
        "expires": int(end_s) if first is None and last is None else None,
    }


def _kept_or_read(given: str) -> bytes:
    """The certificate kept with a key of that name, else that of a file."""
    store = AuthorityStore()
    if given not in store.names():
        return _read(Path(given))
    data = store.certificate(given)
    if data is None:
        raise BadCertificate(f"{given} has no certificate: latchkey installer import {given} FILE")
    return data


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_CERTIFICATE + 1)
    except OSError as error:
        raise BadCertificate(f"cannot read {file}: {error.strerror}") from error


def _write(output: Path, data: bytes) -> None:
    try:
        write_whole(output, data)
    except OSError as error:
        raise AuthorityError(f"cannot write {output}: {error.strerror}") from error


def _show(out: Output, certificate: InstallerCertificate) -> None:
    first, last = certificate.first_sequence, certificate.last_sequence
    out.facts(
        certificate.subject,
        [
            ("key", short(fingerprint(certificate.public_key))),
            ("may set", ", ".join(certificate.kinds)),
            ("device group", certificate.group or "any"),
            ("sequences", f"{first} to {last}"),
            ("as times", f"{_moment(first / 1000)} to {_moment(last / 1000)}"),
            ("expires", None if certificate.expires is None else _moment(certificate.expires)),
        ],
    )


def _moment(unix_s: float) -> str:
    try:
        return datetime.fromtimestamp(unix_s, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "beyond any date"


def _document(certificate: InstallerCertificate, *, checked: bool) -> dict[str, Any]:
    return {
        "subject": certificate.subject,
        "public_key": certificate.public_key.hex(),
        "fingerprint": fingerprint(certificate.public_key),
        "kinds": list(certificate.kinds),
        "group": certificate.group,
        "first_sequence": certificate.first_sequence,
        "last_sequence": certificate.last_sequence,
        "expires": certificate.expires,
        "checked": checked,
    }
