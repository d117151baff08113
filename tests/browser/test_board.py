"""board.ts over links/http.ts, in Node.js, with the board's own firmware at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
import pytest_asyncio

from host_client import label
from tests.browser import node
from tests.browser.conftest import NewRig
from tests.browser.page_board import Event, PageBoard, Sealed
from tests.scenarios.rig import OTHER_PASSWORD, OTHER_SSID, PASSWORD, SSID, Rig
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODE = label.new_code()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    with node.serving("board_server.ts", tmp_path_factory.mktemp("node")) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def rig(new_rig: NewRig) -> Rig:
    """A board whose window is open, for orders of anybody."""
    made = await new_rig(policy=c.OPEN_POLICY)
    await made.open_window()
    return made


def has_kept(rig: Rig, receipt: Event, sealed: Sealed) -> None:
    """The receipt proves this very order, and the board took and tried it once."""
    assert receipt["verified"] and receipt["result"] == c.OK
    assert receipt["orderId"] == sealed.order_id.hex()
    assert receipt["address"] == rig.board.wifi.station.address
    for once in ("order accepted", "order tried"):
        assert len([line for line in rig.board.log if once in line]) == 1, rig.board.log


async def provision(
    board: PageBoard, sealed: Sealed, before: Callable[[str], None] = lambda step: None
) -> tuple[Event, Event, list[Event]]:
    """Hand over, follow, fetch: (last status, receipt, events). `before` each of these steps."""
    events: list[Event] = []
    before("submit")
    await board.submit(sealed.data, sealed.order_id)
    before("follow")
    status = await board.follow(sealed.order_id, events.append, sealed.networks)
    before("receipt")
    return status, await board.receipt(sealed.order_id), events


async def test_an_order_from_the_page_is_kept(talk: node.Node, rig: Rig) -> None:
    board = PageBoard.at(talk, rig.url)
    info = await board.do("info")
    factory = rig.board.factory
    assert (info["deviceId"], info["deviceKey"]) == (factory["device_id"], factory["device_key"])
    assert info["state"] == c.OPEN and info["windowS"] > 0 and len(info["nonce"]) == 32
    networks = await board.do("scan", fresh=True)
    assert [bytes.fromhex(seen["ssid"]) for seen in networks] == [SSID, OTHER_SSID]
    await board.do("identify")
    sealed = await board.seal(SSID, PASSWORD)
    status, receipt, events = await provision(board, sealed)
    has_kept(rig, receipt, sealed)
    assert status["step"] == c.DONE and status["address"] == receipt["address"]
    told = [event["status"] for event in events]
    assert told[-1] == status and len(told) == len({str(one) for one in told})


async def test_a_label_code_proves_an_order_from_the_page(talk: node.Node, new_rig: NewRig) -> None:
    device_id = "kettle-0005"
    key = {"label_key": label.label_key(CODE, device_id)}
    rig = await new_rig(policy=c.LABEL, device_id=device_id, record=key)
    await rig.open_window()
    board = PageBoard.at(talk, rig.url)
    wrong = await board.seal(SSID, PASSWORD, label.new_code())
    with pytest.raises(node.NodeError) as refused:
        await board.submit(wrong.data, wrong.order_id)
    assert (refused.value.name, refused.value.status) == ("Refused", c.NOT_AUTHENTIC)
    assert (await board.do("info"))["attempts"] == 9
    sealed = await board.seal(SSID, PASSWORD, CODE)
    has_kept(rig, (await provision(board, sealed))[1], sealed)


async def test_what_did_not_work_is_told_and_the_next_order_is_kept(
    talk: node.Node, rig: Rig
) -> None:
    board = PageBoard.at(talk, rig.url)
    sealed = await board.seal(SSID, b"not the password")
    status, receipt, _ = await provision(board, sealed)
    assert (status["step"], status["result"]) == (c.FAILED, c.WRONG_PASSWORD)
    assert receipt["verified"] and receipt["result"] == c.WRONG_PASSWORD
    again = await board.seal(SSID, PASSWORD)
    status, receipt, _ = await provision(board, again)
    assert status["step"] == c.DONE and receipt["verified"] and receipt["result"] == c.OK


@pytest.mark.parametrize(
    ("when", "up", "down"),
    [("submit", 300, None), ("submit", None, 1), ("follow", None, 1), ("receipt", None, 110)],
)  # fmt: skip
async def test_a_cut_costs_an_order_nothing(
    talk: node.Node, rig: Rig, when: str, up: int | None, down: int | None
) -> None:
    """The next connection that carries so many octets is cut behind them."""

    def cut(step: str) -> None:
        if step == when:
            faults = rig.board.wifi.access_point.proxy.faults
            faults.cut_up, faults.cut_down, faults.once = up, down, True

    board = PageBoard.at(talk, rig.url)
    sealed = await board.seal(SSID, PASSWORD)
    _, receipt, _ = await provision(board, sealed, cut)
    has_kept(rig, receipt, sealed)
    faults = rig.board.wifi.access_point.proxy.faults
    assert (faults.cut_up, faults.cut_down) == (None, None)


async def test_a_phone_that_the_channel_move_drops_sees_the_order_through(
    talk: node.Node, rig: Rig
) -> None:
    access_point = rig.board.wifi.access_point
    access_point.follows = False
    loop, lost, found = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def tell(event: Event) -> None:
        if "lost" in event:
            loop.call_soon_threadsafe((lost if event["lost"] else found).set)

    board = PageBoard.at(talk, rig.url)
    sealed = await board.seal(OTHER_SSID, OTHER_PASSWORD)
    await board.submit(sealed.data, sealed.order_id)
    following = asyncio.create_task(board.follow(sealed.order_id, tell))
    await asyncio.wait_for(lost.wait(), 10)
    assert access_point.channel_moves == 1 and not found.is_set()
    access_point.rejoin()  # somebody puts the phone there again
    await board.do("wake")
    assert (await following)["step"] == c.DONE
    assert found.is_set()
    has_kept(rig, await board.receipt(sealed.order_id), sealed)


async def test_a_page_loaded_anew_goes_on_following(talk: node.Node, rig: Rig) -> None:
    board = PageBoard.at(talk, rig.url)
    sealed = await board.seal(SSID, PASSWORD)
    await board.submit(sealed.data, sealed.order_id)
    following = asyncio.create_task(board.follow(sealed.order_id))
    await board.do("abort")
    with pytest.raises(node.NodeError, match="AbortError|ended"):
        await following
    anew = PageBoard.at(talk, rig.url)
    assert (await anew.follow(sealed.order_id))["step"] == c.DONE
    has_kept(rig, await anew.receipt(sealed.order_id), sealed)


async def test_an_order_made_elsewhere_is_followed_without_its_id(
    talk: node.Node, rig: Rig
) -> None:
    board = PageBoard.at(talk, rig.url)
    sealed = await board.seal(SSID, PASSWORD)
    await board.submit(sealed.data)
    assert (await board.follow(None))["step"] == c.DONE
    assert (await board.receipt(None))["orderId"] == sealed.order_id.hex()


async def test_a_board_that_was_restarted_has_forgotten_the_order(
    talk: node.Node, rig: Rig
) -> None:
    rig.world.air.networks[0].delay_ms = 60_000
    try:
        board = PageBoard.at(talk, rig.url)
        sealed = await board.seal(SSID, PASSWORD)
        await board.submit(sealed.data, sealed.order_id)
        following = asyncio.create_task(board.follow(sealed.order_id))
        await rig.restart()
        with pytest.raises(node.NodeError, match="OrderForgotten"):
            await following
    finally:
        rig.world.air.networks[0].delay_ms = 0
    again = await board.seal(SSID, PASSWORD)
    _, receipt, _ = await provision(board, again)
    assert receipt["verified"] and receipt["result"] == c.OK


async def test_another_order_waits_while_one_is_tried(talk: node.Node, rig: Rig) -> None:
    rig.world.air.networks[0].delay_ms = 500
    try:
        board = PageBoard.at(talk, rig.url)
        first = await board.seal(SSID, b"not the password")
        await board.submit(first.data, first.order_id)
        second = await board.seal(OTHER_SSID, OTHER_PASSWORD)
        await board.submit(second.data, second.order_id)
        tried = [line for line in rig.board.log if "order tried" in line]
        assert len(tried) == 1 and (await board.follow(second.order_id))["step"] == c.DONE
    finally:
        rig.world.air.networks[0].delay_ms = 0
    assert (await board.receipt(second.order_id))["verified"]
