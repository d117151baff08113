"""The audit trail: rows that are only ever added, each bound to the one before.

A row's digest is SHA-256 over a context and the deterministic CBOR of its fields, the digest
of the row before among them. The database's triggers refuse to change or delete a row; the
chain shows it where somebody did so beneath them. Rows cut off at the end leave no trace in
the chain itself: note its head elsewhere now and then, and give it to `verify`.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from host_client import cbor
from host_client.registry import schema
from host_client.registry.database import Database
from host_client.registry.errors import BadRow, TrailBroken

START = bytes(32)  # the digest before the first row
_CONTEXT = b"latchkey/1 registry audit\x00"
_MAX_DETAIL = 4096
_AT_ONCE = 1000  # rows read at a time


@dataclass(frozen=True)
class Entry:
    """One row. `actor` is who the writing process said it was; `at_ms` Unix milliseconds."""

    number: int
    at_ms: int
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: bytes
    digest: bytes


@dataclass(frozen=True)
class Head:
    """The last row's number and digest; number 0 where there is none."""

    number: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `NUMBER:DIGEST`. Raises BadRow."""
        number, _, digits = text.strip().partition(":")
        try:
            head = cls(int(number), bytes.fromhex(digits))
        except ValueError:
            raise BadRow("the head of a trail is NUMBER:DIGEST, as `audit --verify` prints it") \
                from None  # fmt: skip
        if head.number < 0 or len(head.digest) != len(START):
            raise BadRow("the head of a trail is NUMBER:DIGEST, as `audit --verify` prints it")
        return head


class Trail:
    """Adds to the trail, and reads it."""

    def __init__(self, database: Database, actor: str = "") -> None:
        """`actor`: who is at work; by default the user's name on this machine."""
        self._database = database
        self._actor = "".join(filter(str.isprintable, actor or _user()))[:160]

    def add(
        self, connection: Connection, action: str, subject: str, detail: dict[str, Any]
    ) -> None:
        """Add a row, within the transaction that does what the row tells."""
        head = self.head(connection)
        text = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        if len(text) > _MAX_DETAIL:
            raise BadRow(f"an entry of the trail has at most {_MAX_DETAIL} octets of detail")
        row = {
            "number": head.number + 1,
            "at_ms": self._database.now_ms(connection),
            "actor": self._actor,
            "action": action,
            "subject": subject,
            "detail": text,
            "previous": head.digest,
        }
        connection.execute(schema.audit.insert().values(**row, digest=_digest(row)))

    def head(self, connection: Connection) -> Head:
        """The end of the trail."""
        columns = schema.audit.c.number, schema.audit.c.digest
        last = connection.execute(
            sa.select(*columns).order_by(schema.audit.c.number.desc()).limit(1)
        ).first()
        return Head(0, START) if last is None else Head(last.number, bytes(last.digest))

    def entries(self, connection: Connection, *, newest: int | None = None) -> Iterator[Entry]:
        """All rows, or the `newest` so many, oldest first; unchecked."""
        after = 0 if newest is None else max(0, self.head(connection).number - newest)
        for row in _rows(connection, after):
            detail = json.loads(row.detail)
            yield Entry(row.number, row.at_ms, row.actor, row.action, row.subject, detail,
                        bytes(row.previous), bytes(row.digest))  # fmt: skip

    def verify(self, connection: Connection, noted: Head | None = None) -> Head:
        """Follow the chain from its start and return its head.

        `noted`: a head noted earlier, which must still be in it. Raises TrailBroken.
        """
        head = Head(0, START)
        is_noted_there = noted is None or noted == head
        for row in _rows(connection, -1):
            fields = {name: getattr(row, name) for name in _FIELDS}
            fields["previous"] = bytes(row.previous)
            if row.number != head.number + 1:
                raise TrailBroken(f"the audit trail lacks row {head.number + 1}")
            if fields["previous"] != head.digest or bytes(row.digest) != _digest(fields):
                raise TrailBroken(f"row {row.number} of the audit trail was changed")
            head = Head(row.number, bytes(row.digest))
            is_noted_there = is_noted_there or head == noted
        if noted is not None and not is_noted_there:
            raise TrailBroken(
                f"the audit trail does not hold the noted row {noted.number}: it was cut or "
                "written anew"
            )
        return head


_FIELDS = ("number", "at_ms", "actor", "action", "subject", "detail", "previous")


def _digest(row: dict[str, Any]) -> bytes:
    return hashlib.sha256(_CONTEXT + cbor.encode([row[name] for name in _FIELDS])).digest()


def _rows(connection: Connection, after: int) -> Iterator[Row[Any]]:
    table = schema.audit
    while True:
        query = sa.select(table).where(table.c.number > after).order_by(table.c.number)
        rows = connection.execute(query.limit(_AT_ONCE)).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].number


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
