"""Settings from a TOML file.

    [[network]]                      # up to 5, tried in this order
    ssid = "Workshop"                # or "hex:576f726b73686f70"
    password_file = "wifi.txt"       # or password_env = "NAME", or password = "..."
    hidden = false
    address = "192.168.1.20/24"      # static; without it the board asks DHCP
    gateway = "192.168.1.1"
    dns = "192.168.1.1"

    [server]
    url = "https://iot.example.net/boards"
    pin = "64 hexadecimal digits"    # SHA-256 of the server's SubjectPublicKeyInfo
    credentials_file = "token.txt"   # or credentials_env, or credentials
    required = true                  # keep the settings only if the server answers

    [device]
    name = "Boiler room"
    hostname = "boiler"
    country = "DE"
    timezone = "CET-1CEST,M3.5.0,M10.5.0/3"

    [app]
    file = "app.bin"                 # or data = "text" / "hex:..."; at most 4096 octets

    [trust]                          # whom the board obeys from now on
    owner_file = "next.pub"          # the next owner's public key (COSE_Key, or its hex)
    authority_file = "new.cose"      # takes the place of the authority that signs this order
    policy = "label"                 # a tighter one
    release = true                   # alone: settings and owner are wiped

Files are looked for beside the TOML file; a final newline in a password file is dropped.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from host_client.cose_key import read_public_key
from host_client.errors import AuthorityError, BadSettings
from host_client.settings import Settings, parse_settings
from transports.contract import MAX_APP_DATA

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_FILE_OCTETS = 65536


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and check a TOML file. Raises BadSettings."""
    return parse_settings(load_values(path, environment))


def load_values(path: Path, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Read a TOML file and fetch the secrets it points to, not checked yet."""
    try:
        values: dict[str, Any] = tomllib.loads(read_capped(path, MAX_FILE_OCTETS).decode())
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not TOML: {_place_only(str(error))}") from None
    except RecursionError:
        raise BadSettings(f"{path} is nested too deep") from None
    networks = values.get("network", values.get("networks", []))
    if not isinstance(networks, list):
        raise BadSettings("network: write [[network]] in the TOML file, with two brackets")
    for index, network in enumerate(networks):
        _fetch(network, "password", f"network.{index}", path, environment)
    _fetch(values.get("server"), "credentials", "server", path, environment)
    for name in ("owner", "authority"):
        _fetch_key(values.get("trust"), name, path)
    if "app" in values:
        values["app"] = _application_data(values["app"], path)
    return values


def read_capped(path: Path, limit: int) -> bytes:
    """Read a file of at most `limit` octets. Raises BadSettings."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise BadSettings(f"cannot read {path}: {error.strerror}") from error
    if len(data) > limit:
        raise BadSettings(f"{path} is longer than {limit} octets")
    return data


def read_secret(path: Path) -> str:
    """Read a secret from a file, without its final newline. Raises BadSettings."""
    try:
        return read_capped(path, 4096).decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not UTF-8 text") from None


def _fetch(table: Any, name: str, place: str, path: Path, environment: Mapping[str, str]) -> None:
    """Replace `NAME_file` and `NAME_env` in a table by what they point to."""
    if not isinstance(table, dict):
        return
    given = [key for key in (name, f"{name}_file", f"{name}_env") if key in table]
    if len(given) > 1:
        raise BadSettings(f"{place}: give one of {', '.join(given)}")
    if f"{name}_file" in table:
        table[name] = "text:" + read_secret(path.parent / str(table.pop(f"{name}_file")))
    if f"{name}_env" in table:
        variable = str(table.pop(f"{name}_env"))
        if variable not in environment:
            raise BadSettings(f"{place}: the environment has no {variable}")
        table[name] = "text:" + environment[variable]


def _fetch_key(table: Any, name: str, path: Path) -> None:
    """Replace `NAME_file` in the table `trust` by the public key in that file."""
    if not isinstance(table, dict) or f"{name}_file" not in table:
        return
    if name in table:
        raise BadSettings(f"trust: give {name} or {name}_file, not both")
    try:
        table[name] = read_public_key(path.parent / str(table.pop(f"{name}_file")))
    except AuthorityError as error:
        raise BadSettings(f"trust.{name}_file: {error}") from None


def _application_data(table: Any, path: Path) -> Any:
    if not isinstance(table, dict) or len(table) != 1 or not set(table) <= {"file", "data"}:
        raise BadSettings("app: give either file or data")
    if "file" in table:
        return read_capped(path.parent / str(table["file"]), MAX_APP_DATA)
    return table["data"]


def _place_only(message: str) -> str:
    """TOML errors may quote the text around the fault, which may be a password."""
    start = message.rfind("(at ")
    return message[start + 1 : -1] if start >= 0 else "syntax error"
