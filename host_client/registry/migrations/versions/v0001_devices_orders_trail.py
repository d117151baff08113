"""Devices, operators, label codes, orders, receipts, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _devices()
    _operators()
    _orders()
    _trail()


def _devices() -> None:
    op.create_table(
        "device",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("serial", sa.String(64), nullable=False, unique=True),
        sa.Column("device_id", sa.String(32), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("device_group", sa.String(64), nullable=False),
        sa.Column("batch", sa.String(64), nullable=False),
        sa.Column("certificate", sa.LargeBinary),
        sa.Column("policy", sa.Integer, nullable=False),
        sa.Column("profile", sa.Integer, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("added_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_device_batch", "device", ["batch"])


def _operators() -> None:
    op.create_table(
        "operator",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("public_keys", sa.LargeBinary, nullable=False),
        sa.Column("hourly_limit", sa.Integer, nullable=False),
        sa.Column("added_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "label_code",
        sa.Column("device", _NUMBER, sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("operator", _NUMBER, sa.ForeignKey("operator.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "challenge",
        sa.Column("nonce", sa.LargeBinary(32), primary_key=True),
        sa.Column("operator", _NUMBER, sa.ForeignKey("operator.id"), nullable=False),
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("issued_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
    )
    op.create_index("ix_challenge_issued_ms", "challenge", ["issued_ms"])
    op.create_table(
        "retrieval",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("operator", _NUMBER, sa.ForeignKey("operator.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_retrieval_operator_at", "retrieval", ["operator", "at_ms"])


def _orders() -> None:
    op.create_table(
        "provisioning_order",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("device", _NUMBER, sa.ForeignKey("device.id"), nullable=False),
        sa.Column("order_id", sa.LargeBinary(16), nullable=False, unique=True),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("networks", sa.Integer, nullable=False),
        sa.Column("expires_s", sa.BigInteger),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("operator", _NUMBER, sa.ForeignKey("operator.id")),
        sa.Column("sealed_secret", sa.LargeBinary),
        sa.Column("given_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_order_device_state", "provisioning_order", ["device", "state", "sequence"])
    op.create_table(
        "receipt",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("order", _NUMBER, sa.ForeignKey("provisioning_order.id"), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("result", sa.Integer, nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("checked", sa.String(16), nullable=False),
        sa.Column("got_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_receipt_order_digest", "receipt", ["order", "digest"], unique=True)


def _trail() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(160), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(4096), nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if is_sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(sa.text(statement))


# A row must follow the last one. This also stops INSERT OR REPLACE, which deletes a row of
# SQLite's without firing its DELETE trigger.
_SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
    WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM audit)
      OR NEW.previous <> coalesce(
           (SELECT digest FROM audit ORDER BY number DESC LIMIT 1), zeroblob(32))
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
_POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
    """CREATE FUNCTION audit_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.number IS DISTINCT FROM (SELECT coalesce(max(number), 0) + 1 FROM audit)
      OR NEW.previous IS DISTINCT FROM coalesce(
           (SELECT digest FROM audit ORDER BY number DESC LIMIT 1), decode(repeat('00', 32), 'hex'))
      THEN RAISE EXCEPTION 'the audit trail is append-only'; END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_follow()""",
)
