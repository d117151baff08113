"""The board's primitives against `cryptography`, on random and on edge cases.

Environment: LATCHKEY_CRYPTO_CASES, how many an operation (60; `make soak` 10000);
LATCHKEY_SEED, to see a failure again (printed).
"""

import itertools
import json
import os
import random

import pytest

from host_client.tables import ed25519_tables, p256_tables
from tests.device import crypto_cases
from tests.device.crypto_case_maker import GENERATORS
from tests.device.crypto_on_micropython import crypto_cases_on_micropython

CPYTHON_ONLY = "cryptography, which answers the cases, is not on a board"
COUNT = int(os.environ.get("LATCHKEY_CRYPTO_CASES", "60"))
TABLES = {
    "ed25519-pinned": lambda given: ed25519_tables(given[0]),
    "p256-pinned": lambda given: p256_tables(given[0], given[1]),
}
DEADLINE_S = 60 + COUNT


@pytest.fixture(scope="module", params=sorted(GENERATORS))
def cases(request, tmp_path_factory):
    """(operation, file of cases, number of cases)."""
    seed = os.environ.get("LATCHKEY_SEED") or str(random.SystemRandom().getrandbits(48))
    print("seed", seed)
    rng = random.Random(request.param + seed)
    path = tmp_path_factory.mktemp("cases") / (request.param + ".jsonl")
    with path.open("w") as file:
        known = set()
        for given, expected, what in itertools.islice(GENERATORS[request.param](rng), COUNT):
            if request.param in TABLES:
                key = b"".join(given[:-2])
                if key not in known:
                    known.add(key)
                    made = TABLES[request.param](given)
                    file.write(json.dumps(["tables", [key.hex(), made.hex()], "", ""]) + "\n")
            case = [request.param, [octets.hex() for octets in given], expected.hex(), what]
            file.write(json.dumps(case) + "\n")
    return request.param, path, COUNT


def test_agrees_on_cpython(cases):
    operation, path, count = cases
    agree = crypto_cases.check(path.read_text().splitlines())
    print(f"{operation}: {agree}/{count}")
    assert agree == count


def test_agrees_on_micropython(cases):
    operation, path, count = cases
    printed = crypto_cases_on_micropython(path, DEADLINE_S)
    print(operation, printed)
    assert printed.endswith(f"agree {count}\n")


def test_cases_hold_both_answers(cases):
    """A generator whose cases are all good, or all bad, would prove half of nothing."""
    operation, path, _ = cases
    answers = {json.loads(line)[2] for line in path.read_text().splitlines()} - {""}
    assert len(answers) > 1
    if operation.startswith(("ed25519", "p256")):
        assert answers == {crypto_cases.GOOD.hex(), crypto_cases.BAD.hex()}
