"""Public vectors against the board's primitives: Wycheproof and the RFCs' own."""

from binascii import unhexlify

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto import aes_gcm, chacha20poly1305, ed25519, hmac, p256
from firmware.crypto.pacing import run
from firmware.crypto.sha512 import sha512
from firmware.crypto.x25519 import public_key, x25519
from tests.device.crypto_paths import paths
from tests.device.device_vectors import public_json, public_path


def wycheproof(name):
    """Pairs (group, case) of a Wycheproof file."""
    for group in public_json("wycheproof/" + name + ".json")["testGroups"]:
        for case in group["tests"]:
            yield group, case


def octets(case, *names):
    return [unhexlify(case[name]) for name in names]


def report(name, passed, total):
    print("%s: %d/%d" % (name, passed, total))
    assert passed == total and total, name


def pyca_cases(name, first):
    """Cases of a `Name = hex` file, as dicts; the name `first` begins each."""
    case = {}
    with open(public_path("rfc-primitives/" + name)) as file:
        for line in file:
            if "=" not in line or line.startswith("#"):
                continue
            key, value = [part.strip() for part in line.split("=", 1)]
            if key == first and case:
                yield case
                case = {}
            case[key] = value
    yield case


def test_wycheproof_hmac():
    passed = total = 0
    for group, case in wycheproof("hmac_sha256_test"):
        key, message, tag = octets(case, "key", "msg", "tag")
        made = hmac.hmac_sha256(key, message)[: group["tagSize"] // 8]
        total += 1
        passed += hmac.same(made, tag) == (case["result"] == "valid")
    report("wycheproof hmac_sha256", passed, total)


def test_wycheproof_hkdf():
    passed = total = 0
    for _, case in wycheproof("hkdf_sha256_test"):
        ikm, salt, info, okm = octets(case, "ikm", "salt", "info", "okm")
        total += 1
        try:
            made = hmac.hkdf_expand(hmac.hkdf_extract(salt, ikm), info, case["size"])
        except ValueError:
            made = None
        passed += (made == okm) == (case["result"] == "valid")
    report("wycheproof hkdf_sha256", passed, total)


def test_wycheproof_chacha20_poly1305():
    for path in paths():
        passed = total = 0
        for _, case in wycheproof("chacha20_poly1305_test"):
            key, iv, aad, message, ct, tag = octets(case, "key", "iv", "aad", "msg", "ct", "tag")
            total += 1
            try:
                plain = run(chacha20poly1305.open_sealed(key, iv, aad, ct + tag))
            except ValueError:  # another length of key or nonce
                plain = None
            passed += plain == (message if case["result"] == "valid" else None)
        report("wycheproof chacha20_poly1305 " + path, passed, total)


def test_wycheproof_aes_gcm():
    """The cases of HPKE's shape: 128-bit key, 96-bit nonce, 128-bit tag."""
    for path in paths():
        passed = total = 0
        for group, case in wycheproof("aes_gcm_test"):
            if (group["keySize"], group["ivSize"], group["tagSize"]) != (128, 96, 128):
                continue
            key, iv, aad, message, ct, tag = octets(case, "key", "iv", "aad", "msg", "ct", "tag")
            plain = run(aes_gcm.open_sealed(key, iv, aad, ct + tag))
            total += 1
            passed += plain == (message if case["result"] == "valid" else None)
        report("wycheproof aes_gcm (128-bit key) " + path, passed, total)


def test_wycheproof_x25519():
    """All results, the low-order ones too: refusing an all-zero secret is HPKE's part."""
    for path in paths():
        passed = total = 0
        for _, case in wycheproof("x25519_test"):
            private, public, shared = octets(case, "private", "public", "shared")
            total += 1
            made = run(x25519(private, public))
            passed += made == shared and (made == bytes(32)) == (
                "ZeroSharedSecret" in case["flags"]
            )
        report("wycheproof x25519 " + path, passed, total)


def verified(key_type, key_parts, message, signature):
    try:
        return run(key_type(*key_parts).verify(message, signature))
    except ValueError:
        return False


def test_wycheproof_ed25519():
    for path in paths():
        passed = total = 0
        for group, case in wycheproof("ed25519_test"):
            public = unhexlify(group["publicKey"]["pk"])
            message, signature = octets(case, "msg", "sig")
            total += 1
            good = verified(ed25519.Key, (public,), message, signature)
            passed += good == (case["result"] == "valid")
        report("wycheproof ed25519 " + path, passed, total)


def test_wycheproof_ecdsa_p256():
    for path in paths():
        passed = total = 0
        for group, case in wycheproof("ecdsa_secp256r1_sha256_p1363_test"):
            point = unhexlify(group["publicKey"]["uncompressed"])
            message, signature = octets(case, "msg", "sig")
            total += 1
            good = verified(p256.Key, (point[1:33], point[33:]), message, signature)
            passed += good == (case["result"] == "valid")
        report("wycheproof ecdsa p256 p1363 " + path, passed, total)


def test_rfc8032():
    for path in paths():
        passed = total = 0
        for case in public_json("rfc-primitives/rfc8032_ed25519.json")["tests"]:
            public, message, signature = octets(case, "public", "message", "signature")
            total += 2
            passed += verified(ed25519.Key, (public,), message, signature)
            passed += not verified(ed25519.Key, (public,), message + b"\x00", signature)
        report("rfc8032 (each accepted, and refused when changed) " + path, passed, total)


def test_sign_input_of_ed25519():
    for path in paths():
        passed = total = 0
        with open(public_path("rfc-primitives/ed25519_sign.input.trim.txt")) as file:
            for line in file:
                _, public, message, signed = [unhexlify(part) for part in line.split(":")[:4]]
                total += 1
                passed += verified(ed25519.Key, (public,), message, signed[:64])
        report("ed25519 sign.input " + path, passed, total)


def test_rfc7748():
    for path in paths():
        vectors = public_json("rfc-primitives/rfc7748_x25519.json")
        passed = total = 0
        for case in vectors["scalarmult"]:
            scalar, u, out = octets(case, "scalar", "u", "out")
            total += 1
            passed += run(x25519(scalar, u)) == out
        dh = vectors["diffie_hellman"]
        alice, bob, shared = octets(dh, "alice_private", "bob_private", "shared")
        alice_public, bob_public = octets(dh, "alice_public", "bob_public")
        total += 4
        passed += run(public_key(alice)) == alice_public
        passed += run(public_key(bob)) == bob_public
        passed += run(x25519(alice, bob_public)) == shared
        passed += run(x25519(bob, alice_public)) == shared
        k = u = unhexlify(vectors["iterated"]["start_k_and_u"])
        for i in range(1, 101):
            k, u = run(x25519(k, u)), k
            if str(i) in vectors["iterated"]["after"]:
                total += 1
                passed += k == unhexlify(vectors["iterated"]["after"][str(i)])
        report("rfc7748 " + path, passed, total)


def test_rfc5869():
    passed = total = 0
    for case in pyca_cases("rfc5869_hkdf_sha256.txt", "COUNT"):
        ikm, salt, info, prk, okm = octets(case, "IKM", "salt", "info", "PRK", "OKM")
        total += 2
        passed += hmac.hkdf_extract(salt, ikm) == prk
        passed += hmac.hkdf_expand(prk, info, len(okm)) == okm
    report("rfc5869", passed, total)


def test_rfc4231():
    passed = total = 0
    for case in pyca_cases("rfc4231_hmac_sha256.txt", "Len"):
        key, message, tag = octets(case, "Key", "Msg", "MD")
        message = message[: int(case["Len"]) // 8]
        total += 1
        passed += hmac.hmac_sha256(key, message)[: len(tag)] == tag
    report("rfc4231", passed, total)


def test_sha512_of_every_length_near_a_block():
    """Whatever the cuts between the parts; the chain's end was computed by hashlib."""
    for _ in paths():
        sha512_chain()


def sha512_chain():
    chain = b""
    for size in list(range(20)) + list(range(100, 150)) + [255, 256, 257, 1000]:
        message = bytes((i * 7 + size) & 255 for i in range(size))
        cut = size // 3
        digest = run(sha512((message[:cut], b"", message[cut:])))
        assert digest == run(sha512((message,))) == run(sha512((message[:5], message[5:])))
        chain = run(sha512((chain, digest)))
    # The same chain by hashlib's SHA-512.
    assert chain[:16] == unhexlify("789bec9d25a18a4872aebb1a44985aba")
