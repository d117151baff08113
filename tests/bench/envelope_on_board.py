"""Runs on MicroPython: what opening one order takes of the heap.

``micropython envelope_on_board.py FILE``; the file holds three lines of hex: device private
key, authority's COSE_Key, order. Prints three numbers of octets:

- allocated: by the envelope package itself, garbage included. The arithmetic (X25519,
  AEAD, signature) is answered from an earlier run for that.
- peak: most that was alive at any pause of the whole opening, above what was alive before.
- kept: what the opened order holds.
"""

import gc
import sys
from binascii import unhexlify

from firmware.crypto import hpke, signature
from firmware.crypto.pacing import nothing, run
from firmware.envelope import cbor
from firmware.envelope.order import open_order


class Sampler:
    """A pause that looks at the heap each time the arithmetic gives the loop its turn."""

    def __init__(self):
        self.peak = 0

    async def pause(self):
        gc.collect()
        self.peak = max(self.peak, gc.mem_alloc())


class Replay:
    """The crypto package answering what it answered before, at no cost."""

    def __init__(self, opened):
        self.opened = opened

    async def open_sealed(self, *args, **kwargs):
        return self.opened

    async def verify(self, *args):
        return True


def alive():
    gc.collect()
    return gc.mem_alloc()


def peak_and_kept(arguments):
    # A first time, for what is loaded or made once and stays. Its order is held on to: the
    # collector sees stale words on the stack, and might free it in the middle or not.
    first = run(open_order(*arguments))
    sampler = Sampler()
    before = alive()
    opened = run(open_order(*arguments, pause=sampler.pause))
    kept = alive() - before
    return sampler.peak - before, kept, (first, opened)


def allocated(arguments):
    original = hpke.open_sealed
    answers = []

    async def remembered(*args, **kwargs):
        answers.append(await original(*args, **kwargs))
        return answers[0]

    hpke.open_sealed = remembered
    run(open_order(*arguments))
    replay = Replay(answers[0])
    hpke.open_sealed, signature.verify = replay.open_sealed, replay.verify
    before = alive()
    gc.disable()  # so that everything allocated is still there to be counted
    run(open_order(*arguments, pause=nothing))
    return gc.mem_alloc() - before


def main(path):
    with open(path) as file:
        private_key, authority, octets = [unhexlify(line.strip()) for line in file]
    arguments = (octets, private_key, signature.load_key(cbor.decode(authority)))
    peak, kept, held = peak_and_kept(arguments)
    print(allocated(arguments), peak, kept)
    return held


main(sys.argv[1])
