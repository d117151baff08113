"""board.ts and patience.ts over a link that fails as a script says: for how long, how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from host_client import cbor
from tests.browser import node
from tests.browser.page_board import Event, PageBoard
from transports import contract as c

ORDER_ID = bytes(range(16))
LOST = None  # an exchange that fails


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    with node.serving("board_server.ts", tmp_path_factory.mktemp("node")) as server:
        yield server


def status(step: int, order_id: bytes | None = ORDER_ID, state: int = c.TRYING) -> bytes:
    fields: dict[int, object] = {c.F_STATUS: c.OK, c.F_STATE: state, c.F_STEP: step}
    return cbor.encode(fields if order_id is None else {**fields, c.F_ORDER_ID: order_id})


JOINING, DONE = status(c.JOINING), status(c.DONE)
NO_MEMORY = cbor.encode({c.F_STATUS: c.OUT_OF_MEMORY})


async def test_a_page_that_is_seen_again_asks_at_once(talk: node.Node) -> None:
    """The link never says that something changed, and the next question is five seconds off."""
    board = PageBoard.scripted(talk, JOINING, DONE)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    began = time.monotonic()
    following = asyncio.create_task(
        board.follow(ORDER_ID, lambda event: loop.call_soon_threadsafe(asked.set))
    )
    await asked.wait()
    await board.do("wake")
    assert (await following)["step"] == c.DONE
    assert time.monotonic() - began < 3


async def test_each_loss_is_told_once_and_found_once(talk: node.Node) -> None:
    events: list[Event] = []
    board = PageBoard.scripted(talk, JOINING, LOST, LOST, LOST, JOINING, LOST, LOST, DONE)
    await board.hurried(board.follow(ORDER_ID, events.append))
    told = [event["lost"] for event in events if "lost" in event]
    assert told == [True, False, True, False]


async def test_one_question_gone_astray_is_not_worth_a_word(talk: node.Node) -> None:
    events: list[Event] = []
    board = PageBoard.scripted(talk, LOST, DONE)
    await board.hurried(board.follow(ORDER_ID, events.append))
    assert [list(event) for event in events] == [["status"]]


async def test_time_asleep_does_not_count(talk: node.Node) -> None:
    """Ten minutes of sleep in each of two questions; awake it has a minute and a half."""
    board = PageBoard.scripted(talk, LOST, LOST, DONE, sleeps_ms=600_000)
    assert (await board.hurried(board.follow(ORDER_ID)))["step"] == c.DONE


async def test_no_board_is_looked_for_for_ever(talk: node.Node) -> None:
    board = PageBoard.scripted(talk, LOST, sleeps_ms=30_000)
    with pytest.raises(node.NodeError, match="LinkError: as the script says"):
        await board.hurried(board.follow(ORDER_ID))


async def test_an_order_of_more_networks_has_more_time(talk: node.Node) -> None:
    lost = [LOST] * 3
    board = PageBoard.scripted(talk, *lost, DONE, sleeps_ms=40_000)
    with pytest.raises(node.NodeError, match="LinkError"):
        await board.hurried(board.follow(ORDER_ID))
    board = PageBoard.scripted(talk, *lost, DONE, sleeps_ms=40_000)
    assert (await board.hurried(board.follow(ORDER_ID, networks=2)))["step"] == c.DONE


async def test_a_board_that_never_ends_is_left(talk: node.Node) -> None:
    board = PageBoard.scripted(talk, JOINING, **{"try": -1})
    with pytest.raises(node.NodeError, match="LinkError: not finished in time"):
        await board.follow(ORDER_ID)


async def test_a_board_without_memory_for_an_answer_is_asked_again(talk: node.Node) -> None:
    board = PageBoard.scripted(talk, NO_MEMORY, DONE)
    assert (await board.hurried(board.follow(ORDER_ID)))["step"] == c.DONE


@pytest.mark.parametrize("first", [JOINING, LOST])
async def test_the_page_may_end_it(talk: node.Node, first: bytes | None) -> None:
    board = PageBoard.scripted(talk, first)
    following = asyncio.create_task(board.follow(ORDER_ID))
    began = time.monotonic()
    await board.do("abort")
    with pytest.raises(node.NodeError, match="DOMException: ended"):
        await following
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("known", [None, bytes(16)])
async def test_an_order_that_is_not_known_is_forgotten(
    talk: node.Node, known: bytes | None
) -> None:
    board = PageBoard.scripted(talk, status(c.JOINING, known))
    with pytest.raises(node.NodeError, match="OrderForgotten"):
        await board.follow(ORDER_ID)


async def test_without_an_id_there_is_an_end_where_nothing_is_tried(talk: node.Node) -> None:
    board = PageBoard.scripted(talk, status(c.IDLE, None, c.OPEN))
    assert (await board.follow(None))["step"] == c.IDLE


async def test_garbage_ends_it(talk: node.Node) -> None:
    with pytest.raises(node.NodeError, match="BadReply"):
        await PageBoard.scripted(talk, b"\xa0").follow(ORDER_ID)
