"""core/reply.ts and core/trust.ts take what the host takes, and refuse what it refuses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from host_client import KnownBoards, cbor
from host_client.board import BoardInfo, Reply, Status, networks_from_reply
from host_client.errors import BadReply, Refused, UntrustedBoard
from host_client.fingerprint import fingerprint
from host_client.label import Label
from host_client.trust import Trust
from tests.browser import node
from transports import contract as c

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
NUMBERS = st.integers(-3, 300) | st.integers(-(2**64), 2**64 - 1)
OCTETS = st.sampled_from([0, 15, 16, 17, 31, 32, 33]).map(bytes) | st.binary(max_size=4)
LEAVES = st.none() | st.booleans() | NUMBERS | OCTETS | TEXT
LISTS = st.lists(LEAVES, max_size=5) | st.lists(st.lists(LEAVES, max_size=5), max_size=3)
SEEN = st.tuples(OCTETS, NUMBERS, NUMBERS, NUMBERS).map(list)
VALUES = LEAVES | LISTS | st.lists(SEEN, max_size=3) | st.dictionaries(st.integers(0, 9), LEAVES)
FIELDS = st.dictionaries(st.integers(0, 40), VALUES, max_size=6)
RIGHT: dict[int, Any] = {
    c.F_STATUS: c.OK,
    c.F_PROTOCOL: 1,
    c.F_DEVICE_ID: "lk-0123456789abcdef",
    c.F_MODEL: "Größe 7",
    c.F_STATE: c.OPEN,
    c.F_POLICY: c.LABEL,
    c.F_WINDOW_S: 599,
    c.F_NONCE: bytes(16),
    c.F_DEVICE_KEY: bytes(32),
    c.F_SUITES: [42, 41],
    c.F_TRANSPORTS: ["wifi_ap", 2],
    c.F_NOTES: ["no Bluetooth"],
    c.F_OWNED: False,
    c.F_HOSTNAME: "latchkey-cdef",
    c.F_NETWORKS: [[b"Workshop", -48, 6, 3], [bytes(32), -90, 1, 0]],
    c.F_PAGES: 2,
    c.F_ORDER_ID: bytes(16),
    c.F_STEP: c.DONE,
    c.F_RESULT: 0,
    c.F_ADDRESS: "192.168.1.7",
    c.F_RECEIPT: b"\xd1",
}


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    with node.serving("talk_server.ts", tmp_path_factory.mktemp("node")) as server:
        yield server


def scan_page(reply: Reply) -> dict[str, Any]:
    networks = [dataclasses.asdict(network) for network in networks_from_reply(reply)]
    for network in networks:
        network["rssi"] = network.pop("rssi_dbm")
    return {"networks": networks, "pages": reply.integer(c.F_PAGES, 1)}


HOST: dict[str, Callable[[Reply], Any]] = {
    "info": BoardInfo.from_reply,
    "status": Status.from_reply,
    "networks": scan_page,
    "receipt": lambda reply: reply.octets(c.F_RECEIPT),
    "good": lambda reply: reply.raise_for_status().status,
}


def alike(value: Any) -> Any:
    """What the host read, as the page would say it in JSON."""
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        fields.pop("protocol", None)
        return alike({re.sub("_(.)", lambda m: m[1].upper(), n): v for n, v in fields.items()})
    if isinstance(value, dict):
        return {name: alike(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [alike(part) for part in value]
    if isinstance(value, bytes):
        return value.hex()
    # Beyond 2^53 a page comes near enough.
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def by_host(data: bytes, kind: str) -> Any:
    try:
        return alike(HOST[kind](Reply(data)))
    except (BadReply, Refused) as error:
        return type(error).__name__, alike(getattr(error, "status", None))


def by_page(talk: node.Node, data: bytes, kind: str) -> Any:
    try:
        return alike(talk.ask("reply", data=data.hex(), kind=kind))
    except node.NodeError as error:
        name = "BadReply" if error.name == "CborError" else error.name
        return name, alike(error.status)


def same(talk: node.Node, data: bytes) -> None:
    for kind in HOST:
        assert by_page(talk, data, kind) == by_host(data, kind), kind


def test_reads_what_a_board_says(talk: node.Node) -> None:
    data = cbor.encode(RIGHT)
    assert by_page(talk, data, "info")["deviceId"] == RIGHT[c.F_DEVICE_ID]
    assert by_page(talk, data, "networks")["networks"][1]["ssid"] == "00" * 32
    assert by_page(talk, data, "status")["step"] == c.DONE
    same(talk, data)


@pytest.mark.parametrize("field", RIGHT)
def test_each_field_may_be_absent_or_must_not(talk: node.Node, field: int) -> None:
    same(talk, cbor.encode({key: value for key, value in RIGHT.items() if key != field}))
    for value in (None, False, 0, 2**60, -1, "", "x", b"", bytes(16), bytes(33), [], [[]], [None],
                  ["x", 1], [True], {}):  # fmt: skip
        same(talk, cbor.encode({**RIGHT, field: value}))


@given(changes=FIELDS)
@example(changes={c.F_NETWORKS: [[b"s" * 33, -1, 1, 1]]})
@example(changes={c.F_NETWORKS: [[b"s", True, 1, 1]]})
@example(changes={c.F_NETWORKS: [[b"s", 1, 1, 1, 1]]})
@example(changes={c.F_REASON: True})
@example(changes={c.F_STATUS: c.STALE})
@settings(max_examples=150, deadline=None)
def test_any_fields(talk: node.Node, changes: dict[int, Any]) -> None:
    same(talk, cbor.encode({**RIGHT, **changes}))


@given(data=st.binary(max_size=40) | FIELDS.map(cbor.encode) | VALUES.map(cbor.encode))
@example(data=cbor.encode({0: 0, "1": 1}))
@example(data=cbor.encode({**RIGHT, c.F_RECEIPT: bytes(c.MAX_MESSAGE)}))
@settings(max_examples=150, deadline=None)
def test_any_octets(talk: node.Node, data: bytes) -> None:
    same(talk, data)


KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
DERIVED = "lk-" + fingerprint(KEY).removeprefix("sha256:")[:16]
LABELS = {
    "none": None,
    "its own": Label.for_board(DERIVED, KEY),
    "of another key": Label.for_board(DERIVED, OTHER_KEY),
    "of another board": Label.for_board("board-7", KEY),
}


@pytest.mark.parametrize("device_id", [
    DERIVED, "board-7", "lk-0123456789abcdef", DERIVED.upper(), DERIVED + "0", DERIVED[:-1],
    "lk-0123456789abcdef\n", "\nlk-0123456789abcdef", "", "my board", "a\u200bb", "\u202edraob",
    "\u677f-1", "a\u00a0b", "\ue000",
])  # fmt: skip
@pytest.mark.parametrize("key", [KEY, OTHER_KEY], ids=["key", "other key"])
@pytest.mark.parametrize("label", LABELS)
def test_trusts_whom_the_host_trusts(
    talk: node.Node, device_id: str, key: bytes, label: str
) -> None:
    one = LABELS[label]
    trusted = True
    try:
        Trust(None, KnownBoards(in_memory=True), label=one).check(device_id, key)
    except UntrustedBoard:
        trusted = False
    question = {"device_id": device_id, "device_key": key.hex(), "label": one and one.text()}
    if trusted:
        talk.ask("trust", **question)
    else:
        with pytest.raises(node.NodeError, match="UntrustedBoard"):
            talk.ask("trust", **question)
