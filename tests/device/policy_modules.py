"""``policy_modules.py NAME``: opens the recorded order and prints what was loaded for it."""

import sys

from tests.device.policy_board import PolicyBoard, recorded_order

keys, octets, fields = recorded_order(sys.argv[1])
board = PolicyBoard(keys, fields)
print(board.status(octets))
for module in sys.modules:
    if module.startswith("firmware."):
        print(module)
