"""Who may provision this board: one class a policy.

The factory chooses it, and a kept order may choose a tighter one. A policy has
`open(data, pause)`, a coroutine that returns the opened order if whoever made it had the
right, and raises NotAuthentic or MalformedOrder; `permits(opened)`, which tells whether that
right covers what the order asks for; `rehearse(pause)`, a coroutine that loads whatever
opening will need; and `note`, what a person should know of it, or None.

Each policy is imported only where it is in force, with the cryptography that it needs.
"""

from transports.contract import FIRST_USE, LABEL, OPEN_POLICY, SIGNED, TIGHTER


def check(policy):
    """Raises ValueError for a number that is no policy."""
    if isinstance(policy, bool) or policy not in TIGHTER:
        raise ValueError("no such policy")


def has_needs(policy, authority, label_key):
    """Whether a board with these (octets, or None) can follow the policy."""
    if policy == SIGNED:
        return authority is not None
    return policy != LABEL or label_key is not None


def in_force(identity, record):
    """The number of the policy in force: the factory's, or the tighter one of an order."""
    return identity.policy if record.policy is None else record.policy


def load(identity, record):
    """Return the policy of this board. Raises ValueError for one that it cannot follow,
    UnusableKey for a key that this build cannot check."""
    return InForce(identity, record)


class InForce:
    """The policy in force. A kept order may change it: what the record holds when the next
    order comes is what counts for that one."""

    def __init__(self, identity, record):
        self._identity = identity
        self._record = record
        self._number = None
        self._policy = None
        self._now()

    @property
    def number(self):
        return in_force(self._identity, self._record)

    @property
    def note(self):
        return self._now().note

    async def open(self, data, pause):
        return await self._now().open(data, pause)

    def permits(self, opened):
        return self._now().permits(opened)

    async def rehearse(self, pause):
        await self._now().rehearse(pause)

    def _now(self):
        number = self.number
        if number != self._number:
            check(number)
            identity, record = self._identity, self._record
            authority = record.authority or identity.authority
            if not has_needs(number, authority, identity.label_key):
                raise ValueError("the board lacks what its policy needs")
            self._policy = policy_class(number)(identity, record)
            self._number = number
        return self._policy


def policy_class(number):
    """The class of a policy. Raises ImportError where its module is not on the board."""
    if number == SIGNED:
        from firmware.provision.policies.signed import Signed as found
    elif number == LABEL:
        from firmware.provision.policies.label import Label as found
    elif number == FIRST_USE:
        from firmware.provision.policies.first_use import FirstUse as found
    elif number == OPEN_POLICY:
        from firmware.provision.policies.open_policy import Open as found
    return found
