"""Orders: built from settings, signed by the authority, sealed to one board.

CWT claims (RFC 8392) in a COSE_Sign1 (RFC 9052 section 4.2) in a COSE_Encrypt0 with HPKE
in base mode (RFC 9180; draft-ietf-cose-hpke), as latchkey.cddl writes them down.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, PyHPKEError

from host_client import cbor
from host_client.authority import Authority
from host_client.errors import BadOrder
from host_client.fingerprint import DEVICE_KEY_LENGTH
from host_client.receipt import ReceiptSecret
from host_client.settings import Settings
from host_client.sign1 import sign1
from transports import contract as c

SUITES = (c.ALG_HPKE_4, c.ALG_HPKE_3)  # in order of preference
MAX_ORDER = c.MAX_MESSAGE - 1  # over BLE one octet names the operation

_ENCRYPT0 = 16  # CBOR tag (RFC 9052 section 2)
_ALG, _EK = 1, -4  # header parameters
_AEADS = {c.ALG_HPKE_3: AEADId.AES128_GCM, c.ALG_HPKE_4: AEADId.CHACHA20_POLY1305}


@dataclass(frozen=True)
class Target:
    """The board an order is for: its id, and its X25519 public key (32 octets)."""

    device_id: str
    device_key: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.device_id.encode()) <= 32:
            raise BadOrder("a device id has 1 to 32 octets")
        if len(self.device_key) != DEVICE_KEY_LENGTH:
            raise BadOrder("a device key has 32 octets")


@dataclass(frozen=True)
class SealedOrder:
    """An order that only its board can open; whoever carries it needs no key.

    `secret` is there only where the order was made, and checks the receipt later.
    """

    order_id: bytes
    device_id: str
    data: bytes = field(repr=False)
    secret: ReceiptSecret | None = field(default=None, repr=False)
    networks: int = 0  # how many will be tried, for the deadline


def seal_order(
    settings: Settings,
    target: Target,
    authority: Authority,
    *,
    nonce: bytes | None = None,
    sequence: int | None = None,
    expires_s: int | None = None,
    suite: int = c.ALG_HPKE_4,
) -> SealedOrder:
    """Build, sign and seal.

    `nonce` (16 octets) binds the order to one window (online). Without it the board takes
    the order only if `sequence` (default: Unix time in milliseconds) is above the highest it
    has accepted. `expires_s` is Unix time. Raises BadOrder.
    """
    if suite not in _AEADS:
        raise BadOrder(f"suite {suite} is not one of {SUITES}")
    if nonce is not None and len(nonce) != c.NONCE_LENGTH:
        raise BadOrder("a nonce has 16 octets")
    sequence = time.time_ns() // 1_000_000 if sequence is None else sequence
    if not 0 <= sequence <= c.MAX_SEQUENCE:
        raise BadOrder("a sequence number is 0 to 2^53 - 1")
    order_id = secrets.token_bytes(c.ORDER_ID_LENGTH)
    claims: dict[int, Any] = settings.to_claims()
    claims[c.CLAIM_AUDIENCE] = target.device_id
    claims[c.CLAIM_ORDER_ID] = order_id
    claims[c.CLAIM_SUITE] = suite
    claims[c.CLAIM_SEQUENCE] = sequence
    if nonce is not None:
        claims[c.CLAIM_NONCE] = nonce
    if expires_s is not None:
        claims[c.CLAIM_EXPIRES] = expires_s
    payload = cbor.encode(claims)
    data, receipt_key, digest_key = _seal(
        sign1(payload, authority, c.ORDER_CONTEXT), target.device_key, suite
    )
    if len(data) > MAX_ORDER:
        raise BadOrder(f"the order has {len(data)} octets, a board takes {MAX_ORDER}")
    digest = hmac.digest(digest_key, payload, "sha256")
    secret = ReceiptSecret(order_id, target.device_id, receipt_key, digest)
    return SealedOrder(order_id, target.device_id, data, secret, len(settings.networks))


def _seal(plaintext: bytes, device_key: bytes, suite: int) -> tuple[bytes, bytes, bytes]:
    """(COSE_Encrypt0, receipt key, digest key); keys are exports of the HPKE context."""
    protected = cbor.encode({_ALG: suite})
    aad = cbor.encode(["Encrypt0", protected, c.ORDER_CONTEXT])
    hpke = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, _AEADS[suite])
    try:
        recipient = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(device_key))
        enc, context = hpke.create_sender_context(recipient)
        ciphertext = context.seal(plaintext, aad)
        receipt_key = context.export(c.EXPORT_RECEIPT_KEY, 32)
        digest_key = context.export(c.EXPORT_DIGEST_KEY, 32)
    except (PyHPKEError, ValueError) as error:
        raise BadOrder("the device key is not a usable X25519 key") from error
    body = [protected, {_EK: enc}, ciphertext]
    return cbor.encode(cbor2.CBORTag(_ENCRYPT0, body)), receipt_key, digest_key
