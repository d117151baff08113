"""Orders that an installer signed, with its certificate: of policies.json, too."""

from __future__ import annotations

from typing import Any

import cbor2

from tests.vectors.order_cases import AUTHORITY, DEVICE, P256_AUTHORITY, STRANGER
from tests.vectors.policy_cases import (
    INSTALLER,
    NOW,
    P256_INSTALLER,
    SERVER,
    UNCHANGED,
    Case,
    certificate,
    delegated,
    delegated_message,
    octets_of,
    payload,
)
from tests.vectors.sealing import EDDSA, HPKE_4, Signer, dumps, encrypt0, ordered, sign1
from transports import contract as c

SECOND = Signer("an installer of the installer")
OTHER = Signer("another installer")


def within_limits() -> dict[str, Case]:
    p256_board = {"authority": octets_of(P256_AUTHORITY).hex()}
    cases: dict[str, Case] = {}
    for authority, board in ((AUTHORITY, {}), (P256_AUTHORITY, p256_board)):
        for installer in (INSTALLER, P256_INSTALLER):
            for suite in (c.ALG_HPKE_3, c.ALG_HPKE_4):
                message = delegated_message(
                    certificate(installer.cose_key, authority), installer, payload(SUITE=suite)
                )
                name = f"installer {installer.curve}, authority {authority.curve}, HPKE {suite}"
                cases[name] = (c.OK, encrypt0(DEVICE, message, suite), board)
    ends = certificate(claims=lambda claims: {**claims, c.CLAIM_EXPIRES: NOW})
    any_group = certificate(limits={1: UNCHANGED})
    every_kind = [c.CLAIM_NETWORKS, c.CLAIM_SERVER, c.CLAIM_DEVICE, c.CLAIM_APP]
    everything = payload(SERVER=SERVER, DEVICE={1: "x"}, APP=b"x")
    return {
        **cases,
        "installer, any group": (c.OK, delegated(any_group), {}),
        "installer, any group, board of none": (c.OK, delegated(any_group), {"group": None}),
        "installer, every kind": (
            c.OK,
            delegated(certificate(limits={2: every_kind}), order=everything),
            {},
        ),
        "installer, offline": (c.OK, delegated(order=payload(NONCE=None)), {"sequence": 6}),
        "installer, first sequence": (c.OK, delegated(order=payload(SEQUENCE=5)), {}),
        "installer, last sequence": (c.OK, delegated(order=payload(SEQUENCE=9)), {}),
        "certificate that ends, time unknown": (c.OK, delegated(ends), {}),
        "certificate that ends, before": (c.OK, delegated(ends), {"unix_time": NOW - 1}),
        "certificate with kid": (
            c.OK,
            delegated(certificate(protected=dumps({1: EDDSA, 4: b"kid"}))),
            {},
        ),
    }


def beyond_limits() -> dict[str, Case]:
    no = c.FORBIDDEN
    return {
        "installer of another group": (no, delegated(), {"group": "site-b"}),
        "installer of a group, board of none": (no, delegated(), {"group": None}),
        "installer, sequence below": (no, delegated(order=payload(SEQUENCE=4)), {}),
        "installer, sequence above": (no, delegated(order=payload(SEQUENCE=10)), {}),
        "installer, sequence above, offline": (
            no,
            delegated(order=payload(SEQUENCE=10, NONCE=None)),
            {},
        ),
        "installer, no sequence at all": (no, delegated(certificate(limits={3: 8, 4: 6})), {}),
        "installer, device": (no, delegated(order=payload(DEVICE={1: "x"})), {}),
        "installer, application data": (no, delegated(order=payload(APP=b"")), {}),
        "installer of the server only": (
            no,
            delegated(certificate(limits={2: [c.CLAIM_SERVER]}), order=payload(SERVER=SERVER)),
            {},
        ),
        **{
            f"installer, trust {list(trust)}": (no, delegated(order=payload(TRUST=trust)), {})
            for trust in ({}, {1: octets_of(INSTALLER)}, {2: True}, {4: c.SIGNED})
        },
    }


def ended_or_used_up() -> dict[str, Case]:
    ends = certificate(claims=lambda claims: {**claims, c.CLAIM_EXPIRES: NOW})
    return {
        "certificate has ended": (c.EXPIRED, delegated(ends), {"unix_time": NOW}),
        "installer's order has ended": (
            c.EXPIRED,
            delegated(order=payload(EXPIRES=NOW)),
            {"unix_time": NOW},
        ),
        "installer, its own time does not count": (
            c.EXPIRED,
            delegated(ends, order=payload(ISSUED=NOW - 100)),
            {"unix_time": NOW},
        ),
        "installer, a sequence that is used up": (c.STALE, delegated(), {"sequence": 7}),
        "installer, online, after a newer order": (c.STALE, delegated(), {"sequence": 9}),
        "installer, offline, used up": (
            c.STALE,
            delegated(order=payload(NONCE=None)),
            {"sequence": 7},
        ),
        "installer, sequence unknown": (c.STALE, delegated(), {"sequence": None}),
        "installer, another window": (c.STALE, delegated(order=payload(NONCE=bytes(16))), {}),
    }


