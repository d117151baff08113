"""What was typed is gone once it is not needed, and lies nowhere meanwhile; what is handed to the
page by hand, taps and browsers of every kind ends in one order, or in words that help."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from host_client import label
from host_client.authority import Authority
from host_client.label import group_code
from tests.browser.conftest import Meet
from tests.browser.false_board import KEY, FalseBoard, Seen, honest_id
from tests.browser.visitor import forms_of
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "tin-opener-42"
CODE = label.new_code()
PASSPHRASE = "a long passphrase of mine"
# The document with every attribute, and all that outlives it.
LEFT = """
[document.documentElement.outerHTML, location.href, document.cookie, JSON.stringify(history.state),
 ...Object.entries(sessionStorage).flat(), ...Object.entries(localStorage).flat()].join(" ")
"""
TYPED = """
Array.from(document.querySelectorAll("input, textarea"), (one) => one.value).join(" ")
"""
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied"); } });
}
"""


HELD = """
function (word) {
  const text = (octets) => Array.from(octets, (octet) => String.fromCharCode(octet)).join("");
  const holds = (value) => value instanceof Uint8Array && text(value).includes(word);
  const values = (one) => Object.values(Object.getOwnPropertyDescriptors(one));
  return this.filter((one) => values(one).some(({ value }) => holds(value))).length;
}
"""


async def held(seen: Seen, word: str) -> int:
    """How many objects with this word in octets of theirs the page could still reach."""
    cdp = await seen.page.context.new_cdp_session(seen.page)
    ask = {"expression": "Object.prototype"}
    prototype = (await cdp.send("Runtime.evaluate", ask))["result"]["objectId"]
    found = await cdp.send("Runtime.queryObjects", {"prototypeObjectId": prototype})
    call = {"objectId": found["objects"]["objectId"], "returnByValue": True}
    call |= {"functionDeclaration": HELD, "arguments": [{"value": word}]}
    told = await cdp.send("Runtime.callFunctionOn", call)
    await cdp.detach()
    return int(told["result"]["value"])


async def left(seen: Seen, script: str = LEFT) -> list[str]:
    """Which secrets are found there."""
    text = (await seen.page.evaluate(script)).encode()
    secrets = (PASSWORD, CODE, group_code(CODE), PASSPHRASE)
    return [one for one in secrets if any(form in text for form in forms_of(one.encode()))]


async def trying(seen: Seen) -> None:
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")


async def test_what_is_typed_is_in_no_attribute_and_in_no_storage(meet: Meet) -> None:
    board = FalseBoard()
    board.info(policy=c.LABEL)
    seen = await meet(board)
    await seen.fill_in()
    await seen("#label-code").fill(CODE)
    for tongue in ("de", "en"):  # drawn anew, with what was typed
        await seen("#language").select_option(tongue)
        await expect(seen("html")).to_have_attribute("lang", tongue)
        await expect(seen("#password")).to_have_value(PASSWORD)
        await expect(seen("#label-code")).to_have_value(group_code(CODE))
        assert await left(seen) == []
    await seen("#send").click()
    await trying(seen)
    assert await left(seen) == []
    await seen.page.reload()
    await trying(seen)
    board.ends(c.FAILED, result=c.WRONG_PASSWORD)
    await expect(seen("#result")).to_be_visible()
    assert await left(seen) == []


async def test_nothing_that_was_typed_outlives_its_success(meet: Meet) -> None:
    board = FalseBoard()
    board.ends(c.DONE, address="192.168.1.7")
    seen = await meet(board)
    await seen.fill_in()
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "ok")
    await seen("#again").click()
    await expect(seen("#send")).to_be_visible()
    await seen("#networks .option").first.click()
    await expect(seen("#password")).to_have_value("")
    assert await left(seen) == [] and await left(seen, TYPED) == []


async def test_no_password_is_held_for_a_result_that_needs_none(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await seen.fill_in()
    await seen("#send").click()
    await trying(seen)
    await seen.page.evaluate(f"self.ours = {{ key: new TextEncoder().encode('{PASSWORD}') }}")
    assert await held(seen, PASSWORD)  # it would be found
    await seen.page.evaluate("delete self.ours")
    board.ends(c.DONE, address="192.168.1.7")
    await expect(seen("#result")).to_have_attribute("data-status", "ok")
    for _ in range(20):  # what only the collector of garbage still knows of
        if not await held(seen, PASSWORD):
            break
    assert await held(seen, PASSWORD) == 0
    await seen("#again").click()
    await seen.fill_in()
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "ok")
    assert len(board.orders) == 2


async def test_an_owners_key_and_passphrase_lie_nowhere_in_the_clear(meet: Meet) -> None:
    board = FalseBoard()
    board.info(policy=c.FIRST_USE, owned=True)
    board.ends(c.DONE)
    owner = Authority.generate("owner")
    seen = await meet(board)
    stored = f"latchkey.owner.{honest_id(KEY)}"
    pem = owner.to_pem(PASSPHRASE).decode()
    await seen.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [stored, pem])
    await seen.page.reload()
    await seen.fill_in()
    await seen("#owner-passphrase").fill(PASSPHRASE)
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "ok")
    assert await left(seen) == []
    await seen("#again").click()
    await expect(seen("#owner-passphrase")).to_have_value("")


