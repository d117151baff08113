"""Fingerprints: what a person compares, and what a label carries."""

from __future__ import annotations

import hashlib
import hmac
import re

from host_client.errors import UntrustedBoard

PREFIX = "sha256:"
MIN_DIGITS = 32  # 128 bits: fewer could be searched for

DEVICE_KEY_LENGTH = 32  # octets of an X25519 public key


def fingerprint(key: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits over the key's octets."""
    return PREFIX + hashlib.sha256(key).hexdigest()


def short(text: str) -> str:
    """The first 128 bits of a fingerprint, in groups of four, for people."""
    digits = text.removeprefix(PREFIX)[:MIN_DIGITS]
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


class KeyPin:
    """What the caller expects of a board's key: the key, or (the start of) its fingerprint."""

    def __init__(self, expected: str | bytes) -> None:
        """Raises UntrustedBoard when `expected` is neither."""
        if isinstance(expected, bytes):
            self._key, self._digits = expected, ""
            if len(expected) != DEVICE_KEY_LENGTH:
                raise UntrustedBoard("a device key has 32 octets")
            return
        text = re.sub(r"[\s:.-]", "", expected.lower().removeprefix(PREFIX))
        if not re.fullmatch(r"[0-9a-f]{32,64}", text):
            raise UntrustedBoard(
                "a device key is 64 hex digits, or sha256: and at least 32 of its fingerprint"
            )
        is_fingerprint = expected.lower().startswith(PREFIX)
        if not is_fingerprint and len(text) != 2 * DEVICE_KEY_LENGTH:
            raise UntrustedBoard("a fingerprint begins with sha256:")
        self._key = b"" if is_fingerprint else bytes.fromhex(text)
        self._digits = text if is_fingerprint else ""

    @property
    def key(self) -> bytes | None:
        """The whole key, where it was given and not only its fingerprint."""
        return self._key or None

    def matches(self, key: bytes) -> bool:
        if self._key:
            return hmac.compare_digest(self._key, key)
        return fingerprint(key).removeprefix(PREFIX).startswith(self._digits)
