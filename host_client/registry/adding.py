"""Adding devices, many at a time, within a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from host_client.label import check_code
from host_client.registry import schema
from host_client.registry.devices import NewDevice
from host_client.registry.errors import BadRow, NotRegistered, RegistryConflict, RegistryError
from host_client.registry.lookup import HAS_CODE
from host_client.registry.proof import label_code_purpose
from host_client.registry.retrieval import Enrolled

AT_ONCE = 500  # devices a statement: three values each, below SQLite's 32,766

_devices = schema.devices
_codes = schema.label_codes
_KNOWN = sa.select(
    _devices.c.id,
    _devices.c.serial,
    _devices.c.device_id,
    _devices.c.fingerprint,
    _devices.c.certificate.is_not(None).label("is_certified"),
    HAS_CODE,
)


@dataclass
class Known:
    """What of a registered device decides whether a new one is the same."""

    serial: str
    device_id: str
    digest: bytes
    is_certified: bool
    has_code: bool


class Adding:
    """Adds devices within one transaction, a portion at a time."""

    def __init__(
        self, connection: Connection, sealed_to: Callable[[], Enrolled], now_ms: int
    ) -> None:
        """`sealed_to`: the operator for label codes; asked once, when the first one comes."""
        self._connection = connection
        self._sealed_to = sealed_to
        self._operator: Enrolled | None = None
        self._now_ms = now_ms
        self._operators = {
            bytes(row.fingerprint): row.id
            for row in connection.execute(
                sa.select(schema.operators.c.id, schema.operators.c.fingerprint)
            )
        }
        self.added = self.known = self.completed = 0

    def add(self, portion: Sequence[NewDevice | BadRow]) -> list[tuple[int, RegistryError]]:
        """Add what is new, complete what lacks a certificate or label code.

        Returns (place in the portion, what is wrong with it). At most AT_ONCE at a time.
        """
        wrong: list[tuple[int, RegistryError]] = []
        fit = list(_checked(portion, wrong))
        known = _Index(self._connection, [device for _, device in fit])
        new: list[dict[str, Any]] = []
        codes: list[tuple[str, int, bytes]] = []
        certificates: dict[str, bytes] = {}
        for place, device in fit:
            try:
                same = known.same_as(device)
                sealed = self._sealed(device, same)
            except RegistryError as error:
                wrong.append((place, error))
                continue
            if same is None:
                new.append(self._values(device))
                known.add(device)
                self.added += 1
            else:
                self.known += 1
                if device.certificate is not None and not same.is_certified:
                    same.is_certified = True
                    certificates[device.device_id] = device.certificate
            if sealed is not None:
                codes.append((device.device_id, *sealed))
                known.by_device_id[device.device_id].has_code = True
                self.completed += same is not None
        if new:
            self._connection.execute(_devices.insert(), new)
        self._certify(certificates)
        self._add_codes(codes)
        return wrong

    def _values(self, device: NewDevice) -> dict[str, Any]:
        return {
            "serial": device.own_serial,
            "device_id": device.device_id,
            "public_key": device.public_key,
            "fingerprint": device.digest,
            "model": device.model,
            "device_group": device.group,
            "batch": device.batch,
            "certificate": device.certificate,
            "policy": device.policy,
            "profile": device.profile,
            "made_ms": self._now_ms if device.made_ms is None else device.made_ms,
            "added_ms": self._now_ms,
        }

    def _sealed(self, device: NewDevice, same: Known | None) -> tuple[int, bytes] | None:
        """(operator's row, sealed code), if there is one to be kept."""
        if same is not None and same.has_code:
            return None
        if device.sealed_code is not None:
            operator = self._operators.get(device.sealed_code.operator)
            if operator is None:
                raise NotRegistered(
                    "its label code is sealed to an operator that is not enrolled here"
                )
            return operator, device.sealed_code.data
        if device.label_code is None:
            return None
        if self._operator is None:
            self._operator = self._sealed_to()
        purpose = label_code_purpose(device.device_id, device.public_key)
        sealed = self._operator.keys.seal(check_code(device.label_code).encode(), purpose)
        return self._operator.row, sealed

    def _certify(self, certificates: dict[str, bytes]) -> None:
        for device_id, certificate in certificates.items():
            this = _devices.c.device_id == device_id
            self._connection.execute(_devices.update().where(this).values(certificate=certificate))
        self.completed += len(certificates)

    def _add_codes(self, codes: list[tuple[str, int, bytes]]) -> None:
        if not codes:
            return
        names = [device_id for device_id, _, _ in codes]
        query = sa.select(_devices.c.device_id, _devices.c.id)
        query = query.where(_devices.c.device_id.in_(names))
        rows = {row.device_id: row.id for row in self._connection.execute(query)}
        self._connection.execute(
            _codes.insert(),
            [
                {"device": rows[device_id], "operator": operator, "sealed": sealed}
                for device_id, operator, sealed in codes
            ],
        )


def _checked(
    portion: Sequence[NewDevice | BadRow], wrong: list[tuple[int, RegistryError]]
) -> Iterator[tuple[int, NewDevice]]:
    """(place, device) of those whose values are fit; the others go to `wrong`."""
    for place, device in enumerate(portion):
        try:
            if isinstance(device, BadRow):
                raise device
            yield place, device.check()
        except RegistryError as error:
            wrong.append((place, error))


class _Index:
    """Registered devices that share a serial number, device id or key with a portion."""

    def __init__(self, connection: Connection, portion: Sequence[NewDevice]) -> None:
        query = _KNOWN.where(
            _devices.c.serial.in_([device.own_serial for device in portion])
            | _devices.c.device_id.in_([device.device_id for device in portion])
            | _devices.c.fingerprint.in_([device.digest for device in portion])
        )
        self.by_device_id: dict[str, Known] = {}
        self._by_serial: dict[str, Known] = {}
        self._by_digest: dict[bytes, Known] = {}
        for row in connection.execute(query):
            self._keep(Known(row.serial, row.device_id, bytes(row.fingerprint),
                             bool(row.is_certified), bool(row.has_code)))  # fmt: skip

    def add(self, device: NewDevice) -> None:
        certified = device.certificate is not None
        self._keep(Known(device.own_serial, device.device_id, device.digest, certified, False))

    def _keep(self, known: Known) -> None:
        self.by_device_id[known.device_id] = known
        self._by_serial[known.serial] = known
        self._by_digest[known.digest] = known

    def same_as(self, device: NewDevice) -> Known | None:
        """The registered device that this one is; None if it is new. Raises RegistryConflict."""
        same = self.by_device_id.get(device.device_id)
        if same is not None:
            if same.digest != device.digest:
                raise RegistryConflict(f"device {device.device_id} is registered with another key")
            if device.serial is not None and device.serial != same.serial:
                raise RegistryConflict(
                    f"device {device.device_id} is registered with the serial number {same.serial}"
                )
            return same
        taken = self._by_serial.get(device.own_serial)
        if taken is not None:
            raise RegistryConflict(
                f"the serial number {device.own_serial} is taken by device {taken.device_id}"
            )
        shared = self._by_digest.get(device.digest)
        if shared is not None:
            raise RegistryConflict(f"its key is that of device {shared.device_id}")
        return None
