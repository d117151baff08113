"""The receipt: proof, for who sealed an order, that this board took it and how it ended."""

from firmware.crypto.hmac import hmac_sha256
from firmware.envelope import cbor
from firmware.envelope.cose import mac0
from transports.contract import (
    EXPORT_DIGEST_KEY,
    EXPORT_RECEIPT_KEY,
    R_ADDRESS,
    R_DEVICE_ID,
    R_DIGEST,
    R_NETWORK,
    R_ORDER_ID,
    R_RESULT,
    RECEIPT_CONTEXT,
)


def make_receipt(opened, device_id, outcome):
    """Return the COSE_Mac0 octets (CDDL `receipt`).

    Keys come from the order's HPKE context (RFC 9180 section 5.3), which only its sealer
    and this board have. The digest of the settings is keyed, too: a plain hash of an order
    would let whoever reads the receipt guess the network key at leisure.
    """
    claims = {
        R_ORDER_ID: opened.order.order_id,
        R_DEVICE_ID: device_id,
        R_RESULT: outcome.status,
        R_DIGEST: hmac_sha256(opened.export(EXPORT_DIGEST_KEY, 32), opened.claims_octets),
    }
    if outcome.address is not None:
        claims[R_ADDRESS] = outcome.address
    if outcome.network is not None:
        claims[R_NETWORK] = outcome.network
    key = opened.export(EXPORT_RECEIPT_KEY, 32)
    return mac0(cbor.encode(claims), key, RECEIPT_CONTEXT)
