"""host_client/key_file.py: key files that are damaged, or made to keep a computer busy."""

from __future__ import annotations

import contextlib

import pytest

from host_client.armor import armor, unarmor
from host_client.authority import Authority
from host_client.errors import AuthorityError
from host_client.key_file import MAX_ROUNDS
from tests.host.conftest import PASSPHRASE

LABEL = "ENCRYPTED PRIVATE KEY"
SEQUENCE, INTEGER, OCTETS = 0x30, 0x02, 0x04
PBES2 = bytes.fromhex("06092a864886f70d01050d")
PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
HMAC_SHA256 = bytes.fromhex("300c06082a864886f70d02090500")
AES_256_CBC = bytes.fromhex("060960864801650304012a")
ED25519_TO_ED448 = -71  # the octet of the IV that decides about the last one of "Ed25519"


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([tag, 0x81, len(body)] if len(body) > 127 else [tag, len(body)]) + body


def hardened(rounds: int) -> bytes:
    """What says that it was encrypted with so many rounds."""
    count = der(INTEGER, rounds.to_bytes(rounds.bit_length() // 8 + 1, "big"))
    kdf = der(SEQUENCE, PBKDF2, der(SEQUENCE, der(OCTETS, bytes(16)), count, HMAC_SHA256))
    cipher = der(SEQUENCE, AES_256_CBC, der(OCTETS, bytes(16)))
    scheme = der(SEQUENCE, PBES2, der(SEQUENCE, kdf, cipher))
    return der(SEQUENCE, scheme, der(OCTETS, bytes(64)))


def made() -> bytes:
    octets = unarmor(LABEL, Authority.generate("mine").to_pem(PASSPHRASE).decode())
    assert octets is not None
    return octets


def opened(octets: bytes) -> Authority:
    return Authority.from_pem(armor(LABEL, octets).encode(), PASSPHRASE, "mine")


@pytest.mark.parametrize("rounds", [MAX_ROUNDS + 1, 2**31, 2**63, 2**200])
def test_more_rounds_than_anybody_needs_are_not_begun(rounds: int) -> None:
    with pytest.raises(AuthorityError, match=f"more than {MAX_ROUNDS:,} rounds"):
        opened(hardened(rounds))


def test_a_key_that_became_one_of_another_algorithm_is_damaged() -> None:
    octets = bytearray(made())
    octets[ED25519_TO_ED448] ^= 1
    with pytest.raises(AuthorityError, match="damaged"):
        opened(bytes(octets))


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_a_bit_that_fell_over_is_never_more_than_a_damaged_file(bit: int) -> None:
    good = made()
    for place in range(len(good)):
        octets = bytearray(good)
        octets[place] ^= bit
        with contextlib.suppress(AuthorityError):
            opened(bytes(octets))


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x30", b"\x30\x80\0\0", b"\x30\x84\xff", b"\x30\x85\0\0\0\0\1\x02", b"\x30\x02" * 4000],
    ids=["empty", "cut", "endless", "cut length", "long length", "deep"],
)  # fmt: skip
def test_what_is_no_der_is_damaged(octets: bytes) -> None:
    with pytest.raises(AuthorityError, match="damaged"):
        opened(octets)
