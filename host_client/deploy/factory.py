"""The factory step over USB: the board makes its own key and learns whom to trust.

The private key is made on the board and stays there; what goes over the cable is public.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from host_client import cbor
from host_client.deploy.errors import UsbError
from host_client.deploy.usb_board import UsbBoard
from host_client.errors import AuthorityError
from host_client.fingerprint import DEVICE_KEY_LENGTH, fingerprint
from host_client.tables import ed25519_tables, p256_tables
from transports.names import POLICY_NAMES

MAX_AUTHORITY = 512  # octets; a COSE_Key of Ed25519 has 42, one of P-256 77
_KTY, _OKP, _X, _Y = 1, 1, -2, -3  # labels of a COSE_Key (RFC 9052 section 7, RFC 9053 section 7)
FACTORY_DEADLINE_S = 60.0  # the key pair takes a board some seconds


@dataclass(frozen=True)
class FactorySettings:
    """What a board is told once. `authority`: COSE_Key octets, public half (RFC 9052 section 7)."""

    authority: bytes
    policy: str = "signed"
    model: str = "esp32"
    pins: Mapping[str, int] | None = None
    device_id: str | None = None
    with_tables: bool = False  # verification several times faster, for 12 KB of the board's heap


@dataclass(frozen=True)
class MadeBoard:
    """What the board said of itself: all of it public, all of it for the label and the registry."""

    device_id: str
    name: str
    device_key: bytes  # X25519, 32 octets

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.device_key)


def read_authority(path: Path) -> bytes:
    """The authority's public key from its file. Raises AuthorityError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_AUTHORITY + 1)
    except OSError as error:
        raise AuthorityError(f"cannot read {path}: {error.strerror}") from error
    if not 0 < len(data) <= MAX_AUTHORITY:
        raise AuthorityError(f"{path} is no COSE key")
    if data.startswith(b"-----"):
        # A PEM file may be the private half, which has no business on a board.
        raise AuthorityError(f"{path} is PEM: the public half as COSE_Key is wanted")
    return data


def authority_tables(authority: bytes) -> bytes:
    """Tables for a public COSE_Key (host_client/tables.py). Raises AuthorityError."""
    try:
        key = cbor.decode(authority)
        if key[_KTY] == _OKP:
            return ed25519_tables(key[_X])
        return p256_tables(key[_X], key[_Y])
    except (cbor.CborError, KeyError, TypeError, ValueError) as error:
        raise AuthorityError("the authority's file holds no usable public key") from error


def factory_script(settings: FactorySettings) -> str:
    """The MicroPython source that does it."""
    arguments = {
        "authority": settings.authority,
        "policy": POLICY_NAMES.index(settings.policy),
        "model": settings.model,
        "pins": dict(settings.pins or {}),
        "device_id": settings.device_id,
        "tables": authority_tables(settings.authority) if settings.with_tables else None,
    }
    listed = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"from firmware import factory\nfactory.write({listed})\n"


def make_board(board: UsbBoard, settings: FactorySettings) -> MadeBoard:
    """Write the factory record, once in a board's life. Raises UsbError."""
    return read_report(board.run(factory_script(settings), FACTORY_DEADLINE_S))


def read_report(output: str) -> MadeBoard:
    """The report in what `factory.write` printed. Raises UsbError."""
    line = next((x for x in reversed(output.splitlines()) if x.startswith("{")), None)
    if line is None:
        raise UsbError("the board did not say which key it has made")
    try:
        report = json.loads(line)
        made = MadeBoard(
            str(report["device_id"]), str(report["name"]), bytes.fromhex(report["device_key"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsbError("the board's factory report is garbled") from error
    if len(made.device_key) != DEVICE_KEY_LENGTH:
        raise UsbError("the board's key has a wrong length")
    return made
