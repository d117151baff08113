"""The host client and the real handler of a board, under each policy: what is taken, what not."""

from __future__ import annotations

from typing import Any

import pytest

from host_client.authority import Authority
from host_client.errors import Refused, WrongPolicy
from host_client.label import new_code
from host_client.settings import Settings, parse_settings
from tests.host.policy_bench import CODE, Bench
from tests.host.test_installer import certified
from transports import contract as c

OTHER_CODE = new_code()


@pytest.fixture
def owner() -> Authority:
    return Authority.generate("owner")


def trust(**values: Any) -> Settings:
    return parse_settings({"trust": values})


# --- Signed ----------------------------------------------------------------------------------


async def test_an_installer_provisions_within_its_limits(
    authority: Authority, stranger: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.SIGNED)
    async with bench.client(authority=certified(authority, stranger)) as client:
        assert (await client.provision(settings)).receipt.verified


async def test_a_board_refuses_an_installer_of_another_group_or_authority(
    authority: Authority, stranger: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.SIGNED)
    elsewhere = certified(authority, stranger, group="south")
    async with bench.client(authority=elsewhere) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.FORBIDDEN
    async with bench.client(authority=certified(stranger, stranger)) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.NOT_AUTHENTIC


async def test_rotation_hands_the_board_to_the_new_authority(
    authority: Authority, settings: Settings
) -> None:
    bench, new = Bench(authority, c.SIGNED), Authority.generate("new", "p256")
    async with bench.client(authority=authority) as client:
        await client.provision(settings)
    bench.board.press()
    async with bench.client(authority=authority) as client:
        assert (await client.provision(trust(authority=new.public_key))).receipt.verified
    bench.board.press()
    async with bench.client(authority=authority) as client:
        with pytest.raises(Refused):
            await client.provision(settings)
    async with bench.client(authority=new) as client:
        assert (await client.provision(settings)).receipt.verified


# --- Label -----------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False], ids=["label", "code"])
async def test_who_has_the_label_provisions(
    authority: Authority, settings: Settings, whole: bool
) -> None:
    bench = Bench(authority, c.LABEL)
    label = bench.label if whole else None
    async with bench.client(label=label, label_code=CODE) as client:
        assert (await client.provision(settings)).receipt.verified


async def test_a_wrong_code_is_not_authentic(authority: Authority, settings: Settings) -> None:
    bench = Bench(authority, c.LABEL)
    async with bench.client(label_code=OTHER_CODE) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.NOT_AUTHENTIC


async def test_a_label_may_tighten_to_signed(authority: Authority, settings: Settings) -> None:
    bench = Bench(authority, c.LABEL)
    async with bench.client(label_code=CODE) as client:
        await client.provision(settings)
    bench.board.press()
    async with bench.client(label_code=CODE) as client:
        await client.provision(trust(policy="signed"))
    bench.board.press()
    async with bench.client(label_code=CODE) as client:
        assert (await client.info()).policy == c.SIGNED
        with pytest.raises(WrongPolicy):
            await client.provision(settings)
    async with bench.client(authority=authority) as client:
        assert (await client.provision(settings)).receipt.verified


# --- First use -------------------------------------------------------------------------------


async def test_the_first_comer_owns_the_board_from_then_on(
    authority: Authority, owner: Authority, stranger: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.FIRST_USE, c.COMMERCIAL)
    async with bench.client(owner=owner, first_use=True) as client:
        assert not (await client.info()).owned
        assert (await client.provision(settings)).receipt.verified
    bench.board.press()
    for another in (stranger, owner):
        async with bench.client(owner=another, first_use=True) as client:
            assert (await client.info()).owned
            if another is owner:
                assert (await client.provision(settings)).receipt.verified
                continue
            with pytest.raises(Refused) as refused:
                await client.provision(settings)
            assert refused.value.status == c.NOT_AUTHENTIC


async def test_an_owner_transfers_and_releases_a_consumer_board(
    authority: Authority, owner: Authority, stranger: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.FIRST_USE)
    async with bench.client(owner=owner, first_use=True) as client:
        await client.provision(settings)
    bench.board.press()
    async with bench.client(owner=owner) as client:
        await client.provision(trust(owner=stranger.public_key))
    bench.board.press()
    async with bench.client(owner=owner) as client:
        with pytest.raises(Refused):
            await client.provision(settings)
    async with bench.client(owner=stranger) as client:
        await client.provision(trust(release=True))
    assert bench.board.record.owner is None and not bench.board.record.settings


# --- Open ------------------------------------------------------------------------------------


async def test_an_open_board_needs_the_callers_word(
    authority: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.OPEN_POLICY)
    async with bench.client(default_authority=lambda: authority) as client:
        with pytest.raises(WrongPolicy):
            await client.provision(settings)
    assert not bench.was_sent_an_order
    async with bench.client(allow_open=True) as client:
        assert (await client.provision(settings)).receipt.verified
