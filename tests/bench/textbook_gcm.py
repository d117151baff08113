"""Plain AES-GCM (NIST SP 800-38D) on the interpreter's AES: a baseline, like textbook.py."""

import cryptolib


def multiply(x, y):
    """Section 6.3: one bit at a time."""
    z = 0
    for i in range(127, -1, -1):
        if x >> i & 1:
            z ^= y
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return z


def aes_gcm_open(key, nonce, aad, sealed):
    cipher = cryptolib.aes(key, 1)
    text, tag = sealed[:-16], sealed[-16:]
    h = int.from_bytes(cipher.encrypt(bytes(16)), "big")
    message = aad + bytes(-len(aad) % 16) + text + bytes(-len(text) % 16)
    message += (8 * len(aad)).to_bytes(8, "big") + (8 * len(text)).to_bytes(8, "big")
    y = 0
    for i in range(0, len(message), 16):
        y = multiply(y ^ int.from_bytes(message[i : i + 16], "big"), h)
    mask = int.from_bytes(cipher.encrypt(nonce + b"\x00\x00\x00\x01"), "big")
    if (y ^ mask).to_bytes(16, "big") != tag:
        return None
    out = bytearray()
    for i in range(0, len(text), 16):
        stream = cipher.encrypt(nonce + (2 + i // 16).to_bytes(4, "big"))
        out += bytes([x ^ stream[j] for j, x in enumerate(text[i : i + 16])])
    return bytes(out)
