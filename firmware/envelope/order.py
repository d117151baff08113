"""An order from its octets to settings: open, verify, and only then decode."""

from firmware.crypto.pacing import nothing
from firmware.envelope import cbor, cose
from firmware.envelope.claims import decode_claims
from firmware.envelope.errors import NotAuthentic
from transports.contract import LABEL_PSK_ID, ORDER_CONTEXT

TAG_UCCS = 601  # unsigned claims set (RFC 9781)
_UCCS_HEAD = cbor.head(cbor.TAG, TAG_UCCS)


class OpenedOrder:
    """An order that opened, and whose claims are well formed.

    order: claims.Order. suite: COSE number of the seal. signed: False for an unsigned
    claims set. installer: installer.Installer who signed it with the authority's leave, or
    None. claims_octets: the claims as signed, a view. export(context, length): a secret of
    this order's HPKE context (RFC 9180 section 5.3).
    """

    def __init__(self, order, claims_octets, sealed, signed, installer=None):
        self.order = order
        self.claims_octets = claims_octets
        self.export = sealed.export
        self.suite = sealed.suite
        self.signed = signed
        self.installer = installer

    @property
    def first_hand(self):
        """Whether the very key that the board trusts has signed it."""
        return self.signed and self.installer is None


class _Delegation:
    """Gives the installer's key for a certificate, and remembers the installer."""

    def __init__(self, authority_key, pause):
        self._authority_key = authority_key
        self._pause = pause
        self.installer = None

    async def certified(self, certificate):
        from firmware.envelope.installer import verify_installer  # few boards ever see one

        self.installer = await verify_installer(certificate, self._authority_key, self._pause)
        return self.installer.key


async def open_order(
    data, device_private_key, authority_key, pause=nothing,
    psk=None, public_key=None, unsigned=False, installers=False,
):  # fmt: skip
    """Open the sealed order ``data``; returns OpenedOrder.

    device_private_key: 32 octets (X25519), public_key the one to it, where at hand.
    authority_key: from ``signature.load_key``, or None if nobody's signature counts. psk:
    the label code's key, under the policy that wants one. unsigned: whether the policy
    takes claims without a signature; by default they are not authentic. installers: whether
    the authority's installers may sign, too.

    Raises NotAuthentic until the signature has been checked, MalformedOrder after it. That
    the suite named in the claims is the seal's, the caller checks.
    """
    sealed = await cose.open_encrypt0(
        data, device_private_key, ORDER_CONTEXT, pause,
        psk=psk, psk_id=LABEL_PSK_ID, public_key=public_key,
    )  # fmt: skip
    signed = not is_unsigned(sealed.plaintext)
    delegation = _Delegation(authority_key, pause)
    if signed and authority_key is not None:
        claims = await cose.verify_sign1(
            sealed.plaintext, authority_key, ORDER_CONTEXT, pause,
            delegation.certified if installers else None,
        )  # fmt: skip
    elif unsigned and not signed:
        claims = memoryview(sealed.plaintext)[len(_UCCS_HEAD) :]
    else:
        raise NotAuthentic("not authentic")
    return OpenedOrder(decode_claims(claims), claims, sealed, signed, delegation.installer)


def is_unsigned(plaintext):
    """Whether it begins as a UCCS does: by the tag's shortest head, and no other."""
    return bytes(plaintext[: len(_UCCS_HEAD)]) == _UCCS_HEAD
