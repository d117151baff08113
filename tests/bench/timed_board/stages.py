# Compiled, and imported by the main.py of the board that is measured: the product, and a line
# on the console for each stage of an order. What is timed is put in place once the window has
# loaded it, so that radios and modules come in the product's own order.
from time import ticks_diff, ticks_us

from firmware import session, start
from firmware.device import memory

turns_us = [0]  # what the pauses of the arithmetic have taken


def paused(pause):
    async def measured(board):
        began = ticks_us()
        await pause(board)
        turns_us[0] += ticks_diff(ticks_us(), began)

    return measured


def timed(stage, work):
    """`work`, a coroutine function, with its duration told, pauses apart."""

    async def measured(*args, **kwargs):
        began, turns_us[0] = ticks_us(), 0
        try:
            return await work(*args, **kwargs)
        finally:
            took, turns = ticks_diff(ticks_us(), began), turns_us[0]
            print("bench:", stage, took - turns)
            print("bench: turns", turns)

    return measured


def timed_commit(commit):
    def measured(*args):
        began = ticks_us()
        commit(*args)
        print("bench: commit", ticks_diff(ticks_us(), began))

    return measured


def put_in_place():
    from firmware.crypto import hpke, signature
    from firmware.provision import ordering
    from firmware.provision.record import Record

    hpke.open_sealed = timed("open", hpke.open_sealed)
    signature.verify = timed("verify", signature.verify)
    ordering.try_networks = timed("join", ordering.try_networks)
    Record.commit = timed_commit(Record.commit)


heap_told = memory.python_heap
placed = []


def on_heap_told():
    # The window asks for the heap when all it needs is loaded.
    if not placed:
        placed.append(True)
        put_in_place()
    return heap_told()


memory.python_heap = on_heap_told
session.Board.pause = paused(session.Board.pause)
start.run()
