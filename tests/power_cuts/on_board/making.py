"""Bringing a board to where a scenario begins, and back to where it takes orders."""

import json

from firmware import factory
from tests.power_cuts.on_board.bench import AUTHORITY, DEVICE_ID
from tests.power_cuts.on_board.people import LIMITS, RESET_MS, Giver, Looker, Presser, taken

_printed = []
factory.print = _printed.append  # what goes over USB


def begin(board):
    """The first half of the factory step. Returns what it told: {"device_key", "written", ...}."""
    board.mounted(factory.begin)
    return json.loads(_printed.pop())


def write(board, device_key, **options):
    options.setdefault("authority", AUTHORITY)
    limits = dict(LIMITS)
    limits.update(options.pop("limits", {}))
    options["limits"] = limits
    board.mounted(
        lambda: factory.write(
            device_id=DEVICE_ID, model="cuts", device_key=bytes.fromhex(device_key), **options
        )
    )
    _printed.pop()


def make(board, blocks=None, **options):
    """A board fresh from the factory."""
    if blocks is None:
        board.format()
    else:
        board.format(blocks)
    finish(board, **options)


def finish(board, **options):
    """The factory step, or what is missing of it."""
    told = begin(board)
    if not told["written"]:
        write(board, told["device_key"], **options)


def provision(board, number, **changes):
    board.run(Presser())
    board.run(Giver(taken(number, **changes)))


def reset_blindly(board, hold_ms=RESET_MS):
    """Hold the button of a board that does nothing else."""
    board.run(Looker(), hold_ms)
