"""A board of the factory step in memory: its key is made once, its record written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from host_client.authority import Authority
from host_client.deploy.errors import UsbError
from host_client.factory.journal import Journal
from host_client.factory.label_files import LabelFiles
from host_client.factory.making import Line
from host_client.factory.plan import Plan
from host_client.factory.registration import Registration
from host_client.factory.report import BoardReport, derived_id
from host_client.factory.serials import Counter
from host_client.registry import Operator, OperatorStore, Registry

AUTHORITY = Authority.generate("workshop")
MANUFACTURER = Authority.generate("maker")


class Cut(BaseException):
    """The power, or the program, goes here: nothing catches it."""


class BoardInMemory:
    """Keeps what firmware/factory.py keeps, and counts what must happen once."""

    def __init__(self) -> None:
        self.key: bytes | None = None
        self.record: dict[str, Any] | None = None
        self.keys_made = 0

    def begin(self) -> BoardReport:
        if self.key is None:
            self.key = X25519PrivateKey.generate().public_key().public_bytes_raw()
            self.keys_made += 1
        return self._report()

    def write(self, values: Mapping[str, Any]) -> BoardReport:
        if self.record is not None:
            raise UsbError("RuntimeError: the factory record is written once")
        assert values["device_key"] == self.key
        self.record = dict(values)
        return self._report()

    def _report(self) -> BoardReport:
        assert self.key is not None
        device_id = derived_id(self.key)
        facts: dict[str, Any] = {}
        if self.record is not None:
            url, pin = self.record["bootstrap"] or (None, None)
            facts = {
                name: self.record[name]
                for name in ("model", "group", "policy", "profile", "serial", "shut")
            }
            facts |= {
                name: None if self.record[name] is None else self.record[name].hex()
                for name in ("certificate", "authority")
            }
            facts |= {"label": self.record["label_key"] is not None, "bootstrap": url,
                      "bootstrap_pin": pin.hex() if pin else None}  # fmt: skip
        name = "Latchkey-" + device_id[-4:].upper()
        return BoardReport(device_id, name, self.key, self.record is not None, facts)


def new_registry(folder: Path) -> Registry:
    """A registry with an operator to seal codes to."""
    store = OperatorStore(folder / "operators")
    operator = Operator.generate("op")
    store.save(operator, "correct horse")
    url = f"sqlite:///{folder / 'registry.db'}"
    registry = Registry(url, operator=operator.keys, actor="test", create=True)
    registry.enrol(operator.keys, hourly_limit=1000)
    return registry


def new_line(
    folder: Path, registry: Registry | None, plan: Plan | None = None, prefix: str = "T-"
) -> Line:
    """A line whose files are in `folder`."""
    return Line(
        plan or Plan(AUTHORITY.public_key, "label", model="thermostat"),
        MANUFACTURER,
        None if registry is None else Registration(registry, "batch 1"),
        Journal(folder / "begun"),
        Counter(prefix, path=folder / "serials.json"),
        LabelFiles(folder / "labels", ("svg",)),
        "latchkey.example",
    )


class CutAt:
    """Wraps objects so that the call with a given number ends in a Cut, before or after it is
    done. `calls`: how many there were."""

    def __init__(self, number: int, *, after: bool) -> None:
        self._number, self._after = number, after
        self.calls = 0

    def around(self, thing: Any) -> Any:
        cut = self

        class Wrapped:
            def __getattr__(self, name: str) -> Any:
                found = getattr(thing, name)
                return cut._wrapped(found) if callable(found) else found

        return Wrapped()

    def _wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any) -> Any:
            number, self.calls = self.calls, self.calls + 1
            if number == self._number and not self._after:
                raise Cut
            result = call(*given)
            if number == self._number:
                raise Cut
            return result

        return wrapped
