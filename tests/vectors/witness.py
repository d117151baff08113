"""An independent maker of orders: PyPI's cwt, which shares no code with this project."""

from __future__ import annotations

import cwt
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.vectors.sealing import CONTEXT, Signer


def make_order(signer: Signer, device_public: bytes, suite: int, payload: bytes) -> bytes:
    """COSE_Sign1 of the claims in a COSE_Encrypt0 with HPKE, both by cwt."""
    pem = signer.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signing_key = cwt.COSEKey.from_pem(pem, alg="EdDSA" if signer.curve == "Ed25519" else "ES256")
    cose = cwt.COSE.new()
    signed = cose.encode(
        payload, signing_key, protected={1: signer.algorithm}, external_aad=CONTEXT
    )
    device_key = cwt.COSEKey.new({1: 1, 3: suite, -1: 4, -2: device_public})
    return cose.encode(signed, device_key, protected={1: suite}, external_aad=CONTEXT)
