"""The cases of policies.json: orders under each policy, and what becomes of them.

A case is (status of the contract, octets of the order, what the board is like besides BOARD).
"""

from __future__ import annotations

from typing import Any

import cbor2

from tests.vectors.order_cases import (
    AUTHORITY,
    CLAIMS,
    DEVICE,
    PSK,
    PSK_ID,
    STRANGER,
)
from tests.vectors.sealing import HPKE_3, HPKE_4, Signer, dumps, encrypt0, ordered, seed, sign1
from transports import contract as c

Case = tuple[int, bytes, dict[str, Any]]

INSTALLER = Signer("installer")
P256_INSTALLER = Signer("installer, P-256", "P-256")
OWNER = Signer("owner")
NEXT = Signer("next")
NONCE = CLAIMS[c.CLAIM_NONCE]
NOW = 1_800_000_000
SERVER = {1: "https://example.org/x"}
UNCHANGED = object()  # in `changed`: leave it out


def octets_of(signer: Signer) -> bytes:
    """Its public key as a COSE_Key."""
    return dumps(ordered(signer.cose_key))


# What the board of every case has; a case may say otherwise. Octets are in hex.
BOARD: dict[str, Any] = {
    "policy": c.SIGNED,
    "profile": c.COMMERCIAL,
    "authority": octets_of(AUTHORITY).hex(),
    "label_key": PSK.hex(),
    "group": "site-a",
    "record_policy": None,
    "record_authority": None,
    "owner": None,
    "sequence": -1,
    "unix_time": None,
}
LABEL_BOARD = {"policy": c.LABEL}
OPEN_BOARD = {"policy": c.OPEN_POLICY}
OWNED_BOARD = {"policy": c.FIRST_USE, "owner": octets_of(OWNER).hex()}


def changed(claims: dict[int, Any], changes: dict[int, Any]) -> dict[int, Any]:
    merged = {**claims, **changes}
    return {name: value for name, value in merged.items() if value is not UNCHANGED}


def payload(**changes: Any) -> bytes:
    """Claims of an order; changes by the claims' names in the contract, None to leave out."""
    named = {getattr(c, "CLAIM_" + name): value for name, value in changes.items()}
    removed = {name: UNCHANGED if value is None else value for name, value in named.items()}
    return dumps(ordered(changed(CLAIMS, removed)))


def signed(signer: Signer = AUTHORITY, **changes: Any) -> bytes:
    return encrypt0(DEVICE, sign1(signer, payload(**changes)))


def unsigned(**changes: Any) -> bytes:
    return encrypt0(DEVICE, uccs(**changes))


def labelled(psk: bytes = PSK, psk_id: bytes = PSK_ID, **changes: Any) -> bytes:
    return encrypt0(DEVICE, uccs(**changes), psk=psk, psk_id=psk_id)


def uccs(**changes: Any) -> bytes:
    return b"\xd9\x02\x59" + payload(**changes)


def certificate(
    key: Any = INSTALLER.cose_key, signer: Signer = AUTHORITY, limits: Any = None, **parts: Any
) -> bytes:
    """For an installer who may set networks and the server, in sequences 5 to 9.

    limits: changes to them by number; parts: claims (a function of them), and of sign1."""
    claims: dict[Any, Any] = {
        c.CLAIM_SUBJECT: "An installer",
        c.CLAIM_CONFIRMATION: {1: key},
        c.CLAIM_LIMITS: changed(
            {1: "site-a", 2: [c.CLAIM_NETWORKS, c.CLAIM_SERVER], 3: 5, 4: 9}, limits or {}
        ),
    }
    claims = parts.pop("claims", lambda same: same)(claims)
    parts.setdefault("external_aad", c.INSTALLER_CONTEXT)
    return sign1(signer, dumps(ordered(claims)), **parts)


def delegated(
    certified: Any = None, installer: Signer = INSTALLER, order: bytes | None = None, **parts: Any
) -> bytes:
    """An order with its installer's certificate, sealed. order: its claims; parts: of sign1."""
    return encrypt0(DEVICE, delegated_message(certified, installer, order, **parts))


def delegated_message(
    certified: Any = None, installer: Signer = INSTALLER, order: bytes | None = None, **parts: Any
) -> bytes:
    shown = certificate() if certified is None else certified
    header = {1: installer.algorithm, c.HEADER_INSTALLER: shown}
    parts.setdefault("protected", dumps(ordered(header)))
    return sign1(installer, payload() if order is None else order, **parts)


