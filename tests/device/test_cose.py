"""COSE messages against public vectors (cose-wg examples, draft-ietf-cose-hpke)."""

from binascii import a2b_base64, unhexlify

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto import signature
from firmware.crypto.pacing import run
from firmware.envelope import cbor, cose
from firmware.envelope.errors import NotAuthentic
from tests.device.device_vectors import public_json

EXAMPLES = "cose-examples/"
ALGORITHMS = {"EdDSA": -8, "ES256": -7}


def octets_of(key, name):
    """A coordinate of an example's key, which gives it in hex or in base64url."""
    if name + "_hex" in key:
        return unhexlify(key[name + "_hex"])
    text = key[name].replace("-", "+").replace("_", "/")
    return a2b_base64(text + "=" * (-len(text) % 4))


def load_example(path):
    """(message, key, external_aad, whether the example says that it fails)."""
    case = public_json(EXAMPLES + path + ".json")
    sign = case["input"]["sign0"]
    key = sign["key"]
    if key["kty"] == "OKP":
        fields = {1: 1, -1: 6, -2: octets_of(key, "x")}
    else:
        fields = {1: 2, -1: 1, -2: octets_of(key, "x"), -3: octets_of(key, "y")}
    external_aad = unhexlify(sign.get("external", ""))
    message = unhexlify(case["output"]["cbor"])
    return message, signature.load_key(fields), external_aad, case.get("fail", False)


def verified(message, key, external_aad):
    """The payload, or None if it was refused: with the one error, and with no other."""
    try:
        return bytes(run(cose.verify_sign1(message, key, external_aad)))
    except NotAuthentic as error:
        assert error.args == ("not authentic",)
        return None


def opened(message, private_key, external_aad, **more):
    try:
        return run(cose.open_encrypt0(message, private_key, external_aad, **more))
    except NotAuthentic as error:
        assert error.args == ("not authentic",)
        return None


def test_verifies_an_example():
    message, key, external_aad, _ = load_example("sign1-tests/sign-pass-02")
    assert external_aad
    assert verified(message, key, external_aad) == b"This is the content."
    assert verified(message, key, b"") is None


def test_verifies_the_signatures_of_examples_with_a_content_type():
    """These have {1: alg, 3: 0}: cose.py refuses the header, signature.py takes the rest."""
    for path, algorithm in (
        ("eddsa-examples/eddsa-sig-01", -8),
        ("ecdsa-examples/ecdsa-sig-01", -7),
    ):
        message, key, external_aad, _ = load_example(path)
        assert verified(message, key, external_aad) is None, path
        protected, _, payload, signed = cbor.decode(message, tags=(18,)).value
        to_be_signed = cbor.encode(["Signature1", protected, external_aad, payload])
        assert run(signature.verify(key, algorithm, to_be_signed, signed)), path


def test_refuses_failing_examples():
    for number in ("01", "02", "03", "04", "06", "07"):
        message, key, external_aad, fails = load_example("sign1-tests/sign-fail-" + number)
        assert fails
        assert verified(message, key, external_aad) is None, number


def test_refuses_what_cose_allows_and_an_order_does_not():
    """No tag; an empty protected header with the algorithm outside it; other algorithms."""
    _, key, _, _ = load_example("sign1-tests/sign-pass-02")
    for path in ("sign1-tests/sign-pass-01", "sign1-tests/sign-pass-03",
                 "ecdsa-examples/ecdsa-sig-02", "ecdsa-examples/ecdsa-sig-03",
                 "ecdsa-examples/ecdsa-sig-04", "eddsa-examples/eddsa-sig-02"):  # fmt: skip
        message = unhexlify(public_json(EXAMPLES + path + ".json")["output"]["cbor"])
        assert verified(message, key, b"") is None, path


def hpke_cases():
    """(case, inputs, private key) of each Encrypt0 form with HPKE-3 or HPKE-4."""
    data = public_json("cose-hpke/hpke3_hpke4.json")
    inputs = {name: unhexlify(value) for name, value in data["inputs"].items()}
    for case in data["tests"]:
        if case["alg"] in ("HPKE-3", "HPKE-4"):
            yield case, inputs, cbor.decode(unhexlify(case["cose_key"]))


def test_opens_hpke_vectors():
    seen = set()
    for case, inputs, key in hpke_cases():
        psk = inputs["psk"] if "PSK" in case["variant"] else None
        seen.add((case["alg"], psk is not None))
        got = opened(
            unhexlify(case["ciphertext"]),
            key[-4],
            inputs["external_aad"] if "external aad" in case["variant"] else b"",
            psk=psk,
            psk_id=inputs["psk_id"],
            info=inputs["external_info"] if "external info" in case["variant"] else b"",
            public_key=key[-2],
        )
        assert got is not None, (case["alg"], case["variant"])
        assert bytes(got.plaintext) == inputs["plaintext"]
        assert got.suite == {"HPKE-3": 41, "HPKE-4": 42}[case["alg"]]
    assert len(seen) == 4, seen


def test_a_peer_cannot_choose_the_mode():
    for case, inputs, key in hpke_cases():
        if "default aad and default info" not in case["variant"]:
            continue
        psk, psk_id = inputs["psk"], inputs["psk_id"]
        message = unhexlify(case["ciphertext"])
        in_psk_mode = "PSK" in case["variant"]
        other_modes = [(None, psk_id), (bytes(32), psk_id), (psk, b"another"), (psk, b"")]
        for key_here, id_here in other_modes if in_psk_mode else [(psk, psk_id), (psk, b"")]:
            got = opened(
                message, key[-4], b"", psk=key_here, psk_id=id_here, public_key=key[-2]
            )  # fmt: skip
            assert got is None, (case["variant"], key_here, id_here)


def test_binds_external_aad_and_key():
    for case, inputs, key in hpke_cases():
        if case["variant"] != "Encrypt0 with external aad and default info":
            continue
        message = unhexlify(case["ciphertext"])
        aad = inputs["external_aad"]
        assert opened(message, key[-4], aad) is not None
        assert opened(message, key[-4], b"") is None
        assert opened(message, key[-4], aad + b"\x00") is None
        assert opened(message, bytes(31) + b"\x40", aad) is None


def test_mac0_is_a_cose_mac0():
    """RFC 9052 section 6.3 put together by hand."""
    import hashlib

    octets = cose.mac0(b"payload", b"k" * 32, b"aad")
    message = cbor.decode(octets, tags=(17,))
    protected, unprotected, payload, tag = message.value
    assert (protected, unprotected, payload) == (b"\xa1\x01\x05", {}, b"payload")
    structure = b"\x84\x64MAC0\x43\xa1\x01\x05\x43aad\x47payload"
    pads = [bytes(byte ^ pad for byte in b"k" * 32 + bytes(32)) for pad in (0x36, 0x5C)]
    inner = hashlib.sha256(pads[0] + structure).digest()
    assert tag == hashlib.sha256(pads[1] + inner).digest()
