"""The main command: make an order of settings, hand it to a board, see it through."""

from __future__ import annotations

from typing import Any

import typer

from host_client.cli.delivery import give
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
from host_client.cli.output import Output
from host_client.cli.proof_input import (
    AllowOpen,
    FirstUse,
    InstallerName,
    LabelText,
    ManufacturerFile,
    OwnerName,
    ProofInput,
)
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
    Static,
    TimeZone,
)


def register(app: typer.Typer) -> None:
    app.command("provision")(provision)


def provision(
    board: BoardUrl = DEFAULT_BOARD,
    settings_file: SettingsFile = None,
    ssid: Ssid = None, password: Password = None, password_file: PasswordFile = None,
    is_open: Open = False, hidden: Hidden = False, static: Static = None,
    server_url: ServerUrl = None, server_pin: ServerPin = None,
    credentials_file: CredentialsFile = None, require_server: RequireServer = False,
    name: DeviceName = None, hostname: Hostname = None, country: Country = None,
    timezone: TimeZone = None, app_file: AppFile = None,
    authority: AuthorityName = None, installer: InstallerName = None, owner: OwnerName = None,
    passphrase_file: PassphraseFile = None,
    first_use: FirstUse = False, allow_open: AllowOpen = False,
    label: LabelText = None, manufacturer: ManufacturerFile = None, device_key: DeviceKey = None,
    timeout_s: TimeoutS = None, as_json: AsJson = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    r"""Give a board its networks and settings; it tries them, and keeps them only if they work.

    The settings come from a TOML file (--settings), from options, or both; options win. A file
    may hold up to five \[\[network]] tables, tried in their order, with ssid ("Workshop" or
    "hex:576f..."), one of password, password_file, password_env, hidden, and address, gateway, dns;
    \[server] with url, pin, credentials (or credentials_file, credentials_env), required;
    \[device] with name, hostname, country, timezone; \[app] with file or data; \[trust] with
    owner_file, authority_file, policy, release.

    The password of --ssid comes from --password-file, LATCHKEY_WIFI_PASSWORD, or is asked for.

    What the order is proved with depends on the board's policy (latchkey info): an authority's,
    an installer's or the owner's signature, or the label's code. An unsigned order is made only
    with --label, --first-use or --allow-open, whatever the board says.
    """
    given = SettingsInput(
        settings_file, ssid, password, password_file, is_open, hidden, static, server_url,
        server_pin, credentials_file, require_server, name, hostname, country, timezone, app_file,
    )  # fmt: skip
    proof = ProofInput(
        authority, installer, owner, first_use, allow_open, label, manufacturer, device_key,
        passphrase_file,
    )  # fmt: skip

    async def work(out: Output) -> dict[str, Any]:
        settings = given.collect(out)
        return await give(out, board, settings, proof.collect(out), timeout_s)

    execute("provision", work, as_json=as_json, verbose=verbose)
