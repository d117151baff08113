"""The cases of orders.json: what must open, what must not, and with which error."""

from __future__ import annotations

from typing import Any

import cbor2

from tests.vectors.sealing import (
    ED25519,
    EDDSA,
    ES256,
    ESP256,
    HPKE_3,
    HPKE_4,
    Receiver,
    Signer,
    dumps,
    encrypt0,
    ordered,
    seed,
    sign1,
)

DEVICE = Receiver("device")
OTHER_DEVICE = Receiver("another device")
AUTHORITY = Signer("authority")
P256_AUTHORITY = Signer("authority, P-256", "P-256")
STRANGER = Signer("a stranger")
PSK = seed("label code")
PSK_ID = b"label"
SMALL_ORDER = (
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    b"\xed" + b"\xff" * 30 + b"\x7f",
    b"\xee" + b"\xff" * 30 + b"\x7f",
)

CLAIMS: dict[int, Any] = {
    3: "LK-0001",
    7: seed("order id")[:16],
    10: seed("nonce")[:16],
    -65537: HPKE_3,
    -65538: 7,
    -65539: [{1: b"home", 2: b"correct horse"}],
}
FULL: dict[int, Any] = {
    3: "LK-0001",
    4: 1900000000,
    6: 1800000000,
    7: seed("order id")[:16],
    -65537: HPKE_4,
    -65538: (1 << 53) - 1,
    -65539: [
        {1: bytes(range(32)), 2: b"p" * 63, 3: True},
        {1: b"\x00", 2: b"0123456789abcdefABCDEF" + b"0" * 42, 3: False},
        {1: b"open"},
        {1: "caf\u00e9".encode(), 2: "p\u00e4sswort".encode()},
        {1: b"x" * 32, 2: b"8 octets"},
    ],
    -65540: {1: "https://example.org/" + "p" * 236, 2: seed("pin"), 3: b"c" * 512, 4: True},
    -65541: {1: "\u00e9" * 32, 2: "a-Z-0-9", 3: "CH", 4: "CET-1CEST,M3.5.0,M10.5.0/3"},
    -65542: b"\x00\xff" * 2048,
    -65543: {1: dumps(ordered(STRANGER.cose_key)), 2: False},
}


def octets(claims: dict[int, Any]) -> bytes:
    return dumps(ordered(claims))


PAYLOAD = octets(CLAIMS)


def order(signer: Signer = AUTHORITY, payload: Any = PAYLOAD, **parts: Any) -> bytes:
    return encrypt0(DEVICE, sign1(signer, payload, **parts))


def seal(**parts: Any) -> bytes:
    return encrypt0(DEVICE, sign1(AUTHORITY, PAYLOAD), **parts)


def good() -> dict[str, Any]:
    """name: octets, or (octets, what the opener is given besides)."""
    hpke4 = octets({**CLAIMS, -65537: HPKE_4})
    signed = sign1(AUTHORITY, PAYLOAD)
    in_psk_mode = encrypt0(DEVICE, signed, psk=PSK, psk_id=PSK_ID)
    uccs = cbor2.dumps(cbor2.CBORTag(601, ordered(CLAIMS)))
    return {
        "Ed25519, HPKE-3": order(),
        "Ed25519, HPKE-4": encrypt0(DEVICE, sign1(AUTHORITY, hpke4), HPKE_4),
        "P-256, HPKE-3": (order(P256_AUTHORITY), {"authority": "P-256"}),
        "P-256, HPKE-4": (
            encrypt0(DEVICE, sign1(P256_AUTHORITY, hpke4), HPKE_4),
            {"authority": "P-256"},
        ),
        "fully specified Ed25519": order(protected=dumps({1: ED25519})),
        "fully specified P-256": (
            order(P256_AUTHORITY, protected=dumps({1: ESP256})),
            {"authority": "P-256"},
        ),
        "every claim at its limit": encrypt0(DEVICE, sign1(AUTHORITY, octets(FULL)), HPKE_4),
        "kid, protected": order(protected=dumps({1: EDDSA, 4: b"kid"})),
        "kid, unprotected": order(unprotected={4: b"kid"}),
        "kid of the seal, protected": seal(protected=dumps({1: HPKE_3, 4: b"kid"})),
        "kid of the seal, unprotected": seal(unprotected={4: b"kid"}),
        "PSK mode": (in_psk_mode, {"psk": PSK.hex()}),
        "unsigned, where allowed": (encrypt0(DEVICE, uccs), {"unsigned": True}),
        "signed, where unsigned is allowed": (order(), {"unsigned": True}),
    }


