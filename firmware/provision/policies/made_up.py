"""A made-up order, for a board to refuse before the first real one comes.

So everything that an order needs is loaded, and buffers are made, while memory is still in
one piece; what is free afterwards is free for orders.
"""

import os

from firmware.crypto import signature
from firmware.envelope import cbor
from firmware.envelope.errors import NotAuthentic
from transports.contract import ALG_HPKE_4


async def refuse_one(policy, pause, psk_id=None):
    """Have the policy open an order that nobody sealed; psk_id: octets, for one in PSK mode."""
    header = {1: ALG_HPKE_4}
    if psk_id is not None:
        header[-5] = psk_id
    order = cbor.Tag(16, [cbor.encode(header), {-4: os.urandom(32)}, bytes(32)])
    try:
        await policy.open(cbor.encode(order), pause)
    except NotAuthentic:
        pass


async def verify_one(key, pause):
    """Check a signature that nobody made."""
    await signature.verify(key, key.allowed[0], b"", bytes(64), pause)
