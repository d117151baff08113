"""The key of a first owner: whoever loses it loses the board, so the page loses it nowhere."""

from __future__ import annotations

from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import Download, expect

from host_client.authority import Authority
from tests.browser.conftest import Meet
from tests.browser.false_board import KEY, FalseBoard, Seen, honest_id
from tests.browser.visitor import PATIENCE_MS
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSPHRASE = "a long passphrase of mine"
STORED = f"latchkey.owner.{honest_id(KEY)}"

# Quicker than a test could be from outside: the key is still being made. Browsers without
# scheduler.yield() (Safari) let anything else happen meanwhile.
SAVE_AND_TRANSLATE_AND_SAVE = """
() => {
  scheduler.yield = undefined;
  const save = () => document.getElementById("owner-save");
  const first = save();
  first.click();
  const language = document.getElementById("language");
  language.value = "de";
  language.dispatchEvent(new Event("change"));
  const isBusy = () => save() === first || save().disabled;
  const again = () => (isBusy() ? setTimeout(again, 1) : save().click());
  again();
}
"""


def unowned() -> FalseBoard:
    board = FalseBoard()
    board.info(policy=c.FIRST_USE, owned=False)
    return board


async def typed(seen: Seen, passphrase: str = PASSPHRASE) -> None:
    await seen("#owner-passphrase").fill(passphrase)
    await seen("#owner-passphrase-again").fill(passphrase)


async def saved(seen: Seen, path: Path) -> Authority:
    """Save the key's file, and open it as the host does."""
    async with seen.page.expect_download() as coming:
        await seen("#owner-save").click()
    await (await coming.value).save_as(path)
    await expect(seen("#owner-save")).to_be_enabled()
    await seen("#owner-found").check()
    return opened(path)


def opened(path: Path) -> Authority:
    return Authority.from_pem(path.read_bytes(), PASSPHRASE)


async def sent(seen: Seen) -> bytes:
    """Send, and return the public key that the board is to have as its owner's."""
    before = len(seen.board.orders)
    await seen("#send").click()
    await expect(seen("#steps [aria-current=step]")).to_have_attribute("data-step", "join")
    assert len(seen.board.orders) == before + 1
    owner = cbor2.loads(seen.board.opened()[c.CLAIM_TRUST][1])
    return bytes(owner[-2])


def public(owner: Authority) -> bytes:
    return bytes(cbor2.loads(owner.public_key)[-2])


async def test_a_file_saved_twice_holds_one_key(meet: Meet, tmp_path: Path) -> None:
    seen = await meet(unowned())
    await seen.fill_in()
    await typed(seen)
    first = await saved(seen, tmp_path / "1.pem")
    second = await saved(seen, tmp_path / "2.pem")
    assert public(first) == public(second) == await sent(seen)


async def test_another_language_while_the_key_is_made_makes_no_other_key(
    meet: Meet, tmp_path: Path
) -> None:
    seen = await meet(unowned())
    await seen.fill_in()
    await typed(seen)
    files: list[Download] = []
    seen.page.on("download", lambda file: files.append(file))
    both = seen.page.expect_event("download", lambda _: len(files) == 2, timeout=PATIENCE_MS)
    async with both:
        await seen.page.evaluate(SAVE_AND_TRANSLATE_AND_SAVE)
    await seen("#owner-found").check()
    keys = set()
    for number, file in enumerate(files):
        await file.save_as(tmp_path / f"{number}.pem")
        keys.add(public(opened(tmp_path / f"{number}.pem")))
    assert keys == {await sent(seen)}


async def test_a_key_is_made_for_the_view_in_another_language_too(
    meet: Meet, tmp_path: Path
) -> None:
    board = unowned()
    board.slow = {"owner_key.js"}
    seen = await meet(board)
    await seen.fill_in()
    await typed(seen)
    async with seen.page.expect_download(timeout=PATIENCE_MS) as coming:
        await seen("#owner-save").click()
        await seen("#language").select_option("de")
        await expect(seen("#view .note-good:visible")).to_contain_text("Schlüssel wird erzeugt")
        await expect(seen("#owner-save")).to_be_disabled()
        board.go_on.set()
    await (await coming.value).save_as(tmp_path / "owner.pem")
    await expect(seen("#owner-save")).to_have_text("Datei noch einmal sichern")
    await seen("#owner-found").check()
    assert public(opened(tmp_path / "owner.pem")) == await sent(seen)