def wrong_headers() -> dict[str, Any]:
    """COSE_Sign1 with a fault in its headers, correctly sealed."""
    return {
        "algorithm missing": order(protected=dumps({})),
        "protected header of no octets": order(protected=b""),
        "algorithm unknown": order(protected=dumps({1: -999})),
        "algorithm as text": order(protected=dumps({1: "EdDSA"})),
        "algorithm true": order(protected=dumps({1: True})),
        "algorithm nil": order(protected=dumps({1: None})),
        "algorithm unprotected only": order(protected=b"", unprotected={1: EDDSA}),
        "algorithm unprotected too": order(unprotected={1: EDDSA}),
        "algorithm of another key type": order(protected=dumps({1: ES256})),
        "algorithm of another key type, P-256": (
            order(P256_AUTHORITY, protected=dumps({1: EDDSA})),
            {"authority": "P-256"},
        ),
        "MAC algorithm": order(protected=dumps({1: 5})),
        "crit": order(protected=dumps({1: EDDSA, 2: [1]})),
        "content type": order(protected=dumps({1: EDDSA, 3: 0})),
        "unknown header, protected": order(protected=dumps({1: EDDSA, 99: 0})),
        "unknown header, unprotected": order(unprotected={99: 0}),
        "text header": order(protected=dumps({1: EDDSA, "x": 0})),
        "kid a number": order(protected=dumps({1: EDDSA, 4: 1})),
        "kid unprotected text": order(unprotected={4: "kid"}),
        "kid twice": order(protected=dumps({1: EDDSA, 4: b"k"}), unprotected={4: b"k"}),
        "protected not in shortest form": order(protected=b"\xa1\x01\x38\x07"),
        "protected of indefinite length": order(protected=b"\xbf\x01\x27\xff"),
        "protected with duplicate": order(protected=b"\xa2\x01\x27\x01\x27"),
        "protected with trailing octet": order(protected=b"\xa1\x01\x27\x00"),
        "protected a map, not octets": order(array=lambda a: [{1: EDDSA}, *a[1:]]),
        "protected an array": order(protected=b"\x81\x27"),
        "protected an array of names": order(protected=b"\x81\x01"),
    }


def wrong_signatures() -> dict[str, Any]:
    """COSE_Sign1 with a fault in its payload, signature or shape, correctly sealed."""
    inner = sign1(AUTHORITY, PAYLOAD)
    return {
        "payload nil": order(payload=None),
        "payload detached": order(shown=None),
        "payload empty": order(payload=b""),
        "payload text": order(shown="text"),
        "payload another": order(shown=octets({**CLAIMS, -65538: 8})),
        "other external_aad": order(external_aad=b""),
        "external_aad of a receipt": order(external_aad=b"latchkey/1 receipt"),
        "signed by a stranger": order(STRANGER),
        "signature of 63 octets": order(signature=lambda m: AUTHORITY.sign(m)[:63]),
        "signature of 65 octets": order(signature=lambda m: AUTHORITY.sign(m) + b"\x00"),
        "signature of no octets": order(signature=lambda m: b""),
        "signature all zero": order(signature=lambda m: bytes(64)),
        "signature nil": order(array=lambda a: [*a[:3], None]),
        "signature as DER": (
            order(P256_AUTHORITY, signature=P256_AUTHORITY.sign_der),
            {"authority": "P-256"},
        ),
        "P-256, all zero": (
            order(P256_AUTHORITY, signature=lambda m: bytes(64)),
            {"authority": "P-256"},
        ),
        "tag missing": order(tag=None),
        "tag of COSE_Sign": order(tag=98),
        "tag of COSE_Mac0": order(tag=17),
        "tag of COSE_Encrypt0": order(tag=16),
        "tag of CWT around it": encrypt0(DEVICE, b"\xd8\x3d" + inner),
        "tag not in shortest form": encrypt0(DEVICE, b"\xd8\x12" + inner[1:]),
        "five parts": order(array=lambda a: [*a, b""]),
        "three parts": order(array=lambda a: a[:3]),
        "array of indefinite length": encrypt0(DEVICE, b"\xd2\x9f" + inner[2:] + b"\xff"),
        "trailing octet in the seal": encrypt0(DEVICE, inner + b"\x00"),
        "no message in the seal": encrypt0(DEVICE, PAYLOAD),
        "a signed message in a signed message": order(payload=inner, signature=lambda m: bytes(64)),
        "a seal in the seal": encrypt0(DEVICE, order()),
    }


