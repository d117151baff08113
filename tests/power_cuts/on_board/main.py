"""What the interpreter does for tests.power_cuts.runner. Each line for it begins with MARK and
is JSON; whatever else is printed is MicroPython's or the board's.

    list                          [[name, ...]] of the scenarios
    sweep NAME PART PARTS EVERY   every EVERYth cut of one of PARTS parts
    one NAME POINT                one cut, as a failure names it: "12:torn" or "12:torn/3:clean"
    wear                          [what, how often, erases, programs, most erases of one]
    faulty FAULT EVERY            cuts of a board with a fault put in, which must be found
"""

import json

from tests.power_cuts.on_board import clock  # noqa: F401 (before all that takes the time)
from tests.power_cuts.on_board.scenarios import all_scenarios
from tests.power_cuts.on_board.sweep import Sweep

MARK = "\x1e"
_TOLD_EACH = 50  # cuts between two lines of progress


def run(command, *arguments):
    COMMANDS[command](*arguments)


def tell(**fields):
    print(MARK + json.dumps(fields))


def show_list():
    tell(scenarios=[scenario.name for scenario in all_scenarios()])


def named(name):
    for scenario in all_scenarios():
        if scenario.name == name:
            return scenario
    raise ValueError(name)


def show_sweep(name, part, parts, every):
    """Part `part` of `parts`: the first operations, numbered modulo; the pairs of each go along."""
    sweep = Sweep(named(name))
    part, parts, every = int(part), int(parts), int(every)
    counts = {"cuts": 0, "pairs": 0, "survived": 0}
    tell(operations=sweep.operations)
    for index, point in enumerate(sweep.points()):
        if index % (parts * every) != part * every:
            continue
        _count(sweep, point, "cuts", counts)
        for number, pair in enumerate(sweep.pairs(*point)):
            if number % every == 0:
                _count(sweep, pair, "pairs", counts)
    tell(part=part, **counts)


def _count(sweep, point, kind, counts):
    _note(sweep.check(point), written(point), counts, kind)


def _note(wrong, point, counts, kind="cuts"):
    counts[kind] += 1
    if wrong is None:
        counts["survived"] += 1
    else:
        tell(point=point, wrong=wrong)
    if (counts["cuts"] + counts["pairs"]) % _TOLD_EACH == 0:
        tell(done=_TOLD_EACH)


def show_one(name, point):
    sweep = Sweep(named(name))
    tell(operations=sweep.operations)
    wrong = sweep.check(read(point))
    tell(point=point, wrong=wrong)


def written(point):
    return "/".join(["%d:%s" % point[at : at + 2] for at in range(0, len(point), 2)])


def read(text):
    point = []
    for cut in text.split("/"):
        number, mode = cut.split(":")
        point += [int(number), mode]
    return tuple(point)


def show_faulty(fault, every):
    from tests.power_cuts.on_board.faults import FAULTS

    put_in, name = FAULTS[fault]
    put_in()
    show_sweep(name, 0, 1, every)


def show_wear():
    from tests.power_cuts.on_board.wear import all_rows

    for row in all_rows():
        tell(wear=row)


def show_errors(every):
    from tests.power_cuts.on_board.flash_errors import FlashErrors

    errors = FlashErrors()
    counts = {"cuts": 0, "pairs": 0, "survived": 0}
    tell(operations=errors.operations)
    for number, point in enumerate(errors.points()):
        if number % int(every) == 0:
            _note(errors.check(point), "%d:%d:%s" % point, counts)
    for free in range(4):
        _note(errors.check_full(free), "full but for %d blocks" % free, counts)
        _note(errors.check_filled(free), "filled but for %d blocks" % free, counts)
    tell(**counts)


COMMANDS = {
    "errors": show_errors,
    "wear": show_wear,
    "list": show_list,
    "sweep": show_sweep,
    "one": show_one,
    "faulty": show_faulty,
}
