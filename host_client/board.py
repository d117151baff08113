"""What a board says of itself, decoded from its replies.

None of this is authenticated: anybody in reach can answer. Only a receipt proves anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from host_client import cbor
from host_client.errors import BadReply, Refused
from host_client.fingerprint import DEVICE_KEY_LENGTH, fingerprint
from transports import contract as c
from transports import names

_MISSING = object()
MAX_PAGES = 64  # of a scan: a false board could go on for ever


class Reply:
    """One reply map, its fields read with the type that the protocol gives them."""

    def __init__(self, data: bytes) -> None:
        """Raises BadReply unless `data` is a map with integer keys and a status."""
        if len(data) > c.MAX_MESSAGE:
            raise BadReply("the reply is longer than the protocol allows")
        try:
            fields = cbor.decode(data)
        except cbor.CborError as error:
            raise BadReply(f"the reply is not of this protocol: {error}") from error
        if not isinstance(fields, dict) or not all(type(key) is int for key in fields):
            raise BadReply("the reply is not a map with integer keys")
        self._fields: dict[int, Any] = fields
        self.status: int = self.integer(c.F_STATUS)

    def raise_for_status(self) -> Reply:
        """Raises Refused unless the status is OK or ACCEPTED."""
        if self.status not in (c.OK, c.ACCEPTED):
            raise Refused(self.status, self.reason())
        return self

    def integer(self, key: int, default: Any = _MISSING) -> Any:
        return self._get(key, int, default)

    def text(self, key: int, default: Any = _MISSING) -> Any:
        return self._get(key, str, default)

    def flag(self, key: int, default: Any = _MISSING) -> Any:
        return self._get(key, bool, default)

    def octets(self, key: int, default: Any = _MISSING, length: int | None = None) -> Any:
        value = self._get(key, bytes, default)
        if length is not None and isinstance(value, bytes) and len(value) != length:
            raise BadReply(f"{names.FIELD_NAMES[key]} does not have {length} octets")
        return value

    def items(self, key: int, kind: type | tuple[type, ...]) -> tuple[Any, ...]:
        """A list whose items are all of one type; empty where the field is absent."""
        values = self._get(key, list, [])
        if not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
            raise BadReply(f"{names.FIELD_NAMES[key]} holds items of another type")
        return tuple(values)

    def reason(self) -> int | str | None:
        """The raw reason of the board's network stack, where it gives one."""
        reason = self._fields.get(c.F_REASON)
        is_reason = isinstance(reason, (int, str)) and not isinstance(reason, bool)
        return reason if is_reason else None

    def _get(self, key: int, kind: type, default: Any) -> Any:
        value = self._fields.get(key, default)
        if value is _MISSING:
            raise BadReply(f"the reply has no {names.FIELD_NAMES[key]}")
        if value is default:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise BadReply(f"{names.FIELD_NAMES[key]} is of another type")
        return value


