"""HMAC-SHA256 (RFC 2104, RFC 4231), HKDF-SHA256 (RFC 5869), comparison of secrets."""

import hashlib

HASH_LENGTH = 32
_BLOCK_LENGTH = 64


def sha256(*parts):
    """SHA-256 of the parts in turn: 32 octets."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part)
    return state.digest()


def parts_of(message):
    """A message as a tuple of octet strings: it may be one, so that 8 KB need not be copied."""
    return message if isinstance(message, tuple) else (message,)


def hmac_sha256(key, *parts):
    """HMAC-SHA256 of the parts in turn: 32 octets."""
    if len(key) > _BLOCK_LENGTH:
        key = sha256(key)
    inner = bytearray(b"\x36" * _BLOCK_LENGTH)
    outer = bytearray(b"\x5c" * _BLOCK_LENGTH)
    for i in range(len(key)):
        inner[i] ^= key[i]
        outer[i] ^= key[i]
    return sha256(outer, sha256(inner, *parts))


def hkdf_extract(salt, ikm):
    """HKDF-Extract (RFC 5869 section 2.2): a 32-octet pseudorandom key."""
    return hmac_sha256(salt, ikm)


def hkdf_expand(prk, info, length):
    """HKDF-Expand (RFC 5869 section 2.3): `length` octets.

    Raises ValueError above 255 blocks, the limit of the RFC.
    """
    if not 0 <= length <= 255 * HASH_LENGTH:
        raise ValueError("HKDF length out of range")
    okm = bytearray()
    block = b""
    counter = 1
    while len(okm) < length:
        block = hmac_sha256(prk, block, info, bytes((counter,)))
        okm += block
        counter += 1
    return bytes(okm[:length])


def same(a, b):
    """True if two octet strings are equal; looks at every octet whatever the first did.

    Their lengths are not secret.
    """
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0
