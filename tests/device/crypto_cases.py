"""Runs recorded cases against the board's primitives; used by test_crypto_differential.

A case is a line of JSON: [operation, [argument as hex, ...], expected answer as hex, what].
A line whose operation is "tables" gives the tables of a key for the cases behind it.
On MicroPython: ``micropython -m tests.device.crypto_cases FILE`` prints each case that
differs and then the number that agree. Runs on CPython as well.
"""

import json
import sys
from binascii import hexlify, unhexlify

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto import aes_gcm, chacha20poly1305, ed25519, hmac, hpke, p256
from firmware.crypto.pacing import run
from firmware.crypto.sha512 import sha512
from firmware.crypto.x25519 import x25519
from tests.device.crypto_paths import paths

REFUSED = b"refused"
GOOD = b"\x01"
BAD = b"\x00"


_tables = {}


def _opened(plain):
    return REFUSED if plain is None else plain


def _verified(module, key_parts, message, signature):
    try:
        key = module.Key(*key_parts)
    except ValueError:
        return BAD
    return GOOD if run(key.verify(message, signature)) else BAD


def answer(operation, given):
    """The board's answer to a case, as octets."""
    if operation == "sha512":
        return run(sha512(given))
    if operation == "hmac":
        return hmac.hmac_sha256(*given)
    if operation == "hkdf":
        salt, ikm, info, length = given
        size = int.from_bytes(length, "big")
        return hmac.hkdf_expand(hmac.hkdf_extract(salt, ikm), info, size)
    if operation == "x25519":
        return run(x25519(*given))
    if operation == "hpke":
        suite, *rest = given
        try:
            return run(hpke.open_sealed(suite[0], *rest)).plaintext
        except hpke.OpenError:
            return REFUSED
    if operation == "chacha20poly1305":
        return _opened(run(chacha20poly1305.open_sealed(*given)))
    if operation == "aes-gcm":
        return _opened(run(aes_gcm.open_sealed(*given)))
    if operation == "ed25519":
        return _verified(ed25519, given[:1], given[1], given[2])
    if operation == "ed25519-pinned":
        return _verified(ed25519, (given[0], _tables[given[0]]), given[1], given[2])
    if operation == "p256-pinned":
        return _verified(
            p256, (given[0], given[1], _tables[given[0] + given[1]]), given[2], given[3]
        )
    if operation == "p256":
        return _verified(p256, given[:2], given[2], given[3])
    raise ValueError(operation)


def check(lines):
    """Number of cases that agree on every path; each that does not is printed."""
    agree = 0
    for line in lines:
        operation, given, expected, what = json.loads(line)
        if operation == "tables":
            _tables[unhexlify(given[0])] = unhexlify(given[1])
            continue
        wrong = None
        for path in paths():
            got = hexlify(answer(operation, [unhexlify(octets) for octets in given])).decode()
            if got != expected:
                wrong = got
                print("DIFFERS", path, operation, what, given, "expected", expected, "got", got)
        agree += wrong is None
    return agree


def main(path):
    with open(path) as file:
        print("agree %d" % check(file))


if __name__ == "__main__":
    main(sys.argv[1])
