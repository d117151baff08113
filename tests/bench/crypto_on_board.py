# Runs on the board's own interpreter, on a copy of its flash: how long the stages of opening
# one real order take, and the same by the textbook.
#
# Before it, the bench sets: ORDER (hex), REPEAT, and TEXTBOOK (source, or "").
# Prints one line of JSON: {stage: [microseconds, ...]}.
import gc
import json
from binascii import unhexlify
from time import ticks_diff, ticks_us

from firmware.crypto import hpke, signature
from firmware.crypto.pacing import nothing, run
from firmware.device import identity as identities
from firmware.envelope import cbor, cose
from firmware.envelope.claims import decode_claims
from firmware.provision import policies
from transports.contract import ORDER_CONTEXT


class FromTheFactory:
    """A record that no order has changed."""

    policy = authority = owner = None


identity = identities.load()
order = unhexlify(ORDER)  # noqa: F821
authority = cbor.decode(identity.authority)
policy = policies.load(identity, FromTheFactory)  # with the authority's key as the product loads it
told = {}
kept = []


def measure(stage, work, repeat):
    result = work()  # a first time, for what is loaded then
    taken = []
    for _ in range(repeat):
        gc.collect()
        began = ticks_us()
        result = work()
        taken.append(ticks_diff(ticks_us(), began))
    told[stage] = taken
    return result


def open_seal():
    return run(
        cose.open_encrypt0(
            order, identity.private_key, ORDER_CONTEXT, public_key=identity.public_key
        )
    )


def first_time(stage, work):
    """`work` with its duration told, loading and tables included, and its arguments kept."""

    async def timed(*arguments, **named):
        kept[:] = arguments
        began = ticks_us()
        result = await work(*arguments, **named)
        told["first " + stage] = [ticks_diff(ticks_us(), began)]
        return result

    return timed


def stages(repeat):
    originals = hpke.open_sealed, signature.verify
    hpke.open_sealed = first_time("open", hpke.open_sealed)
    signature.verify = first_time("verify", signature.verify)
    run(policy.open(order, nothing))
    hpke.open_sealed, signature.verify = originals
    key = kept[0]
    plaintext = measure("open", open_seal, repeat).plaintext
    claims = measure(
        "verify", lambda: run(cose.verify_sign1(plaintext, key, ORDER_CONTEXT)), repeat
    )
    measure("decode", lambda: decode_claims(claims), repeat)
    measure("whole", lambda: run(policy.open(order, nothing)), repeat)


def by_the_textbook(source):
    """One run each: they are slow."""
    book = {"__name__": "textbook"}
    exec(source, book)
    _, _, message, signed, _ = kept
    message = b"".join([bytes(part) for part in message])
    signed = bytes(signed)
    if authority[1] == 1:  # kty OKP
        good = measure(
            "textbook verify", lambda: book["ed25519_verify"](authority[-2], message, signed), 1
        )
    else:
        x, y = int.from_bytes(authority[-2], "big"), int.from_bytes(authority[-3], "big")
        good = measure("textbook verify", lambda: book["p256_verify"](x, y, message, signed), 1)
    assert good is True
    point = book["x25519"](identity.private_key, bytes([9]) + bytes(31))
    assert point == identity.public_key
    measure("textbook x25519", lambda: book["x25519"](identity.private_key, point), 1)
    measure(
        "textbook chacha20poly1305",
        lambda: book["chacha20_poly1305_open"](bytes(32), bytes(12), b"", order),
        1,
    )


stages(REPEAT)  # noqa: F821
if TEXTBOOK:  # noqa: F821
    by_the_textbook(TEXTBOOK)  # noqa: F821
print(json.dumps(told))