async def test_a_file_that_nobody_has_seen_is_no_key_that_is_kept(
    meet: Meet, tmp_path: Path
) -> None:
    """A phone's sign-in sheet saves no file, and no page hears of it."""
    seen = await meet(unowned())
    await typed(seen)
    await saved(seen, tmp_path / "1.pem")
    await expect(seen("#send")).to_be_enabled()
    async with seen.page.expect_download():
        await seen("#owner-save").click()
    await expect(seen("#owner-found")).not_to_be_checked()
    await expect(seen("#send")).to_be_disabled()


async def test_a_passphrase_changed_afterwards_wants_a_new_file(meet: Meet, tmp_path: Path) -> None:
    seen = await meet(unowned())
    await seen.fill_in()
    await typed(seen, "not what I meant")
    async with seen.page.expect_download():
        await seen("#owner-save").click()
    await seen("#owner-found").check()
    await expect(seen("#send")).to_be_enabled()
    await typed(seen)
    await expect(seen("#send")).to_be_disabled()
    owner = await saved(seen, tmp_path / "owner.pem")
    assert await sent(seen) == public(owner)


async def test_a_reload_before_sending_goes_on_with_the_key_that_was_saved(
    meet: Meet, tmp_path: Path
) -> None:
    seen = await meet(unowned())
    await typed(seen)
    owner = await saved(seen, tmp_path / "owner.pem")
    await seen.page.reload()
    await seen.fill_in()
    await expect(seen("#owner-save")).to_be_hidden()
    await seen("#owner-passphrase").fill("not this one")
    await seen("#send").click()
    await expect(seen("#problem")).to_contain_text("does not open")
    await seen("#owner-passphrase").fill(PASSPHRASE)
    assert await sent(seen) == public(owner)


async def test_who_has_forgotten_that_passphrase_makes_another_key(
    meet: Meet, tmp_path: Path
) -> None:
    board = unowned()
    seen = await meet(board)
    await typed(seen, "forgotten at once")
    async with seen.page.expect_download():
        await seen("#owner-save").click()
    await seen("#owner-found").check()
    await expect(seen("#send")).to_be_enabled()
    await seen.page.reload()
    await seen.fill_in()
    await seen("#owner-anew").click()
    await typed(seen)
    owner = await saved(seen, tmp_path / "owner.pem")
    assert await sent(seen) == public(owner)


async def test_a_key_in_the_clear_that_somebody_left_in_this_browser_is_not_taken(
    meet: Meet,
) -> None:
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    planted = Ed25519PrivateKey.generate().private_bytes(*form).decode()
    garbled = planted.replace("PRIVATE", "ENCRYPTED PRIVATE").replace("M", "!", 1) + planted
    for text in (planted, garbled):
        seen = await meet(unowned())
        await seen.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [STORED, text])
        await seen.page.reload()
        await expect(seen("#owner-save")).to_be_visible()
        await expect(seen("#send")).to_be_disabled()


async def test_a_file_that_is_no_key_costs_nothing(meet: Meet, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    seen = await meet(unowned())
    await seen.fill_in()
    await seen("summary").click()
    await seen("#owner-file").set_input_files(picture)
    await expect(seen("#problem")).to_be_visible()
    await expect(seen("#owner-save")).to_be_visible()
    await expect(seen("#send")).to_be_disabled()


async def test_a_part_that_the_board_lacks_is_told(meet: Meet) -> None:
    board = unowned()
    board.missing = {"owner_key.js"}
    seen = await meet(board)
    await typed(seen)
    await seen("#owner-save").click()
    await expect(seen("#problem")).to_contain_text("Load the page again")
    await expect(seen("#send")).to_be_disabled()
