"""Policy `first-use`: the first to provision the board brings a key and owns it from then on.

Without an owner the proof is presence: an unsigned order inside the window, which must name
the owner's key. With one, only orders signed with that key are authentic. Whether an owner
can give the board away depends on the profile: only under `consumer`.
"""

from firmware.crypto import signature
from firmware.envelope import cbor
from firmware.envelope.order import open_order
from firmware.provision.policies import made_up
from transports.contract import CONSUMER, FIRST_USE


class FirstUse:
    note = None

    def __init__(self, identity, record):
        self._identity = identity
        self._record = record
        self._loaded_from = None
        self._owner = None

    async def open(self, data, pause):
        identity, owner = self._identity, self._key()
        return await open_order(
            data, identity.private_key, owner, pause,
            public_key=identity.public_key, unsigned=owner is None,
        )  # fmt: skip

    async def rehearse(self, pause):
        await made_up.refuse_one(self, pause)
        if self._record.owner is not None:
            await made_up.verify_one(self._key(), pause)

    def permits(self, opened):
        wanted = opened.order.trust
        if wanted is None:
            return opened.signed  # the first order must name an owner
        from firmware.provision.policies import trust

        asked = trust.asked(wanted)
        if not opened.signed:
            return asked == [trust.OWNER] and trust.is_usable(wanted.owner_key)
        if trust.RELEASE in asked:  # of everything, so nothing else makes sense beside it
            return self._changes_hands and asked == [trust.RELEASE] and not opened.order.kinds
        for name in asked:
            if name == trust.OWNER:
                permitted = self._changes_hands and trust.is_usable(wanted.owner_key)
            elif name == trust.POLICY:
                permitted = trust.tightens(wanted.policy, FIRST_USE, self._identity, self._record)
            else:
                permitted = False
            if not permitted:
                return False
        return True

    @property
    def _changes_hands(self):
        return self._identity.profile == CONSUMER

    def _key(self):
        """The owner's key, or None; loaded anew once an order has changed it."""
        octets = self._record.owner
        if octets != self._loaded_from:
            self._owner = None if octets is None else signature.load_key(cbor.decode(octets))
            self._loaded_from = octets
        return self._owner
