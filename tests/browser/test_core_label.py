"""core/label.ts takes the labels and codes that host_client/label.py takes, and no others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from host_client import label
from host_client.errors import BadLabel
from tests.browser.node import Node, NodeError

CODES = st.builds(
    lambda body: body + label._check_character(body),
    st.text(label.ALPHABET, min_size=20, max_size=20),
)
# As a person might type it: other cases, look-alikes, groups, white space of every kind.
SPACES = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u2003\u2028\u3000\ufeff-\u2010"
LOOKALIKES = {"0": "0oO", "1": "1iIlL"}
TYPED = CODES.flatmap(
    lambda code: st.tuples(
        *(
            st.tuples(
                st.sampled_from(LOOKALIKES.get(character, character + character.lower())),
                st.one_of(st.just(""), st.just(""), st.just("-"), st.sampled_from(SPACES)),
            ).map("".join)
            for character in code
        )
    )
).map("".join)
IDS = st.text("abcXYZ0189._-", min_size=1, max_size=33)
FIELDS = st.tuples(
    st.sampled_from(
        ["LK1:", "https://latchkey.example/p#LK1:", "http://a/p#LK1:", "https://a.b:80/p#LK1:"]
    ),
    IDS | st.sampled_from(["", "a b", "\u00e9", "a" * 32]),
    st.text("ABCXYZ234567", min_size=26, max_size=26) | st.sampled_from(["", "A" * 25, "1" * 26]),
    CODES | st.just("") | st.sampled_from(["0" * 21, "0" * 20, "o" + "0" * 20]),
    st.sampled_from(["W", "B", "WB", "BW", "", "w"]),
)
LABELS = FIELDS.map(lambda five: five[0] + ":".join(five[1:]))
TEXTS = st.one_of(
    TYPED,
    LABELS,
    st.tuples(st.sampled_from(SPACES), LABELS, st.sampled_from(SPACES)).map("".join),
    st.text(max_size=40),
    st.tuples(LABELS, st.integers(0, 60), st.characters(exclude_categories=("Cs",))).map(
        lambda three: three[0][: three[1]] + three[2] + three[0][three[1] + 1 :]
    ),
)
quickly = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def as_json(read: label.Label | None) -> dict[str, Any] | None:
    return read and {
        "deviceId": read.device_id,
        "fingerprint26": read.fingerprint26,
        "code": read.code,
        "transports": read.transports,
        "host": read.host,
    }


def read_in_host(text: str) -> Any:
    try:
        read, code = label.read_label(text)
    except BadLabel:
        return None
    return {"label": as_json(read), "code": code}


@quickly
@given(text=TEXTS)
@example(text="\u212a" * 21)
@example(text="\u0131" + "0" * 20)
@example(text="https://latchkey.example/p#LK1:")
@example(text="LK2:a:" + "A" * 26 + "::W")
@example(text="LK1:a:" + "A" * 26 + "::W\n")
@example(text="https://" + "a" * 129 + "/p#LK1:a:" + "A" * 26 + "::W")
@example(text="https://a/p#LK1:" + "a" * 32 + ":" + "A" * 26 + "::W" + " " * 300)
def test_reads_what_the_host_reads(core: Node, text: str) -> None:
    try:
        read = core.ask("read_label", text=text)
    except NodeError as error:
        read = None
        assert_quotes_nothing(error, text)
    assert read == read_in_host(text), json.dumps(text)


def assert_quotes_nothing(error: NodeError, text: str) -> None:
    assert error.reason in {"label-text", "label-character", "label-length", "label-check"}
    assert len(text) < 4 or text not in str(error)


@quickly
@given(text=LABELS | st.text(max_size=10))
def test_a_label_to_the_letter(core: Node, text: str) -> None:
    try:
        expected = as_json(label.Label.parse(text))
    except BadLabel:
        expected = None
    try:
        parsed = core.ask("parse_label", text=text)
    except NodeError:
        parsed = None
    assert parsed == expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda code: code[:-1], "label-length"),
        (lambda code: code + "0", "label-length"),
        (lambda code: "U" + code[1:], "label-character"),
        (lambda code: ("1" if code[0] == "0" else "0") + code[1:], "label-check"),
        (lambda code: "", "label-length"),
    ],
)
def test_says_what_is_wrong_with_a_code(core: Node, change: Any, reason: str) -> None:
    with pytest.raises(NodeError) as refused:
        core.ask("check_code", text=change(label.new_code()))
    assert refused.value.reason == reason


@quickly
@given(code=CODES, device_id=IDS)
def test_derives_the_key_that_the_board_has(core: Node, code: str, device_id: str) -> None:
    derived = core.ask("label_key", code=label.group_code(code), device_id=device_id)
    assert derived == label.label_key(code, device_id).hex()


@quickly
@given(key=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32))
def test_knows_the_board_s_key(core: Node, key: bytes, other: bytes) -> None:
    text = label.Label.for_board("lk-a", key).text()
    assert core.ask("label_matches", text=text, device_key=key.hex())
    assert core.ask("label_matches", text=text, device_key=other.hex()) == (key == other)
