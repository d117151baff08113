"""``micropython on_micropython.py WHAT CASE FOLDER NUMBER...``: cancelling EVERY, or starving
MOST STEP. Prints one JSON line for each fault, and one with the sums."""

import json
import sys

from tests.power_cuts.injection.real_board import Case


def tell(point, wrong):
    print(json.dumps({"point": str(point), "wrong": wrong}))


def main(what, path, folder, *numbers):
    case = Case(path, folder)
    numbers = [int(number) for number in numbers]
    if what == "cancelling":
        from tests.power_cuts.injection.cancelling import sweep

        points, seen = sweep(case, *numbers, tell), {}
    else:
        from tests.power_cuts.injection.starving import sweep

        points, seen = sweep(case, *numbers, tell)
    print(json.dumps({"points": points, "seen": {str(what): seen[what] for what in seen}}))


main(*sys.argv[1:])
