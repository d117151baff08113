"""host_client/cbor.py: what comes from a radio is plain, deterministic CBOR or is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from host_client import cbor
from transports import contract as c

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "cbor-malformed"


def cases(name: str) -> list[Any]:
    path = VECTORS / name
    if not path.exists():
        pytest.skip(f"no public vectors at {VECTORS}")
    content: Any = json.loads(path.read_text())
    return content if isinstance(content, list) else content.get("cases", content)


@pytest.mark.parametrize(
    "value",
    [0, 23, 24, 255, 2**32, 2**64 - 1, -1, -(2**64), b"", b"x" * 300, "", "ü", [], {}, True, None]
    + [[1, [2, [3]]], {0: 0, 17: [[b"ssid", -40, 6, 3]], 25: 31}],
)
def test_round_trip(value: object) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000",  # an item after the end
        "1800",  # non-minimal
        "190017",
        "1b00000000ffffffff",
        "f93c00",  # floats
        "fb3ff0000000000000",
        "f7",  # undefined
        "f0",
        "f818",
        "9fff",  # indefinite lengths
        "bfff",
        "5f4100ff",
        "a201000100",  # repeated key
        "a202000100",  # unsorted keys
        "a100",  # cut short
        "82",
        "41",
        "61ff",  # not UTF-8
        "c0",  # tags
        "c11a00000000",
        "c240",
        "d81c80",  # a value to be shared, then itself
        "d81c81d81d00",
        "d9010081d81900",  # string references
        "c482193fff01",
        "1c",  # reserved
        "ff",
        "81" * 40 + "00",
        "9b7fffffffffffffff",  # lengths that are only claimed
        "bb7fffffffffffffff",
        "5b7fffffffffffffff",
        "7b7fffffffffffffff",
    ],
)
def test_refuses(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(cbor.CborError):
        cbor.decode(bytes.fromhex(text))
    assert time.monotonic() - began < 1


def test_refuses_a_reference_bomb_at_once() -> None:
    """Lists of references to lists of references: a few hundred octets, 10^18 items."""
    bomb = bytes.fromhex("d81c8a" + "00" * 10)
    for level in range(18):
        bomb = b"\x82" + bomb + b"\xd8\x1c\x8a" + (b"\xd8\x1d" + bytes((level,))) * 10
    began = time.monotonic()
    with pytest.raises(cbor.CborError):
        cbor.decode(bomb)
    assert time.monotonic() - began < 1


def test_refuses_the_public_malformed_cases() -> None:
    entries = cases("strict_profile_refuse.json")
    assert len(entries) > 10
    for entry in entries:
        data = bytes.fromhex(entry["hex"] if isinstance(entry, dict) else entry)
        try:
            value = cbor.decode(data)
        except cbor.CborError:
            continue
        # Out of the board's range (an integer over 64 bits, say) and yet one plain item.
        assert cbor.encode(value) == data, entry


def test_a_whole_message_of_nothing_decodes_in_time() -> None:
    data = bytes.fromhex("992000") + b"\x00" * 8192
    began = time.monotonic()
    assert len(cbor.decode(data)) == c.MAX_MESSAGE
    assert time.monotonic() - began < 1
