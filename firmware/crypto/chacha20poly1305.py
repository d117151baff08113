"""ChaCha20-Poly1305 opening (RFC 8439)."""

from firmware.crypto import native
from firmware.crypto.hmac import same
from firmware.crypto.pacing import nothing

TAG_LENGTH = 16


async def _tag(engine, key, aad, view, length, pause):
    """The tag of aad and `length` octets of ciphertext (RFC 8439 section 2.8)."""
    mac = engine.Poly1305(key)
    for part, end in ((aad, len(aad)), (view, length)):
        for start in range(0, end, engine.CHUNK):
            mac.add(part, start, min(start + engine.CHUNK, end))
            await pause()
    mac.add(len(aad).to_bytes(8, "little") + length.to_bytes(8, "little"), 0, 16)
    return mac.tag()


async def open_sealed(key, nonce, aad, sealed, pause=nothing):
    """Open ciphertext with its tag behind it (RFC 8439 section 2.8): bytes, or None.

    key 32 octets, nonce 12. The tag is checked before anything is decrypted; None for a
    wrong tag or fewer than 16 octets. Raises ValueError for a key or nonce of other length.
    """
    if len(key) != 32 or len(nonce) != 12:
        raise ValueError("ChaCha20-Poly1305 takes a 32-octet key and a 12-octet nonce")
    length = len(sealed) - TAG_LENGTH
    if length < 0:
        return None
    engine = native.choose("chacha20poly1305_viper", "chacha20poly1305_plain")
    stream = engine.Stream(key, nonce)
    view = memoryview(sealed)
    tag = await _tag(engine, stream.block(0), aad, view, length, pause)
    if not same(tag, view[length:]):
        return None
    plain = bytearray(length)
    for start in range(0, length, engine.CHUNK):
        stream.apply(view, plain, start, min(start + engine.CHUNK, length))
        await pause()
    return plain
