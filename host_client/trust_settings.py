"""Whom a board is to obey from now on: a new owner, a new authority, a tighter policy."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator, model_validator

from host_client.cose_key import decode_public_key
from host_client.errors import AuthorityError
from host_client.settings_part import Octets, Part
from transports.contract import TIGHTER
from transports.names import POLICY_NAMES


class TrustSettings(Part):
    """A change of whom the board obeys. `owner`, `authority`: encoded public COSE_Keys.

    `owner`: the first owner, or the next one. `release`: settings and owner are wiped; nothing
    goes with it. `authority`: takes the place of the one that signs this order. `policy`: a
    tighter one, by name or number.
    """

    owner: Octets | None = None
    release: bool = False
    authority: Octets | None = None
    policy: int | None = None

    @field_validator("owner", "authority")
    @classmethod
    def _check_key(cls, key: bytes | None) -> bytes | None:
        if key is not None:
            try:
                decode_public_key(key)
            except AuthorityError as error:
                raise ValueError(str(error)) from None
        return key

    @field_validator("policy", mode="before")
    @classmethod
    def _read_policy(cls, policy: Any) -> Any:
        if policy is None or (policy in TIGHTER and not isinstance(policy, (bool, float))):
            return policy
        if policy not in POLICY_NAMES:
            raise ValueError(f"a policy is one of {', '.join(POLICY_NAMES)}")
        return POLICY_NAMES.index(policy)

    @model_validator(mode="after")
    def _check_release(self) -> TrustSettings:
        if self.release and (self.owner or self.authority or self.policy is not None):
            raise ValueError("a release goes alone: it wipes the board's settings and its owner")
        return self

    def to_claim(self) -> dict[int, Any]:
        """`trust` of latchkey.cddl."""
        values = (self.owner, self.release or None, self.authority, self.policy)
        return {key: value for key, value in enumerate(values, 1) if value is not None}
