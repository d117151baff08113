"""A chip's eFuses, read and burned with espefuse: one-way switches inside the chip.

Key blocks are never kept, shown or logged: what can still be read of one may be a key in use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from host_client.deploy.errors import UsbError
from host_client.deploy.tools import run_module

READ_DEADLINE_S = 60.0
BURN_DEADLINE_S = 120.0
_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


@dataclass(frozen=True)
class Fuse:
    """One field. `raw`: its bits as a number; `can_burn`: whether it is not write-protected."""

    name: str
    raw: int
    bits: int
    can_burn: bool


class Fuses(Mapping[str, Fuse]):
    """The fields of a chip by their names in espefuse, those that hold octets left out."""

    def __init__(self, fields: Mapping[str, Fuse]) -> None:
        self._fields = dict(fields)

    def __getitem__(self, name: str) -> Fuse:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def raw(self, *names: str) -> int:
        """The bits of the first of these fields that the chip has; 0 where it has none."""
        return next((self._fields[name].raw for name in names if name in self._fields), 0)

    def has(self, name: str) -> bool:
        return name in self._fields


class EfuseTool:
    """espefuse on one chip. `where`: the options that say which."""

    def __init__(self, where: Sequence[str]) -> None:
        self._where = list(where)

    @classmethod
    def at(cls, port: str) -> EfuseTool:
        """The chip at a port."""
        return cls(["--port", port])

    def read(self) -> Fuses:
        """All fields. Raises UsbError."""
        output = run_module(
            "espefuse", [*self._where, "summary", "--format", "json"], READ_DEADLINE_S
        )
        return read_summary(output)

    def burn(self, names: Sequence[str]) -> None:
        """Set fields of one bit, for ever. Raises UsbError: then some may be burned."""
        if not names or not all(_NAME.fullmatch(name) for name in names):
            raise UsbError("no fuse to burn")
        pairs = [word for name in names for word in (name, "1")]
        arguments = [*self._where, "--do-not-confirm", "burn-efuse", *pairs]
        output = run_module("espefuse", arguments, BURN_DEADLINE_S)
        if "Successful" not in output:
            raise UsbError("espefuse did not say that the fuses were burned")


def read_summary(output: str) -> Fuses:
    """The fields in what `espefuse summary --format json` printed. Raises UsbError."""
    start, end = output.find("{"), output.rfind("}")
    try:
        fields = json.loads(output[start : end + 1])
        return Fuses(
            {
                str(name): Fuse(str(name), int(field["raw_value"], 0), int(field["bit_len"]),
                                bool(field["writeable"]))
                for name, field in fields.items()
                if not str(field["efuse_type"]).startswith("bytes")
            }
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError):
        # The error that was caught would quote the summary, keys included.
        raise UsbError("what espefuse says of the chip cannot be read") from None
