"""Orders: built from settings, proved in the form that the board's policy wants, sealed to it.

CWT claims (RFC 8392), signed or unsigned (proof.py), in a COSE_Encrypt0 with HPKE (seal.py), as
latchkey.cddl writes them down.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from host_client import cbor
from host_client.authority import Authority
from host_client.errors import BadOrder
from host_client.fingerprint import DEVICE_KEY_LENGTH
from host_client.proof import Proof, SignedBy
from host_client.receipt import ReceiptSecret
from host_client.seal import SUITES, check_suite, seal
from host_client.settings import Settings
from transports import contract as c

__all__ = ["MAX_ORDER", "SUITES", "SealedOrder", "Target", "seal_order"]

MAX_ORDER = c.MAX_MESSAGE - 1  # over BLE one octet names the operation


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
    `description` says in which form it was made, for people.
    """

    order_id: bytes
    device_id: str
    data: bytes = field(repr=False)
    secret: ReceiptSecret | None = field(default=None, repr=False)
    networks: int = 0  # how many will be tried, for the deadline
    description: str = ""
    sequence: int | None = None  # of its claims, for whoever keeps several for one board
    expires_s: int | None = None  # Unix time


def seal_order(
    settings: Settings,
    target: Target,
    proof: Proof | Authority,
    *,
    nonce: bytes | None = None,
    sequence: int | None = None,
    expires_s: int | None = None,
    suite: int = c.ALG_HPKE_4,
) -> SealedOrder:
    """Build, prove and seal. An Authority as `proof` signs (as an installer, if it is one).

    `nonce` (16 octets) binds the order to one window (online). Without it the board takes
    the order only if `sequence` (default: Unix time in milliseconds) is above the highest it
    has accepted. `expires_s` is Unix time. Raises BadOrder, and NotPermitted where an
    installer's certificate does not cover it.
    """
    check_suite(suite)
    form = SignedBy(proof) if isinstance(proof, Authority) else proof
    claims = form.amend(settings).to_claims()
    claims |= _addressing(target, nonce, sequence, expires_s, suite)
    form.check(claims)
    payload = cbor.encode(claims)
    sealed = seal(form.wrap(payload), target.device_key, suite, form.psk(target.device_id))
    if len(sealed.data) > MAX_ORDER:
        raise BadOrder(f"the order has {len(sealed.data)} octets, a board takes {MAX_ORDER}")
    order_id = claims[c.CLAIM_ORDER_ID]
    digest = hmac.digest(sealed.digest_key, payload, "sha256")
    return SealedOrder(
        order_id,
        target.device_id,
        sealed.data,
        ReceiptSecret(order_id, target.device_id, sealed.receipt_key, digest),
        len(settings.networks),
        form.description,
        claims[c.CLAIM_SEQUENCE],
        expires_s,
    )


def _addressing(
    target: Target, nonce: bytes | None, sequence: int | None, expires_s: int | None, suite: int
) -> dict[int, Any]:
    """The claims that say for whom, when and how often."""
    now_ns = time.time_ns()
    sequence = now_ns // 1_000_000 if sequence is None else sequence
    if not 0 <= sequence <= c.MAX_SEQUENCE:
        raise BadOrder("a sequence number is 0 to 2^53 - 1")
    claims: dict[int, Any] = {
        c.CLAIM_AUDIENCE: target.device_id,
        c.CLAIM_ISSUED: now_ns // 1_000_000_000,
        c.CLAIM_ORDER_ID: secrets.token_bytes(c.ORDER_ID_LENGTH),
        c.CLAIM_SUITE: suite,
        c.CLAIM_SEQUENCE: sequence,
    }
    if nonce is not None:
        if len(nonce) != c.NONCE_LENGTH:
            raise BadOrder("a nonce has 16 octets")
        claims[c.CLAIM_NONCE] = nonce
    if expires_s is not None:
        claims[c.CLAIM_EXPIRES] = expires_s
    return claims
