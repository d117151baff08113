"""links/ble.ts on slow links and silent boards; in Chromium: bluetooth/test_link.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import node
from transports import framing

LONGEST = 8192
REPLY = 300  # octets that the device of ble_server.ts answers
CARRIED = 244
ACK = 3


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    with node.serving("ble_server.ts", tmp_path_factory.mktemp("node")) as server:
        yield server


def talk(air: node.Node, *messages: int, **link: Any) -> list[dict[str, Any]]:
    link = {"board": "answers", "frame": CARRIED, "write_ms": 50, **link}
    told: list[dict[str, Any]] = air.ask("talk", messages=messages, **link)
    return told


def test_an_order_that_comes_first_on_a_link_is_not_sent_in_the_smallest_frames(
    air: node.Node,
) -> None:
    (told,) = talk(air, LONGEST)
    assert told["outcome"] == REPLY
    assert max(told["written"]) == CARRIED
    assert len(told["written"]) < 2 * LONGEST / CARRIED


def test_a_short_question_is_the_only_one(air: node.Node) -> None:
    first, second = talk(air, 17, LONGEST)
    assert [length for length in first["written"] if length > ACK] == [framing.MIN_FRAME, 9]
    assert min(second["written"][:30]) == CARRIED  # and nothing was asked before


def test_the_longest_order_arrives_over_the_slowest_link(air: node.Node) -> None:
    (told,) = talk(air, LONGEST, frame=framing.MIN_FRAME)
    assert told["outcome"] == REPLY
    assert max(told["written"]) == framing.MIN_FRAME


@pytest.mark.parametrize("board", ["mute", "chatters"])
def test_a_board_that_does_not_answer_is_given_up(air: node.Node, board: str) -> None:
    (told,) = talk(air, 17, board=board)
    assert told["outcome"] in ("LinkError", "FramingError")
    assert told["ms"] <= 60_000
