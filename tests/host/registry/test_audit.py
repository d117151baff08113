"""The audit trail: only ever added to, and it shows where somebody got beneath it."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from host_client import cbor
from host_client.registry import Head, Registry
from host_client.registry.database import parse_url
from host_client.registry.errors import BadRow, TrailBroken
from tests.host.registry.conftest import new_device

BENEATH = {  # how whoever owns the database gets past the triggers
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete",
               "DROP TRIGGER audit_in_order"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER ALL",),
}  # fmt: skip


@pytest.fixture
def trail(registry: Registry, url: str) -> Registry:
    """Six entries: the upgrade, and five devices."""
    for number in range(5):
        registry.add_device(new_device(number))
    return registry


def run(url: str, *statements: str) -> None:
    engine = sa.create_engine(parse_url(url))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
    finally:
        engine.dispose()


def test_it_tells_what_was_done_and_by_whom(registry: Registry) -> None:
    new = new_device(serial="SN-1", batch="b")
    registry.add_device(new)
    made, added = registry.audit()
    assert (made.number, made.action, made.actor) == (1, "upgraded", "tests")
    assert (added.number, added.action, added.actor, added.subject) == (
        3 - 1, "device added", "tests", "SN-1")  # fmt: skip
    assert added.detail == {"device_id": new.device_id, "batch": "b", "label_code": False,
                            "key": "sha256:" + new.digest.hex()}  # fmt: skip
    assert list(registry.audit(newest=1)) == [added]
    assert registry.verify_audit() == Head(2, added.digest)


def test_the_chain_is_what_the_documents_say(registry: Registry) -> None:
    previous = bytes(32)
    for e in registry.audit():
        detail = b"".join([b'{"from":null,"to":"', e.detail["to"].encode(), b'"}']).decode()
        fields = [e.number, e.at_ms, e.actor, e.action, e.subject, detail, previous]
        statement = b"latchkey/1 registry audit\0" + cbor.encode(fields)
        assert e.digest == hashlib.sha256(statement).digest()
        previous = e.digest


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE number = 2",
        "UPDATE audit SET number = 99 WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT number + 1, at_ms, actor, action, subject, detail, previous, "
        "digest FROM audit WHERE number = 6",
        "INSERT INTO audit SELECT number + 2, at_ms, actor, action, subject, detail, digest, "
        "digest FROM audit WHERE number = 6",
    ],
)
def test_the_database_refuses_to_change_it(trail: Registry, url: str, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        run(url, statement)
    assert trail.verify_audit().number == 6


def test_the_database_refuses_to_replace_or_empty_it(trail: Registry, url: str) -> None:
    if url.startswith("sqlite"):
        # REPLACE deletes without firing the trigger of deletions.
        columns = "number, at_ms, 'nobody', action, subject, detail, previous, digest"
        statement = f"INSERT OR REPLACE INTO audit SELECT {columns} FROM audit WHERE number = 2"
    else:
        statement = "TRUNCATE audit"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        run(url, statement)
    assert trail.verify_audit().number == 6


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE number = 3", "row 3 .* was changed"),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE number = 6", "row 6 .* was changed"),
        ("UPDATE audit SET digest = previous WHERE number = 6", "row 6 .* was changed"),
        ("DELETE FROM audit WHERE number = 3", "lacks row 3"),
        ("DELETE FROM audit WHERE number = 1", "lacks row 1"),
        ("UPDATE audit SET number = 0 WHERE number = 1", "lacks row 1"),
    ],
)
def test_the_chain_shows_what_was_done_beneath(
    trail: Registry, url: str, statement: str, message: str
) -> None:
    run(url, *BENEATH["sqlite" if url.startswith("sqlite") else "postgresql"], statement)
    with pytest.raises(TrailBroken, match=message):
        trail.verify_audit()


def test_only_a_noted_head_shows_that_the_end_was_cut_off(trail: Registry, url: str) -> None:
    noted = trail.verify_audit()
    assert trail.verify_audit(Head.parse(str(noted))) == noted
    trail.add_device(new_device(9))
    assert trail.verify_audit(noted).number == 7
    beneath = BENEATH["sqlite" if url.startswith("sqlite") else "postgresql"]
    run(url, *beneath, "DELETE FROM audit WHERE number > 5")
    assert trail.verify_audit().number == 5
    with pytest.raises(TrailBroken, match="noted row 6"):
        trail.verify_audit(noted)


@pytest.mark.parametrize("text", ["", "5", "x:00", "5:00", "-1:" + "00" * 32, "5:" + "zz" * 32])
def test_refuses_a_head_that_is_none(text: str) -> None:
    with pytest.raises(BadRow, match="NUMBER:DIGEST"):
        Head.parse(text)


def test_a_refused_addition_leaves_no_entry(trail: Registry) -> None:
    with pytest.raises(BadRow):
        trail.add_device(new_device(policy=9))
    assert trail.verify_audit().number == 6
