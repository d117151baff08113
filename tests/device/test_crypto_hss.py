"""HSS/LMS: RFC 8554's cases, NIST's ACVP cases, COSE examples, and what must be refused."""

from binascii import unhexlify

from firmware.crypto import hss, signature
from firmware.crypto.pacing import run
from firmware.crypto.signature import UnusableKey
from tests.device.device_vectors import public_json

HSS_LMS = -46
ONE_LEVEL = unhexlify("00000001")
NO_KEYS_BELOW = unhexlify("00000000")


def rfc8554():
    for case in public_json("lms-hss/rfc8554_hss.json")["tests"]:
        yield [unhexlify(case[name]) for name in ("public_key", "message", "signature")]


def verified(public, message, signed):
    try:
        return run(hss.Key(public).verify(message, signed))
    except ValueError:
        return False


def flipped(octets, bit):
    changed = bytearray(octets)
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


def test_accepts_rfc8554():
    total = 0
    for public, message, signed in rfc8554():
        assert verified(public, message, signed)
        assert not verified(public, message + b"\x00", signed)
        total += 1
    print("rfc8554: %d/%d" % (total, total))
    assert total == 2


def test_acvp():
    """Bare LMS cases, as HSS of one level."""
    for name in ("LMS-sigVer-1.0", "LMS-sigVer-SP800-208"):
        passed = total = 0
        for group in public_json("lms-hss/acvp_" + name + "_internalProjection.json")["testGroups"]:
            public = ONE_LEVEL + unhexlify(group["publicKey"])
            for case in group["tests"]:
                signed = NO_KEYS_BELOW + unhexlify(case["signature"])
                good = verified(public, unhexlify(case["message"]), signed)
                total += 1
                passed += good == case["testPassed"]
        print("acvp %s: %d/%d" % (name, passed, total))
        assert passed == total == 8


def test_accepts_cose_examples():
    for name, part in (("hashsig-01", "sign"), ("hsssig-sig-01", "sign0")):
        case = public_json("cose-examples/hashsig/" + name + ".json")
        given = case["input"][part]
        signer = given["signers"][0] if "signers" in given else given
        steps = case["intermediates"]
        steps = steps["signers"][0] if "signers" in steps else steps
        diagnostic = case["output"]["cbor_diag"]
        start = diagnostic.rindex("h'") + 2
        signed = unhexlify(diagnostic[start : diagnostic.index("'", start)])
        key = signature.load_key({1: 5, -1: unhexlify(signer["key"]["public"])})
        message = unhexlify(steps["ToBeSign_hex"])
        assert run(signature.verify(key, HSS_LMS, message, signed)), name
        assert not run(signature.verify(key, -8, message, signed))
        assert not run(signature.verify(key, HSS_LMS, message + b"\x00", signed))


def test_refuses_changed_bits():
    """Of every part: counts, types, leaf numbers, one-time values, paths, the key below."""
    public, message, signed = next(rfc8554())
    for bit in list(range(0, 12 * 8, 5)) + list(range(0, 8 * len(signed), 977)):
        assert not verified(public, message, flipped(signed, bit)), bit
    for bit in range(0, 8 * len(public), 31):
        assert not verified(flipped(public, bit), message, signed), bit


def test_refuses_every_other_length():
    public, message, signed = next(rfc8554())
    for length in list(range(60)) + list(range(60, len(signed), 113)) + [len(signed) - 1]:
        assert not verified(public, message, signed[:length]), length
    assert not verified(public, message, signed + b"\x00")
    assert not verified(public, message, signed + signed)


def test_refuses_a_leaf_beyond_the_tree():
    """Leaf number q = 2^h + q' leads to another node: it must not wrap around."""
    public, message, signed = next(rfc8554())
    for high in (1, 1 << 8, 1 << 26):
        leaf = int.from_bytes(signed[4:8], "big") + 32 * high
        changed = signed[:4] + leaf.to_bytes(4, "big") + signed[8:]
        assert not verified(public, message, changed)


def test_refuses_keys_of_no_known_shape():
    public, _, _ = next(rfc8554())
    for wrong in (
        b"", public[:59], public + b"\x00", b"\x00" * 4 + public[4:],
        b"\x00\x00\x00\x09" + public[4:], public[:4] + b"\x00\x00\x00\x04" + public[8:],
        public[:8] + b"\x00\x00\x00\x00" + public[12:],
        public[:8] + b"\x00\x00\x00\x08" + public[12:],
    ):  # fmt: skip
        try:
            signature.load_key({1: 5, -1: wrong})
        except UnusableKey:
            continue
        raise AssertionError(wrong)
    for wrong in ({1: 5, -1: 6, -2: public}, {1: 5}, {1: 5, -1: 7}, {1: 5, 3: -8, -1: public}):
        try:
            signature.load_key(wrong)
        except UnusableKey:
            continue
        raise AssertionError(wrong)
