"""Commands of the bootstrap server."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from host_client.bootstrap.errors import BootstrapError
from host_client.bootstrap.server_key import make_server_key, read_pin
from host_client.bundle import read_secrets
from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output
from host_client.cli.registry_options import RegistryUrl, warn_of_password
from host_client.errors import MissingExtra

if TYPE_CHECKING:
    from host_client.bootstrap.sources import OrderSource

app = typer.Typer(
    help="Bootstrap server: boards that were given only a network fetch the rest there.",
    no_args_is_help=True,
)
KEY_FILE, CERTIFICATE_FILE = "bootstrap.key", "bootstrap.crt"
DEFAULT_PORT = 8443

Orders = Annotated[
    list[Path] | None,
    typer.Option("--orders", metavar="FILE", help="Orders of `latchkey order make`."),
]
Receipts = Annotated[
    Path, typer.Option("--receipts", metavar="FILE", help="Where receipts go, with --orders.")
]
Secrets = Annotated[
    Path | None,
    typer.Option("--secrets", metavar="FILE", help="Check receipts with these secrets."),
]
Under = Annotated[
    str, typer.Option("--under", metavar="PATH", help="The path in the URL that boards have.")
]
Host = Annotated[str, typer.Option("--host", help="Where to listen: 0.0.0.0 for everywhere.")]
PerMinute = Annotated[
    int, typer.Option("--per-minute", min=1, help="Requests of one address in a minute.")
]
KeyFile = Annotated[Path, typer.Option("--key", metavar="FILE", help="The server's key (PEM).")]
CertificateFile = Annotated[
    Path, typer.Option("--certificate", metavar="FILE", help="Its certificate, or chain (PEM).")
]


@app.command()
def key(
    name: Annotated[str, typer.Argument(metavar="HOST", help="The server's name in its URL.")],
    key_file: KeyFile = Path(KEY_FILE),
    certificate: CertificateFile = Path(CERTIFICATE_FILE),
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make the server's key, a certificate for it, and show the pin that boards are given."""

    async def work(out: Output) -> dict[str, Any]:
        pin = make_server_key(key_file, certificate, name)
        _show(out, name, pin, key_file, certificate)
        out.say("Boards know the server by this key alone, for life. Keep a copy of it safe.")
        return _document(pin) | {"key": str(key_file), "certificate": str(certificate)}

    execute("bootstrap key", work, as_json=as_json, verbose=verbose)


@app.command()
def pin(
    certificate: Annotated[Path, typer.Argument(metavar="FILE", help="A certificate (PEM).")],
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show the pin of a certificate: SHA-256 of its public key."""

    async def work(out: Output) -> dict[str, Any]:
        found = read_pin(certificate)
        out.say(found.hex())
        return _document(found)

    execute("bootstrap pin", work, as_json=as_json, verbose=verbose)


@app.command()
def serve(
    orders: Orders = None,
    receipts: Receipts = Path("receipts"),
    registry: RegistryUrl = None,
    secrets: Secrets = None,
    key_file: KeyFile = Path(KEY_FILE),
    certificate: CertificateFile = Path(CERTIFICATE_FILE),
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = DEFAULT_PORT,
    under: Under = "",
    per_minute: PerMinute = 120,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Hand out orders and take receipts until interrupted.

    Orders come from files (--orders, several times), or else from the registry.
    """

    async def work(out: Output) -> dict[str, Any]:
        serving, application, rates = _libraries()
        warn_of_password(out, registry)
        source = _source(orders or [], receipts, registry, secrets)
        rate = rates.Rate(per_minute, max(per_minute, application.IN_ALL))

        def ready(at: int) -> None:
            pin_text = read_pin(certificate).hex()
            out.err.print(f"Serving on {host}, port {at}; pin {pin_text}", highlight=False)

        address = serving.Address(host, port, key_file, certificate)
        with _requests_logged(verbose):
            await serving.serve(application.make_app(source, rate, _path(under)), address, ready)
        return {}

    execute("bootstrap serve", work, as_json=as_json, verbose=verbose)


@contextlib.contextmanager
def _requests_logged(verbose: bool) -> Iterator[None]:
    """A line for each request on standard error; no secret is in them, nor the orders."""
    log = logging.getLogger("latchkey.bootstrap")
    if verbose:  # then they are logged as everything is
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    before = log.level, log.propagate
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = before[1]
        log.setLevel(before[0])


def _libraries() -> tuple[Any, Any, Any]:
    try:
        from host_client.bootstrap import app as application
        from host_client.bootstrap import rate, serving
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn", "h11", "anyio"):
            raise
        raise MissingExtra(f"the bootstrap server needs {error.name}", "factory") from None
    return serving, application, rate


def _source(
    orders: list[Path], receipts: Path, registry: str | None, secrets: Path | None
) -> OrderSource:
    known = read_secrets(secrets) if secrets is not None else {}
    if orders and registry is not None:
        raise BootstrapError("orders come from --orders or from --registry: give one of them")
    if orders:
        from host_client.bootstrap.sources import BundleSource

        return BundleSource(orders, receipts, known)
    from host_client.bootstrap.registry_source import RegistrySource
    from host_client.registry import Registry

    return RegistrySource(Registry(registry, actor="bootstrap server"), known)


def _path(under: str) -> str:
    """As boards write it: "/" before, none behind."""
    parts = under.strip("/")
    return f"/{parts}" if parts else ""


def _document(found: bytes) -> dict[str, Any]:
    return {"pin": found.hex()}


def _show(out: Output, name: str, found: bytes, key_file: Path, certificate: Path) -> None:
    out.facts(
        name,
        [
            ("pin", found.hex()),
            ("key", f"{key_file} (not encrypted: for the server alone)"),
            ("certificate", str(certificate)),
        ],
    )
