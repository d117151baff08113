"""The registry: every device made, what is known of it, and what was done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.engine import Connection

from host_client import cbor
from host_client.registry import lookup
from host_client.registry.adding import AT_ONCE, Adding
from host_client.registry.audit import Entry, Head
from host_client.registry.devices import Device, NewDevice, SealedFor
from host_client.registry.errors import BadRow
from host_client.registry.order_book import OrderBook
from host_client.registry.vault import Vault

MAX_WRONG = 100  # bad rows told at once


@dataclass(frozen=True)
class Added:
    """How many devices were new, known already, and (of those) completed."""

    new: int
    known: int
    completed: int


class Registry(Vault, OrderBook):
    """A registry that is open; for `with`. Safe to share between threads.

    Every method raises RegistryError: RegistryUnreachable, RegistryBusy, and what it names.
    """

    def add_device(self, device: NewDevice) -> Device:
        """Register a device; the same again changes nothing, but completes what lacked.

        The same is: of this device id and key. A certificate or label code that was missing is
        added, anything else stays as it was. Raises RegistryConflict (another key, or a serial
        number that is taken), BadRow, NotRegistered (no operator to seal its code to).
        """
        with self._database.writing() as connection:
            adding = self._adding(connection)
            for _, error in adding.add([device]):
                raise error
            found = lookup.by_device_id(connection, device.device_id)
            assert found is not None
            if adding.added or adding.completed:
                action = "device added" if adding.added else "device completed"
                detail = {"device_id": found.device_id, "key": found.fingerprint,
                          "batch": found.batch, "label_code": found.has_label_code}  # fmt: skip
                self._trail.add(connection, action, found.serial, detail)
        return found

    def add_devices(
        self,
        devices: Iterable[NewDevice | BadRow],
        *,
        source: str = "",
        on_progress: Callable[[int], None] | None = None,
    ) -> Added:
        """Register many, all or none, as `add_device` does each; one entry in the trail.

        A BadRow in a device's place is told with what else is wrong.

        Raises BadRow whose `rows` tell (position from 1, what is wrong), at most MAX_WRONG.
        """
        rows, done = iter(devices), 0
        wrong: list[tuple[int, str]] = []
        digest = hashlib.sha256()
        with self._database.writing() as connection:
            adding = self._adding(connection)
            while portion := list(islice(rows, AT_ONCE)):
                wrong += [(done + place + 1, str(error)) for place, error in adding.add(portion)]
                if len(wrong) >= MAX_WRONG:
                    break
                for device in portion:
                    digest.update(_bound(device))
                done += len(portion)
                if on_progress is not None:
                    on_progress(done)
            if wrong:
                raise BadRow("nothing was added: some rows are wrong", tuple(sorted(wrong)))
            result = Added(adding.added, adding.known, adding.completed)
            if result.new or result.completed:
                detail = {"new": result.new, "known": result.known, "rows": digest.hexdigest(),
                          "completed": result.completed, "source": source[:200]}  # fmt: skip
                self._trail.add(connection, "devices added", "", detail)
        return result

    def device(
        self,
        serial: str | None = None,
        *,
        device_id: str | None = None,
        fingerprint: str | None = None,
    ) -> Device | None:
        """The device of exactly one of these; None if it is not registered.

        `fingerprint`: `sha256:` and at least 32 digits, or the 26 characters of a label.
        """
        if [serial, device_id, fingerprint].count(None) != 2:
            raise TypeError("a device is looked up by one of serial, device_id, fingerprint")
        with self._database.reading() as connection:
            if serial is not None:
                return lookup.by_serial(connection, serial)
            if device_id is not None:
                return lookup.by_device_id(connection, device_id)
            return lookup.by_fingerprint(connection, fingerprint or "")

    def find(self, text: str) -> Device | None:
        """The device of this serial number, device id or fingerprint, in this order."""
        with self._database.reading() as connection:
            found = lookup.by_serial(connection, text) or lookup.by_device_id(connection, text)
            if found is not None:
                return found
            try:
                return lookup.by_fingerprint(connection, text)
            except BadRow:
                return None  # it reads like none

    def search(self, text: str, limit: int = 50) -> list[Device]:
        """The device that `find` finds, or those whose serial number or id begins so."""
        found = self.find(text)
        if found is not None or not lookup.is_name(text):
            return [] if found is None else [found]
        with self._database.reading() as connection:
            return lookup.beginning_with(connection, text, limit)

    def batch(self, name: str) -> list[Device]:
        """The devices of a batch, in the order in which they were added."""
        return list(self.devices(batch=name))

    def devices(self, *, batch: str | None = None) -> Iterator[Device]:
        """All devices, in the order in which they were added, as of one moment."""
        for device, _ in self.with_codes(batch=batch, sealed=False):
            yield device

    def with_codes(
        self, *, batch: str | None = None, sealed: bool = True
    ) -> Iterator[tuple[Device, SealedFor | None]]:
        """As `devices`, each with its label code as it is sealed, if there is one."""
        with self._database.reading(steady=True) as connection:
            for page in lookup.pages(connection, batch):
                codes = lookup.sealed_codes(connection, page) if sealed else {}
                for row, device in page:
                    yield device, codes.get(row)

    def count(self) -> int:
        """How many devices are registered."""
        with self._database.reading() as connection:
            return lookup.count(connection)

    def audit(self, *, newest: int | None = None) -> Iterator[Entry]:
        """The audit trail, oldest first, or the `newest` so many entries of it."""
        with self._database.reading(steady=True) as connection:
            yield from self._trail.entries(connection, newest=newest)

    def verify_audit(self, noted: Head | None = None) -> Head:
        """Follow the trail's chain; returns its head, to be noted. Raises TrailBroken."""
        with self._database.reading(steady=True) as connection:
            return self._trail.verify(connection, noted)

    def note(self, action: str, subject: str, detail: dict[str, str | int]) -> None:
        """Add an entry of one's own to the trail (an export, a label printed anew)."""
        with self._database.writing() as connection:
            self._trail.add(connection, action, subject, dict(detail))

    def _adding(self, connection: Connection) -> Adding:
        now_ms = self._database.now_ms(connection)
        return Adding(connection, lambda: self._sealed_to(connection), now_ms)


def _bound(device: NewDevice | BadRow) -> bytes:
    """What the trail's entry of many devices binds of one."""
    if isinstance(device, BadRow):
        return b""
    return cbor.encode([device.own_serial, device.device_id, device.digest])
