"""What a board that lies, or somebody in its place, gets out of the page: nothing to click on that
leads elsewhere, no markup, and no order weaker than what the person at the phone agreed to."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from firmware.envelope import cose
from host_client import cbor, label
from host_client.label import Label
from tests.browser.conftest import Meet
from tests.browser.false_board import (
    KEY,
    NAMED,
    OTHER_KEY,
    FalseBoard,
    Seen,
    honest_id,
    public_half,
)
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "tin-opener-42"
NETWORKS = c.CLAIM_NETWORKS
EVERY_LINK = "Array.from(document.links, (link) => link.href)"


async def sent(seen: Seen) -> None:
    await seen.fill_in()
    await seen("#send").click()


async def test_an_address_leads_to_no_place_but_a_network_of_ones_own(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    for address in (
        "8.8.8.8", "010.010.010.010", "999.1.1.1", "evil.example", "10.0.0.1@evil.example",
        "1.1.1.1/", "100.128.0.1", "172.32.0.1",
    ):  # fmt: skip
        board.ends(c.DONE, address=address)
        await sent(seen)
        await expect(seen("#result")).to_be_visible()
        assert await seen.page.evaluate(EVERY_LINK) == ["http://kettle.local/"], address
        await seen("#again").click()


async def test_an_address_of_ones_own_network_is_a_link(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    for address in ("192.168.1.7", "10.0.0.2", "172.31.255.1", "100.64.0.9"):
        board.ends(c.DONE, address=address)
        await sent(seen)
        await expect(seen("#address")).to_have_attribute("href", f"http://{address}/")
        await seen("#again").click()


@pytest.mark.parametrize("hostname", ["", "evil.example/ ", "a\u202eb"])
async def test_a_host_name_that_is_none_is_shown_nowhere(meet: Meet, hostname: str) -> None:
    board = FalseBoard()
    board.info(hostname=hostname)
    seen = await meet(board)
    await sent(seen)
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")
    board.away = True
    await seen.look()
    await expect(seen("#lost")).to_be_visible()
    said = await seen("#lost").inner_text()
    assert "//.local" not in said and "evil" not in said and "\u202e" not in said


async def test_the_way_to_the_new_network_is_told_in_another_language_too(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await seen("#language").select_option("de")
    await sent(seen)
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")
    board.away = True
    await seen.look()
    await expect(seen("#lost")).to_contain_text("http://kettle.local/")
    await seen("#language").select_option("en")
    await expect(seen("html")).to_have_attribute("lang", "en")
    await expect(seen("#lost")).to_contain_text("http://kettle.local/")


@pytest.mark.parametrize("step", [c.DONE, c.FAILED])
async def test_a_receipt_that_lies_connects_nothing(meet: Meet, step: int) -> None:
    board = FalseBoard()
    board.ends(step, address="192.168.1.7", result=c.OK)
    board.status[c.RECEIPT] = c.OK
    claims = {c.R_ORDER_ID: bytes(16), c.R_DEVICE_ID: honest_id(KEY), c.R_RESULT: c.OK,
              c.R_DIGEST: bytes(32), c.R_ADDRESS: "192.168.1.7"}  # fmt: skip
    made: bytes = cose.mac0(cbor.encode(claims), bytes(32), c.RECEIPT_CONTEXT)
    seen = await meet(board)
    for octets in (b"", b"\xd1\x00", made, bytes(2000)):
        board.says[c.RECEIPT] = {c.F_RECEIPT: octets}
        await sent(seen)
        await expect(seen("#result")).to_have_attribute("data-receipt", "falsified")
        await expect(seen("#problem")).to_contain_text("Do not trust")
        await expect(seen("#result")).not_to_contain_text("has kept what it had")
        assert await seen.page.evaluate(EVERY_LINK) == []
        await seen("#again").click()


async def test_a_key_that_changes_under_the_same_name_gets_no_order(meet: Meet) -> None:
    board = FalseBoard()
    board.info(device_id=NAMED)
    seen = await meet(board)
    await seen.fill_in()
    board.info(device_key=public_half(OTHER_KEY))
    await seen("#send").click()
    await expect(seen("#untrusted")).to_be_visible()
    assert not board.orders


@pytest.mark.parametrize("policy", [c.OPEN_POLICY, c.FIRST_USE])
async def test_who_typed_a_label_code_is_talked_into_nothing_looser(
    meet: Meet, policy: int
) -> None:
    board = FalseBoard()
    board.info(policy=c.LABEL, owned=False)
    board.status[c.PROVISION] = c.NOT_AUTHENTIC
    seen = await meet(board)
    await seen.fill_in()
    await seen("#label-code").fill(label.new_code())
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "not_authentic")
    board.info(policy=policy)
    await seen("#again").click()
    await expect(seen("#untrusted")).to_be_visible()
    await expect(seen("#send")).to_have_count(0)
    assert len(board.orders) == 1


async def test_a_network_that_has_become_an_open_one_is_chosen_anew(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await seen.fill_in()
    board.says[c.SCAN][c.F_NETWORKS] = [[b"Workshop", -20, 6, 0]]
    await seen("#rescan").click()
    await expect(seen("#networks")).to_contain_text("no password")
    await seen("#send").click()
    await expect(seen("#problem")).to_be_visible()
    assert not board.orders


async def test_two_networks_of_one_name_are_told_apart(meet: Meet) -> None:
    board = FalseBoard()
    board.says[c.SCAN][c.F_NETWORKS] = [[b"Workshop", -20, 6, 0], [b"Workshop", -48, 6, 3]]
    seen = await meet(board)
    await seen("#networks .option").filter(has_text="WPA2").click()
    await seen("#password").fill(PASSWORD)
    await seen("#send").click()
    await expect(seen("#steps")).to_be_visible()
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")
    assert board.opened()[NETWORKS] == [{1: b"Workshop", 2: PASSWORD.encode()}]


async def test_a_password_typed_for_a_name_that_is_typed_is_never_left_out(meet: Meet) -> None:
    board = FalseBoard()
    board.says[c.SCAN][c.F_NETWORKS] = [[b"Workshop", -20, 6, 0]]
    seen = await meet(board)
    await seen("#other").check()
    await seen("#password").fill(PASSWORD)
    await seen("#ssid").fill("Workshop")
    await seen("#send").click()
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")
    assert board.opened()[NETWORKS] == [{1: b"Workshop", 2: PASSWORD.encode()}]


async def test_names_of_nothing_are_told_or_left_out(meet: Meet) -> None:
    names = ["\u2028\u2028".encode(), "\ufeff".encode(), b"   ", bytes(32), b"\xff" * 32, b""]
    board = FalseBoard()
    board.says[c.SCAN][c.F_NETWORKS] = [[name, -50, 1, 3] for name in names]
    seen = await meet(board)
    await expect(seen("#networks .option")).to_have_count(6)  # five, and "another"
    shown = await seen("#networks bdi").all_text_contents()
    assert shown == [
        r"\xe2\x80\xa8" * 2, r"\xef\xbb\xbf", "“   ”", r"\x00" * 32, r"\xff" * 32,
    ]  # fmt: skip


async def test_a_thousand_networks_are_a_list_like_any_other(meet: Meet) -> None:
    board = FalseBoard()
    board.says[c.SCAN] |= {
        c.F_NETWORKS: [[b"net %d" % number, -50, 1, 3] for number in range(16)],
        c.F_PAGES: 64,
    }
    seen = await meet(board)
    await expect(seen("#networks .option").first).to_be_visible()
    assert await seen("#networks .option:visible").count() < 10
    board.says[c.SCAN][c.F_PAGES] = 65
    await seen("#rescan").click()
    await expect(seen("#rescan")).to_be_enabled()


async def test_what_a_board_says_of_itself_is_text(meet: Meet) -> None:
    board = FalseBoard()
    evil = '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'
    board.info(model=evil, notes=[evil, "javascript:alert(1)"], firmware=evil)
    seen = await meet(board)
    await expect(seen("#overview")).to_contain_text("<img src=x")
    assert await seen("img, #overview a").count() == 0
    for device_id in ("<b>x</b>\u202e", "a b", "\n", ""):
        board.info(device_id=device_id)
        await seen.look()
        await expect(seen("#untrusted")).to_be_visible()
    board.info(device_id="<b>x</b>")
    await seen.look()
    await expect(seen("#board-name")).to_have_text("Latchkey-</B>")


ODD: tuple[dict[int, Any], ...] = (
    {c.F_WINDOW_S: -5}, {c.F_WINDOW_S: 2**64 - 1}, {c.F_ATTEMPTS: -(2**63)}, {c.F_POLICY: 99},
    {c.F_STATE: 2**60}, {c.F_NONCE: b""}, {c.F_NOTES: [None]}, {c.F_DEVICE_KEY: bytes(31)},
    {c.F_PROTOCOL: "1"}, {c.F_OWNED: 1}, {c.F_MODEL: b"x"},
)  # fmt: skip


async def test_odd_values_break_nothing(meet: Meet) -> None:
    board = FalseBoard()
    honest = dict(board.says[c.INFO])
    seen = await meet(board)
    for wrong in ODD:
        board.says[c.INFO] = honest | wrong
        async with seen.page.expect_response("**/v1/info"):
            await seen.look()
        await expect(seen("#view h1")).to_be_visible()
        body = await seen("body").inner_text()
        assert not [word for word in ("NaN", "undefined", "Infinity") if word in body], wrong
        board.says[c.INFO] = honest
        await seen.look()
        await expect(seen("#send")).to_be_visible()


async def test_a_key_that_is_none_gets_nothing_and_says_so(meet: Meet) -> None:
    board = FalseBoard()
    board.info(device_id=NAMED, device_key=bytes(32))
    seen = await meet(board)
    await sent(seen)
    await expect(seen("#result")).to_be_visible()
    assert not board.orders


async def test_the_label_of_another_board_is_told_again_when_it_is_sent(meet: Meet) -> None:
    board = FalseBoard()
    board.info(policy=c.LABEL)
    seen = await meet(board)
    await seen.fill_in()
    code = label.new_code()
    other = Label.for_board(honest_id(OTHER_KEY), public_half(OTHER_KEY), code)
    without = Label.for_board(honest_id(KEY), public_half(KEY), None)
    for text in (other.text(), without.text()):
        await seen("#label-code").fill(text)
        await expect(seen("#problem")).to_be_visible()
        await seen("#send").click()
        await expect(seen("#problem")).to_be_visible()
        await expect(seen("#send")).to_be_enabled()
    assert not board.orders


async def test_another_language_before_anything_is_sent(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board, locale="fr-FR")
    await seen.fill_in()
    board.away = True
    await seen.look()
    await expect(seen("#lost")).to_be_visible()
    await seen("#send").click()
    await seen("#language").select_option("en")
    await expect(seen("html")).to_have_attribute("lang", "en")
    assert not board.orders
