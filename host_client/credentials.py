"""What the caller is ready to prove an order with, and which of it a board gets.

A board's descriptor is not authenticated: a false board may say that its policy is a looser
one. It gains nothing by that, because each form needs its own word from the caller:

- who gives an authority or an owner gets signed orders, or an error;
- an unsigned order is made only for who gave the label's code (`label`), or said `first_use`
  or `allow_open`.

And whatever the form, the order is sealed only to a key that is vouched for (trust.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from host_client.authority import Authority
from host_client.errors import AuthorityError, BadReply, WrongPolicy
from host_client.proof import Anybody, FirstUse, LabelCode, Proof, SignedBy, owner_proof
from transports import contract as c
from transports.names import POLICY_NAMES


@dataclass(frozen=True)
class Credentials:
    """Any of these may be given.

    `authority`: also an installer, with its certificate. `label_code`: as typed.
    `default_authority`: is asked only where the board wants an order signed by an authority,
    and neither an authority nor an owner was given.
    """

    authority: Authority | None = None
    owner: Authority | None = None
    label_code: str | None = field(default=None, repr=False)
    first_use: bool = False
    allow_open: bool = False
    default_authority: Callable[[], Authority] | None = field(default=None, repr=False)

    def check(self) -> None:
        """Raises AuthorityError where there is nothing to make any order with."""
        given = (self.authority, self.owner, self.label_code, self.default_authority)
        if not self.allow_open and all(one is None for one in given):
            raise AuthorityError("an order must be signed: give an authority")
        if self.first_use and self.owner is None:
            raise AuthorityError("a board's first order names its owner: give an owner's key")

    def prove(self, policy: int, owned: bool) -> Proof:
        """The form for a board that says this of itself.

        Raises WrongPolicy where the board wants another form than the caller has agreed to,
        AuthorityError, BadLabel, BadReply for a policy that this host does not know.
        """
        self.check()
        if policy == c.SIGNED:
            return self._signed()
        if not 0 <= policy < len(POLICY_NAMES):
            raise BadReply(f"the board has policy {policy}, which this host does not know")
        if self.authority is not None:
            raise _wrong(policy, "a signature of an authority", "Give no --authority.")
        if policy == c.FIRST_USE:
            return self._owned() if owned else self._first()
        if self.owner is not None:
            raise _wrong(policy, "a signature of an owner", "Give no --owner.")
        if policy == c.LABEL:
            if self.label_code is None:
                raise _wrong(policy, "an order without the label's code", "Give --label.")
            return LabelCode(self.label_code)
        if not self.allow_open:
            raise _wrong(policy, "", "Anybody in reach can provision it: say --allow-open.")
        return Anybody()

    def _signed(self) -> Proof:
        if self.authority is not None:
            return SignedBy(self.authority)
        if self.owner is None and self.default_authority is not None:
            return SignedBy(self.default_authority())
        raise _wrong(c.SIGNED, "an order without an authority's signature", "Give --authority.")

    def _owned(self) -> Proof:
        if self.owner is None:
            raise _wrong(c.FIRST_USE, "an order without its owner's signature", "Give --owner.")
        return owner_proof(self.owner)

    def _first(self) -> Proof:
        if self.owner is None or not self.first_use:
            raise WrongPolicy(
                "the board says that it has no owner yet: its first order is unsigned",
                "Say --first-use, and --owner with the key that is to own it.",
            )
        return FirstUse(self.owner)


def _wrong(policy: int, form: str, remedy: str) -> WrongPolicy:
    says = f"the board says that its policy is {POLICY_NAMES[policy]}"
    return WrongPolicy(f"{says}: it would refuse {form}" if form else says, remedy)
