"""Policy `signed`: the holder of the provisioning key, or an installer whom it has certified.

The key is the factory's until an order signed with it names another.
"""

from firmware.crypto import signature
from firmware.envelope import cbor
from firmware.envelope.order import open_order
from firmware.provision.policies import made_up


class Signed:
    note = None

    def __init__(self, identity, record):
        """Raises UnusableKey if the board has a key that this build cannot check."""
        self._identity = identity
        self._record = record
        self._loaded_from = None
        self._authority = None
        self._key()

    async def open(self, data, pause):
        identity = self._identity
        return await open_order(
            data, identity.private_key, self._key(), pause,
            public_key=identity.public_key, installers=True,
        )  # fmt: skip

    async def rehearse(self, pause):
        await made_up.refuse_one(self, pause)
        await made_up.verify_one(self._key(), pause)

    def permits(self, opened):
        if opened.installer is not None:
            from firmware.provision.policies.delegation import covers

            return covers(opened.installer, opened.order, self._identity.group)
        if opened.order.trust is None:
            return True
        from firmware.provision.policies import trust

        asked = trust.asked(opened.order.trust)
        return not asked or (
            asked == [trust.AUTHORITY] and trust.is_usable(opened.order.trust.authority_key)
        )

    def _key(self):
        """The authority's key, loaded anew once an order has changed it."""
        rotated = self._record.authority
        octets = rotated or self._identity.authority
        if octets != self._loaded_from:
            # The factory's tables are of the factory's key.
            tables = self._identity.authority_tables() if rotated is None else None
            self._authority = _load_key(cbor.decode(octets), tables)
            self._loaded_from = octets
        return self._authority


def _load_key(cose_key, tables):
    """The key with its tables or, where they are not this key's, without."""
    try:
        return signature.load_key(cose_key, tables)
    except signature.UnusableKey:
        if tables is None:
            raise
        return signature.load_key(cose_key)