def under_signed() -> dict[str, Case]:
    rotation = {3: octets_of(NEXT)}
    rotated = {"record_authority": octets_of(NEXT).hex()}
    off_the_curve = dumps(ordered({1: 1, -1: 6, -2: b"\x02" + bytes(31)}))
    return {
        "signed by the authority": (c.OK, signed(), {}),
        "unsigned under signed": (c.NOT_AUTHENTIC, unsigned(), {}),
        "in PSK mode under signed": (c.NOT_AUTHENTIC, labelled(), {}),
        "signed, in PSK mode, under signed": (
            c.NOT_AUTHENTIC,
            encrypt0(DEVICE, sign1(AUTHORITY, payload()), psk=PSK, psk_id=PSK_ID),
            {},
        ),
        "signed by the board's former owner": (c.NOT_AUTHENTIC, signed(OWNER), tightened()),
        "new authority by the authority": (c.OK, signed(TRUST=rotation), {}),
        "new authority that cannot be used": (c.FORBIDDEN, signed(TRUST={3: off_the_curve}), {}),
        "new authority by a stranger": (c.NOT_AUTHENTIC, signed(STRANGER, TRUST=rotation), {}),
        "new authority by an installer": (
            c.FORBIDDEN, delegated(order=payload(TRUST=rotation)), {},
        ),
        "signed by the new authority": (c.OK, signed(NEXT), rotated),
        "signed by the old authority": (c.NOT_AUTHENTIC, signed(), rotated),
        "back to the old authority, by it": (
            c.NOT_AUTHENTIC, signed(TRUST={3: octets_of(AUTHORITY)}), rotated,
        ),
        "installer of the old authority": (c.NOT_AUTHENTIC, delegated(), rotated),
        "owner under signed": (c.FORBIDDEN, signed(TRUST={1: octets_of(OWNER)}), {}),
        "owner under signed, consumer": (
            c.FORBIDDEN, signed(TRUST={1: octets_of(OWNER)}), {"profile": c.CONSUMER},
        ),
        "release under signed": (c.FORBIDDEN, signed(TRUST={2: True}), {}),
        "trust that asks for nothing": (c.OK, signed(TRUST={2: False}), {}),
        "rotation and release": (c.FORBIDDEN, signed(TRUST={2: True, **rotation}), {}),
        **{
            f"policy {number} under signed": (c.FORBIDDEN, signed(TRUST={4: number}), {})
            for number in c.TIGHTER
        },
    }  # fmt: skip


def tightened() -> dict[str, Any]:
    """A board that was `first-use` and had an owner when it became `signed`."""
    return {**OWNED_BOARD, "record_policy": c.SIGNED}


def under_label() -> dict[str, Case]:
    suite_4 = encrypt0(DEVICE, uccs(SUITE=HPKE_4), HPKE_4, psk=PSK, psk_id=PSK_ID)
    exchanged = encrypt0(DEVICE, uccs(SUITE=HPKE_3), HPKE_4, psk=PSK, psk_id=PSK_ID)
    no_authority = {**LABEL_BOARD, "authority": None}
    return {
        "label, HPKE-3": (c.OK, labelled(), LABEL_BOARD),
        "label, HPKE-4": (c.OK, suite_4, LABEL_BOARD),
        "label, offline": (c.OK, labelled(NONCE=None), LABEL_BOARD),
        "label, offline, again": (c.STALE, labelled(NONCE=None), {**LABEL_BOARD, "sequence": 7}),
        "label, suite exchanged": (c.NOT_AUTHENTIC, exchanged, LABEL_BOARD),
        "label, owner": (c.FORBIDDEN, labelled(TRUST={1: octets_of(OWNER)}), LABEL_BOARD),
        "label, release": (c.FORBIDDEN, labelled(TRUST={2: True}), LABEL_BOARD),
        "label, authority": (c.FORBIDDEN, labelled(TRUST={3: octets_of(NEXT)}), LABEL_BOARD),
        "label to signed": (c.OK, labelled(TRUST={4: c.SIGNED}), LABEL_BOARD),
        "label to signed, no authority": (
            c.FORBIDDEN, labelled(TRUST={4: c.SIGNED}), no_authority,
        ),
        **{
            f"label to policy {number}": (c.FORBIDDEN, labelled(TRUST={4: number}), LABEL_BOARD)
            for number in (c.LABEL, c.FIRST_USE, c.OPEN_POLICY)
        },
    }  # fmt: skip


def wrong_under_label() -> dict[str, Case]:
    in_psk_mode = encrypt0(DEVICE, sign1(AUTHORITY, payload()), psk=PSK, psk_id=PSK_ID)
    wrong = {
        "another code": labelled(psk=seed("guess")),
        "psk id another": labelled(psk_id=b"Label"),
        "psk id longer": labelled(psk_id=b"label\x00"),
        "psk id empty": labelled(psk_id=b""),
        "base mode under label": unsigned(),
        "signed by the authority under label": signed(),
        "signed by an owner under label": signed(OWNER),
        "signed by the authority in PSK mode": in_psk_mode,
        "installer under label": delegated(),
    }
    return {name: (c.NOT_AUTHENTIC, order, LABEL_BOARD) for name, order in wrong.items()}


def under_open() -> dict[str, Case]:
    forbidden = {1: octets_of(OWNER)}, {2: True}, {3: octets_of(NEXT)}, {4: c.OPEN_POLICY}
    return {
        "open": (c.OK, unsigned(), OPEN_BOARD),
        "open, signed": (c.NOT_AUTHENTIC, signed(), OPEN_BOARD),
        "open, in PSK mode": (c.NOT_AUTHENTIC, labelled(), OPEN_BOARD),
        "open, of another window": (c.STALE, unsigned(NONCE=bytes(16)), OPEN_BOARD),
        **{
            f"open, trust {list(trust)}": (c.FORBIDDEN, unsigned(TRUST=trust), OPEN_BOARD)
            for trust in forbidden
        },
        **{
            f"open to policy {number}": (c.OK, unsigned(TRUST={4: number}), OPEN_BOARD)
            for number in (c.FIRST_USE, c.LABEL, c.SIGNED)
        },
        "open to signed, and an owner": (
            c.FORBIDDEN,
            unsigned(TRUST={1: octets_of(OWNER), 4: c.SIGNED}),
            OPEN_BOARD,
        ),
        "tightened from open": (
            c.NOT_AUTHENTIC,
            unsigned(),
            {**OPEN_BOARD, "record_policy": c.SIGNED},
        ),
        "a tag of another length": (
            c.NOT_AUTHENTIC,
            encrypt0(DEVICE, b"\xda\x00\x00\x02\x59" + cbor2.dumps({})),
            OPEN_BOARD,
        ),
    }
