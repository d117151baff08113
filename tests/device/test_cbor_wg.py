"""The CBOR working group's files, which are CBOR themselves and so need cbor2 to be read."""

import cbor2

from firmware.envelope import cbor
from firmware.envelope.cbor import CborError
from tests.device.device_vectors import public_path

CPYTHON_ONLY = "needs cbor2"

FOLDER = "cbor/cbor-wg/"
TOP_MAJOR = 5  # above it: tags, and simple values with floats


def cases(name):
    with open(public_path(FOLDER + name + ".cbor"), "rb") as file:
        return cbor2.loads(file.read())["tests"]


def accepted(octets):
    """[value], or [] if refused."""
    try:
        return [cbor.decode(octets)]
    except CborError:
        return []


def in_profile(case):
    """Not marked as another than the preferred encoding, and of a kind that we have."""
    octets = case["encoded"]
    kind = octets[0] >> 5 <= TOP_MAJOR or octets in (b"\xf4", b"\xf5", b"\xf6")
    return kind and case.get("roundtrip", True)


def check(found):
    """How many of the cases were in the profile; each one is decoded or refused rightly."""
    plain = 0
    for case in found:
        octets = case["encoded"]
        if not in_profile(case):
            assert not accepted(octets), case
            continue
        assert accepted(octets) == [case["decoded"]], case
        assert cbor.encode(case["decoded"]) == octets, case
        plain += 1
    return plain


def test_spike():
    """1,165 encodings, most of them of numbers, in forms that are not preferred."""
    assert check(cases("spike/spike")) == 248


def test_bad():
    found = cases("rfc8949/bad")
    assert len(found) == 47
    for case in found:
        assert not accepted(case["encoded"]), case


def test_appendix_a():
    counts = {"mt0": 11, "mt1": 5, "mt2": 2, "mt3": 7, "mt4": 4, "mt5": 5, "mt6": 0,
              "mt7-float": 0, "mt7-simple": 3, "streaming": 0}  # fmt: skip
    for name, count in counts.items():
        assert check(cases("rfc8949-appendixA/" + name)) == count, name