async def test_a_page_that_the_browser_brings_back_holds_no_secret(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await seen.fill_in()
    await seen.page.goto("about:blank")
    await seen.page.go_back()
    await expect(seen("#networks .option").first).to_be_visible()
    board.ends(c.DONE)
    await seen.fill_in()
    await seen("#send").click()
    await expect(seen("#result")).to_be_visible()
    await seen.page.goto("about:blank")
    await seen.page.go_back()
    await expect(seen("#result")).to_be_visible()
    assert await left(seen) == [] and await left(seen, TYPED) == []


@pytest.mark.parametrize(
    "kept", ['{"sentAt": 0, "secret": {"key": "00"}}', "{", '{"sentAt": 9e15, "orderId": 7}'],
    ids=["too old", "no JSON", "damaged"],
)  # fmt: skip
async def test_an_order_that_nobody_will_follow_any_more_is_not_kept(meet: Meet, kept: str) -> None:
    seen = await meet(FalseBoard())
    await seen.page.evaluate("(kept) => sessionStorage.setItem('latchkey.order', kept)", kept)
    await seen.page.reload()
    await expect(seen("#send")).to_be_visible()
    assert await seen.page.evaluate("sessionStorage.length") == 0


async def test_a_double_tap_sends_one_order(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await seen.fill_in()
    await seen("#send").dblclick()
    await trying(seen)
    assert len(board.orders) == 1


async def test_a_browser_without_storage_sets_a_board_up(meet: Meet) -> None:
    board = FalseBoard()
    seen = await meet(board)
    await seen.page.add_init_script(NO_STORAGE)
    await seen.page.reload()
    await seen("#language").select_option("fr")
    await expect(seen("html")).to_have_attribute("lang", "fr")
    await seen.fill_in()
    board.ends(c.DONE)
    await seen("#send").click()
    await expect(seen("#result")).to_have_attribute("data-status", "ok")


FILES: dict[str, Any] = {
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(300),
    "nothing": b"",
    "text": b"Dear all, here is the order.",
    "far too much": None,
}


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_that_is_no_order_is_called_so(meet: Meet, tmp_path: Path, kind: str) -> None:
    board = FalseBoard()
    board.info(policy=c.SIGNED)
    seen = await meet(board)
    file = tmp_path / "orders.lko"
    write(file, FILES[kind])
    said = "That is no order." if FILES[kind] is not None else re.compile("more than 1 MB")
    await seen("#order-file").set_input_files(file)
    await expect(seen("#problem")).to_have_text(said)
    await seen("#send").click()
    await expect(seen("#problem")).to_have_text(said)
    assert not board.orders
    await seen("#order-text").fill("Dear all")
    await expect(seen("#problem")).to_have_text("That is no order.")


def write(file: Path, content: bytes | None) -> None:
    file.write_bytes(content or b"")
    if content is None:
        os.truncate(file, 60_000_000)


async def test_a_file_out_of_reach_is_told(meet: Meet, tmp_path: Path) -> None:
    """As those of a cloud, on a phone that is on the board's Wi-Fi."""
    board = FalseBoard()
    board.info(policy=c.SIGNED)
    seen = await meet(board)
    refuse = "Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('gone'))"
    await seen.page.evaluate(f"void ({refuse})")
    write(tmp_path / "orders.lko", b"x")
    await seen("#order-file").set_input_files(tmp_path / "orders.lko")
    await expect(seen("#problem")).to_be_visible()


@pytest.mark.parametrize("missing", ["style.css", "de.js", "scan.js"])
async def test_a_file_that_the_board_lacks_keeps_nobody_from_sending(
    meet: Meet, tmp_path: Path, missing: str
) -> None:
    board = FalseBoard(missing={missing})
    board.info(policy=c.LABEL)
    seen = await meet(board, locale="de-DE" if missing == "de.js" else "en-US")
    await seen.fill_in()
    write(tmp_path / "x.png", b"no picture")
    await seen("#label-photo").set_input_files(tmp_path / "x.png")
    await expect(seen("#problem")).to_be_visible()
    await seen("#label-code").fill(CODE)
    await seen("#send").click()
    await trying(seen)


async def test_who_waits_for_the_program_is_not_told_to_allow_it(meet: Meet) -> None:
    board = FalseBoard(slow={"page.js"})
    seen = await meet(board)
    await seen.page.wait_for_timeout(4000)  # on a slow link it takes ten seconds and more
    await expect(seen(".scriptless h1")).to_be_visible()
    await expect(seen(".scriptless p").first).to_be_hidden()
    board.go_on.set()
    await expect(seen("#send")).to_be_visible()
