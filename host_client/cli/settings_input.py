"""Settings from a TOML file and from options; options win."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from host_client.cli.output import Output
from host_client.cli.secret_input import wifi_password
from host_client.errors import BadSettings
from host_client.settings import Settings, parse_settings
from host_client.settings_file import load_values, read_capped, read_secret
from transports.contract import MAX_APP_DATA

_WIFI, _SERVER, _DEVICE = "Network", "Server", "Device"


def _option(*names: str, panel: str, help: str, metavar: str | None = None) -> Any:  # noqa: A002
    return typer.Option(*names, rich_help_panel=panel, help=help, metavar=metavar)


SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", metavar="FILE", help="TOML file of settings.")
]
Ssid = Annotated[
    str | None,
    _option(
        "--ssid", panel=_WIFI, metavar="NAME", help="Network to join first; hex:... for raw octets."
    ),
]
Password = Annotated[
    str | None,
    _option(
        "--password", panel=_WIFI, metavar="TEXT", help="Visible to other users: prefer the next."
    ),
]
PasswordFile = Annotated[
    Path | None,
    _option(
        "--password-file", panel=_WIFI, metavar="FILE", help="Read the password here (- for stdin)."
    ),
]
Open = Annotated[bool, _option("--open", panel=_WIFI, help="The network has no password.")]
Hidden = Annotated[
    bool, _option("--hidden", panel=_WIFI, help="The network does not show its name.")
]
Static = Annotated[
    str | None,
    _option(
        "--static", panel=_WIFI, metavar="ADDRESS/LENGTH[,GATEWAY[,DNS]]",
        help="Address of the board there, such as 192.168.1.20/24,192.168.1.1; default: DHCP.",
    ),
]  # fmt: skip
ServerUrl = Annotated[str | None, _option("--server-url", panel=_SERVER, help="Server to trust.")]
ServerPin = Annotated[
    str | None,
    _option(
        "--server-pin", panel=_SERVER, metavar="HEX", help="SHA-256 of its SubjectPublicKeyInfo."
    ),
]
CredentialsFile = Annotated[
    Path | None,
    _option(
        "--credentials-file", panel=_SERVER, metavar="FILE", help="Credentials for the server."
    ),
]
RequireServer = Annotated[
    bool, _option("--require-server", panel=_SERVER, help="Keep the settings only if it answers.")
]
DeviceName = Annotated[str | None, _option("--name", panel=_DEVICE, help="What people call it.")]
Hostname = Annotated[
    str | None, _option("--hostname", panel=_DEVICE, help="Its name on the network.")
]
Country = Annotated[
    str | None, _option("--country", panel=_DEVICE, metavar="XX", help="Country code, such as DE.")
]
TimeZone = Annotated[
    str | None,
    _option("--timezone", panel=_DEVICE, metavar="TZ", help="POSIX TZ, such as CET-1CEST."),
]
AppFile = Annotated[
    Path | None,
    _option(
        "--app-file", panel=_DEVICE, metavar="FILE", help="Data for the application, 4096 octets."
    ),
]


@dataclass(frozen=True, repr=False)
class SettingsInput:
    """The options of one command line, as they were given."""

    settings_file: Path | None
    ssid: str | None
    password: str | None
    password_file: Path | None
    is_open: bool
    hidden: bool
    static: str | None
    server_url: str | None
    server_pin: str | None
    credentials_file: Path | None
    require_server: bool
    name: str | None
    hostname: str | None
    country: str | None
    timezone: str | None
    app_file: Path | None

    def collect(self, output: Output) -> Settings:
        """Put file and options together, ask for a missing password. Raises BadSettings."""
        values = load_values(self.settings_file) if self.settings_file else {}
        if self.ssid is not None:
            networks = values.pop("networks", values.pop("network", []))
            values["network"] = [self._network(output, self.ssid), *networks]
        elif self.password is not None or self.password_file or self.is_open or self.hidden:
            raise BadSettings("a password without a network: give --ssid")
        elif self.static is not None:
            raise BadSettings("a static address without a network: give --ssid")
        self._merge(values, "server", self._server())
        device = {
            "name": self.name,
            "hostname": self.hostname,
            "country": self.country,
            "timezone": self.timezone,
        }
        self._merge(values, "device", device)
        if self.app_file is not None:
            values["app"] = read_capped(self.app_file, MAX_APP_DATA)
        return parse_settings(values)

    def _network(self, output: Output, ssid: str) -> dict[str, Any]:
        if self.is_open:
            if self.password is not None or self.password_file is not None:
                raise BadSettings("a network with --open has no password")
            return {"ssid": ssid, "hidden": self.hidden, **self._address()}
        key = wifi_password(output, ssid, self.password, self.password_file)
        return {"ssid": ssid, "key": key.encode(), "hidden": self.hidden, **self._address()}

    def _address(self) -> dict[str, str]:
        """The parts of --static; that they are addresses is checked with the settings."""
        parts = [] if self.static is None else self.static.split(",")
        if len(parts) > 3:
            raise BadSettings("--static takes an address, a gateway and a DNS server")
        return dict(zip(("address", "gateway", "dns"), parts, strict=False))

    def _server(self) -> dict[str, Any]:
        credentials = read_secret(self.credentials_file).encode() if self.credentials_file else None
        return {
            "url": self.server_url,
            "pin": self.server_pin,
            "credentials": credentials,
            "required": self.require_server or None,
        }

    @staticmethod
    def _merge(values: dict[str, Any], table: str, given: dict[str, Any]) -> None:
        """Let what was given replace the file's; a table that stays empty is left out."""
        present = {name: value for name, value in given.items() if value is not None}
        known = values.get(table, {})
        if present and isinstance(known, dict):
            values[table] = {**known, **present}