def wrong_seals() -> dict[str, Any]:
    """COSE_Encrypt0 with a fault around a well signed message."""
    signed = sign1(AUTHORITY, PAYLOAD)
    return {
        "another device": encrypt0(OTHER_DEVICE, signed),
        "no seal": signed,
        "suite of a NIST curve": seal(protected=dumps({1: 35})),
        "suite exchanged": seal(protected=dumps({1: HPKE_4})),
        "suite as text": seal(protected=dumps({1: "HPKE-3"})),
        "suite true": seal(protected=dumps({1: True})),
        "suite missing": seal(protected=dumps({})),
        "suite unprotected": seal(protected=b"", unprotected={1: HPKE_3}),
        "suite of key encryption": seal(protected=dumps({1: 49})),
        "crit in the seal": seal(protected=dumps({1: HPKE_3, 2: [1]})),
        "IV in the seal": seal(unprotected={5: bytes(12)}),
        "kid of the seal a number": seal(unprotected={4: 1}),
        "kid of the seal twice": seal(protected=dumps({1: HPKE_3, 4: b"k"}), unprotected={4: b"k"}),
        "ek protected": seal(
            protected=dumps(ordered({1: HPKE_3, -4: bytes(32)})), ek=lambda e: None
        ),
        "ek missing": seal(ek=lambda e: None),
        "ek of 31 octets": seal(ek=lambda e: e[:31]),
        "ek of 33 octets": seal(ek=lambda e: e + b"\x00"),
        "ek a list": seal(ek=list),
        "ek nil": encrypt0(DEVICE, signed, ek=lambda e: None, unprotected={-4: None}),
        "other external_aad of the seal": seal(external_aad=b""),
        "tag 16 missing": seal(tag=None),
        "tag of COSE_Encrypt": seal(tag=96),
        "ciphertext nil": seal(ciphertext=lambda c: None),
        "ciphertext empty": seal(ciphertext=lambda c: b""),
        "ciphertext a tag only": seal(ciphertext=lambda c: c[-16:]),
        "ciphertext text": seal(ciphertext=lambda c: "text"),
        "ciphertext shorter": seal(ciphertext=lambda c: c[:-1]),
        "ciphertext longer": seal(ciphertext=lambda c: c + b"\x00"),
        "nothing sealed": encrypt0(DEVICE, b""),
        "four parts in the seal": seal(array=lambda a: [*a, []]),
        "many items": b"\xd0\x83" + b"\x9f" * 100,
        "eight thousand empty arrays": b"\xd0\x99\x1f\x00" + b"\x80" * 7936,
        "nothing": b"",
    }


def small_points() -> dict[str, Any]:
    """Encapsulated keys that give a shared secret of zeros (RFC 9180 section 7.1.4)."""
    return {
        f"ek of small order, {number}": seal(ek=lambda right, point=point: point)
        for number, point in enumerate(SMALL_ORDER)
    }


def wrong_modes() -> dict[str, Any]:
    """Right messages of a mode that this board does not take."""
    signed = sign1(AUTHORITY, PAYLOAD)
    uccs = cbor2.dumps(cbor2.CBORTag(601, ordered(CLAIMS)))
    return {
        "psk id, and no psk here": encrypt0(DEVICE, signed, psk=PSK, psk_id=PSK_ID),
        "psk id beside base mode": encrypt0(DEVICE, signed, psk_id=PSK_ID),
        "base mode, where a psk is wanted": (order(), {"psk": PSK.hex()}),
        "another psk": (
            encrypt0(DEVICE, signed, psk=seed("guess"), psk_id=PSK_ID),
            {"psk": PSK.hex()},
        ),
        "psk id empty": (seal(psk_id=b""), {"psk": PSK.hex()}),
        "unsigned": encrypt0(DEVICE, uccs),
        "unsigned, tag not in shortest form": (
            encrypt0(DEVICE, b"\xda\x00\x00\x02\x59" + uccs[3:]),
            {"unsigned": True},
        ),
        "a stranger, where unsigned is allowed": (order(STRANGER), {"unsigned": True}),
    }


def malformed_claims() -> dict[str, Any]:
    """Rightly signed and sealed, and yet not the claims of the CDDL."""
    uccs = cbor2.dumps(cbor2.CBORTag(601, {}))
    return {
        "claims not a map": order(payload=b"\x80"),
        "claims with trailing octet": order(payload=PAYLOAD + b"\x00"),
        "claims tagged as CWT": order(payload=b"\xd8\x3d" + PAYLOAD),
        "claims not in order": order(payload=dumps(dict(reversed(ordered(CLAIMS).items())))),
        "unknown claim": order(payload=octets({**CLAIMS, 1: "issuer"})),
        "sequence above the maximum": order(payload=octets({**CLAIMS, -65538: 1 << 53})),
        "sequence missing": order(payload=octets({k: v for k, v in CLAIMS.items() if k != -65538})),
        "unsigned and empty": (encrypt0(DEVICE, uccs), {"unsigned": True}),
    }
