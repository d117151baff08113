"""HPKE opening and export: RFC 9180's vectors, and what must not open."""

from binascii import unhexlify

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto import hpke
from firmware.crypto.pacing import run
from tests.device.device_vectors import public_json

FILES = (
    (hpke.HPKE_3, "hpke-rfc9180/x25519_sha256_aes128gcm.small.json"),
    (hpke.HPKE_4, "hpke-rfc9180/x25519_sha256_chacha20poly1305.small.json"),
)
BASE, PSK = 0, 1


def contexts():
    """(suite, case) for each vector of the modes that a board opens."""
    for suite, name in FILES:
        for case in public_json(name):
            if case["mode"] in (BASE, PSK):
                yield suite, case


def arguments(suite, case):
    """What opens the first encryption of a vector, as keywords."""
    first = case["encryptions"][0]
    return {
        "suite": suite,
        "private_key": unhexlify(case["skRm"]),
        "enc": unhexlify(case["enc"]),
        "info": unhexlify(case["info"]),
        "aad": unhexlify(first["aad"]),
        "ciphertext": unhexlify(first["ct"]),
        "psk": unhexlify(case.get("psk", "")),
        "psk_id": unhexlify(case.get("psk_id", "")),
    }


def refused(given, **changes):
    given = dict(given)
    given.update(changes)
    try:
        run(hpke.open_sealed(**given))
    except hpke.OpenError:
        return True
    return False


def flipped(octets, bit):
    changed = bytearray(octets)
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


def test_opens_and_exports_rfc9180():
    total = 0
    for suite, case in contexts():
        given = arguments(suite, case)
        for public_key in (None, unhexlify(case["pkRm"])):
            opened = run(hpke.open_sealed(public_key=public_key, **given))
            assert opened.plaintext == unhexlify(case["encryptions"][0]["pt"])
            total += 1
            for export in case["exports"]:
                value = opened.export(unhexlify(export["exporter_context"]), export["L"])
                assert value == unhexlify(export["exported_value"])
                total += 1
    print("rfc9180 base and psk, openings and exports: %d/%d" % (total, total))
    assert total == 4 * 2 * 4


def test_every_encryption_of_rfc9180_opens_with_its_key_and_nonce():
    from firmware.crypto import aes_gcm, chacha20poly1305

    total = 0
    for suite, name in FILES:
        aead = aes_gcm if suite == hpke.HPKE_3 else chacha20poly1305
        for case in public_json(name):
            for sealed in case["encryptions"]:
                nonce, aad = unhexlify(sealed["nonce"]), unhexlify(sealed["aad"])
                key, ct = unhexlify(case["key"]), unhexlify(sealed["ct"])
                assert run(aead.open_sealed(key, nonce, aad, ct)) == unhexlify(sealed["pt"])
                total += 1
    print("rfc9180 encryptions: %d/%d" % (total, total))
    assert total == 48


def test_refuses_every_changed_bit():
    for suite, case in contexts():
        given = arguments(suite, case)
        for name in ("enc", "ciphertext", "aad", "info", "psk", "psk_id"):
            size = 8 * len(given[name])
            # The top bit of an X25519 point is ignored, but it is part of the KEM context.
            for bit in list(range(0, size, 37)) + ([size - 1] if size else []):
                assert refused(given, **{name: flipped(given[name], bit)}), (name, bit)


def test_refuses_wrong_lengths():
    for suite, case in contexts():
        given = arguments(suite, case)
        for name, lengths in (
            ("enc", (0, 31, 33)),
            ("private_key", (0, 31, 33)),
            ("ciphertext", (0, 1, 15, 16, 17, len(given["ciphertext"]) - 1)),
        ):
            for length in lengths:
                octets = (given[name] + bytes(40))[:length]
                assert refused(given, **{name: octets}), (name, length)
        assert refused(given, ciphertext=given["ciphertext"] + b"\x00")


def test_refuses_another_suite_or_mode():
    for suite, case in contexts():
        given = arguments(suite, case)
        for other in (0, 1, 35, 40, 43, 83, hpke.HPKE_3 + hpke.HPKE_4 - suite, None, True, "41"):
            assert refused(given, suite=other), other
        if given["psk"]:
            assert refused(given, psk=b"")
            assert refused(given, psk_id=b"")
            assert refused(given, psk=b"", psk_id=b"")
        else:
            assert refused(given, psk=b"p" * 32)
            assert refused(given, psk=b"p" * 32, psk_id=b"label")


def test_refuses_points_of_small_order():
    """All of them, canonical or not, top bit set or not: the secret would be zero."""
    p = (1 << 255) - 19
    eight = 325606250916557431795983626356110631294008115727848805560023387167927233504
    other = 39382357235489614581723060781553021112529911719440698176882885853963445705823
    suite, case = next(contexts())
    given = arguments(suite, case)
    for u in (0, 1, eight, other, p - 1, p, p + 1):
        for top in (0, 1 << 255):
            assert refused(given, enc=(u | top).to_bytes(32, "little")), u


def test_refuses_a_wrong_public_key():
    suite, case = next(contexts())
    assert refused(arguments(suite, case), public_key=bytes(32))


def test_export_lengths():
    opened = run(hpke.open_sealed(**arguments(*next(contexts()))))
    assert len(opened.export(b"a", 255 * 32)) == 255 * 32
    assert opened.export(b"a", 32) != opened.export(b"b", 32)
    for length in (0, -1, 255 * 32 + 1):
        try:
            opened.export(b"a", length)
        except ValueError:
            continue
        raise AssertionError(length)


def test_no_secret_in_a_repr():
    opened = run(hpke.open_sealed(**arguments(*next(contexts()))))
    assert repr(opened) == "<Opened>" == str(opened)
