"""Orders for one board of which any part may be wrong; see tests/vectors/sealing.py."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from host_client.authority import Authority
from tests.scenarios.rig import AUTHORITY, Rig
from tests.vectors.sealing import dumps, encrypt0, ordered, sign1
from transports import contract as c


@dataclass(frozen=True)
class Addressee:
    public: bytes


@dataclass(frozen=True)
class Hand:
    """Signs as an authority does; the name that its signatures give their algorithm."""

    algorithm: int
    sign: Callable[[bytes], bytes]


class Forger:
    """Knows the board's public key and has an authority sign whatever it likes."""

    def __init__(self, rig: Rig, authority: Authority = AUTHORITY) -> None:
        self.board = Addressee(rig.target.device_key)
        self.device_id = rig.target.device_id
        self.hand = Hand(authority.cose_algorithm, authority.sign)

    def claims(self, **changes: Any) -> dict[int, Any]:
        """A compact order; changes: aud, sequence, suite, app, nonce."""
        claims = {
            c.CLAIM_AUDIENCE: changes.get("aud", self.device_id),
            c.CLAIM_ORDER_ID: secrets.token_bytes(16),
            c.CLAIM_SUITE: changes.get("suite", c.ALG_HPKE_4),
            c.CLAIM_SEQUENCE: changes.get("sequence", 1),
            c.CLAIM_APP: changes.get("app", b"!"),
        }
        if "nonce" in changes:
            claims[c.CLAIM_NONCE] = changes["nonce"]
        return claims

    def signed(self, payload: Any = None, **parts: Any) -> bytes:
        """COSE_Sign1 over claims (a map) or over any octets."""
        payload = self.claims() if payload is None else payload
        octets = dumps(ordered(payload)) if isinstance(payload, dict) else payload
        return sign1(self.hand, octets, **parts)  # type: ignore[arg-type]

    def sealed(self, signed: bytes, suite: int = c.ALG_HPKE_4, **parts: Any) -> bytes:
        return encrypt0(self.board, signed, suite, **parts)  # type: ignore[arg-type]

    def order(self, payload: Any = None, **parts: Any) -> bytes:
        return self.sealed(self.signed(payload, **parts))
