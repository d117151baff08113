"""Policy `label`: whoever has read the label. Orders are sealed with its code as well."""

from firmware.envelope.order import open_order
from firmware.provision.policies import made_up
from transports.contract import LABEL, LABEL_PSK_ID


class Label:
    note = None

    def __init__(self, identity, record):
        self._identity = identity
        self._record = record

    async def open(self, data, pause):
        identity = self._identity
        return await open_order(
            data, identity.private_key, None, pause,
            psk=identity.label_key, public_key=identity.public_key, unsigned=True,
        )  # fmt: skip

    async def rehearse(self, pause):
        await made_up.refuse_one(self, pause, LABEL_PSK_ID)

    def permits(self, opened):
        if opened.order.trust is None:
            return True
        from firmware.provision.policies import trust

        return trust.only_tightens(opened.order.trust, LABEL, self._identity, self._record)