def not_certified() -> dict[str, Case]:
    """What is wrong with the certificate, or with who used it: always the same answer."""
    chain = certificate(
        SECOND.cose_key, INSTALLER, protected=dumps(ordered({1: EDDSA, -65544: certificate()}))
    )
    inner = certificate()
    damaged = inner[:-1] + bytes((inner[-1] ^ 1,))
    in_header = dumps(ordered({1: EDDSA, -65544: cbor2.loads(inner).value}))
    wrong = {
        "certificate of another authority": delegated(certificate(signer=STRANGER)),
        "certificate made by its installer": delegated(certificate(signer=INSTALLER)),
        "certificate of another on the order": delegated(certificate(OTHER.cose_key)),
        "authority's order with a certificate": delegated(installer=AUTHORITY),
        "another's order with this certificate": delegated(installer=OTHER),
        "installer without a certificate": encrypt0(DEVICE, sign1(INSTALLER, payload())),
        "certificate unprotected": encrypt0(
            DEVICE, sign1(INSTALLER, payload(), unprotected={-65544: certificate()})
        ),
        "certificate empty": delegated(b""),
        "certificate nil": delegated(protected=dumps(ordered({1: EDDSA, -65544: None}))),
        "certificate not in octets": delegated(protected=in_header),
        "certificate damaged": delegated(damaged),
        "certificate cut": delegated(inner[:-1]),
        "certificate with an octet behind it": delegated(inner + b"\x00"),
        "certificate under the context of an order": delegated(
            certificate(external_aad=c.ORDER_CONTEXT)
        ),
        "certificate under the context of a device": delegated(
            certificate(external_aad=c.DEVICE_CONTEXT)
        ),
        "order under the context of a certificate": delegated(external_aad=c.INSTALLER_CONTEXT),
        "an order as a certificate": delegated(sign1(AUTHORITY, payload())),
        "a chain of three": delegated(chain, SECOND),
        "a chain of three, its end signed by the first": delegated(chain, INSTALLER),
        "certificate with another algorithm": delegated(certificate(protected=dumps({1: -7}))),
        "certificate with an unknown header": delegated(
            certificate(protected=dumps({1: EDDSA, 99: 0}))
        ),
    }
    return {name: (c.NOT_AUTHENTIC, order, {}) for name, order in wrong.items()}


def malformed_certificates() -> dict[str, Case]:
    """Rightly signed by the authority, and yet not the claims of the CDDL."""
    made = {**malformed_limits(), **malformed_claims(), **malformed_keys()}
    return {
        f"certificate, {name}": (c.NOT_AUTHENTIC, delegated(shown), {})
        for name, shown in made.items()
    }


def malformed_limits() -> dict[str, bytes]:
    changes: dict[str, Any] = {
        "no kinds": {2: UNCHANGED},
        "no first": {3: UNCHANGED},
        "no last": {4: UNCHANGED},
        "kinds empty": {2: []},
        "kinds of trust": {2: [c.CLAIM_TRUST]},
        "kinds five": {2: [c.CLAIM_APP] * 5},
        "kinds a number": {2: c.CLAIM_APP},
        "kinds true": {2: [True]},
        "group empty": {1: ""},
        "group of 33 octets": {1: "g" * 33},
        "group a number": {1: 1},
        "first negative": {3: -1},
        "last too large": {4: 1 << 53},
        "last true": {4: True},
        "unknown limit": {5: 0},
    }
    return {name: certificate(limits=change) for name, change in changes.items()}


def malformed_claims() -> dict[str, bytes]:
    def without(name: int) -> Any:
        return lambda claims: {key: claims[key] for key in claims if key != name}

    def with_claim(name: Any, value: Any) -> Any:
        return lambda claims: {**claims, name: value}

    key = INSTALLER.cose_key
    changes = {
        "no subject": without(c.CLAIM_SUBJECT),
        "subject empty": with_claim(c.CLAIM_SUBJECT, ""),
        "subject of 65 octets": with_claim(c.CLAIM_SUBJECT, "s" * 65),
        "no key": without(c.CLAIM_CONFIRMATION),
        "no limits": without(c.CLAIM_LIMITS),
        "limits a list": with_claim(c.CLAIM_LIMITS, []),
        "unknown claim": with_claim(c.CLAIM_AUDIENCE, "LK-0001"),
        "ends at a text": with_claim(c.CLAIM_EXPIRES, "never"),
        "confirmation by a key id": with_claim(c.CLAIM_CONFIRMATION, {3: b"kid"}),
        "confirmation twice": with_claim(c.CLAIM_CONFIRMATION, {1: key, 3: b"kid"}),
        "key as octets": with_claim(c.CLAIM_CONFIRMATION, {1: dumps(ordered(key))}),
        "not a map": lambda claims: [],
    }
    return {name: certificate(claims=change) for name, change in changes.items()}


def malformed_keys() -> dict[str, bytes]:
    key = INSTALLER.cose_key
    keys = {
        "key short": {**key, -2: key[-2][:31]},
        "key of small order": {**key, -2: bytes(32)},
        "key with its private half": {**key, -4: bytes(32)},
        "key for agreement": {1: 1, -1: 4, -2: bytes(32)},
        "key of hash-based signatures": {1: 5, -1: bytes(60)},
        "key type true": {**key, 1: True},
    }
    return {name: certificate(odd) for name, odd in keys.items()}


def malformed_order() -> dict[str, Case]:
    """Rightly signed by an installer, and no order: told only once all signatures hold."""
    broken = payload()[:-1]
    return {
        "installer, claims cut": (c.MALFORMED_ORDER, delegated(order=broken), {}),
        "installer, seal of another suite": (
            c.NOT_AUTHENTIC, encrypt0(DEVICE, delegated_message(), HPKE_4), {},
        ),
        "installer, for another board": (
            c.WRONG_DEVICE, delegated(order=payload(AUDIENCE="LK-0002")), {},
        ),
    }  # fmt: skip
