"""Octets as text that survives mail and messengers (RFC 7468): base64 between two lines that say
what it is."""

from __future__ import annotations

import base64
import binascii

_LINE = 64  # characters of base64


def armor(label: str, octets: bytes) -> str:
    """The text, its last line ended."""
    text = base64.b64encode(octets).decode()
    lines = [text[i : i + _LINE] for i in range(0, len(text), _LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def unarmor(label: str, text: str) -> bytes | None:
    """The octets of the first text of this label, whatever stands around it.

    White space between its lines counts for nothing. None where there is no such text, or what is
    between its lines is not base64.
    """
    _, begun, rest = text.partition(f"-----BEGIN {label}-----")
    body, ended, _ = rest.partition(f"-----END {label}-----")
    if not begun or not ended:
        return None
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
