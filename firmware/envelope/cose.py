"""COSE as far as an order and a receipt need it (RFC 9052, draft-ietf-cose-hpke).

Of a message only these forms pass, each under its own CBOR tag:

    16 COSE_Encrypt0  [{1: suite, ?4: kid, ?-5: psk id}, {-4: ek, ?4: kid}, ciphertext]
    18 COSE_Sign1     [{1: algorithm, ?4: kid, ?-65544: certificate}, {?4: kid}, payload, signature]

with the protected header as a byte string. Any other header parameter, ``crit`` among
them, is one that we do not understand and therefore refuse. What was received is what is
authenticated: a protected header is never encoded anew. Every fault is a NotAuthentic
with the same text, so that "does not open" and "wrong signature" look alike.
"""

from firmware.crypto import hpke, signature
from firmware.crypto.hmac import hmac_sha256
from firmware.crypto.pacing import nothing
from firmware.envelope import cbor
from firmware.envelope.errors import CborError, NotAuthentic
from transports.contract import ALG_HMAC_256, ALG_HPKE_3, ALG_HPKE_4, HEADER_INSTALLER

TAG_ENCRYPT0 = 16
TAG_MAC0 = 17
TAG_SIGN1 = 18

_ALG = 1  # header parameters: RFC 9052 section 3.1, draft-ietf-cose-hpke
_KID = 4
_EK = -4
_PSK_ID = -5

_SIGNATURE_LENGTH = 64  # of EdDSA with Ed25519 as of ECDSA with P-256
_EK_LENGTH = 32
_AEAD_TAG_LENGTH = 16
_MESSAGE_DEPTH = 3  # tag, array, unprotected header
_MESSAGE_ITEMS = 16
_HEADER_ITEMS = 8


class OpenedEncrypt0:
    """What a COSE_Encrypt0 held.

    plaintext: octets. suite: 41 or 42. export(context, length): a secret that only sealer
    and opener can know (RFC 9180 section 5.3).
    """

    def __init__(self, opened, suite):
        self.plaintext = opened.plaintext
        self.suite = suite
        self.export = opened.export


async def verify_sign1(data, key, external_aad, pause=nothing, certified=None):
    """The payload of a COSE_Sign1, once its signature holds (RFC 9052 section 4.4).

    data: octets of the whole message. key: from ``signature.load_key``; it, and not the
    message, says which algorithms are allowed. certified: coroutine function that gives the
    key for the certificate that the message carries, if it does; without it a message with
    one is refused. The payload is a memoryview on data. Raises NotAuthentic.
    """
    protected, unprotected, payload, signed = _parts(data, TAG_SIGN1, 4)
    header = _protected_header(protected)
    known = (_KID,) if certified is None else (_KID, HEADER_INSTALLER)
    if not _only(unprotected, (), (_KID,)) or not _only(header, (_ALG,), known):
        raise _refusal()
    _check_kid(header, unprotected)
    algorithm = header[_ALG]
    if isinstance(algorithm, bool) or not isinstance(algorithm, int):
        raise _refusal()
    if len(payload) == 0 or len(signed) != _SIGNATURE_LENGTH:
        raise _refusal()
    if HEADER_INSTALLER in header:
        key = await certified(_octets(header[HEADER_INSTALLER]))
    message = _structure("Signature1", protected, external_aad, payload)
    if not await signature.verify(key, algorithm, message, bytes(signed), pause):
        raise _refusal()
    return payload


