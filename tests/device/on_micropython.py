"""Run on MicroPython: ``micropython on_micropython.py MODULE FUNCTION...``.

Prints one mark before and one after each test (see conftest.py); what a test prints, and
its traceback, stands between the two.
"""

import gc
import sys

from tests.device.device_vectors import Skip

MARK = "\x1e"


def run_one(module, name):
    """Outcome of one test: "pass", "skip" or "fail", its traceback printed."""
    try:
        getattr(module, name)()
    except Skip as reason:
        print(reason)
        return "skip"
    except Exception as error:  # a test may fail in any way; the next one still runs
        sys.print_exception(error)
        return "fail"
    return "pass"


def main(module_name, *functions):
    module = getattr(__import__("tests.device." + module_name).device, module_name)
    for name in functions:
        print(MARK + "begin " + name)
        outcome = run_one(module, name)
        print("\n" + MARK + outcome + " " + name)
        gc.collect()


main(*sys.argv[1:])
