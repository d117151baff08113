"""The tables, as the newest migration leaves them. Times are Unix milliseconds, UTC.

The same on SQLite and PostgreSQL. The triggers that keep the audit trail append-only are in
the migrations: SQLAlchemy has no words for them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

REVISION = "0001"  # the migration that these tables are of
MAX_TEXT = 64  # octets of a serial number, model, group, batch

# SQLite counts rows in an INTEGER and in nothing else.
Number = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

devices = Table(
    "device",
    metadata,
    Column("id", Number, primary_key=True),
    Column("serial", String(MAX_TEXT), nullable=False, unique=True),
    Column("device_id", String(32), nullable=False, unique=True),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the key
    Column("model", String(MAX_TEXT), nullable=False),
    Column("device_group", String(MAX_TEXT), nullable=False),
    Column("batch", String(MAX_TEXT), nullable=False, index=True),
    Column("certificate", LargeBinary),
    Column("policy", Integer, nullable=False),
    Column("profile", Integer, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
)

operators = Table(
    "operator",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(MAX_TEXT), nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False, unique=True),
    Column("public_keys", LargeBinary, nullable=False),
    Column("hourly_limit", Integer, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
)

# Label codes, each sealed to one operator's key.
label_codes = Table(
    "label_code",
    metadata,
    Column("device", ForeignKey("device.id"), primary_key=True),
    Column("operator", ForeignKey("operator.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

challenges = Table(
    "challenge",
    metadata,
    Column("nonce", LargeBinary(32), primary_key=True),
    Column("operator", ForeignKey("operator.id"), nullable=False),
    Column("serial", String(MAX_TEXT), nullable=False),
    Column("issued_ms", BigInteger, nullable=False, index=True),
    Column("used_ms", BigInteger),
)

# Proven requests for a secret: what the limit an hour counts.
retrievals = Table(
    "retrieval",
    metadata,
    Column("id", Number, primary_key=True),
    Column("operator", ForeignKey("operator.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_retrieval_operator_at", "operator", "at_ms"),
)

orders = Table(
    "provisioning_order",
    metadata,
    Column("id", Number, primary_key=True),
    Column("device", ForeignKey("device.id"), nullable=False),
    Column("order_id", LargeBinary(16), nullable=False, unique=True),
    Column("sequence", BigInteger),
    Column("data", LargeBinary, nullable=False),
    Column("networks", Integer, nullable=False),
    Column("expires_s", BigInteger),
    Column("state", String(16), nullable=False),
    Column("operator", ForeignKey("operator.id")),
    Column("sealed_secret", LargeBinary),  # checks the receipt; sealed to that operator's key
    Column("given_ms", BigInteger, nullable=False),
    Index("ix_order_device_state", "device", "state", "sequence"),
)

receipts = Table(
    "receipt",
    metadata,
    Column("id", Number, primary_key=True),
    Column("order", ForeignKey("provisioning_order.id"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of `data`
    Column("data", LargeBinary, nullable=False),
    Column("result", Integer, nullable=False),
    Column("address", String(MAX_TEXT)),
    Column("checked", String(16), nullable=False),
    Column("got_ms", BigInteger, nullable=False),
    Index("ix_receipt_order_digest", "order", "digest", unique=True),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True,
           autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(160), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(MAX_TEXT), nullable=False),
    Column("detail", String(4096), nullable=False),  # JSON, sorted, ASCII
    Column("previous", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)  # fmt: skip
