"""An independent maker of orders: PyPI's cwt, which shares no code with this project."""

from __future__ import annotations

import cwt
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.vectors.sealing import CONTEXT, Signer
from transports.contract import HEADER_INSTALLER, INSTALLER_CONTEXT


def make_order(
    signer: Signer,
    device_public: bytes,
    suite: int,
    payload: bytes,
    certificate: bytes | None = None,
) -> bytes:
    """COSE_Sign1 of the claims in a COSE_Encrypt0 with HPKE, both by cwt."""
    header = {} if certificate is None else {HEADER_INSTALLER: certificate}
    return seal(sign(signer, payload, CONTEXT, header), device_public, suite)


def make_certificate(authority: Signer, payload: bytes) -> bytes:
    """An installer's certificate over these claims."""
    return sign(authority, payload, INSTALLER_CONTEXT, {})


def sign(signer: Signer, payload: bytes, external_aad: bytes, header: dict[int, bytes]) -> bytes:
    """COSE_Sign1."""
    pem = signer.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signing_key = cwt.COSEKey.from_pem(pem, alg="EdDSA" if signer.curve == "Ed25519" else "ES256")
    return cwt.COSE.new().encode(
        payload,
        signing_key,
        protected={1: signer.algorithm, **header},
        external_aad=external_aad,
    )


def seal(
    plaintext: bytes,
    device_public: bytes,
    suite: int,
    psk: bytes | None = None,
    psk_id: bytes = b"",
) -> bytes:
    """COSE_Encrypt0, in HPKE's PSK mode if there is a psk."""
    header = {1: suite} if psk is None else {1: suite, -5: psk_id}
    device_key = cwt.COSEKey.new({1: 1, 3: suite, -1: 4, -2: device_public})
    return cwt.COSE.new().encode(
        plaintext, device_key, protected=header, external_aad=CONTEXT, hpke_psk=psk
    )
