"""What every link must do, whatever it runs over: one function a promise.

Each takes `open_world`, an async context manager factory that yields a `Scene`: a link not
opened yet, to a board whose window is open. The in-memory boards of this folder and the
virtual board run the same functions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import pytest

from host_client import cbor
from host_client.errors import LinkError
from host_client.links.base import Link
from transports import contract as c


@dataclass
class Scene:
    """A link, and how to take the board out of its reach (and back)."""

    link: Link
    vanish: Callable[[], Awaitable[None]]
    come_back: Callable[[], Awaitable[None]]


OpenWorld = Callable[[], AbstractAsyncContextManager[Scene]]


async def carries_a_request_and_its_reply(open_world: OpenWorld) -> None:
    async with open_world() as scene, scene.link as link:
        reply = cbor.decode(await link.exchange(c.INFO))
        assert reply[c.F_STATUS] == c.OK
        assert reply[c.F_PROTOCOL] == c.PROTOCOL_VERSION


async def carries_many_requests_one_after_the_other(open_world: OpenWorld) -> None:
    async with open_world() as scene, scene.link as link:
        for _ in range(5):
            assert cbor.decode(await link.exchange(c.STATUS))[c.F_STATUS] == c.OK
            assert cbor.decode(await link.exchange(c.SCAN, b"\x00"))[c.F_PAGE] == 0
            assert cbor.decode(await link.exchange(c.SCAN, b"\x01"))[c.F_PAGE] == 1


async def carries_the_longest_message(open_world: OpenWorld) -> None:
    async with open_world() as scene, scene.link as link:
        longest = bytes(range(256)) * 32
        reply = cbor.decode(await link.exchange(c.PROVISION, longest[: c.MAX_MESSAGE - 1]))
        assert reply[c.F_STATUS] == c.NOT_AUTHENTIC


async def carries_an_order_id(open_world: OpenWorld) -> None:
    async with open_world() as scene, scene.link as link:
        reply = cbor.decode(await link.exchange(c.RECEIPT, bytes(c.ORDER_ID_LENGTH)))
        assert reply[c.F_STATUS] == c.NO_RECEIPT


async def opens_again_after_closing(open_world: OpenWorld) -> None:
    async with open_world() as scene:
        for _ in range(2):
            await scene.link.open()
            await scene.link.open()  # an open link stays as it is
            assert cbor.decode(await scene.link.exchange(c.INFO))[c.F_STATUS] == c.OK
            await scene.link.close()
            await scene.link.close()


async def refuses_to_exchange_while_closed(open_world: OpenWorld) -> None:
    async with open_world() as scene:
        with pytest.raises(LinkError):
            await scene.link.exchange(c.INFO)


async def raises_link_error_when_the_board_is_gone(open_world: OpenWorld) -> None:
    async with open_world() as scene:
        await scene.vanish()
        with pytest.raises(LinkError):
            async with scene.link as link:
                await link.exchange(c.INFO)


async def comes_back_when_the_board_does(open_world: OpenWorld) -> None:
    async with open_world() as scene, scene.link as link:
        await link.exchange(c.INFO)
        await scene.vanish()
        with pytest.raises(LinkError):
            await link.exchange(c.INFO)
        await scene.come_back()
        await link.open()
        assert cbor.decode(await link.exchange(c.INFO))[c.F_STATUS] == c.OK


async def waiting_for_a_change_ends(open_world: OpenWorld) -> None:
    async with open_world() as scene, scene.link as link:
        await link.wait_for_change(0.05)


PROMISES = (
    carries_a_request_and_its_reply,
    carries_many_requests_one_after_the_other,
    carries_the_longest_message,
    carries_an_order_id,
    opens_again_after_closing,
    refuses_to_exchange_while_closed,
    raises_link_error_when_the_board_is_gone,
    comes_back_when_the_board_does,
    waiting_for_a_change_ends,
)
