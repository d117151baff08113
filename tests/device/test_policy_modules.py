"""A board loads the code of its own policy, and of what its orders need: memory is scarce."""

import pytest

from tests.device.interpreter import MISSING, find_micropython, run_micropython

CPYTHON_ONLY = "starts an interpreter of its own"

POLICIES = "firmware.provision.policies."
OPTIONAL = {
    POLICIES + name
    for name in ("signed", "label", "first_use", "open_policy", "delegation", "trust")
} | {"firmware.envelope.installer", "firmware.crypto.ed25519", "firmware.crypto.p256"}
DELEGATION = {POLICIES + "delegation", "firmware.envelope.installer"}
SIGNED = {POLICIES + "signed", "firmware.crypto.ed25519"}

NEEDED = {
    "signed by the authority": SIGNED,
    "new authority by the authority": SIGNED | {POLICIES + "trust"},
    "installer Ed25519, authority Ed25519, HPKE 42": SIGNED | DELEGATION,
    "installer P-256, authority Ed25519, HPKE 42": SIGNED | DELEGATION | {"firmware.crypto.p256"},
    "label, HPKE-4": {POLICIES + "label"},
    "open": {POLICIES + "open_policy"},
    "first owner": {POLICIES + "first_use", POLICIES + "trust", "firmware.crypto.ed25519"},
    "signed by the owner, P-256": {POLICIES + "first_use", "firmware.crypto.p256"},
}


@pytest.mark.parametrize("name", NEEDED)
def test_only_what_an_order_needs_is_loaded(name):
    if find_micropython() is None:
        pytest.skip(MISSING)
    done = run_micropython(["tests/device/policy_modules.py", name], 30)
    status, *modules = done.stdout.decode().split()
    assert (done.returncode, status) == (0, "0"), done.stdout.decode()
    assert OPTIONAL.intersection(modules) == NEEDED[name]
