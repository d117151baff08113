"""Who may provision this board: one class a policy, chosen at the factory.

A policy has `open(data, pause)`, a coroutine that returns the opened order if whoever made
it had the right, and raises NotAuthentic or MalformedOrder; `permits(order)`, which tells
whether that right covers what the order asks for; and `rehearse(pause)`, a coroutine that
loads whatever opening will need.
"""

from transports.contract import SIGNED

SUPPORTED = (SIGNED,)


def check(policy):
    """Raises ValueError for a policy that this build does not carry."""
    if policy not in SUPPORTED:
        raise ValueError("policy %d is not in this build" % policy)


def load(identity):
    """Return the policy of this board. Raises ValueError for one this build does not carry.

    Each policy is imported only where it is used, with the cryptography that it needs.
    """
    check(identity.policy)
    from firmware.provision.policies.signed import Signed

    return Signed(identity)
