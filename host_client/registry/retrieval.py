"""Who may have label codes back, and how many of them an hour."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from host_client.errors import AuthorityError
from host_client.registry import schema
from host_client.registry.errors import BadRow, SecretRefused
from host_client.registry.operator import OperatorKeys
from host_client.registry.proof import (
    NONCE_LENGTH,
    VALID_MS,
    Challenge,
    SealedCode,
    check_proof,
    nonce_of,
)

HOURLY_LIMIT = 10
HOUR_MS = 3600 * 1000
_FORGET_MS = 24 * HOUR_MS  # challenges and counts older than this are deleted

_operators, _challenges, _retrievals = schema.operators, schema.challenges, schema.retrievals


@dataclass(frozen=True)
class Enrolled:
    """An operator as the registry knows it. `row`: of its table."""

    row: int
    keys: OperatorKeys
    hourly_limit: int


def enrolled(connection: Connection) -> list[Enrolled]:
    """All operators."""
    rows = connection.execute(sa.select(_operators).order_by(_operators.c.id))
    return [_enrolled(row) for row in rows]


def find_operator(connection: Connection, digest: bytes) -> Enrolled | None:
    """By the digest of its public keys."""
    query = sa.select(_operators).where(_operators.c.fingerprint == digest)
    row = connection.execute(query).first()
    return None if row is None else _enrolled(row)


def enrol(
    connection: Connection, keys: OperatorKeys, hourly_limit: int | None, now_ms: int
) -> bool:
    """Enrol an operator, or change its limit; False where there is nothing to change."""
    if hourly_limit is not None and not 0 <= hourly_limit <= 1_000_000:
        raise BadRow("a limit an hour is 0 to 1,000,000")
    known = find_operator(connection, keys.digest)
    if known is None:
        limit = HOURLY_LIMIT if hourly_limit is None else hourly_limit
        connection.execute(
            _operators.insert().values(
                name=keys.name, fingerprint=keys.digest, public_keys=keys.encode(),
                hourly_limit=limit, added_ms=now_ms,
            )
        )  # fmt: skip
        return True
    if hourly_limit is None or hourly_limit == known.hourly_limit:
        return False
    this = _operators.c.id == known.row
    connection.execute(_operators.update().where(this).values(hourly_limit=hourly_limit))
    return True


def new_challenge(
    connection: Connection, serial: str, operator: Enrolled, now_ms: int
) -> Challenge:
    """Make a challenge and remember it until it is answered."""
    before = now_ms - _FORGET_MS
    connection.execute(_challenges.delete().where(_challenges.c.issued_ms < before))
    connection.execute(_retrievals.delete().where(_retrievals.c.at_ms < before))
    challenge = Challenge(secrets.token_bytes(NONCE_LENGTH), serial, operator.keys.digest, now_ms)
    connection.execute(
        _challenges.insert().values(
            nonce=challenge.nonce, operator=operator.row, serial=serial, issued_ms=now_ms
        )
    )
    return challenge


def take_code(connection: Connection, serial: str, proof: bytes, now_ms: int) -> SealedCode:
    """Check a proof and spend it. Raises SecretRefused.

    What it has written by then stays: a proof that was good is spent, and counts, even if
    there is no code to be had.
    """
    operator, challenge = _answered(connection, proof)
    if challenge.serial != serial:
        raise SecretRefused("the proof is for another device")
    check_proof(proof, challenge, operator.keys)
    if not 0 <= now_ms - challenge.issued_ms <= VALID_MS:
        raise SecretRefused("the proof came too late")
    _count(connection, operator, now_ms)
    this = _challenges.c.nonce == challenge.nonce
    connection.execute(_challenges.update().where(this).values(used_ms=now_ms))
    return _sealed_code(connection, serial, operator)


def _answered(connection: Connection, proof: bytes) -> tuple[Enrolled, Challenge]:
    """Whose challenge a proof answers. Raises SecretRefused."""
    nonce = nonce_of(proof)
    query = sa.select(_challenges, _operators).join(
        _operators, _operators.c.id == _challenges.c.operator
    )
    row = connection.execute(query.where(_challenges.c.nonce == nonce)).first()
    if row is None:
        raise SecretRefused("the proof answers no challenge of this registry")
    if row.used_ms is not None:
        raise SecretRefused("the proof was used before")
    try:
        operator = _enrolled(row)
    except AuthorityError:
        raise SecretRefused("the operator's keys in the registry are damaged") from None
    return operator, Challenge(nonce, row.serial, operator.keys.digest, row.issued_ms)


def _count(connection: Connection, operator: Enrolled, now_ms: int) -> None:
    """Count one more, if that is not too many. A clock put back does not make room."""
    this_hour = (_retrievals.c.operator == operator.row) & (_retrievals.c.at_ms > now_ms - HOUR_MS)
    query = sa.select(sa.func.count(), sa.func.min(_retrievals.c.at_ms)).where(this_hour)
    number, first_ms = connection.execute(query).one()
    if number >= operator.hourly_limit:
        error = SecretRefused(
            f"operator {operator.keys.name} has had {number} secrets within an hour, "
            f"the most that are given ({operator.hourly_limit})"
        )
        if first_ms is not None:
            minutes = (first_ms + HOUR_MS - now_ms) // 60_000 + 1
            error.remedy = f"The next one is given in {minutes} minutes."
        raise error
    connection.execute(_retrievals.insert().values(operator=operator.row, at_ms=now_ms))


def _sealed_code(connection: Connection, serial: str, operator: Enrolled) -> SealedCode:
    devices, codes = schema.devices, schema.label_codes
    query = (
        sa.select(devices.c.device_id, devices.c.public_key, codes.c.sealed)
        .join(codes, codes.c.device == devices.c.id)
        .where(devices.c.serial == serial, codes.c.operator == operator.row)
    )
    row = connection.execute(query).first()
    if row is None:
        raise SecretRefused(f"no label code of device {serial} is sealed to this operator")
    return SealedCode(serial, row.device_id, bytes(row.public_key), bytes(row.sealed))


def _enrolled(row: Row[Any]) -> Enrolled:
    keys = OperatorKeys.decode(bytes(row.public_keys), row.name)
    return Enrolled(_row_of(row), keys, row.hourly_limit)


def _row_of(row: Row[Any]) -> int:
    """The operator's row, in a row of its table or one joined to a challenge's."""
    mapping = row._mapping
    return int(mapping["operator"] if "operator" in mapping else mapping["id"])
