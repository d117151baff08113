"""Really sealed and signed orders for the bench board, made by maintained libraries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.vectors import order_cases as cases
from tests.vectors.sealing import HPKE_4, dumps, encrypt0, ordered, sign1
from transports import contract as c

DEVICE_ID = "injected"
COUNT = 3


def claims(number: int) -> dict[int, Any]:
    return {
        c.CLAIM_AUDIENCE: DEVICE_ID,
        c.CLAIM_ORDER_ID: b"order id     %03d" % number,
        c.CLAIM_SUITE: HPKE_4,
        c.CLAIM_SEQUENCE: 1000 + number,
        c.CLAIM_NETWORKS: [{1: b"home", 2: b"correct horse %03d" % number}],
        c.CLAIM_SERVER: {1: "https://example.org/devices", 3: b"t" * 100, 4: True},
        c.CLAIM_APP: b"app %03d" % number,
    }


def sealed(number: int) -> bytes:
    signed = sign1(cases.AUTHORITY, dumps(ordered(claims(number))))
    return encrypt0(cases.DEVICE, signed, HPKE_4)


def everything() -> dict[str, Any]:
    """What the board is made with, and the orders that it is given, in hex."""
    return {
        "device_id": DEVICE_ID,
        "private_key": cases.DEVICE.secret.hex(),
        "public_key": cases.DEVICE.public.hex(),
        "authority": dumps(ordered(cases.AUTHORITY.cose_key)).hex(),
        "orders": [sealed(number).hex() for number in range(COUNT)],
    }


def write(path: Path) -> None:
    path.write_text(json.dumps(everything()), encoding="utf-8")
