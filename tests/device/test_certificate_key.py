"""firmware/bootstrap/spki.py: the public key of a certificate, and of nothing that is none."""

from binascii import unhexlify
from hashlib import sha256

from firmware.bootstrap.spki import public_key_info
from tests.device.device_vectors import own_json


def certificates():
    return [(case, unhexlify(case["der"])) for case in own_json("certificates.json")]


def refuses(octets):
    try:
        public_key_info(octets)
    except ValueError:
        return True
    return False


def test_finds_the_key_that_another_library_put_there():
    for case, der in certificates():
        assert sha256(public_key_info(der)).digest() == unhexlify(case["pin"]), case["name"]
        assert sha256(public_key_info(memoryview(der))).digest() == unhexlify(case["pin"])


def test_finds_the_key_of_a_certificate_without_a_version():
    """Version 1 leaves it out (RFC 5280 section 4.1.2.1)."""
    key = b"\x30\x03\x03\x01\x00"
    body = b"\x02\x01\x05" + b"\x30\x00" * 4 + key
    tbs = b"\x30" + bytes([len(body)]) + body
    assert bytes(public_key_info(b"\x30" + bytes([len(tbs)]) + tbs)) == key


def test_refuses_every_truncation_and_what_comes_after():
    for _, der in certificates():
        for length in range(0, len(der), 7):
            assert refuses(der[:length]), length
        assert refuses(der + b"\x00")


def test_another_key_in_its_names_or_extensions_is_not_its_key():
    own, pinned = b"\x30\x03\x03\x01\x00", b"\x30\x03\x03\x01\xff"
    name = b"\x30\x05" + pinned
    parts = [b"\x02\x01\x05", b"\x30\x00", name, b"\x30\x00", name, own, b"\xa3\x05" + pinned]
    body = b"".join(parts)
    tbs = b"\x30" + bytes([len(body)]) + body
    certificate = b"\x30" + bytes([len(tbs) + 5]) + tbs + pinned
    assert bytes(public_key_info(certificate)) == own
    for left_out in range(5):  # nor does it move up when something before it is missing
        body = b"".join(parts[:left_out] + parts[left_out + 1 :])
        tbs = b"\x30" + bytes([len(body)]) + body
        try:
            found = bytes(public_key_info(b"\x30" + bytes([len(tbs)]) + tbs))
        except ValueError:
            continue
        assert found != pinned


def test_refuses_lengths_that_der_does_not_write():
    inside = b"\x02\x01\x05"
    for head in (
        b"\x30\x80",  # indefinite
        b"\x30\x81\x03",  # a short length, written long
        b"\x30\x82\x00\x03",
        b"\x30\x84\x00\x00\x00\x03",
        b"\x30\x7f",  # longer than what is there
        b"\x30\xff",
        b"\x31\x03",  # a set
        b"",
    ):
        assert refuses(head + inside), head
