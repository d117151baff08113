"""Private keys in PEM files (RFC 7468), which anybody may have made or damaged."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from host_client.armor import armor, unarmor

# Of PBKDF2, which no signal interrupts. The pages take as many (core/owner.ts), and write 600,000.
MAX_ROUNDS = 10_000_000
_ENCRYPTED = "ENCRYPTED PRIVATE KEY"
_SEQUENCE, _INTEGER = 0x30, 0x02


class BadKeyFile(Exception):
    """Why it is not opened, to be read after the key's name."""


def load_private_key(pem: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    """The key of a PEM file, encrypted or not.

    Raises BadKeyFile; TypeError where a passphrase is missing, or given for a key without one.
    """
    text = pem.decode("latin-1")
    try:
        if _ENCRYPTED in text:
            # What is looked at is what is opened, whatever else stands in the file.
            octets = unarmor(_ENCRYPTED, text) or b""
            if any(number > MAX_ROUNDS for number in _integers(octets)):
                raise BadKeyFile(f"opening it would take more than {MAX_ROUNDS:,} rounds")
            pem = armor(_ENCRYPTED, octets).encode()
        return serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, UnsupportedAlgorithm, InternalError):
        raise BadKeyFile("wrong passphrase, or a damaged key") from None


def _integers(der: bytes) -> Iterator[int]:
    """The integers outside and inside of sequences (ITU-T X.690). Raises ValueError."""
    at = 0
    while at < len(der):
        tag, length, body = der[at], *_length(der, at + 1)
        if body + length > len(der):
            raise ValueError("cut")
        if tag == _INTEGER:
            yield int.from_bytes(der[body : body + length], "big")
        at = body if tag == _SEQUENCE else body + length


def _length(der: bytes, at: int) -> tuple[int, int]:
    """The length that is written there, and where what it is the length of begins."""
    first, at = int.from_bytes(der[at : at + 1], "big"), at + 1
    if first == 0x80:
        raise ValueError("no length")
    end = at + max(0, first - 0x80)
    return (int.from_bytes(der[at:end], "big") if end > at else first), end
