# Runs on the board's own interpreter, on its flash: what opening orders under its policy costs.
#
# Before it, the bench sets: ORDERS ([[name, hex], ...]) and REPEAT.
# Prints one line of JSON: {"rehearsed": octets alive after the rehearsal, "orders": {name: {
# "first_us", "us": [...], "loaded": octets that stay, "peak": most that is alive meanwhile}}}.
import gc
import json
from binascii import unhexlify
from time import ticks_diff, ticks_us

from firmware.crypto.pacing import nothing, run
from firmware.device import identity as identities
from firmware.provision import policies


class FromTheFactory:
    """A record that no order has changed."""

    policy = authority = owner = None


class Sampler:
    """A pause that looks at the heap each time the arithmetic gives the loop its turn."""

    def __init__(self):
        self.peak = 0

    async def pause(self):
        gc.collect()
        self.peak = max(self.peak, gc.mem_alloc())


def alive():
    gc.collect()
    return gc.mem_alloc()


def timed(order):
    gc.collect()
    began = ticks_us()
    run(policy.open(order, nothing))
    return ticks_diff(ticks_us(), began)


def measured(order):
    before = alive()
    first = timed(order)
    loaded = alive() - before
    sampler = Sampler()
    run(policy.open(order, sampler.pause))
    return {
        "first_us": first,
        "us": [timed(order) for _ in range(REPEAT)],  # noqa: F821
        "loaded": loaded,
        "peak": sampler.peak - before,
    }


policy = policies.load(identities.load(), FromTheFactory)
run(policy.rehearse(nothing))
rehearsed = alive()
told = {name: measured(unhexlify(text)) for name, text in ORDERS}  # noqa: F821
print(json.dumps({"rehearsed": rehearsed, "orders": told}))
