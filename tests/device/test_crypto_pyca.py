"""The vectors of PyPI's cryptography-vectors: a clone has them where no other folder is."""

import json
import os

import pytest

from tests.device import crypto_cases
from tests.device.crypto_cases import BAD, GOOD, REFUSED
from tests.device.crypto_on_micropython import crypto_cases_on_micropython

CPYTHON_ONLY = "reads a package of CPython; the cases then run on MicroPython, too"
vectors = pytest.importorskip("cryptography_vectors", reason="pip install cryptography-vectors")
# Of the 1,024 lines of sign.input, one in eight; all for `make soak`.
STRIDE = 1 if os.environ.get("LATCHKEY_CRYPTO_CASES") else 8
DEADLINE_S = 120


def lines(name):
    with vectors.open_vector_file(name, "r") as file:
        return [line.strip() for line in file]


def records(name):
    """Dicts of `name = value` lines between blank ones; [section] under the key ""."""
    section, record = "", {}
    for line in [*lines(name), ""]:
        if line.startswith("["):
            section += line
            continue
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            record[key.strip()] = value.strip()
        elif line == "FAIL":
            record["FAIL"] = ""
        elif not line and record:
            yield {"": section, **record}
            section, record = "", {}


def octets(text):
    return text.strip('"').encode() if text.startswith('"') else bytes.fromhex(text)


def ed25519_cases():
    for line in lines("asymmetric/Ed25519/sign.input")[::STRIDE]:
        _, public, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        yield "ed25519", [public, message, signed[:64]], GOOD
        yield "ed25519", [public, message + b"x", signed[:64]], BAD


def x25519_cases():
    for case in records("asymmetric/X25519/rfc7748.txt"):
        given = [octets(case["INPUT_SCALAR"]), octets(case["INPUT_U"])]
        yield "x25519", given, octets(case["OUTPUT_U"])


def hpke_cases():
    with vectors.open_vector_file("HPKE/test-vectors.json", "r") as file:
        for case in json.load(file):
            suite = {1: 41, 3: 42}.get(case["aead_id"])
            if (case["kem_id"], case["kdf_id"]) != (32, 1) or case["mode"] > 1 or not suite:
                continue
            first = case["encryptions"][0]
            given = [case["skRm"], case["enc"], case["info"], first["aad"], first["ct"]]
            given += [case.get("psk", ""), case.get("psk_id", "")]
            yield "hpke", [bytes([suite]), *map(bytes.fromhex, given)], bytes.fromhex(first["pt"])


def chacha_cases():
    for case in records("ciphers/ChaCha20Poly1305/openssl.txt"):
        if len(case["IV"]) != 24 or len(case["Tag"]) != 32:
            continue  # other lengths of nonce and tag: not for HPKE
        given = [octets(case[name]) for name in ("Key", "IV", "AAD")]
        sealed = octets(case["Ciphertext"]) + octets(case["Tag"])
        good = REFUSED if "Result" in case else octets(case["Plaintext"])
        yield "chacha20poly1305", [*given, sealed], good
    for case in records("ciphers/ChaCha20Poly1305/boringssl.txt"):
        given = [octets(case[name]) for name in ("KEY", "NONCE", "AD")]
        sealed = octets(case["CT"]) + octets(case["TAG"])
        yield "chacha20poly1305", [*given, sealed], octets(case["IN"])


def aes_gcm_cases():
    section = ""
    for case in records("ciphers/AES/GCM/gcmDecrypt128.rsp"):
        section = case[""] or section
        if "[IVlen = 96]" in section and "[Taglen = 128]" in section:
            given = [octets(case[name]) for name in ("Key", "IV", "AAD")]
            sealed = octets(case["CT"]) + octets(case["Tag"])
            yield "aes-gcm", [*given, sealed], REFUSED if "FAIL" in case else octets(case["PT"])


def sha512_cases():
    for name in ("Short", "Long"):
        for case in list(records(f"hashes/SHA2/SHA512{name}Msg.rsp"))[
            :: 1 if name == "Short" else 8
        ]:
            if "Msg" in case:
                message = octets(case["Msg"])[: int(case["Len"]) // 8]
                yield "sha512", [message], octets(case["MD"])


def p256_cases():
    section = ""
    for case in records("asymmetric/ECDSA/FIPS_186-3/SigVer.rsp"):
        section = case[""] or section
        if section == "[P-256,SHA-256]":
            x, y, r, s = (octets(case[name].zfill(64)) for name in ("Qx", "Qy", "R", "S"))
            good = GOOD if case["Result"].startswith("P") else BAD
            yield "p256", [x, y, octets(case["Msg"]), r + s], good


# Name: (cases, how many there are at least).
FILES = {
    "Ed25519 sign.input": (ed25519_cases, 256), "X25519 rfc7748": (x25519_cases, 2),
    "HPKE base and PSK": (hpke_cases, 4), "ChaCha20-Poly1305": (chacha_cases, 10),
    "AES-128-GCM decrypt": (aes_gcm_cases, 100), "SHA-512": (sha512_cases, 100),
    "ECDSA P-256 SigVer": (p256_cases, 15),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_agrees(name, tmp_path):
    make, least = FILES[name]
    path = tmp_path / "cases.jsonl"
    count = 0
    with path.open("w") as file:
        for operation, given, expected in make():
            count += 1
            case = [operation, [part.hex() for part in given], expected.hex(), name]
            file.write(json.dumps(case) + "\n")
    agree = crypto_cases.check(path.read_text().splitlines())
    print(f"{name} on CPython: {agree}/{count}")
    assert agree == count >= least
    printed = crypto_cases_on_micropython(path, DEADLINE_S)
    print(f"{name} on MicroPython, machine code and plain: {printed.strip()} of {count}")
    assert printed.endswith(f"agree {count}\n")
