"""Policy `open`: whoever is in range while the window is open. For demonstrations."""

from firmware.envelope.order import open_order
from firmware.provision.policies import made_up
from transports.contract import OPEN_POLICY


class Open:
    note = "WARNING: policy open, anybody in range can provision this board in its window"

    def __init__(self, identity, record):
        self._identity = identity
        self._record = record

    async def open(self, data, pause):
        identity = self._identity
        return await open_order(
            data, identity.private_key, None, pause,
            public_key=identity.public_key, unsigned=True,
        )  # fmt: skip

    async def rehearse(self, pause):
        await made_up.refuse_one(self, pause)

    def permits(self, opened):
        if opened.order.trust is None:
            return True
        from firmware.provision.policies import trust

        return trust.only_tightens(opened.order.trust, OPEN_POLICY, self._identity, self._record)
