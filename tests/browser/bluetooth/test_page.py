"""The page over Web Bluetooth, the whole way, in Chromium on the virtual radio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from host_client import label
from host_client.label import Label
from tests.browser.bluetooth.conftest import Approach, NearScreen
from tests.browser.conftest import NewRig
from tests.browser.soundness import too_wide, violations
from tests.scenarios.rig import PASSWORD, Rig
from tests.virtual_board.host_radio.with_bluez import BluezRadio
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICE_ID = "kettle-0001"
CODE = label.new_code()
SLOW_MS = 900  # of a join
PASSPHRASE = "a long passphrase of mine"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(new_rig: NewRig) -> Rig:
    """A board that takes orders from anybody, its window open."""
    return await new_rig(policy=c.OPEN_POLICY)


@pytest_asyncio.fixture(loop_scope="module")
async def slow_rig(rig: Rig) -> AsyncIterator[Rig]:
    """That board, where joining takes long enough for something to happen meanwhile."""
    network = rig.world.air.networks[0]
    network.delay_ms = SLOW_MS
    yield rig
    network.delay_ms = 0


def printed(made: Label) -> str:
    """What stands behind the `#` of the address in the label's QR code."""
    return made.text().partition("#")[2]


async def met(approach: Approach, rig: Rig) -> NearScreen:
    """A page that shows the board, its window just opened."""
    await rig.open_window()
    screen = await approach(rig)
    await screen.come()
    await screen.pick()
    return screen


async def test_a_wrong_password_then_the_right_one(approach: Approach, rig: Rig) -> None:
    screen = await met(approach, rig)
    await screen.fill_in("not-the-password")
    await screen.send()
    await screen.ended("wrong_password")
    await screen.again()
    await screen.type_password(PASSWORD.decode())
    await screen.send()
    await screen.provisioned()
    await expect(screen("#result")).to_have_attribute("data-receipt", "proven")
    await screen.again()
    await expect(screen("#done")).to_be_visible()
    await expect(screen("#done")).not_to_contain_text("Wi-Fi")  # that is not where it is met


async def test_the_label_in_the_address_chooses_the_board_and_proves_it(
    approach: Approach, new_rig: NewRig
) -> None:
    record = {"label_key": label.label_key(CODE, DEVICE_ID)}
    rig = await new_rig(policy=c.LABEL, device_id=DEVICE_ID, record=record)
    await rig.open_window()
    screen = await approach(rig)
    screen.visitor.secrets.add(CODE.encode())
    await screen.come(printed(Label.for_board(DEVICE_ID, rig.target.device_key, CODE)))
    await expect(screen("#label-read")).to_contain_text(rig.board.ble_name)
    assert "#" not in screen.page.url
    await screen.pick()
    await screen.fill_in()
    await screen.send()
    await screen.provisioned()
    await rig.board.power_cut()


@pytest.mark.parametrize("same", ["key", "id"])
async def test_the_label_of_another_board_refuses_this_one(
    approach: Approach, rig: Rig, same: str
) -> None:
    await rig.open_window()
    device_id = rig.board.factory["device_id"] if same == "id" else DEVICE_ID
    device_key = rig.target.device_key if same == "key" else bytes(range(32))
    screen = await approach(rig)
    await screen.come(printed(Label.for_board(device_id, device_key, CODE)))
    await screen("#choose-any").click()
    await screen.chooser.pick(rig.board.ble_name)
    await expect(screen("#untrusted")).to_be_visible()
    await expect(screen("#send")).to_have_count(0)


async def test_a_label_counts_until_somebody_puts_it_away(approach: Approach, rig: Rig) -> None:
    await rig.open_window()
    screen = await approach(rig)
    screen.visitor.secrets.add(CODE.encode())
    await screen.come(printed(Label.for_board(DEVICE_ID, rig.target.device_key, CODE)))
    for _ in range(2):
        await screen("#choose-any").click()
        await screen.chooser.pick(rig.board.ble_name)
        await expect(screen("#untrusted")).to_be_visible()
        await screen("#another").click()
    await screen("#without-label").click()
    await expect(screen("#label-read")).to_have_count(0)
    await screen.reload()
    await screen.pick()


