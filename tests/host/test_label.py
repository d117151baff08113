"""Labels and their codes: what is accepted as typed, and what is told to be wrong."""

from __future__ import annotations

import hmac
import random

import pytest

from host_client.errors import BadLabel
from host_client.label import (
    ALPHABET,
    Label,
    check_code,
    group_code,
    key_fingerprint,
    label_key,
    looks_like_a_label,
    new_code,
)

KEY = bytes(range(32))
CODE = "0123456789ABCDEFGHJK" + "W"


def test_codes_are_random_and_fit_their_check_character() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {character for code in codes for character in code} == set(ALPHABET)
    for code in codes:
        assert check_code(code) == code


def test_the_check_character_is_the_documented_one() -> None:
    """Worked out by hand: Luhn modulo 32 over 0123456789ABCDEFGHJK."""
    total = 0
    for i, value in enumerate(range(19, -1, -1)):
        doubled = value * 2 if i % 2 == 0 else value
        total += doubled // 32 + doubled % 32
    assert ALPHABET[(32 - total % 32) % 32] == CODE[-1]
    assert check_code(CODE) == CODE


@pytest.mark.parametrize(
    "typed",
    [group_code(CODE), CODE.lower(), f"  {group_code(CODE.lower())}\n", CODE.replace("1", "I"),
     CODE.replace("1", "l"), CODE.replace("0", "o"), " ".join(CODE)],
)  # fmt: skip
def test_accepts_a_code_as_people_type_it(typed: str) -> None:
    assert check_code(typed) == CODE


def test_refuses_every_single_wrong_character() -> None:
    for place, right in enumerate(CODE):
        for wrong in ALPHABET.replace(right, ""):
            with pytest.raises(BadLabel, match="check character"):
                check_code(CODE[:place] + wrong + CODE[place + 1 :])


def test_refuses_nearly_every_swap_of_neighbours() -> None:
    chance = random.Random(7)
    missed = 0
    for _ in range(2000):
        body = "".join(chance.choice(ALPHABET) for _ in range(2))
        code = check_and_append(body * 10)
        place = chance.randrange(19)
        a, b = code[place], code[place + 1]
        swapped = code[:place] + b + a + code[place + 2 :]
        try:
            check_code(swapped)
        except BadLabel:
            continue
        missed += a != b
        assert a == b or {a, b} == {"0", "Z"}
    assert missed < 20


def check_and_append(body: str) -> str:
    return next(body + last for last in ALPHABET if _fits(body + last))


def _fits(code: str) -> bool:
    try:
        return check_code(code) == code
    except BadLabel:
        return False


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (CODE[:-1], "this has 20"),
        (CODE + "0", "this has 22"),
        ("", "this has 0"),
        ("U" + CODE[1:], "character 1 "),
        (CODE[:4] + "*" + CODE[5:], "character 5 "),
        (CODE[:-2] + "ß", "character 20 "),
        (CODE[:-1] + "ſ", "character 21 "),
    ],
)
def test_refuses_and_tells_what_is_wrong(typed: str, told: str) -> None:
    with pytest.raises(BadLabel, match=told) as caught:
        check_code(typed)
    assert CODE[5:15] not in str(caught.value)


def test_the_key_of_a_code_is_the_documented_one() -> None:
    """HKDF-SHA256 (RFC 5869) by its definition: one block, for 32 octets."""
    prk = hmac.digest(b"latchkey/1 label", CODE[:20].encode(), "sha256")
    expected = hmac.digest(prk, b"kettle-1" + b"\x01", "sha256")
    assert label_key(CODE, "kettle-1") == expected
    assert label_key(group_code(CODE).lower(), "kettle-1") == expected
    assert label_key(CODE, "kettle-2") != expected


@pytest.mark.parametrize("code", [CODE, None])
@pytest.mark.parametrize("transports", ["W", "B", "WB"])
def test_reads_back_what_it_prints(code: str | None, transports: str) -> None:
    label = Label.for_board("lk-0123456789abcdef", KEY, code, transports, "example.net:8443")
    assert Label.parse(label.text()) == label
    plain = label.text().partition("#")[2]
    read = Label.parse(plain)
    assert (read.device_id, read.fingerprint26, read.code) == (
        label.device_id,
        label.fingerprint26,
        code,
    )
    assert read.host == "latchkey.example"
    assert read.typed() == (group_code(CODE) if code else "")


def test_vouches_for_one_key() -> None:
    label = Label.for_board("lk-1", KEY)
    assert label.matches(KEY)
    assert not label.matches(bytes(32))
    assert len(key_fingerprint(KEY)) == 26


FINGERPRINT = key_fingerprint(KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LK1:",
        f"LK1:kettle:{FINGERPRINT}:{CODE}",
        f"LK1:kettle:{FINGERPRINT}:{CODE}:WB:more",
        f"LK2:kettle:{FINGERPRINT}:{CODE}:WB",
        f"lk1:kettle:{FINGERPRINT}:{CODE}:WB",
        f"LK1:kettle:{FINGERPRINT}:{CODE}:BW",
        f"LK1:kettle:{FINGERPRINT}:{CODE}:",
        f"LK1:kettle:{FINGERPRINT}:{CODE}:WB\n",
        f"LK1:kettle:{FINGERPRINT.lower()}:{CODE}:WB",
        f"LK1:kettle:{FINGERPRINT[:-1]}:{CODE}:WB",
        f"LK1:kettle:{FINGERPRINT}:{CODE.lower()}:WB",
        f"LK1:kettle:{FINGERPRINT}:{group_code(CODE)}:WB",
        f"LK1:kettle:{FINGERPRINT}:{CODE[:-1]}0:WB",
        f"LK1::{FINGERPRINT}:{CODE}:WB",
        f"LK1:{'k' * 33}:{FINGERPRINT}:{CODE}:WB",
        f"LK1:ket tle:{FINGERPRINT}:{CODE}:WB",
        f"http://latchkey.example/p#LK1:kettle:{FINGERPRINT}:{CODE}:WB",
        f"https://latchkey.example/q#LK1:kettle:{FINGERPRINT}:{CODE}:WB",
        f"https://latchkey.example/p?LK1:kettle:{FINGERPRINT}:{CODE}:WB",
        f"https://a@b/p#LK1:kettle:{FINGERPRINT}:{CODE}:WB",
        f"https://{'a' * 300}/p#LK1:kettle:{FINGERPRINT}:{CODE}:WB",
        "LK1:" + "x" * 100_000,
    ],
)
def test_refuses_what_is_no_label(text: str) -> None:
    with pytest.raises(BadLabel) as caught:
        Label.parse(text)
    assert CODE[:10] not in str(caught.value)


def test_no_repr_shows_the_code() -> None:
    label = Label.for_board("lk-1", KEY, CODE)
    assert CODE[:20] not in repr(label) and CODE[:4] not in repr(label)
    assert "lk-1" in repr(label)


def test_tells_a_label_from_a_code() -> None:
    assert looks_like_a_label(Label.for_board("lk-1", KEY, CODE).text())
    assert looks_like_a_label(" LK1:x")
    assert not looks_like_a_label(CODE)
