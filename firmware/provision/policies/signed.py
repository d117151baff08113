"""Policy `signed`: only the holder of the provisioning key, known from the factory."""

import os

from firmware.crypto import signature
from firmware.envelope import cbor
from firmware.envelope.errors import NotAuthentic
from firmware.envelope.order import open_order
from transports.contract import ALG_HPKE_4


class Signed:
    def __init__(self, identity):
        """Raises UnusableKey if the factory wrote a key that this build cannot check."""
        self._identity = identity
        self._authority = _load_key(cbor.decode(identity.authority), identity.authority_tables())

    async def open(self, data, pause):
        identity = self._identity
        return await open_order(
            data, identity.private_key, self._authority, pause, public_key=identity.public_key
        )

    async def rehearse(self, pause):
        """Refuse a made-up order, before the first real one comes.

        So everything that an order needs is loaded, and buffers are made, while memory is
        still in one piece; what is free afterwards is free for orders.
        """
        made_up = cbor.Tag(16, [cbor.encode({1: ALG_HPKE_4}), {-4: os.urandom(32)}, bytes(32)])
        try:
            await self.open(cbor.encode(made_up), pause)
        except NotAuthentic:
            pass
        await signature.verify(self._authority, self._authority.allowed[0], b"", bytes(64), pause)

    def permits(self, order):
        return order.trust is None  # ownership does not change under this policy


def _load_key(cose_key, tables):
    """The key with its tables or, where they are not this key's, without."""
    try:
        return signature.load_key(cose_key, tables)
    except signature.UnusableKey:
        if tables is None:
            raise
        return signature.load_key(cose_key)