async def test_whoever_comes_first_owns_the_board(
    approach: Approach, new_rig: NewRig, tmp_path: Path
) -> None:
    rig = await new_rig(policy=c.FIRST_USE, device_id=DEVICE_ID)
    await rig.open_window()
    screen = await approach(rig)
    # A board of this policy has a code, too: it may be asked for under a stricter one.
    screen.visitor.secrets |= {PASSPHRASE.encode(), CODE.encode()}
    await screen.come(printed(Label.for_board(DEVICE_ID, rig.target.device_key, CODE)))
    await screen.pick()
    await screen.fill_in()
    await screen("#owner-passphrase").fill(PASSPHRASE)
    await screen("#owner-passphrase-again").fill(PASSPHRASE)
    await expect(screen("#view")).not_to_contain_text(screen.site.url.rstrip("/"))
    await screen.downloaded("#owner-save", tmp_path / "owner.pem")
    await screen("#owner-found").check()
    await screen.send()
    await screen.provisioned()
    await rig.board.power_cut()


async def test_a_signed_order_is_handed_over(
    approach: Approach, new_rig: NewRig, tmp_path: Path
) -> None:
    rig = await new_rig(policy=c.SIGNED)
    order = rig.offline()
    screen = await met(approach, rig)
    (tmp_path / "order.cose").write_bytes(order.data)
    await screen("#order-file").set_input_files(tmp_path / "order.cose")
    await screen.send()
    await screen.ended("ok")
    assert rig.joined() is not None
    await rig.board.power_cut()


async def test_a_link_lost_while_the_board_joins_is_made_again(
    approach: Approach, slow_rig: Rig, radio: BluezRadio
) -> None:
    screen = await met(approach, slow_rig)
    await screen.fill_in()
    await screen.send()
    await screen.is_at("join")
    radio.drop()
    await screen.provisioned()
    await expect(screen("#result")).to_have_attribute("data-receipt", "proven")


async def test_a_reload_while_the_board_joins_goes_on_once_it_is_chosen(
    approach: Approach, slow_rig: Rig
) -> None:
    screen = await met(approach, slow_rig)
    await screen.fill_in()
    await screen.send()
    await screen.is_at("join")
    await screen.reload()
    await expect(screen("#under-way")).to_be_visible()
    await screen("#choose").click()
    await screen.chooser.pick(slow_rig.board.ble_name)
    await screen.ended("ok")


async def test_an_order_that_has_ended_is_not_under_way_at_another_board(
    approach: Approach, rig: Rig
) -> None:
    screen = await met(approach, rig)
    await screen.fill_in()
    await screen.send()
    await screen.provisioned()
    await screen.reload()  # its end is there still
    await expect(screen("#start")).to_be_visible()
    await expect(screen("#under-way")).to_have_count(0)
    await screen("#choose").click()
    await screen.chooser.pick(rig.board.ble_name)
    await screen.ended("ok")
    await screen("#another").click()
    await expect(screen("#start")).to_be_visible()
    await expect(screen("#under-way")).to_have_count(0)
    assert await screen.page.evaluate("sessionStorage.length") == 0


async def test_an_order_that_was_refused_is_not_under_way_either(
    approach: Approach, new_rig: NewRig
) -> None:
    record = {"label_key": label.label_key(CODE, DEVICE_ID)}
    rig = await new_rig(policy=c.LABEL, device_id=DEVICE_ID, record=record)
    screen = await met(approach, rig)
    await screen.fill_in()
    await screen.type_code(label.new_code())
    await screen.send()
    await screen.ended("not_authentic")
    await screen("#another").click()
    await expect(screen("#start")).to_be_visible()
    await expect(screen("#under-way")).to_have_count(0)
    await rig.board.power_cut()


async def test_nobody_needs_to_choose(approach: Approach, rig: Rig) -> None:
    await rig.open_window()
    screen = await approach(rig)
    await screen.come()
    await screen("#choose").click()
    await screen.chooser.cancel()
    await screen.complains("No board was chosen")
    assert not await violations(screen)
    assert not await too_wide(screen)
    await screen.pick()
    await expect(screen("#start")).to_have_count(0)
    assert not await violations(screen)


async def test_a_window_that_shuts_is_told_and_waited_for(
    approach: Approach, new_rig: NewRig
) -> None:
    rig = await new_rig(policy=c.OPEN_POLICY, limits={"window_s": 10})
    screen = await met(approach, rig)
    await screen.fill_in()
    await rig.board.wait_log("window shut")
    await screen.misses_the_board()
    await rig.open_window()
    await screen.has_the_board_again()  # and nobody chose it anew
    await expect(screen("#password")).to_have_value(PASSWORD.decode())
    await screen.send()
    await screen.provisioned()
    await rig.board.power_cut()
