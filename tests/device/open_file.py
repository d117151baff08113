"""Opens the orders of one file, on either interpreter: ``open_file.py FILE``.

The file is JSON in the form of tests/vectors/orders.json. Prints a JSON list: for each
order its outcome, and the claims it held in hex ("" if it did not open).
"""

import json
import sys
from binascii import hexlify, unhexlify

from tests.device.orders import OK, Opener


def open_all(data):
    """[[outcome, claims in hex], ...] for the orders of a file's data."""
    opener = Opener(data["keys"])
    results = []
    for case in data["orders"]:
        octets = unhexlify(case["order"])
        outcome = opener.outcome(octets, case)
        claims = opener.open(octets, case).claims_octets if outcome == OK else b""
        results.append([outcome, hexlify(claims).decode()])
    return results


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(json.dumps(open_all(json.load(file))))
