"""The main command: make an order of settings, hand it to a board, see it through."""

from __future__ import annotations

from typing import Any

import typer

from host_client.authority import Authority
from host_client.cli import documents
from host_client.cli.execution import execute
from host_client.cli.options import (
    DEFAULT_BOARD,
    AsJson,
    AuthorityName,
    BoardUrl,
    DeviceKey,
    PassphraseFile,
    TimeoutS,
    Verbose,
)
from host_client.cli.output import Output, ssid_text
from host_client.cli.progress import ProvisionProgress
from host_client.cli.secret_input import load_named_authority
from host_client.cli.settings_input import (
    AppFile,
    Country,
    CredentialsFile,
    DeviceName,
    Hidden,
    Hostname,
    Open,
    Password,
    PasswordFile,
    RequireServer,
    ServerPin,
    ServerUrl,
    SettingsFile,
    SettingsInput,
    Ssid,
    TimeZone,
)
from host_client.cli.views import show_receipt
from host_client.client import connect
from host_client.errors import Refused, TrialFailed
from host_client.order import SealedOrder
from host_client.outcome import Outcome
from host_client.pending import PendingSecrets
from host_client.settings import Settings
from transports.contract import NO_RECEIPT


def register(app: typer.Typer) -> None:
    app.command("provision")(provision)


def provision(
    board: BoardUrl = DEFAULT_BOARD,
    settings_file: SettingsFile = None,
    ssid: Ssid = None,
    password: Password = None,
    password_file: PasswordFile = None,
    is_open: Open = False,
    hidden: Hidden = False,
    server_url: ServerUrl = None,
    server_pin: ServerPin = None,
    credentials_file: CredentialsFile = None,
    require_server: RequireServer = False,
    name: DeviceName = None,
    hostname: Hostname = None,
    country: Country = None,
    timezone: TimeZone = None,
    app_file: AppFile = None,
    authority: AuthorityName = None,
    passphrase_file: PassphraseFile = None,
    device_key: DeviceKey = None,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    r"""Give a board its networks and settings; it tries them, and keeps them only if they work.

    The settings come from a TOML file (--settings), from options, or both; options win. A file
    may hold up to five \[\[network]] tables, tried in their order, with ssid ("Workshop" or
    "hex:576f..."), one of password, password_file, password_env, and hidden; \[server] with url,
    pin, credentials (or credentials_file, credentials_env), required; \[device] with name,
    hostname, country, timezone; \[app] with file or data.

    The password of --ssid comes from --password-file, LATCHKEY_WIFI_PASSWORD, or is asked for.
    """
    given = SettingsInput(
        settings_file, ssid, password, password_file, is_open, hidden, server_url, server_pin,
        credentials_file, require_server, name, hostname, country, timezone, app_file,
    )  # fmt: skip

    async def work(out: Output) -> dict[str, Any]:
        settings = given.collect(out)
        signer = load_named_authority(authority, passphrase_file)
        outcome = await _provision(out, board, settings, signer, device_key, timeout_s)
        names = tuple(ssid_text(network.ssid) for network in settings.networks)
        show_receipt(out, outcome.receipt, names)
        return documents.outcome_document(outcome)

    execute("provision", work, as_json=as_json, verbose=verbose)


async def _provision(
    out: Output,
    board: str,
    settings: Settings,
    signer: Authority,
    device_key: str | None,
    timeout_s: float | None,
) -> Outcome:
    pending = PendingSecrets()
    names = tuple(ssid_text(network.ssid) for network in settings.networks)
    sealed: list[bytes] = []
    with ProvisionProgress(out, names) as progress:

        def on_sealed(order: SealedOrder) -> None:
            if order.secret is not None:
                pending.keep(order.secret)
                sealed.append(order.order_id)
            progress.finish(f"signed by {signer.name}, sealed to {order.device_id}")
            progress.begin("handing the order over", 2)

        progress.begin(f"connecting to {board}", 0)
        async with connect(board, authority=signer, device_key=device_key) as link:
            progress.finish(f"connected to {board}")
            progress.begin("reading the board's key and signing the order", 1)
            try:
                outcome = await link.provision(
                    settings, timeout_s=timeout_s, on_sealed=on_sealed, on_status=progress.on_status
                )
            except (Refused, TrialFailed) as failure:
                if _is_settled(failure):
                    for order_id in sealed:
                        pending.drop(order_id)
                raise
            progress.finish("receipt checked")
    pending.drop(outcome.order_id)
    return outcome


def _is_settled(failure: Refused | TrialFailed) -> bool:
    """Whether no receipt of the order is left to be checked later."""
    if isinstance(failure, TrialFailed):
        return failure.proven
    return failure.status != NO_RECEIPT
