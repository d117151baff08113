"""Boards that lie about policy, owner, certificate or receipt get nothing for it."""

from __future__ import annotations

from typing import Any

import pytest

from host_client.authority import Authority
from host_client.certificate import make_device_certificate
from host_client.errors import (
    BadReceipt,
    ChangedKey,
    ProvisioningError,
    Refused,
    UntrustedBoard,
    WrongPolicy,
)
from host_client.label import Label
from host_client.settings import Settings
from tests.host.board_in_memory import Lying
from tests.host.policy_bench import CODE, Bench
from transports import contract as c


@pytest.fixture
def owner() -> Authority:
    return Authority.generate("owner")


@pytest.mark.parametrize("policy", [c.LABEL, c.FIRST_USE, c.OPEN_POLICY])
async def test_who_gave_an_authority_sends_nothing_unsigned(
    authority: Authority, owner: Authority, settings: Settings, policy: int
) -> None:
    """Whatever else was agreed to: an order that somebody signs is what was asked for."""
    bench = Bench(authority, c.SIGNED)
    bench.lies(policy=policy, owned=False)
    given = {"label_code": CODE, "first_use": True, "allow_open": True, "owner": owner}
    async with bench.client(authority=authority, **given) as client:
        with pytest.raises(WrongPolicy):
            await client.provision(settings)
    assert not bench.was_sent_an_order


async def test_a_board_that_denies_its_owner_gets_no_unsigned_order_unasked(
    authority: Authority, owner: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.FIRST_USE)
    bench.lies(owned=False)
    async with bench.client(owner=owner) as client:
        with pytest.raises(WrongPolicy):
            await client.provision(settings)
    assert not bench.was_sent_an_order


async def test_a_key_that_is_not_the_labels_gets_nothing(
    authority: Authority, settings: Settings
) -> None:
    bench, another = Bench(authority, c.LABEL), Bench(authority, c.LABEL)
    labels = [
        another.label,
        Label.for_board("kettle-2", bench.key, CODE),
    ]
    for label in labels:
        async with bench.client(label=label, label_code=CODE) as client:
            with pytest.raises(UntrustedBoard):
                await client.provision(settings)
    assert not bench.was_sent_an_order
    assert bench.known.get("kettle-1") is None, "nothing of a false board is remembered"


async def test_a_sealed_order_is_not_handed_to_a_board_that_the_label_is_not_of(
    authority: Authority, settings: Settings
) -> None:
    bench, another = Bench(authority, c.SIGNED), Bench(authority, c.SIGNED)
    async with bench.client(authority=authority) as client:
        order = await client.seal(settings)
    async with bench.client(label=another.label) as client:
        with pytest.raises(UntrustedBoard):
            await client.provision(order)
    assert not bench.was_sent_an_order


@pytest.mark.parametrize("known", [False, True])
async def test_a_certificate_that_does_not_fit_is_refused_though_the_key_is_known(
    authority: Authority, stranger: Authority,
    settings: Settings, known: bool,
) -> None:  # fmt: skip
    bench = Bench(authority, c.SIGNED)
    if known:
        bench.known.remember("kettle-1", bench.key)
    unfit = [
        b"",
        b"\xd2",
        bytes(5000),
        make_device_certificate(stranger, "kettle-1", bench.key),
        make_device_certificate(authority, "kettle-2", bench.key),
        make_device_certificate(authority, "kettle-1", bytes(32)),
    ]
    for certificate in unfit:
        bench.lies(certificate=certificate)
        for manufacturer in (authority.public_key, None):
            if manufacturer is None and certificate is unfit[3]:
                continue  # whose it is cannot be told without the manufacturer's key
            async with bench.client(authority=authority, manufacturer=manufacturer) as client:
                with pytest.raises(ProvisioningError) as caught:
                    await client.provision(settings)
            assert isinstance(caught.value, UntrustedBoard), certificate
    assert not bench.was_sent_an_order


async def test_a_certificate_vouches_without_a_first_meeting(
    authority: Authority, settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    bench = Bench(authority, c.SIGNED)
    identity: Any = bench.board.identity
    identity.certificate = make_device_certificate(authority, "kettle-1", bench.key)
    async with bench.client(authority=authority, manufacturer=authority.public_key) as client:
        assert (await client.provision(settings)).receipt.verified
    assert "first meeting" not in caplog.text
    assert bench.known.get("kettle-1") == bench.key


async def test_a_missing_certificate_is_no_way_around_the_manufacturer(
    authority: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.SIGNED)
    given = {"authority": authority, "manufacturer": authority.public_key}
    async with bench.client(**given) as client:
        with pytest.raises(UntrustedBoard, match="no certificate"):
            await client.provision(settings)
    assert not bench.was_sent_an_order
    async with bench.client(**given, label=bench.label) as client:
        await client.provision(settings)  # the label vouches
    bench.board.press()
    async with bench.client(**given) as client:
        await client.provision(settings)  # met before


async def test_a_certificate_for_a_new_key_does_not_hide_that_it_changed(
    authority: Authority, settings: Settings
) -> None:
    bench = Bench(authority, c.SIGNED)
    bench.known.remember("kettle-1", bytes(32))
    bench.lies(certificate=make_device_certificate(authority, "kettle-1", bench.key))
    async with bench.client(authority=authority, manufacturer=authority.public_key) as client:
        with pytest.raises(ChangedKey):
            await client.provision(settings)


@pytest.mark.parametrize("policy", [c.SIGNED, c.LABEL, c.FIRST_USE, c.OPEN_POLICY])
async def test_a_receipt_that_is_false_or_kept_back_is_no_success(
    authority: Authority, owner: Authority,
    settings: Settings, policy: int, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("host_client.board_client.RECEIPT_S", 0.2)
    for false in (True, False):
        bench = Bench(authority, policy)

        def change(operation: int, reply: dict[int, object], false: bool = false) -> None:
            if operation == c.RECEIPT and c.F_RECEIPT in reply:
                if false:
                    octets = bytearray(bytes(reply[c.F_RECEIPT]))  # type: ignore[call-overload]
                    octets[-1] ^= 1
                    reply[c.F_RECEIPT] = bytes(octets)
                else:
                    del reply[c.F_RECEIPT]
                    reply[c.F_STATUS] = c.NO_RECEIPT

        bench.link = Lying(bench.board, change)
        given = {
            c.SIGNED: {"authority": authority},
            c.LABEL: {"label_code": CODE},
            c.FIRST_USE: {"owner": owner, "first_use": True},
            c.OPEN_POLICY: {"allow_open": True},
        }[policy]
        async with bench.client(**given) as client:
            with pytest.raises((BadReceipt, Refused) if not false else BadReceipt):
                await client.provision(settings)
