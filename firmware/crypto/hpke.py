"""HPKE opening and export, modes base and PSK (RFC 9180).

Suites by their COSE numbers (draft-ietf-cose-hpke): 41 is HPKE-3, X25519 with
HKDF-SHA256 and AES-128-GCM; 42 is HPKE-4, the same with ChaCha20-Poly1305. Both KEM
and key schedule use SHA-256. An AEAD is imported when an order first asks for it.
"""

from firmware.crypto.hmac import hkdf_expand, hkdf_extract, same
from firmware.crypto.pacing import nothing
from firmware.crypto.x25519 import public_key as x25519_public_key
from firmware.crypto.x25519 import x25519

HPKE_3 = 41
HPKE_4 = 42

# suite: (AEAD id, key length in octets)
_AEADS = {HPKE_3: (1, 16), HPKE_4: (3, 32)}
_KEM_SUITE = b"KEM\x00\x20"
_MODE_BASE = b"\x00"
_MODE_PSK = b"\x01"
_NONCE_LENGTH = 12
_MAX_EXPORT = 255 * 32


class OpenError(Exception):
    """It does not open. Why is not said: length, suite, point, tag look alike."""


class Opened:
    """What came out of one sealed message.

    plaintext: bytes. `export` derives secrets that only sealer and opener can know.
    """

    def __init__(self, plaintext, suite_id, exporter_secret):
        self.plaintext = plaintext
        self._suite_id = suite_id
        self._exporter_secret = exporter_secret

    def __repr__(self):
        return "<Opened>"

    def export(self, context, length):
        """A secret of `length` octets, up to 8,160, for a purpose (RFC 9180 section 5.3)."""
        if not 0 < length <= _MAX_EXPORT:
            raise ValueError("export length out of range")
        return _expand(self._suite_id, self._exporter_secret, b"sec", context, length)


def _extract(suite_id, salt, label, ikm):
    """LabeledExtract (RFC 9180 section 4)."""
    return hkdf_extract(salt, b"HPKE-v1" + suite_id + label + ikm)


def _expand(suite_id, prk, label, info, length):
    """LabeledExpand (RFC 9180 section 4)."""
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + info
    return hkdf_expand(prk, labeled, length)


async def _decap(private_key, public_key, enc, pause):
    """DHKEM(X25519, HKDF-SHA256) decapsulation (RFC 9180 section 4.1): 32 octets."""
    if len(private_key) != 32 or len(enc) != 32:
        raise OpenError()
    dh = await x25519(private_key, enc, pause)
    # RFC 9180 section 7.1.4: a point of small order makes a secret that everybody knows.
    if same(dh, bytes(32)):
        raise OpenError()
    if public_key is None:
        public_key = await x25519_public_key(private_key, pause)
    prk = _extract(_KEM_SUITE, b"", b"eae_prk", dh)
    return _expand(_KEM_SUITE, prk, b"shared_secret", enc + public_key, 32)


def _schedule(suite_id, key_length, shared_secret, info, psk, psk_id):
    """The key schedule (RFC 9180 section 5.1): key, base nonce, exporter secret."""
    mode = _MODE_PSK if psk else _MODE_BASE
    context = (
        mode
        + _extract(suite_id, b"", b"psk_id_hash", psk_id)
        + _extract(suite_id, b"", b"info_hash", info)
    )
    secret = _extract(suite_id, shared_secret, b"secret", psk)
    return (
        _expand(suite_id, secret, b"key", context, key_length),
        _expand(suite_id, secret, b"base_nonce", context, _NONCE_LENGTH),
        _expand(suite_id, secret, b"exp", context, 32),
    )


async def _aead_open(suite, key, nonce, aad, ciphertext, pause):
    if suite == HPKE_3:
        from firmware.crypto.aes_gcm import open_sealed as aead_open
    else:
        from firmware.crypto.chacha20poly1305 import open_sealed as aead_open
    return await aead_open(key, nonce, aad, ciphertext, pause)


async def open_sealed(
    suite, private_key, enc, info, aad, ciphertext,
    psk=b"", psk_id=b"", pause=nothing, public_key=None,
):  # fmt: skip
    """Open the first (and only) message of an HPKE context; returns Opened.

    private_key and enc are 32 octets; a public_key at hand spares computing it, which is
    half the time. With a psk, and only then, a psk_id: mode PSK. Raises OpenError for
    everything that is wrong.
    """
    if suite not in _AEADS or bool(psk) != bool(psk_id):
        raise OpenError()
    aead_id, key_length = _AEADS[suite]
    suite_id = b"HPKE\x00\x20\x00\x01" + aead_id.to_bytes(2, "big")
    shared_secret = await _decap(private_key, public_key, enc, pause)
    key, nonce, exporter = _schedule(suite_id, key_length, shared_secret, info, psk, psk_id)
    # Sequence number 0: the nonce is the base nonce itself (RFC 9180 section 5.2).
    plaintext = await _aead_open(suite, key, nonce, aad, ciphertext, pause)
    if plaintext is None:
        raise OpenError()
    return Opened(plaintext, suite_id, exporter)
