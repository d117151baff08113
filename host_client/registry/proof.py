"""Proof that an operator asks: a challenge of the registry's, signed with the operator's key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from host_client import cbor
from host_client.errors import AuthorityError
from host_client.registry.errors import SecretRefused
from host_client.registry.operator import Operator, OperatorKeys
from host_client.registry.sealing import Purpose
from host_client.sign1 import NotSigned, check_sign1, sign1, split_sign1

PROOF_CONTEXT = b"latchkey/1 registry proof"  # external_aad of the COSE_Sign1
NONCE_LENGTH = 32  # octets
VALID_MS = 5 * 60 * 1000  # from a challenge to its proof
MAX_PROOF = 512  # octets
_WHAT = "label code"


@dataclass(frozen=True)
class Challenge:
    """What the registry wants signed before it hands out the label code of one device."""

    nonce: bytes = field(repr=False)
    serial: str
    operator: bytes  # digest of the operator's public keys, 32 octets
    issued_ms: int

    def statement(self) -> bytes:
        """The octets that are signed: [what, nonce, serial, operator, time]."""
        return cbor.encode([_WHAT, self.nonce, self.serial, self.operator, self.issued_ms])


@dataclass(frozen=True)
class SealedCode:
    """A label code as the registry keeps it: only the operator it was sealed to opens it."""

    serial: str
    device_id: str
    public_key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)

    def open(self, operator: Operator) -> str:
        """The label code. Raises BadSeal."""
        purpose = label_code_purpose(self.device_id, self.public_key)
        return operator.open(self.sealed, purpose).decode()


def prove(challenge: Challenge, operator: Operator) -> bytes:
    """Answer a challenge: a COSE_Sign1 over its statement (RFC 9052 section 4.2)."""
    return sign1(challenge.statement(), operator.authority, PROOF_CONTEXT)


def nonce_of(proof: bytes) -> bytes:
    """Which challenge a proof says it answers; nothing is checked. Raises SecretRefused."""
    if len(proof) <= MAX_PROOF:
        try:
            statement: Any = cbor.decode(split_sign1(proof).payload)
        except (NotSigned, cbor.CborError):
            statement = None
        match statement:
            case [str(), bytes(nonce), str(), bytes(), int()] if len(nonce) == NONCE_LENGTH:
                return nonce
    raise SecretRefused("not a proof (COSE_Sign1 over a challenge)")


def check_proof(proof: bytes, challenge: Challenge, keys: OperatorKeys) -> None:
    """Raises SecretRefused unless the operator signed exactly this challenge."""
    try:
        payload = check_sign1(proof, keys.signing_key, PROOF_CONTEXT)
    except (NotSigned, AuthorityError):
        raise SecretRefused("the proof is not signed with the operator's key") from None
    if payload != challenge.statement() or keys.digest != challenge.operator:
        raise SecretRefused("the proof answers another challenge")


def label_code_purpose(device_id: str, public_key: bytes) -> Purpose:
    """What a sealed label code is bound to."""
    return "label code", device_id, hashlib.sha256(public_key).digest()


def receipt_secret_purpose(device_id: str, order_id: bytes) -> Purpose:
    """What the sealed secret of an order's receipt is bound to."""
    return "receipt secret", device_id, order_id
