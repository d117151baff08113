"""Run on MicroPython: ``micropython run.py ROOT COMMAND...``, see main.py."""

import os
import sys

ROOT = sys.argv[1]
os.umount("/")
os.mount(os.VfsPosix(ROOT), "/rom")
sys.path[:] = ["/rom", ".frozen"]

from tests.power_cuts.on_board import main  # noqa: E402 (found on the path above)

main.run(*sys.argv[2:])
