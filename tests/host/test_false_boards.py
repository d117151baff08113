"""Boards, and relays before boards, that lie to the host."""

from __future__ import annotations

import pytest

from host_client.authority import Authority
from host_client.errors import (
    BadOrder,
    BadReceipt,
    BadReply,
    LinkTimeout,
)
from host_client.settings import Settings
from tests.host.board_in_memory import Lying, MemoryBoard, MemoryLink
from tests.host.conftest import client_of
from transports import contract as c


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
