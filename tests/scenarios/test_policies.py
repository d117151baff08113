"""Boards of every policy on the virtual board, given their orders by the host's own library."""

from __future__ import annotations

import pytest

from host_client import label
from host_client.authority import Authority
from host_client.errors import Refused
from host_client.installer import certify_installer
from host_client.order import SealedOrder
from host_client.proof import Anybody, FirstUse, LabelCode
from host_client.settings import TrustSettings
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import AUTHORITY, SSID, STRANGER, Rig, settings
from transports import contract as c

DEVICE_ID = "kettle-0001"
CODE = label.new_code()
LABEL_BOARD = {
    "policy": c.LABEL,
    "device_id": DEVICE_ID,
    "record": {"label_key": label.label_key(CODE, DEVICE_ID)},
}
OWNER, NEXT = Authority.generate("owner", "p256"), Authority.generate("next", "p256")
over_http = pytest.mark.parametrize("link", ["http"], indirect=True)


async def opened(new_rig: NewRig, **board: object) -> Rig:
    rig = await new_rig(**board)
    await rig.open_window()
    return rig


async def refused(rig: Rig, order: SealedOrder, status: int) -> None:
    with pytest.raises(Refused) as found:
        await rig.give(order)
    assert found.value.status == status


async def keep(rig: Rig, order: SealedOrder) -> None:
    """The order is kept, its receipt right, and the next window open."""
    since = len(rig.board.log)
    async with rig.client() as client:
        assert (await client.provision(order)).receipt.verified
    await rig.board.wait_log("on the network", since=since)
    await rig.open_window()


async def test_who_has_read_the_label_provisions(new_rig: NewRig) -> None:
    rig = await opened(new_rig, **LABEL_BOARD)
    async with rig.client(None, label=label.new_code()) as client:
        assert (await client.info()).policy_name == "label"
        with pytest.raises(Refused) as found:
            await client.provision(settings())
        assert found.value.status == c.NOT_AUTHENTIC
    await refused(rig, rig.offline(), c.NOT_AUTHENTIC)
    async with rig.client(None, label=CODE) as client:
        assert (await client.info()).attempts == 8
        assert (await client.provision(settings())).receipt.verified
    assert rig.joined() == SSID


@over_http
async def test_guesses_at_a_label_end_with_the_window(new_rig: NewRig) -> None:
    rig = await opened(new_rig, **LABEL_BOARD)
    for _ in range(10):
        guess = rig.offline(authority=LabelCode(label.new_code()))
        await refused(rig, guess, c.NOT_AUTHENTIC)
    await refused(rig, rig.offline(authority=LabelCode(CODE)), c.ATTEMPTS_SPENT)
    await rig.board.until(lambda: not rig.is_reachable(), what="the end of the window")
    await rig.open_window()
    await keep(rig, rig.offline(authority=LabelCode(CODE)))


async def test_whoever_comes_first_owns_the_board(new_rig: NewRig) -> None:
    rig = await opened(new_rig, policy=c.FIRST_USE)
    since = len(rig.board.log)
    async with rig.client(None, owner=OWNER, first_use=True) as client:
        assert (await client.info()).owned is False
        assert (await client.provision(settings())).receipt.verified
    await rig.board.wait_log("on the network", since=since)
    await rig.open_window()
    before = await rig.saved()
    await refused(rig, rig.offline(authority=FirstUse(STRANGER)), c.NOT_AUTHENTIC)
    await refused(rig, rig.offline(authority=Anybody()), c.NOT_AUTHENTIC)
    await refused(rig, rig.offline(), c.NOT_AUTHENTIC)
    taking = settings(trust=TrustSettings(owner=STRANGER.public_key))
    await refused(rig, rig.offline(taking, authority=STRANGER), c.NOT_AUTHENTIC)
    giving = settings(trust=TrustSettings(owner=NEXT.public_key))
    await refused(rig, rig.offline(giving, authority=OWNER), c.FORBIDDEN)  # not a consumer's
    assert (await rig.saved()).settings == before.settings
    async with rig.client(None, owner=OWNER) as client:
        assert (await client.info()).owned is True
        assert (await client.provision(settings())).receipt.verified


@over_http
async def test_an_installer_works_within_its_limits(new_rig: NewRig) -> None:
    rig = await opened(new_rig, record={"group": "site-a"})
    limits = {"first_sequence": 5, "last_sequence": 1 << 50}
    key = Authority.generate("installer", "p256")
    certificates = {
        group: certify_installer(
            AUTHORITY, "An installer", key.public_key, group, ["networks"], **limits
        )
        for group in ("site-a", "site-b", None)
    }
    installers = {
        group: Authority("installer", key._key, made) for group, made in certificates.items()
    }
    await refused(rig, rig.offline(authority=installers["site-b"]), c.FORBIDDEN)
    plain = Authority("installer", key._key)
    await refused(rig, rig.offline(authority=plain), c.NOT_AUTHENTIC)
    async with rig.client(installers["site-a"]) as client:
        assert (await client.provision(settings())).receipt.verified
    await rig.board.wait_log("on the network")
    await rig.open_window()
    await keep(rig, rig.offline(authority=installers[None]))


@over_http
async def test_a_rotated_authority_outlives_resets(new_rig: NewRig) -> None:
    rig = await opened(new_rig)
    before = rig.offline(sequence=1 << 50)
    rotation = rig.offline(settings(trust=TrustSettings(authority=NEXT.public_key)))
    await keep(rig, rotation)
    for old in (before, rotation, rig.offline()):
        await refused(rig, old, c.NOT_AUTHENTIC)
    await rig.restart()
    await refused(rig, rig.offline(), c.NOT_AUTHENTIC)
    await keep(rig, rig.offline(authority=NEXT))


@over_http
async def test_an_open_board_warns_and_is_closed_for_good(new_rig: NewRig) -> None:
    rig = await opened(new_rig, policy=c.OPEN_POLICY)
    assert [line for line in rig.board.log if "WARNING: policy open" in line]
    since = len(rig.board.log)
    closing = settings(trust=TrustSettings(policy=c.SIGNED))
    async with rig.client(None, allow_open=True) as client:
        assert any("WARNING" in note for note in (await client.info()).notes)
        assert (await client.provision(closing)).receipt.verified
    await rig.board.wait_log("on the network", since=since)
    await rig.open_window()
    async with rig.client() as client:
        info = await client.info()
        assert info.policy_name == "signed" and not info.notes
    await refused(rig, rig.offline(authority=Anybody()), c.NOT_AUTHENTIC)
    loosening = settings(trust=TrustSettings(policy=c.OPEN_POLICY))
    await refused(rig, rig.offline(loosening), c.FORBIDDEN)
    await keep(rig, rig.offline())


@over_http
async def test_time_that_an_order_told_outlives_a_power_cut(new_rig: NewRig) -> None:
    rig = await opened(new_rig)
    await keep(rig, rig.offline())  # says when it was made
    await rig.restart()
    await refused(rig, rig.offline(expires_s=1_700_000_000), c.EXPIRED)
    async with rig.client() as client:
        order = await client.seal(settings(), expires_s=4_000_000_000)
        assert (await client.provision(order)).receipt.verified
