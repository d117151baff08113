"""Who may provision this board: one class a policy, chosen at the factory.

A policy has `open(data, pause)`, a coroutine that returns the opened order if whoever made
it had the right, and raises NotAuthentic or MalformedOrder; and `permits(order)`, which
tells whether that right covers what the order asks for.
"""

from transports.contract import SIGNED


def load(identity):
    """Return the policy of this board. Raises ValueError for one this build does not carry.

    Each policy is imported only where it is used, with the cryptography that it needs.
    """
    if identity.policy == SIGNED:
        from firmware.provision.policies.signed import Signed

        return Signed(identity)
    raise ValueError("policy %d is not in this build" % identity.policy)
