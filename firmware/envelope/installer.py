"""The certificate by which the authority lets an installer sign orders (CDDL
`installer-certificate`). A board loads this when an order first carries one."""

from firmware.crypto import signature
from firmware.crypto.pacing import nothing
from firmware.envelope import cbor, cose
from firmware.envelope.claims import SETTINGS, check_keys, maybe, text, uint
from firmware.envelope.errors import CborError, MalformedOrder, NotAuthentic
from transports.contract import (
    CLAIM_CONFIRMATION,
    CLAIM_EXPIRES,
    CLAIM_LIMITS,
    CLAIM_SUBJECT,
    INSTALLER_CONTEXT,
    MAX_SEQUENCE,
)

_GROUP, _KINDS, _FIRST, _LAST = 1, 2, 3, 4  # of the limits
_DEPTH = 3  # claims, confirmation, key
_ITEMS = 32
_CURVES = (1, 2)  # key types: an installer's key is Ed25519 or P-256


class Installer:
    """Who may sign orders, and which.

    name: str. key: from ``signature.load_key``. expires: seconds since 1970, or None.
    group: device group, or None for any. kinds: claims that the orders may bring, a list of
    the contract's numbers. first, last: bounds of the orders' sequence, both included.
    """

    def __init__(self, claims):
        check_keys(claims, (CLAIM_SUBJECT, CLAIM_CONFIRMATION, CLAIM_LIMITS), (CLAIM_EXPIRES,))
        self.name = text(claims[CLAIM_SUBJECT], 1, 64)
        self.expires = maybe(claims, CLAIM_EXPIRES, uint)
        limits = claims[CLAIM_LIMITS]
        check_keys(limits, (_KINDS, _FIRST, _LAST), (_GROUP,))
        self.group = maybe(limits, _GROUP, text, 1, 32)
        self.kinds = _kinds(limits[_KINDS])
        self.first = uint(limits[_FIRST], MAX_SEQUENCE)
        self.last = uint(limits[_LAST], MAX_SEQUENCE)
        self.key = _key(claims[CLAIM_CONFIRMATION])  # last: it may load a curve


async def verify_installer(certificate, authority_key, pause=nothing):
    """The Installer of a certificate's octets, once the authority's signature over it holds.

    A certificate is signed by the authority itself: one that carries another is refused, so
    no installer makes installers. Raises NotAuthentic, also for what is signed and is no
    certificate: from outside nothing can be told from anything.
    """
    payload = await cose.verify_sign1(certificate, authority_key, INSTALLER_CONTEXT, pause)
    try:
        return Installer(cbor.decode(payload, _DEPTH, (), False, _ITEMS))
    except (CborError, MalformedOrder, signature.UnusableKey):
        raise NotAuthentic("not authentic") from None


def _kinds(value):
    if not isinstance(value, list) or not 1 <= len(value) <= len(SETTINGS):
        raise MalformedOrder("kinds of setting")
    for kind in value:
        if isinstance(kind, bool) or kind not in SETTINGS:
            raise MalformedOrder("kinds of setting")
    return value


def _key(confirmation):
    """The key of `cnf`, RFC 8747 section 3.1."""
    check_keys(confirmation, (1,), ())
    key = confirmation[1]
    check_keys(key, (1, -1, -2), (3, -3))
    if key[1] not in _CURVES:
        raise MalformedOrder("public key")
    return signature.load_key(key)
