"""Runs on a MicroPython interpreter or board: our cryptography beside the textbook.

Expects inputs.json (from bench_crypto.py) and textbook.py beside it, and firmware/crypto on
the path. Every operation first proves that a good input passes and a bad one fails, ours and
the textbook's. Prints one line of JSON: operation: {ours_us, baseline_us, allocated_bytes,
longest_turn_us}; the times are medians.
"""

import gc
import json
from binascii import unhexlify
from time import ticks_diff, ticks_us

import textbook
import textbook_gcm

from firmware.crypto import aes_gcm, chacha20poly1305, ed25519, p256
from firmware.crypto.pacing import nothing, run
from firmware.crypto.sha512 import sha512
from firmware.crypto.x25519 import x25519

with open("inputs.json") as file:
    given = json.load(file)
repeat = given["repeat"]
known = {name: unhexlify(text) for name, text in given["octets"].items()}


def flipped(octets):
    return bytes((octets[0] ^ 1,)) + octets[1:]


def times(work, count):
    taken = []
    for _ in range(count):
        gc.collect()
        began = ticks_us()
        work()
        taken.append(ticks_diff(ticks_us(), began))
    return sorted(taken)[count // 2]


def allocated(work):
    """Octets that one run asks of the heap, and gives back or not."""
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        work()
        return gc.mem_alloc() - before
    except MemoryError:
        return None
    finally:
        gc.enable()


def longest_turn(work):
    """Microseconds between two pauses of a coroutine function that takes `pause`, at most."""
    marks = []

    async def pause():
        marks.append(ticks_us())

    gc.collect()
    marks.append(ticks_us())
    run(work(pause))
    marks.append(ticks_us())
    return max([ticks_diff(marks[i + 1], marks[i]) for i in range(len(marks) - 1)])


def measure(ours, baseline, good, bad):
    """ours(input, pause) is a coroutine function, baseline(input) a function."""
    expected = baseline(good)
    assert expected, "the textbook refuses the good input"
    assert run(ours(good, nothing)) == expected, "the good input does not pass"
    assert baseline(bad) != expected, "the textbook takes the bad input"
    assert run(ours(bad, nothing)) != expected, "the bad input passes"
    return {
        "ours_us": times(lambda: run(ours(good, nothing)), repeat),
        "baseline_us": times(lambda: baseline(good), repeat),
        "allocated_bytes": allocated(lambda: run(ours(good, nothing))),
        "longest_turn_us": longest_turn(lambda pause: ours(good, pause)),
    }


ed_key, message, ed_signature = known["ed_key"], known["message"], known["ed_signature"]
x, y, p_signature = known["p_x"], known["p_y"], known["p_signature"]
pinned = {
    "ed25519": ed25519.Key(ed_key, known["ed_tables"]),
    "p256": p256.Key(x, y, known["p_tables"]),
}


async def ed25519_any(signature, pause):
    return await ed25519.Key(ed_key).verify(message, signature, pause)


async def p256_any(signature, pause):
    return await p256.Key(x, y).verify(message, signature, pause)


def ed25519_textbook(signature):
    return textbook.ed25519_verify(ed_key, message, signature)


def p256_textbook(signature):
    point = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    return textbook.p256_verify(point[0], point[1], message, signature)


async def opened(sealed, pause):
    return await chacha20poly1305.open_sealed(known["key"], known["nonce"], b"", sealed, pause)


def opened_textbook(sealed):
    return textbook.chacha20_poly1305_open(known["key"], known["nonce"], b"", sealed)


async def gcm_opened(sealed, pause):
    return await aes_gcm.open_sealed(known["key"][:16], known["nonce"], b"", sealed, pause)


def gcm_opened_textbook(sealed):
    return textbook_gcm.aes_gcm_open(known["key"][:16], known["nonce"], b"", sealed)


told = {
    "ed25519-verify-pinned": measure(
        lambda signature, pause: pinned["ed25519"].verify(message, signature, pause),
        ed25519_textbook, ed_signature, flipped(ed_signature),
    ),
    "ed25519-verify": measure(
        ed25519_any, ed25519_textbook, ed_signature, flipped(ed_signature)
    ),
    "x25519": measure(
        lambda point, pause: x25519(known["key"], point, pause),
        lambda point: textbook.x25519(known["key"], point),
        known["point"], flipped(known["point"]),
    ),
    "p256-verify-pinned": measure(
        lambda signature, pause: pinned["p256"].verify(message, signature, pause),
        p256_textbook, p_signature, flipped(p_signature),
    ),
    "p256-verify": measure(p256_any, p256_textbook, p_signature, flipped(p_signature)),
    "sha512": measure(
        lambda octets, pause: sha512((octets,), pause), textbook.sha512,
        known["blocks"], flipped(known["blocks"]),
    ),
    "aes-128-gcm-open": measure(
        gcm_opened, gcm_opened_textbook, known["gcm_sealed"], flipped(known["gcm_sealed"])
    ),
    "chacha20-poly1305-open": measure(
        opened, opened_textbook, known["sealed"], flipped(known["sealed"])
    ),
}  # fmt: skip
print(json.dumps(told))
