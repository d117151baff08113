"""What a board says of itself in the factory step: all of it public."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from host_client.deploy.errors import UsbError
from host_client.fingerprint import DEVICE_KEY_LENGTH, fingerprint
from transports.contract import DERIVED_ID_PREFIX

_MAX_DEVICE_ID = 32  # octets


@dataclass(frozen=True)
class BoardReport:
    """The report of `firmware.factory`. `written`: the factory record is there; before it is,
    all that is known is the key. `facts`: the other fields as they came."""

    device_id: str
    name: str
    device_key: bytes  # X25519, 32 octets
    written: bool
    facts: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.device_key)

    @property
    def certificate(self) -> bytes | None:
        """Octets of the device certificate. Raises UsbError for what is no hex."""
        return self._octets("certificate")

    @property
    def authority(self) -> bytes | None:
        """COSE_Key octets of the provisioning key that it trusts. Raises UsbError."""
        return self._octets("authority")

    @property
    def serial(self) -> str | None:
        found = self.facts.get("serial")
        return None if found is None else str(found)

    @property
    def has_label_key(self) -> bool:
        return bool(self.facts.get("label"))

    def _octets(self, name: str) -> bytes | None:
        found = self.facts.get(name)
        try:
            return None if found is None else bytes.fromhex(found)
        except (TypeError, ValueError) as error:
            raise UsbError(f"the board's {name} is garbled") from error


def read_report(output: str) -> BoardReport:
    """The report in what the board printed. Raises UsbError."""
    line = next((x for x in reversed(output.splitlines()) if x.startswith("{")), None)
    if line is None:
        raise UsbError("the board did not say which key it has made")
    try:
        facts = json.loads(line)
        # JSON can say what no text is, half a pair of surrogates: a ValueError, here.
        json.dumps(facts, ensure_ascii=False).encode()
        report = BoardReport(
            str(facts.pop("device_id")),
            str(facts.pop("name")),
            bytes.fromhex(facts.pop("device_key")),
            bool(facts.pop("written")),
            facts,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsbError("the board's factory report is garbled") from error
    _check(report)
    return report


def _check(report: BoardReport) -> None:
    if len(report.device_key) != DEVICE_KEY_LENGTH:
        raise UsbError("the board's key has a wrong length")
    if not 1 <= len(report.device_id.encode()) <= _MAX_DEVICE_ID:
        raise UsbError("the board's device id has a wrong length")
    if report.device_id.startswith(DERIVED_ID_PREFIX) and report.device_id != derived_id(
        report.device_key
    ):
        raise UsbError("the board's device id is not that of its key")


def derived_id(device_key: bytes) -> str:
    """The device id that a key proves: "lk-" and 16 hex digits of its SHA-256."""
    return DERIVED_ID_PREFIX + hashlib.sha256(device_key).hexdigest()[:16]