async def open_encrypt0(
    data, private_key, external_aad, pause=nothing,
    psk=None, psk_id=None, info=b"", public_key=None,
):  # fmt: skip
    """Open a COSE_Encrypt0 sealed with HPKE; returns OpenedEncrypt0.

    private_key: 32 octets (X25519); its public_key, where at hand, spares computing it.
    With a psk the message must be in PSK mode and name this psk_id, without one it must not
    be: a peer cannot choose the weaker mode. info: HPKE's. ``data`` must stay as it is until
    this returns. Raises NotAuthentic.
    """
    protected, unprotected, ciphertext = _parts(data, TAG_ENCRYPT0, 3)
    header = _protected_header(protected)
    wanted = (_ALG,) if psk is None else (_ALG, _PSK_ID)
    if not _only(header, wanted, (_KID,)) or not _only(unprotected, (_EK,), (_KID,)):
        raise _refusal()
    _check_kid(header, unprotected)
    suite = header[_ALG]
    if isinstance(suite, bool) or suite not in (ALG_HPKE_3, ALG_HPKE_4):
        raise _refusal()
    ek = _octets(unprotected[_EK])
    if psk is not None and _octets(header[_PSK_ID]) != psk_id:
        raise _refusal()
    if len(ciphertext) <= _AEAD_TAG_LENGTH or len(ek) != _EK_LENGTH:
        raise _refusal()
    aad = _structure("Encrypt0", protected, external_aad)
    try:
        opened = await hpke.open_sealed(
            suite, private_key, ek, info, aad, ciphertext,
            psk=psk or b"", psk_id=psk_id if psk else b"", pause=pause, public_key=public_key,
        )  # fmt: skip
    except hpke.OpenError:
        raise _refusal() from None
    return OpenedEncrypt0(opened, suite)


def mac0(payload, key, external_aad):
    """A COSE_Mac0 with HMAC 256/256 over ``payload`` (RFC 9052 section 6.3): its octets."""
    protected = cbor.encode({_ALG: ALG_HMAC_256})
    tag = hmac_sha256(key, *_structure("MAC0", protected, external_aad, payload))
    return cbor.encode(cbor.Tag(TAG_MAC0, [protected, {}, payload, tag]))


def _parts(data, tag, count):
    """The parts of a COSE message: byte strings, as views, but for the map that is second."""
    try:
        message = cbor.decode(data, _MESSAGE_DEPTH, (tag,), True, _MESSAGE_ITEMS)
    except CborError:
        raise _refusal() from None
    parts = message.value if isinstance(message, cbor.Tag) else None
    if not isinstance(parts, list) or len(parts) != count or not isinstance(parts[1], dict):
        raise _refusal()
    for i, part in enumerate(parts):
        if i != 1 and not isinstance(part, memoryview):
            raise _refusal()
    return parts


def _protected_header(protected):
    """The header map that a protected byte string holds."""
    try:
        header = cbor.decode(protected, 1, (), True, _HEADER_ITEMS)
    except CborError:
        raise _refusal() from None
    if not isinstance(header, dict):
        raise _refusal()
    return header


def _only(header, needed, optional):
    """Whether a header has every needed parameter and none but these and the optional."""
    for name in needed:
        if name not in header:
            return False
    for name in header:
        if name not in needed and name not in optional:
            return False
    return True


def _check_kid(header, unprotected):
    """A key identifier is a hint and selects nothing; one header may have it, as octets."""
    if _KID in header and _KID in unprotected:  # RFC 9052 section 3
        raise _refusal()
    for where in (header, unprotected):
        if not isinstance(where.get(_KID, b""), (bytes, memoryview)):
            raise _refusal()


def _octets(value):
    if not isinstance(value, (bytes, memoryview)):
        raise _refusal()
    return bytes(value)


def _structure(context, protected, external_aad, payload=None):
    """Sig_structure, Enc_structure or MAC_structure (RFC 9052 sections 4.4, 5.3, 6.3).

    All are [context, protected, external_aad, payload], the second without a payload: then
    octets. With one, a tuple of octets that make it up: the payload may be large.
    """
    start = cbor.encode([context, protected, external_aad])
    if payload is None:
        return start
    start = cbor.head(cbor.ARRAY, 4) + start[1:] + cbor.head(cbor.BYTES, len(payload))
    return start, payload


def _refusal():
    return NotAuthentic("not authentic")
