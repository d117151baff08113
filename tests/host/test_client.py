"""host_client/client.py: an order's way over a link that fails, to boards that lie.

The links here are `MemoryLink`, a fake at the Link seam only: the board behind it opens,
verifies, tries and answers with the product's own code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from host_client import cbor
from host_client.authority import Authority
from host_client.client import Board, connect
from host_client.errors import (
    AuthorityError,
    BadOrder,
    BadReceipt,
    BadReply,
    ChangedKey,
    DeadlinePassed,
    LinkError,
    LinkTimeout,
    OrderForgotten,
    Refused,
    TrialFailed,
    UntrustedBoard,
)
from host_client.fingerprint import fingerprint
from host_client.known_boards import KnownBoards
from host_client.order import SealedOrder, Target, seal_order
from host_client.settings import Settings, parse_settings
from host_client.trust import Trust
from tests.device.bench_board import GOOD
from tests.host.board_in_memory import MemoryBoard, MemoryLink, rest_endpoint
from tests.host.conftest import PASSWORD, client_of
from tests.host.radio_in_memory import Peripheral, radio
from transports import contract as c

OPERATIONS = (c.INFO, c.PROVISION, c.STATUS, c.RECEIPT)


class Failing:
    """Faults for a MemoryLink: the nth exchanges of one operation fail at one moment."""

    def __init__(self, moment: str, operation: int, times: int = 1) -> None:
        self._moment, self._operation, self.left = moment, operation, times

    def __call__(self, moment: str, operation: int) -> None:
        if (moment, operation) == (self._moment, self._operation) and self.left:
            self.left -= 1
            raise LinkError("the link failed, as ordered")


def kept(board: MemoryBoard) -> bool:
    networks = board.record.settings.get("networks", [])
    return [network[:2] for network in networks] == [[GOOD, PASSWORD.encode()]]


async def test_provisions_over_every_link(authority: Authority, settings: Settings) -> None:
    for kind in ("memory", "http", "ble"):
        board = MemoryBoard(authority)
        board.press()
        known = KnownBoards(in_memory=True)
        seen = []
        if kind == "http":
            async with (
                rest_endpoint(board) as url,
                connect(url, authority=authority, known_boards=known) as client,
            ):
                outcome = await client.provision(settings, on_status=seen.append)
        elif kind == "ble":
            peripheral = Peripheral(board, "Latchkey-TEST")
            async with connect(
                "ble://Latchkey-TEST",
                authority=authority,
                known_boards=known,
                backend=radio(peripheral),
            ) as client:
                outcome = await client.provision(settings, on_status=seen.append)
        else:
            async with client_of(MemoryLink(board), authority) as client:
                outcome = await client.provision(settings, on_status=seen.append)
        assert kept(board)
        assert outcome.receipt.verified
        assert outcome.address == "192.0.2.7"
        assert outcome.device_id == "lk-test"
        assert seen[-1].step == c.DONE


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_link_lost_at_any_exchange_is_opened_again(
    board: MemoryBoard, authority: Authority, settings: Settings, operation: int, moment: str
) -> None:
    faults = Failing(moment, operation)
    link = MemoryLink(board, faults)
    async with client_of(link, authority) as client:
        outcome = await client.provision(settings)
    assert faults.left == 0
    assert link.opened == 2
    assert outcome.receipt.verified
    assert len(board.wifi.joins) == 1, "an order sent twice is tried once"


async def test_an_order_whose_reply_is_lost_again_and_again_is_tried_once(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    link = MemoryLink(board, Failing("after", c.PROVISION, times=6))
    async with client_of(link, authority) as client:
        outcome = await client.provision(settings)
    assert outcome.receipt.verified
    assert len(board.wifi.joins) == 1
    sent = {body for operation, body in link.requests if operation == c.PROVISION}
    assert len(sent) == 1, "the same octets, or the board would count another attempt"


async def test_a_late_refusal_of_an_order_already_taken_is_no_failure(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    """The first copy was taken, its reply lost, and the board restarted: REPLAYED, but kept."""

    class Restarting(Failing):
        def __call__(self, moment: str, operation: int) -> None:
            try:
                super().__call__(moment, operation)
            except LinkError:
                restart.append(asyncio.ensure_future(_restart_when_kept(board)))
                raise

    restart: list[asyncio.Task[None]] = []
    link = MemoryLink(board, Restarting("after", c.PROVISION))
    async with client_of(link, authority) as client:
        outcome = await client.provision(settings)
    assert outcome.receipt.verified
    assert len(board.wifi.joins) == 1


async def _restart_when_kept(board: MemoryBoard) -> None:
    while not board.handler.kept:
        await asyncio.sleep(0)
    board.press()


async def test_gives_up_after_three_tries_without_a_deadline(
    board: MemoryBoard, authority: Authority
) -> None:
    link = MemoryLink(board, Failing("before", c.INFO, times=99))
    async with client_of(link, authority) as client:
        with pytest.raises(LinkError):
            await client.info()
    assert [operation for operation, _ in link.requests] == [c.INFO] * 3


async def test_a_board_that_never_answers_ends_with_the_deadline(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    link = MemoryLink(board, Failing("after", c.PROVISION, times=10**9))
    async with client_of(link, authority) as client:
        with pytest.raises(DeadlinePassed, match="as ordered"):
            await client.provision(settings, timeout_s=0.2)


async def test_a_trial_that_never_ends_ends_with_the_deadline(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.wifi.hold = asyncio.Event()
    async with client_of(MemoryLink(board), authority) as client:
        with pytest.raises(DeadlinePassed):
            await client.provision(settings, timeout_s=0.2)
        assert (await client.current_status()).state == c.TRYING
    board.wifi.hold.set()
    while board.handler.state == c.TRYING:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("ssid", "status"), [("wrong-key", c.WRONG_PASSWORD), ("nowhere", c.NETWORK_NOT_FOUND)]
)
async def test_settings_that_fail_raise_trial_failed_with_proof(
    board: MemoryBoard, authority: Authority, ssid: str, status: int
) -> None:
    settings = parse_settings({"network": [{"ssid": ssid, "password": PASSWORD}]})
    async with client_of(MemoryLink(board), authority) as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(settings)
        assert failed.value.status == status
        assert failed.value.proven
        assert failed.value.remedy
        assert board.record.settings == {}
        good = parse_settings({"network": [{"ssid": "home", "password": PASSWORD}]})
        assert (await client.provision(good)).receipt.verified


async def test_refusals_are_typed(
    board: MemoryBoard, authority: Authority, stranger: Authority, settings: Settings
) -> None:
    async with client_of(MemoryLink(board), stranger) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.NOT_AUTHENTIC
    assert refused.value.name == "not_authentic"
    async with client_of(MemoryLink(board), authority) as client:
        with pytest.raises(Refused) as refused:
            await client.receipt()
        assert refused.value.status == c.NO_RECEIPT


async def test_a_shut_window_is_told_before_anything_is_signed(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.window.shut()
    link = MemoryLink(board)
    async with client_of(link, authority) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.WINDOW_SHUT
    assert c.PROVISION not in [operation for operation, _ in link.requests]


async def test_without_an_authority_nothing_is_sent(board: MemoryBoard, settings: Settings) -> None:
    link = MemoryLink(board)
    async with client_of(link, None) as client:
        with pytest.raises(AuthorityError):
            await client.provision(settings)
    assert link.requests == []


async def test_a_sealed_order_is_delivered_with_no_key_at_hand(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    target = Target("lk-test", board.identity.public_key)
    order = seal_order(settings, target, authority)
    carried = SealedOrder(order.order_id, order.device_id, order.data, None, order.networks)
    async with client_of(MemoryLink(board), None) as client:
        outcome = await client.provision(carried)
    assert kept(board)
    assert not outcome.receipt.verified
    async with client_of(MemoryLink(board), None) as client:
        assert (await client.receipt(order)).verified


async def test_an_order_for_another_board_does_not_cost_an_attempt(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    order = seal_order(settings, Target("lk-other", board.identity.public_key), authority)
    async with client_of(MemoryLink(board), None) as client:
        with pytest.raises(BadOrder, match="lk-other"):
            await client.provision(order)
        assert (await client.info()).attempts == 10


async def test_two_clients_at_once_one_is_told_busy(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.wifi.hold = asyncio.Event()
    async with (
        client_of(MemoryLink(board), authority) as first,
        client_of(MemoryLink(board), authority) as second,
    ):
        going = asyncio.ensure_future(first.provision(settings))
        while board.handler.state != c.TRYING:
            await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await second.provision(settings)
        assert refused.value.status == c.BUSY
        board.wifi.hold.set()
        assert (await going).receipt.verified


async def test_scan_gathers_all_pages(board: MemoryBoard) -> None:
    async with client_of(MemoryLink(board), None) as client:
        networks = await client.scan(fresh=True)
    assert [network.ssid for network in networks] == [b"net%d" % i for i in range(20)]
    assert networks[0].rssi_dbm == -40
    assert networks[0].security_name == "WPA2"


async def test_identify(board: MemoryBoard) -> None:
    async with client_of(MemoryLink(board), None) as client:
        await client.identify()
    assert board.identified == 1


async def test_a_board_restarted_in_mid_trial_has_forgotten_the_order(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.wifi.hold = asyncio.Event()
    async with client_of(MemoryLink(board), authority) as client:
        going = asyncio.ensure_future(client.provision(settings))
        while board.handler.state != c.TRYING:
            await asyncio.sleep(0)
        old = board.handler
        board.start()
        with pytest.raises(OrderForgotten):
            await going
    board.wifi.hold.set()
    while old.state == c.TRYING:
        await asyncio.sleep(0)


# --- Trust -----------------------------------------------------------------------------


async def test_a_key_met_before_is_required_afterwards(
    authority: Authority, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    known = KnownBoards(in_memory=True)
    first, impostor = MemoryBoard(authority), MemoryBoard(authority)
    for board in (first, impostor):
        board.press()
    async with Board(MemoryLink(first), Trust(None, known), authority) as client:
        await client.provision(settings)
    assert "first meeting" in caplog.text
    link = MemoryLink(impostor)
    async with Board(link, Trust(None, known), authority) as client:
        with pytest.raises(ChangedKey):
            await client.provision(settings)
    assert c.PROVISION not in [operation for operation, _ in link.requests]


async def test_a_pinned_key_or_fingerprint_decides(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    key = board.identity.public_key
    good = (key, key.hex(), fingerprint(key), fingerprint(key)[: 7 + 32])
    wrong = (bytes(32), fingerprint(bytes(32)))
    for expected in (*good, *wrong):
        trust = Trust(expected, KnownBoards(in_memory=True))
        async with Board(MemoryLink(board), trust, authority) as client:
            if expected in wrong:
                with pytest.raises(UntrustedBoard):
                    await client.seal(settings)
            else:
                assert (await client.seal(settings)).device_id == "lk-test"


@pytest.mark.parametrize("pin", ["", "abc", "sha256:abcd", "00" * 31, b"short", "xyz" * 22])
def test_refuses_an_unreadable_pin(pin: str | bytes) -> None:
    with pytest.raises(UntrustedBoard):
        Trust(pin, KnownBoards(in_memory=True))


# --- Boards that lie ----------------------------------------------------------------------


class Lying(MemoryLink):
    """Somebody between host and board, who changes replies."""

    def __init__(
        self, board: MemoryBoard, change: Callable[[int, dict[int, object]], None]
    ) -> None:
        super().__init__(board)
        self._change = change

    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        fields = cbor.decode(await super().exchange(operation, body))
        self._change(operation, fields)
        return cbor.encode(fields)


async def test_refuses_a_false_report_of_success(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    """A relay that keeps the order to itself can claim what it likes, and prove nothing."""
    other = MemoryBoard(authority)
    other.press()
    async with client_of(MemoryLink(other), authority) as client:
        foreign = (await client.provision(settings)).receipt.data

    def change(operation: int, fields: dict[int, object]) -> None:
        if operation == c.RECEIPT:
            fields[c.F_RECEIPT] = foreign

    async with client_of(Lying(board, change), authority) as client:
        with pytest.raises(BadReceipt):
            await client.provision(settings)


async def test_a_false_report_of_failure_is_overridden_by_the_receipt(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    def change(operation: int, fields: dict[int, object]) -> None:
        if operation == c.STATUS and fields.get(c.F_STEP) == c.DONE:
            fields[c.F_STEP] = c.FAILED
            fields[c.F_RESULT] = c.WRONG_PASSWORD

    async with client_of(Lying(board, change), authority) as client:
        assert (await client.provision(settings)).receipt.verified


async def test_a_false_sequence_does_not_reach_the_order(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    """An order with the highest sequence would shut out every offline order after it."""

    def change(operation: int, fields: dict[int, object]) -> None:
        if operation == c.INFO:
            fields[c.F_SEQUENCE] = c.MAX_SEQUENCE - 1

    async with client_of(Lying(board, change), authority) as client:
        await client.provision(settings)
    assert 0 < board.record.sequence < 1 << 43


@pytest.mark.parametrize(
    "change",
    [
        {c.F_PROTOCOL: 2},
        {c.F_DEVICE_KEY: bytes(31)},
        {c.F_DEVICE_KEY: "text"},
        {c.F_NONCE: bytes(15)},
        {c.F_SUITES: [1, 2]},
        {c.F_SUITES: ["42"]},
        {c.F_DEVICE_ID: 5},
        {c.F_STATE: True},
        {c.F_NOTES: [1]},
    ],
    ids=str,
)
async def test_refuses_a_descriptor_that_is_none(
    board: MemoryBoard, authority: Authority, settings: Settings, change: dict[int, object]
) -> None:
    def apply(operation: int, fields: dict[int, object]) -> None:
        fields.update(change)

    async with client_of(Lying(board, apply), authority) as client:
        with pytest.raises(BadReply):
            await client.seal(settings)


async def test_refuses_a_scan_without_end(board: MemoryBoard) -> None:
    def change(operation: int, fields: dict[int, object]) -> None:
        fields[c.F_PAGES] = 10**6

    async with client_of(Lying(board, change), None) as client:
        with pytest.raises(BadReply):
            await client.scan()


async def test_a_device_key_that_no_exchange_can_use_is_refused(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    """The all-zero point has an all-zero shared secret with everybody (RFC 7748 section 6.1)."""

    def change(operation: int, fields: dict[int, object]) -> None:
        fields[c.F_DEVICE_KEY] = bytes(32)

    async with client_of(Lying(board, change), authority) as client:
        with pytest.raises(BadOrder):
            await client.seal(settings)


async def test_too_slow_counts_as_a_link_failure(board: MemoryBoard) -> None:
    slow = [2]

    def change(operation: int, fields: dict[int, object]) -> None:
        if slow[0]:
            slow[0] -= 1
            fields.clear()
            fields[c.F_STATUS] = c.TOO_SLOW

    async with client_of(Lying(board, change), None) as client:
        assert (await client.info()).device_id == "lk-test"
        slow[0] = 99
        with pytest.raises(LinkTimeout):
            await client.info()


async def test_cancelling_closes_the_link_in_mid_exchange(
    board: MemoryBoard, authority: Authority
) -> None:
    """A reply that comes late must not be taken for that of the next question."""
    entered = asyncio.Event()

    class Slow(MemoryLink):
        async def exchange(self, operation: int, body: bytes = b"") -> bytes:
            entered.set()
            await asyncio.sleep(60)
            return await super().exchange(operation, body)

    link = Slow(board)
    client = client_of(link, authority)
    await client.__aenter__()
    going = asyncio.ensure_future(client.info())
    await entered.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert not link.is_open
