"""Labels: what is printed on a board, and what of it is typed by hand.

    https://HOST/p#LK1:DEVICE-ID:KEY-FINGERPRINT:CODE:TRANSPORTS

The text behind the `#` never reaches a server; without the URL before it, it is a label as
well. KEY-FINGERPRINT: the first 26 characters (130 bits) of the base32 (RFC 4648) of the
SHA-256 of the board's key. CODE: 20 characters of Crockford's base32 (100 bits) and a check
character, or empty. TRANSPORTS: of `W` (Wi-Fi) and `B` (Bluetooth), in this order.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from host_client.errors import BadLabel
from transports.contract import LABEL_KEY_LENGTH, LABEL_SALT

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_LENGTH = 20  # characters, the check character not counted
FINGERPRINT_LENGTH = 26  # characters
DEFAULT_HOST = "latchkey.example"
MAX_TEXT = 320  # characters of a label's text

_GROUP = 4
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_DEVICE_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")
_FINGERPRINT = re.compile(r"[A-Z2-7]{26}")
_TRANSPORTS = re.compile(r"WB?|B")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,127}[a-z0-9])?(?::[0-9]{1,5})?")
_MARK = "LK1:"
_LOOKS_LIKE_A_LABEL = re.compile(r"\s*(?:https?:|LK\d+:)", re.IGNORECASE)


def new_code() -> str:
    """A fresh label code: 100 random bits and a check character, 21 characters."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return body + _check_character(body)


def check_code(text: str) -> str:
    """A code as typed, normalised to 21 characters. Raises BadLabel, which quotes none of it."""
    typed = re.sub(r"[\s-]", "", text)
    if typed.isascii():  # beyond, upper() is no matter of one character each
        typed = typed.upper().translate(_LOOKALIKES)
    for position, character in enumerate(typed, 1):
        if character not in _VALUES:
            raise BadLabel(f"character {position} of the label code is none that codes are made of")
    if len(typed) != CODE_LENGTH + 1:
        raise BadLabel(
            f"a label code has {CODE_LENGTH + 1} characters, the last of them a check; "
            f"this has {len(typed)}"
        )
    if not hmac.compare_digest(_check_character(typed[:-1]), typed[-1]):
        raise BadLabel("the label code was mistyped: its check character does not fit")
    return typed


def group_code(code: str) -> str:
    """A code as it is printed: XXXX-XXXX-XXXX-XXXX-XXXX-C."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def label_key(code: str, device_id: str) -> bytes:
    """The pre-shared key (32 octets) that a code stands for on one board (RFC 5869)."""
    body = check_code(code)[:CODE_LENGTH].encode()
    return HKDF(SHA256(), LABEL_KEY_LENGTH, LABEL_SALT, device_id.encode()).derive(body)


def key_fingerprint(device_key: bytes) -> str:
    """The fingerprint of a board's key as labels carry it: 26 base32 characters."""
    digest = hashlib.sha256(device_key).digest()
    return base64.b32encode(digest).decode()[:FINGERPRINT_LENGTH]


def looks_like_a_label(text: str) -> bool:
    """Whether a text is meant for a whole label, and not for a code."""
    return _LOOKS_LIKE_A_LABEL.match(text) is not None


@dataclass(frozen=True)
class Label:
    """A label. `code` is 21 characters, or None; no repr shows it."""

    device_id: str
    fingerprint26: str
    code: str | None = field(default=None, repr=False)
    transports: str = "WB"
    host: str = DEFAULT_HOST

    def __post_init__(self) -> None:
        """Raises BadLabel."""
        if not _DEVICE_ID.fullmatch(self.device_id):
            raise BadLabel("a label's device id is 1 to 32 letters, digits, and . _ -")
        if not _FINGERPRINT.fullmatch(self.fingerprint26):
            raise BadLabel(f"a label's key fingerprint is {FINGERPRINT_LENGTH} base32 characters")
        if not _TRANSPORTS.fullmatch(self.transports):
            raise BadLabel("a label's transports are W, B or WB")
        if not _HOST.fullmatch(self.host):
            raise BadLabel("a label's host is a name in lower case, with a port at most")
        if self.code is not None and check_code(self.code) != self.code:
            raise BadLabel("a label's code is 21 capital letters and digits, without hyphens")

    @classmethod
    def for_board(
        cls,
        device_id: str,
        device_key: bytes,
        code: str | None = None,
        transports: str = "WB",
        host: str = DEFAULT_HOST,
    ) -> Label:
        """The label of a board whose key (32 octets) is known. Raises BadLabel."""
        return cls(device_id, key_fingerprint(device_key), code, transports, host)

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read a label's text, a URL or what comes behind its `#`, to the letter.

        Raises BadLabel, which quotes none of it.
        """
        if len(text) > MAX_TEXT:
            raise BadLabel("that is too long for a label")
        host, mark, fields = DEFAULT_HOST, text[: len(_MARK)], text[len(_MARK) :]
        if mark != _MARK:
            address = re.fullmatch(rf"https://({_HOST.pattern})/p#{_MARK}(.*)", text)
            if address is None:
                raise BadLabel("that is not the text of a Latchkey label")
            host, fields = address[1], address[2]
        parts = fields.split(":")
        if len(parts) != 4:
            raise BadLabel("the label's text is cut short, or has too many parts")
        device_id, fingerprint, code, transports = parts
        return cls(device_id, fingerprint, code or None, transports, host)

    def text(self) -> str:
        """The URL that the QR code carries; the code, a secret, is in it."""
        fields = (self.device_id, self.fingerprint26, self.code or "", self.transports)
        return f"https://{self.host}/p#{_MARK}{':'.join(fields)}"

    def typed(self) -> str:
        """The code as it is printed beside the QR code; empty where there is none."""
        return group_code(self.code) if self.code else ""

    def matches(self, device_key: bytes) -> bool:
        """Whether a board's key is the one that the label vouches for."""
        return hmac.compare_digest(key_fingerprint(device_key), self.fingerprint26)


def read_label(text: str) -> tuple[Label | None, str | None]:
    """A whole label, or a code alone: (Label, its code or None), (None, code). Raises BadLabel."""
    if looks_like_a_label(text):
        label = Label.parse(text.strip())
        return label, label.code
    return None, check_code(text)


def _check_character(body: str) -> str:
    """Luhn's algorithm modulo 32 (ISO/IEC 7812-1, for 32 characters instead of ten digits).

    Every single wrong character shows, and every swap of neighbours but that of 0 and Z.
    """
    total = 0
    for place, character in enumerate(reversed(body)):
        value = _VALUES[character] * (2 if place % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