@dataclass(frozen=True)
class BoardInfo:
    """A board's descriptor.

    `device_key` is X25519, 32 octets; `certificate` is about it, unchecked; `nonce` is this
    window's, None while it is shut; `sequence` is the highest accepted, None before the first.
    `owned` is None where the policy knows no owner; `hostname` is without `.local`.
    """

    protocol: int
    device_id: str
    model: str
    firmware: str
    state: int
    policy: int
    window_s: int
    attempts: int
    nonce: bytes | None
    device_key: bytes
    suites: tuple[int, ...]
    transports: tuple[Any, ...]
    max_message: int
    sequence: int | None
    notes: tuple[str, ...]
    certificate: bytes | None = None
    profile: int | None = None
    owned: bool | None = None
    hostname: str | None = None

    @property
    def profile_name(self) -> str | None:
        return None if self.profile is None else _name(names.PROFILE_NAMES, self.profile)

    @property
    def state_name(self) -> str:
        return _name(names.STATE_NAMES, self.state)

    @property
    def policy_name(self) -> str:
        return _name(names.POLICY_NAMES, self.policy)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.device_key)

    @classmethod
    def from_reply(cls, reply: Reply) -> BoardInfo:
        """Raises BadReply: a field is missing or of another type, or another protocol."""
        protocol = reply.integer(c.F_PROTOCOL)
        if protocol != c.PROTOCOL_VERSION:
            raise BadReply(f"the board speaks protocol {protocol}, this host {c.PROTOCOL_VERSION}")
        notes = reply.items(c.F_NOTES, str)
        return cls(
            protocol=protocol,
            device_id=reply.text(c.F_DEVICE_ID),
            model=reply.text(c.F_MODEL, ""),
            firmware=reply.text(c.F_FIRMWARE, ""),
            state=reply.integer(c.F_STATE),
            policy=reply.integer(c.F_POLICY),
            window_s=reply.integer(c.F_WINDOW_S, 0),
            attempts=reply.integer(c.F_ATTEMPTS, 0),
            nonce=reply.octets(c.F_NONCE, None, length=c.NONCE_LENGTH),
            device_key=reply.octets(c.F_DEVICE_KEY, length=DEVICE_KEY_LENGTH),
            suites=reply.items(c.F_SUITES, int),
            transports=reply.items(c.F_TRANSPORTS, (int, str)),
            max_message=reply.integer(c.F_MAX_MESSAGE, c.MAX_MESSAGE),
            sequence=reply.integer(c.F_SEQUENCE, None),
            notes=notes,
            certificate=reply.octets(c.F_CERTIFICATE, None),
            profile=reply.integer(c.F_PROFILE, None),
            owned=reply.flag(c.F_OWNED, None),
            hostname=reply.text(c.F_HOSTNAME, None),
        )


@dataclass(frozen=True)
class SeenNetwork:
    """A network that the board sees: raw SSID, RSSI in dBm, channel, security (SECURITY_NAMES)."""

    ssid: bytes
    rssi_dbm: int
    channel: int
    security: int

    @property
    def security_name(self) -> str:
        return names.SECURITY_NAMES.get(self.security, f"unknown {self.security}")


def networks_from_reply(reply: Reply) -> list[SeenNetwork]:
    """The entries of one page of a scan. Raises BadReply."""
    networks = []
    for entry in reply.items(c.F_NETWORKS, list):
        match entry:
            case [bytes(ssid), int(rssi), int(channel), int(security)] if len(
                ssid
            ) <= 32 and not any(isinstance(value, bool) for value in entry):
                networks.append(SeenNetwork(ssid, rssi, channel, security))
            case _:
                raise BadReply("a network of the scan is not [ssid, rssi, channel, security]")
    return networks


@dataclass(frozen=True)
class Status:
    """How far an order is. `result` is there when done or failed (status code)."""

    state: int
    step: int
    network: int | None = None
    result: int | None = None
    reason: int | str | None = None
    address: str | None = None
    order_id: bytes | None = None

    @property
    def step_name(self) -> str:
        return _name(names.STEP_NAMES, self.step)

    @property
    def state_name(self) -> str:
        return _name(names.STATE_NAMES, self.state)

    @property
    def ended(self) -> bool:
        return self.step in (c.DONE, c.FAILED)

    @classmethod
    def from_reply(cls, reply: Reply) -> Status:
        """Raises BadReply."""
        return cls(
            state=reply.integer(c.F_STATE),
            step=reply.integer(c.F_STEP, c.IDLE),
            network=reply.integer(c.F_NETWORK, None),
            result=reply.integer(c.F_RESULT, None),
            reason=reply.reason(),
            address=reply.text(c.F_ADDRESS, None),
            order_id=reply.octets(c.F_ORDER_ID, None, length=c.ORDER_ID_LENGTH),
        )


def _name(known: tuple[str, ...], index: int) -> str:
    return known[index] if 0 <= index < len(known) else f"unknown {index}"
