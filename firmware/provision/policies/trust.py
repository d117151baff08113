"""What an order asks for in its claim `trust`, and whether the board could live with it.

Who may ask for what, each policy says itself.
"""

from firmware.crypto import signature
from firmware.envelope import cbor
from firmware.provision.policies import has_needs, policy_class
from transports.contract import TIGHTER

OWNER, RELEASE, AUTHORITY, POLICY = "owner key", "release", "authority key", "policy"


def asked(trust):
    """The things that a claims.Trust asks for: a list of OWNER, RELEASE, AUTHORITY, POLICY."""
    found = []
    if trust.owner_key is not None:
        found.append(OWNER)
    if trust.release:
        found.append(RELEASE)
    if trust.authority_key is not None:
        found.append(AUTHORITY)
    if trust.policy is not None:  # 0 is a policy
        found.append(POLICY)
    return found


def is_usable(cose_key):
    """Whether this build can check signatures of the key (octets of a COSE_Key): with one that it
    cannot check the board would be lost to everybody."""
    try:
        signature.load_key(cbor.decode(cose_key))
    except signature.UnusableKey:
        return False
    return True


def tightens(policy, present, identity, record):
    """Whether a policy is tighter than the present one, and the board can follow it."""
    if TIGHTER.index(policy) <= TIGHTER.index(present):
        return False
    if not has_needs(policy, record.authority or identity.authority, identity.label_key):
        return False
    try:
        policy_class(policy)(identity, record)
    except (ImportError, signature.UnusableKey):  # left out of this build, or its cryptography
        return False
    return True


def only_tightens(trust, present, identity, record):
    """Whether all that is asked for, if anything, is a tighter policy that the board can follow."""
    wanted = asked(trust)
    return not wanted or (wanted == [POLICY] and tightens(trust.policy, present, identity, record))
