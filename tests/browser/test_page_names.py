"""Names of networks that look like others, or reach where they do not belong; and passwords."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from host_client import cbor
from tests.browser.conftest import Meet
from tests.browser.false_board import KEY, FalseBoard, honest_id
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
ORDER = b"\xd0\x83\x40\xa0\x41\x00"  # nothing sealed, in the form of an order
# What looks like "Workshop", or like nothing at all, and how it is shown instead.
ALIKE = {
    "Workshop": "Workshop",
    "Workshop ": "“Workshop ”",
    " Workshop": "“ Workshop”",
    "Workshop\u00a0": r"Workshop\xc2\xa0",
    "Workshop\u2800": r"Workshop\xe2\xa0\x80",
    "Workshop\ufe0f": r"Workshop\xef\xb8\x8f",
    "Workshop\u034f": r"Workshop\xcd\x8f",
    "Workshop\u3164": r"Workshop\xe3\x85\xa4",
    "Work\u2003shop": r"Work\xe2\x80\x83shop",
    "Workshop 1\ufe0f": r"Workshop 1\xef\xb8\x8f",
    "\u2800\u2800": r"\xe2\xa0\x80" * 2,
    "☕️ Café": "☕️ Café",
    "1\ufe0f\u20e3 W  x": "1\ufe0f\u20e3 W  x",
}


async def test_names_that_differ_look_different(meet: Meet) -> None:
    board = FalseBoard()
    board.says[c.SCAN][c.F_NETWORKS] = [[name.encode(), -50, 6, 3] for name in ALIKE]
    seen = await meet(board)
    await expect(seen("#networks bdi")).to_have_count(len(ALIKE))
    assert await seen("#networks bdi").all_text_contents() == list(ALIKE.values())


async def test_marks_heaped_upon_a_letter_stay_in_their_line(meet: Meet) -> None:
    pictures = []
    for name in ("a", "a" + "\u0302\u030c" * 7):
        board = FalseBoard()
        board.says[c.SCAN][c.F_NETWORKS] = [[b"above", -50, 6, 3], [name.encode(), -51, 6, 3]]
        seen = await meet(board)
        above = seen("#networks .option").filter(has_text="above")
        pictures.append(await above.screenshot(animations="disabled"))
    assert pictures[0] == pictures[1]


async def test_a_name_from_right_to_left_turns_no_sentence(meet: Meet) -> None:
    board = FalseBoard()
    name = "שלום 12!"
    board.says[c.SCAN][c.F_NETWORKS] = [[name.encode(), -50, 6, 3]]
    seen = await meet(board)
    await seen.fill_in(name)
    await seen("#send").click()
    await expect(seen("[data-step=join]")).to_have_text(f"Joining \u2068{name}\u2069")
    board.ends(c.DONE)
    await expect(seen("#result")).to_contain_text(f"has joined \u2068{name}\u2069 and keeps")


async def test_a_hint_that_is_not_seen_is_not_read_out_either(meet: Meet) -> None:
    seen = await meet(FalseBoard())
    await seen("#networks .option").filter(has_text="Workshop").click()
    await expect(seen("#password")).to_have_accessible_description("")
    await seen("#other").check()
    await expect(seen("#password")).to_have_accessible_description(re.compile("Leave it empty"))


async def test_a_search_goes_on_in_the_view_in_another_language_too(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await expect(seen("#networks bdi")).to_have_text("Workshop")
    found = asyncio.Event()

    async def slowly(route: Route) -> None:
        await found.wait()
        await route.fallback()

    await seen.page.route("**/v1/scan*", slowly)
    await seen("#rescan").click()
    await seen("#language").select_option("de")
    await expect(seen("#networks")).to_contain_text("sucht nach Netzen")
    await expect(seen("#rescan")).to_be_disabled()
    board.says[c.SCAN][c.F_NETWORKS] = [[b"Cellar", -50, 6, 3]]
    found.set()
    await expect(seen("#networks bdi")).to_have_text("Cellar")
    await expect(seen("#rescan")).to_be_enabled()


COUNTED = {
    "en-US": "count twice",
    "de-DE": "zählen doppelt",
    "es-ES": "cuentan doble",
    "fr-FR": "comptent double",
    "zh-CN": "每个汉字算三个",
}


@pytest.mark.parametrize("locale", COUNTED)
async def test_how_long_a_password_is_counts_octets(meet: Meet, locale: str) -> None:
    seen = await meet(FalseBoard(), locale=locale)
    await seen.fill_in(password="ä" * 32)
    await seen("#send").click()
    await expect(seen("#problem")).to_contain_text(COUNTED[locale])
    assert not seen.board.orders


async def test_networks_of_an_order_made_elsewhere_are_told_by_their_number(meet: Meet) -> None:
    board = FalseBoard()
    board.info(policy=c.SIGNED)
    entry = {"order_id": bytes(16), "device_id": honest_id(KEY), "order": ORDER, "networks": 2}
    file = cbor.encode({"format": "latchkey-orders/1", "entries": [entry]})
    for locale, words in (("fr-FR", "Connexion au réseau 2"), ("en-US", "Joining network 2")):
        board.says[c.STATUS] = {c.F_STATE: c.TRYING, c.F_STEP: c.JOINING, c.F_NETWORK: 1}
        seen = await meet(board, locale=locale)
        await expect(seen("#order-text")).to_be_visible()
        await seen("#order-file").set_input_files(
            {"name": "o.lko", "mimeType": "application/octet-stream", "buffer": file}
        )
        await seen("#send").click()
        await expect(seen("[data-step=join]")).to_have_text(words)
