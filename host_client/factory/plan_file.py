"""What a production run's boards are told, from a TOML file.

authority = "workshop"           # a provisioning key kept here, or a COSE_Key's FILE.cose
policy = "label"                 # signed (default), label, first-use, open
profile = "consumer"             # commercial (default), consumer, prototype
model = "thermostat"
group = "building-7"             # what installers' certificates may be limited to
label_code = true                # also under policy signed, which needs none
tables = true                    # faster verification, for 12 KB of the board's heap
shut = false                     # true: no prompt in the field

[bootstrap]
url = "https://first.example.net/orders"
pin = "64 hexadecimal digits"    # SHA-256 of the server's SubjectPublicKeyInfo

[pins]                           # GPIO numbers; -1: there is none
button = 9
led = 8

[limits]                         # see firmware/device/identity.py
window_s = 300
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from host_client.authority import AuthorityStore
from host_client.errors import BadSettings
from host_client.factory.errors import FactoryError
from host_client.factory.plan import Plan, read_authority, read_pin
from host_client.settings_file import read_capped

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MAX_FILE = 65536
_TEXTS = ("authority", "policy", "profile", "model", "group")
_SWITCHES = {"label_code": "with_code", "tables": "with_tables", "shut": "shut"}
_NUMBERS = ("pins", "limits")


def read_plan(path: Path | None, given: Mapping[str, str | None]) -> Plan:
    """The plan of a file, if there is one, and of what was `given` beside it, which wins.

    `given`: authority, policy, profile, model, group. Raises FactoryError, AuthorityError.
    """
    values = {} if path is None else _load(path)
    values.update({name: value for name, value in given.items() if value is not None})
    unknown = set(values) - {*_TEXTS, *_SWITCHES, *_NUMBERS, "bootstrap"}
    if unknown:
        raise FactoryError(f"{path}: there is no setting {', '.join(sorted(unknown))}")
    arguments: dict[str, Any] = {}
    for name in _TEXTS:
        if name in values:
            arguments[name] = _typed(values[name], str, name)
    for name, field in _SWITCHES.items():
        if name in values:
            arguments[field] = _typed(values[name], bool, name)
    for name in _NUMBERS:
        if name in values:
            arguments[name] = _typed(values[name], dict, name)
    if "bootstrap" in values:
        arguments["bootstrap"] = _bootstrap(_typed(values["bootstrap"], dict, "bootstrap"))
    arguments["authority"] = _authority(arguments.get("authority"), path)
    return Plan(**arguments)


def _load(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = tomllib.loads(read_capped(path, _MAX_FILE).decode())
    except BadSettings as error:
        raise FactoryError(str(error)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FactoryError(f"{path} is not TOML: {error}") from error
    except RecursionError:
        raise FactoryError(f"{path} is nested too deep") from None
    return values


def _typed(value: Any, kind: type, name: str) -> Any:
    if type(value) is not kind:
        words = {str: "a text", bool: "true or false", dict: "a table"}
        raise FactoryError(f"the plan's {name} is {words[kind]}")
    return value


def _bootstrap(table: dict[str, Any]) -> tuple[str, bytes]:
    if set(table) != {"url", "pin"}:
        raise FactoryError("a plan's bootstrap server has a url and a pin")
    return _typed(table["url"], str, "url"), read_pin(_typed(table["pin"], str, "pin"))


def _authority(named: str | None, plan_file: Path | None) -> bytes | None:
    """The public half, by name or from a file (looked for beside the plan's, too)."""
    if named is None:
        return None
    if "/" not in named and not named.endswith(".cose"):
        return AuthorityStore().public_key(named)
    beside = plan_file.parent / named if plan_file else Path(named)
    return read_authority(beside if beside.exists() else Path(named))
