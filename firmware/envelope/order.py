"""An order from its octets to settings: open, verify, and only then decode."""

from firmware.crypto.pacing import nothing
from firmware.envelope import cbor, cose
from firmware.envelope.claims import decode_claims
from firmware.envelope.errors import NotAuthentic
from transports.contract import ORDER_CONTEXT

TAG_UCCS = 601  # unsigned claims set (RFC 9781)
_UCCS_HEAD = cbor.head(cbor.TAG, TAG_UCCS)


class OpenedOrder:
    """An order that opened, and whose claims are well formed.

    order: claims.Order. suite: COSE number of the seal. signed: False for an unsigned
    claims set. claims_octets: the claims as signed, a view. export(context, length): a
    secret of this order's HPKE context (RFC 9180 section 5.3).
    """

    def __init__(self, order, claims_octets, sealed, signed):
        self.order = order
        self.claims_octets = claims_octets
        self.export = sealed.export
        self.suite = sealed.suite
        self.signed = signed


async def open_order(
    data, device_private_key, authority_key, pause=nothing,
    psk=None, public_key=None, unsigned=False,
):  # fmt: skip
    """Open the sealed order ``data``; returns OpenedOrder.

    device_private_key: 32 octets (X25519), public_key the one to it, where at hand.
    authority_key: from ``signature.load_key``, or None if nobody's signature counts. psk:
    the label code's key, under the policy that wants one. unsigned: whether the policy
    takes claims without a signature; by default they are not authentic.

    Raises NotAuthentic until the signature has been checked, MalformedOrder after it. That
    the suite named in the claims is the seal's, the caller checks.
    """
    sealed = await cose.open_encrypt0(
        data, device_private_key, ORDER_CONTEXT, pause, psk=psk, public_key=public_key
    )
    signed = not is_unsigned(sealed.plaintext)
    if signed and authority_key is not None:
        claims = await cose.verify_sign1(sealed.plaintext, authority_key, ORDER_CONTEXT, pause)
    elif unsigned and not signed:
        claims = memoryview(sealed.plaintext)[len(_UCCS_HEAD) :]
    else:
        raise NotAuthentic("not authentic")
    return OpenedOrder(decode_claims(claims), claims, sealed, signed)


def is_unsigned(plaintext):
    """Whether it begins as a UCCS does: by the tag's shortest head, and no other."""
    return bytes(plaintext[: len(_UCCS_HEAD)]) == _UCCS_HEAD
