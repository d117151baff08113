"""AES-128-GCM opening (NIST SP 800-38D) on the interpreter's own AES block cipher."""

import cryptolib

from firmware.crypto import native
from firmware.crypto.hmac import same
from firmware.crypto.pacing import nothing

TAG_LENGTH = 16
_ECB = 1
_CHUNK = 256  # octets between two pauses
# What the four bits that fall off a shift by four come back as (x^128 = x^7 + x^2 + x + 1,
# bits reflected, SP 800-38D section 6.3).
_REDUCTION = (
    0x0000, 0x1C20, 0x3840, 0x2460, 0x7080, 0x6CA0, 0x48C0, 0x54E0,
    0xE100, 0xFD20, 0xD940, 0xC560, 0x9180, 0x8DA0, 0xA9C0, 0xB5E0,
)  # fmt: skip


def _multiples(h):
    """h times each polynomial of four bits, in GCM's reflected order."""
    table = [0] * 16
    table[8] = h
    for i in (4, 2, 1):
        h = (h >> 1) ^ (0xE1 << 120 if h & 1 else 0)
        table[i] = h
    for i in (3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15):
        low = i & -i
        table[i] = table[low] ^ table[i - low]
    return table


async def _tag(engine, cipher, nonce, aad, view, length, pause):
    """The tag of aad and `length` octets of ciphertext (SP 800-38D section 7.2)."""
    h = int.from_bytes(cipher.encrypt(bytes(16)), "big")
    ghash = engine.Ghash(_multiples(h), _REDUCTION)
    for part, end in ((aad, len(aad)), (view, length)):
        for start in range(0, end, _CHUNK):
            ghash.add(part, start, min(start + _CHUNK, end))
            await pause()
    ghash.add((8 * len(aad)).to_bytes(8, "big") + (8 * length).to_bytes(8, "big"), 0, 16)
    tag = bytearray(16)
    engine.apply(tag, ghash.value(), 0, cipher.encrypt(nonce + b"\x00\x00\x00\x01"), 16)
    return tag


def _key_stream(cipher, nonce, counter, size):
    """At least `size` octets of the stream from a counter on, in one call of the cipher."""
    counters = bytearray((nonce + bytes(4)) * ((size + 15) // 16))
    for at in range(12, len(counters), 16):
        counters[at : at + 4] = counter.to_bytes(4, "big")
        counter += 1
    return cipher.encrypt(counters)


async def open_sealed(key, nonce, aad, sealed, pause=nothing):
    """Open ciphertext with its tag behind it: bytes, or None when the tag is wrong.

    key 16 octets, nonce 12. The tag is checked before anything is decrypted; None for
    fewer than 16 octets. Raises ValueError for a key or nonce of another length.
    """
    if len(key) != 16 or len(nonce) != 12:
        raise ValueError("AES-128-GCM takes a 16-octet key and a 12-octet nonce")
    length = len(sealed) - TAG_LENGTH
    if length < 0:
        return None
    engine = native.choose("ghash_viper", "ghash_plain")
    view = memoryview(sealed)
    cipher = cryptolib.aes(key, _ECB)
    tag = await _tag(engine, cipher, nonce, aad, view, length, pause)
    if not same(tag, view[length:]):
        return None
    plain = bytearray(length)
    for start in range(0, length, _CHUNK):
        size = min(_CHUNK, length - start)
        stream = _key_stream(cipher, nonce, 2 + start // 16, size)
        engine.apply(plain, view, start, stream, size)
        await pause()
    return plain
