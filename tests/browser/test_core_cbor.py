"""core/cbor.ts against cbor2, on values and octets that hypothesis makes up, and on what every
decoder of the protocol must refuse."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.envelope import cbor as board_cbor
from tests.browser.node import Node, NodeError
from tests.device.device_vectors import own_json, public_json

INTEGERS = st.integers(-(1 << 64), (1 << 64) - 1)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40)
SCALARS = st.none() | st.booleans() | INTEGERS | st.binary(max_size=300) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(INTEGERS | TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)
quickly = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def as_json(value: Any) -> Any:
    """What cbor_json.ts makes of a value."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, bytes):
        return {"octets": value.hex()}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, list):
        return {"array": [as_json(item) for item in value]}
    return {"map": [[as_json(key), as_json(item)] for key, item in value.items()]}


def bytewise(value: Any) -> Any:
    """Every map in the order of RFC 8949, for cbor2 to write as it stands."""
    if isinstance(value, list):
        return [bytewise(item) for item in value]
    if isinstance(value, dict):
        return {key: bytewise(value[key]) for key in sorted(value, key=cbor2.dumps)}
    return value


def nested(value: Any) -> int:
    """How many containers are inside one another."""
    if isinstance(value, dict):
        return 1 + max(map(nested, value.values()), default=0)
    return 1 + max(map(nested, value), default=0) if isinstance(value, list) else 0


@quickly
@given(value=VALUES.filter(lambda value: nested(value) <= 8))
def test_reads_and_writes_what_cbor2_does(core: Node, value: Any) -> None:
    octets = cbor2.dumps(bytewise(value))
    assert core.ask("cbor_encode", value=as_json(value)) == octets.hex()
    assert core.ask("cbor_decode", octets=octets.hex()) == as_json(bytewise(value))


@quickly
@given(octets=st.binary(max_size=12))
def test_takes_no_octets_that_the_board_would_refuse(core: Node, octets: bytes) -> None:
    try:
        read = core.ask("cbor_decode", octets=octets.hex())
    except NodeError:
        return
    assert as_json(board_cbor.decode(octets, max_depth=8)) == read


EDGES = (
    *(0, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32),
    *((1 << 53) - 1, 1 << 53, (1 << 64) - 1, -(1 << 53), -(1 << 64)),
)


@pytest.mark.parametrize("number", EDGES)
def test_keeps_every_integer_to_the_last_bit(core: Node, number: int) -> None:
    octets = cbor2.dumps(number).hex()
    assert core.ask("cbor_encode", value={"int": str(number)}) == octets
    assert core.ask("cbor_decode", octets=octets) == {"int": str(number)}


def test_gives_a_tag_where_it_is_asked_for(core: Node) -> None:
    octets = cbor2.dumps(cbor2.CBORTag(601, {})).hex()
    value = {"tag": [601, {"map": []}]}
    assert core.ask("cbor_encode", value=value) == octets
    assert core.ask("cbor_decode", octets=octets, tags=[601]) == value
    with pytest.raises(NodeError, match="CborError"):
        core.ask("cbor_decode", octets=octets, tags=[18])


def test_refuses_what_is_not_deterministic(core: Node) -> None:
    refuse_all(core, [case["hex"] for case in own_json("cbor_refuse.json")])


@pytest.mark.parametrize(
    "name", ["strict_profile_refuse", "rfc8949_appendix_f", "cborwg_rfc8949_bad"]
)
def test_refuses_the_public_vectors_of_what_is_malformed(core: Node, name: str) -> None:
    refuse_all(core, [case["hex"] for case in public_json(f"cbor-malformed/{name}.json")])


def refuse_all(core: Node, cases: list[str]) -> None:
    assert cases
    for octets in cases:
        with pytest.raises(NodeError, match="CborError"):
            core.ask("cbor_decode", octets=octets)


@pytest.mark.parametrize(
    "value",
    [
        {"text": "a\x00b"},
        {"text": "\ud800"},
        {"int": str(1 << 64)},
        {"int": str(-(1 << 64) - 1)},
        {"map": [[{"octets": "00"}, None]]},
        {"map": [[True, None]]},
        {"map": [[None, None]]},
    ],
)
def test_writes_nothing_that_it_would_not_read(core: Node, value: Any) -> None:
    with pytest.raises(NodeError, match="CborError"):
        core.ask("cbor_encode", value=value)


def test_believes_no_length(core: Node) -> None:
    """Giant counts with nothing behind them are refused at once, and take no memory."""
    for head in ("9b", "bb", "5b", "7b"):
        with pytest.raises(NodeError, match="CborError"):
            core.ask("cbor_decode", octets=head + "ff" * 8, timeout_s=5)
