"""Policy `signed`: only the holder of the provisioning key, known from the factory."""

from firmware.crypto import signature
from firmware.envelope import cbor
from firmware.envelope.order import open_order


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
