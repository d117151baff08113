"""Gives each order of a file to a board of its own, on either interpreter: ``admit_file.py FILE``.

The file is JSON in the form of tests/vectors/policies.json. Prints a JSON list: for each
order its status, and the claims of an admitted one in hex ("" for any other).
"""

import json
import sys
from binascii import hexlify, unhexlify

from firmware.provision.errors import Refusal
from tests.device.policy_board import PolicyBoard
from transports.contract import OK


def admit_all(data):
    """[[status, claims in hex], ...] for the orders of a file's data."""
    results = []
    for case in data["orders"]:
        board = PolicyBoard(data["keys"], case["board"])
        try:
            opened = board.admit(unhexlify(case["order"]))
        except Refusal as refusal:
            results.append([refusal.status, ""])
        else:
            results.append([OK, hexlify(opened.claims_octets).decode()])
    return results


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(json.dumps(admit_all(json.load(file))))
