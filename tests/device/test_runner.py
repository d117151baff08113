"""The device-test runner itself: what it must not hide."""

import sys

from tests.device import device_vectors


def test_finds_its_root():
    with open(device_vectors.project_root() + "/transports/contract.py") as file:
        assert "PROTOCOL_VERSION" in file.read()


def test_imports_product_code():
    from transports import contract

    assert contract.PROTOCOL_VERSION == 1


def test_skips_when_vectors_are_absent():
    try:
        device_vectors.public_path("no-such-folder/no-such-file.json")
    except device_vectors.Skip as reason:
        assert "no-such-file" in str(reason)
    else:
        raise AssertionError("an absent vector file must skip, not pass")


def test_asserts_are_kept():
    """An optimised interpreter drops asserts, and then no device test could fail."""
    try:
        assert sys is None
    except AssertionError:
        return
    raise RuntimeError("asserts are switched off")
