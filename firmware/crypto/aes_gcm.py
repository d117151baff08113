"""AES-128-GCM opening (NIST SP 800-38D) on the interpreter's own AES block cipher."""

import cryptolib

from firmware.crypto.hmac import same
from firmware.crypto.pacing import nothing

TAG_LENGTH = 16
_ECB = 1
_BLOCKS_A_TURN = 16
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


def _times(value, table):
    """value * h, four bits at a time, low bits (highest powers) first."""
    product = table[value & 15]
    for _ in range(31):
        value >>= 4
        product = (product >> 4) ^ (_REDUCTION[product & 15] << 112) ^ table[value & 15]
    return product


async def _ghash(table, value, data, end, pause):
    """Take `end` octets of data into the hash value, zeros filling the last block."""
    for i in range(0, end, 16):
        size = min(16, end - i)
        block = int.from_bytes(data[i : i + size], "big") << (8 * (16 - size))
        value = _times(value ^ block, table)
        if i % (16 * _BLOCKS_A_TURN) == 0:
            await pause()
    return value


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
    view = memoryview(sealed)
    cipher = cryptolib.aes(key, _ECB)
    table = _multiples(int.from_bytes(cipher.encrypt(bytes(16)), "big"))
    value = await _ghash(table, 0, aad, len(aad), pause)
    value = await _ghash(table, value, view, length, pause)
    value = _times(value ^ (len(aad) << 67 | length << 3), table)
    mask = int.from_bytes(cipher.encrypt(nonce + b"\x00\x00\x00\x01"), "big")
    if not same((value ^ mask).to_bytes(16, "big"), view[length:]):
        return None
    plain = bytearray(length)
    for i in range(0, length, 16):
        stream = cipher.encrypt(nonce + (2 + i // 16).to_bytes(4, "big"))
        for j in range(min(16, length - i)):
            plain[i + j] = view[i + j] ^ stream[j]
        if i % (16 * _BLOCKS_A_TURN) == 0:
            await pause()
    return bytes(plain)
