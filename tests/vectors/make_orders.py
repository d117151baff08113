"""Writes orders.json, orders_malformed.json and policies.json:
``python -m tests.vectors.make_orders``.

Every octet depends on fixed seeds, so a second run writes the same files. The third file
has orders under every policy, and the state of the board that each meets. The second file
has the malformed CBOR of the public vectors (cbor-malformed/strict_profile_refuse.json)
as the claims of rightly signed and sealed orders.

With ``--witness`` it writes orders_cwt.json, orders that PyPI's cwt made. cwt draws its
ephemeral keys at random, so that file is a record and differs after each run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.vectors import installer_cases, owner_cases, policy_cases, witness
from tests.vectors import order_cases as cases
from tests.vectors.sealing import HPKE_3, HPKE_4, dumps, ordered

HERE = Path(__file__).resolve().parent
WRONG = (
    cases.wrong_headers,
    cases.wrong_signatures,
    cases.wrong_seals,
    cases.small_points,
    cases.wrong_modes,
)
POLICIES = (
    policy_cases.under_signed,
    policy_cases.under_label,
    policy_cases.wrong_under_label,
    policy_cases.under_open,
    owner_cases.before_an_owner,
    owner_cases.with_an_owner,
    owner_cases.changing_hands,
    installer_cases.within_limits,
    installer_cases.beyond_limits,
    installer_cases.ended_or_used_up,
    installer_cases.not_certified,
    installer_cases.malformed_certificates,
    installer_cases.malformed_order,
)
REFUSE = HERE.parents[2] / "shared/vectors/cbor-malformed/strict_profile_refuse.json"


def keys() -> dict[str, Any]:
    """What the opener of these orders has."""
    return {
        "device_private": cases.DEVICE.secret.hex(),
        "device_public": cases.DEVICE.public.hex(),
        "authorities": {
            signer.curve: dumps(ordered(signer.cose_key)).hex()
            for signer in (cases.AUTHORITY, cases.P256_AUTHORITY)
        },
    }


def listed(named: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    result = []
    for name, case in named.items():
        octets, given = case if isinstance(case, tuple) else (case, {})
        result.append({"name": name, "outcome": outcome, "order": octets.hex(), **given})
    return result


def orders() -> dict[str, Any]:
    found = listed(cases.good(), "ok")
    for wrong in WRONG:
        found += listed(wrong(), "not authentic")
    return {"keys": keys(), "orders": found + listed(cases.malformed_claims(), "malformed order")}


def malformed() -> dict[str, Any]:
    named = {}
    for case in json.loads(REFUSE.read_text()):
        payload = bytes.fromhex(case["hex"])
        if payload:  # an empty payload is refused before its claims are looked at
            named[f"{case['why']}: {case['hex'][:16]}"] = cases.order(payload=payload)
    return {"keys": keys(), "orders": listed(named, "malformed order")}


def policies() -> dict[str, Any]:
    found = [
        {"name": name, "status": status, "board": board, "order": octets.hex()}
        for make in POLICIES
        for name, (status, octets, board) in make().items()
    ]
    nonce = policy_cases.NONCE.hex()
    return {"keys": {**keys(), "board": policy_cases.BOARD, "nonce": nonce}, "orders": found}


def witnessed() -> dict[str, Any]:
    found = []
    for signer in (cases.AUTHORITY, cases.P256_AUTHORITY):
        for suite in (HPKE_3, HPKE_4):
            claims = {**cases.FULL, -65537: suite, -65542: b"app"}
            payload = cases.octets(claims)
            name = f"cwt: {signer.curve}, suite {suite}"
            octets = witness.make_order(signer, cases.DEVICE.public, suite, payload)
            given = {"authority": signer.curve, "claims": payload.hex()}
            found += listed({name: (octets, given)}, "ok")
    return {"keys": keys(), "orders": found}


def text(data: dict[str, Any]) -> str:
    """JSON, one order a line."""
    lines = ",\n".join(json.dumps(order) for order in data["orders"])
    return '{"keys": ' + json.dumps(data["keys"]) + ',\n"orders": [\n' + lines + "\n]}\n"


def main() -> None:
    (HERE / "orders.json").write_text(text(orders()))
    (HERE / "orders_malformed.json").write_text(text(malformed()))
    (HERE / "policies.json").write_text(text(policies()))
    if "--witness" in sys.argv[1:]:
        (HERE / "orders_cwt.json").write_text(text(witnessed()))


if __name__ == "__main__":
    main()
