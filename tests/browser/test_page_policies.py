"""Each policy, the whole way through the page, over plain HTTP."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import expect

from host_client import bundle, label
from host_client.authority import Authority
from host_client.label import Label, group_code
from host_client.order import SealedOrder, Target
from tests.browser.conftest import NewRig, Visit
from tests.browser.label_photo import photograph
from tests.browser.screen import Screen
from tests.house.sources import PROJECT
from tests.scenarios.rig import SSID, Rig
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICE_ID = "kettle-0001"
CODE = label.new_code()
PASSPHRASE = "a long passphrase of mine"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def label_rig(new_rig: NewRig) -> Rig:
    record = {"label_key": label.label_key(CODE, DEVICE_ID)}
    return await new_rig(policy=c.LABEL, device_id=DEVICE_ID, record=record)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def signed_rig(new_rig: NewRig) -> Rig:
    return await new_rig(policy=c.SIGNED)


def printed(rig: Rig, code: str | None = CODE, device_id: str = DEVICE_ID) -> Label:
    return Label.for_board(device_id, rig.target.device_key, code)


async def filled_in(visit: Visit, rig: Rig) -> Screen:
    """All but the proof."""
    screen = await visit(rig)
    await screen.join()
    await screen.choose()
    await screen.type_password()
    return screen


async def test_an_open_board_warns_and_takes_anybodys_order(open_rig: Rig, visit: Visit) -> None:
    screen = await filled_in(visit, open_rig)
    await expect(screen("body")).to_contain_text("Do not use it like this")
    await screen.send()
    await screen.provisioned(SSID)
    await expect(screen("#result")).to_have_attribute("data-receipt", "proven")
    assert (await open_rig.saved()).order_id


@pytest.mark.parametrize("how", ["typed", "typed carelessly", "pasted", "photographed"])
async def test_who_has_the_label_provisions(
    label_rig: Rig, visit: Visit, tmp_path: Path, how: str
) -> None:
    screen = await filled_in(visit, label_rig)
    mine = printed(label_rig)
    if how == "typed":
        await screen.key_in("#label-code", CODE)
    elif how == "typed carelessly":
        await screen.type_code(mine.typed().lower().replace("1", "l").replace("0", "o"))
    elif how == "pasted":
        await screen.paste("#label-code", mine.text())
    else:
        await screen.photograph(photograph(mine, label_rig.target.device_key, tmp_path / "x.jpg"))
    screen.visitor.secrets.add(CODE.encode())
    if how != "typed carelessly":
        await expect(screen("#label-code")).to_have_value(group_code(CODE))
    await screen.send()
    await screen.provisioned()


async def test_a_wrong_code_says_so_and_the_right_one_follows(label_rig: Rig, visit: Visit) -> None:
    screen = await filled_in(visit, label_rig)
    await screen.type_code(CODE[:-1] + ("0" if CODE[-1] != "0" else "1"))  # mistyped
    await screen("#label-code").press("Enter")
    await screen.complains()
    await expect(screen("#label-code")).to_be_focused()
    assert "POST /v1/provision" not in screen.phone.requests
    await screen.type_code(label.new_code())  # of another board, say
    await screen.send()
    await screen.ended("not_authentic")
    await screen.again()
    await expect(screen("#password")).not_to_have_value("")
    await screen.type_code(CODE)
    await screen.send()
    await screen.provisioned()


async def test_the_label_of_another_board_is_told_from_this_ones(
    label_rig: Rig, visit: Visit, tmp_path: Path
) -> None:
    screen = await filled_in(visit, label_rig)
    other = printed(label_rig, device_id="kettle-0002")
    await screen.photograph(photograph(other, label_rig.target.device_key, tmp_path / "x.jpg"))
    await screen.complains("kettle-0002")
    false = Label.for_board(DEVICE_ID, bytes(32), CODE)
    await screen.paste("#label-code", false.text())
    await screen.complains()
    blank = tmp_path / "blank.png"
    Image.new("L", (600, 400), 255).save(blank)
    await screen.photograph(blank)
    await screen.complains()
    assert "POST /v1/provision" not in screen.phone.requests


async def test_whoever_comes_first_owns_the_board_with_a_key_made_here(
    new_rig: NewRig, visit: Visit, tmp_path: Path
) -> None:
    rig = await new_rig(policy=c.FIRST_USE)
    screen = await filled_in(visit, rig)
    screen.visitor.secrets.add(PASSPHRASE.encode())
    await expect(screen("#send")).to_be_disabled()  # nobody loses a key that is not saved yet
    await screen("#owner-passphrase").fill(PASSPHRASE)
    await screen("#owner-passphrase-again").fill(PASSPHRASE + "x")
    await screen("#owner-save").click()
    await screen.complains()
    await screen("#owner-passphrase-again").fill(PASSPHRASE)
    key_file = await screen.downloaded("#owner-save", tmp_path / "owner.pem")
    owner = Authority.from_pem(key_file.read_bytes(), PASSPHRASE)
    await expect(screen("#send")).to_be_disabled()
    await screen("#owner-found").check()
    await screen.send()
    await screen.provisioned()
    await expect(screen("#result")).to_contain_text("You are the owner now")

    again = await filled_in(visit, rig)  # another browser, which has only the file
    again.visitor.secrets.add(PASSPHRASE.encode())
    await again("#owner-file").set_input_files(key_file)
    await again("#owner-passphrase").fill(PASSPHRASE)
    await again.send()
    await again.provisioned()

    await rig.open_window()
    async with rig.client(None, owner=owner) as client:  # and the host client goes on with it
        assert (await client.info()).owned is True
        await client.submit(rig.offline(authority=owner))


@pytest.mark.parametrize("how", ["file", "text"])
async def test_an_order_made_elsewhere_is_handed_over_and_its_receipt_taken_home(
    signed_rig: Rig, visit: Visit, tmp_path: Path, how: str
) -> None:
    screen = await visit(signed_rig)
    await screen.join()
    mine, other = signed_rig.offline(), signed_rig.offline(target=stranger(signed_rig))
    bundle.write_orders(tmp_path / "orders.lko", [other, mine])
    if how == "file":
        await screen("#order-file").set_input_files(tmp_path / "orders.lko")
    else:
        await screen("#order-text").fill(bundle.orders_text(tmp_path / "orders.lko"))
    await screen.send()
    await screen.provisioned()
    await expect(screen("#result")).to_have_attribute("data-receipt", "unproven")
    receipts = await screen.downloaded("#receipt", tmp_path / "receipts.lkr")
    assert mine.secret is not None
    bundle.write_secrets(tmp_path / "secrets", [mine.secret])
    code, told = await latchkey("order", "check", receipts, "--secrets", tmp_path / "secrets")
    assert code == 0, told
    assert mine.device_id in told and "kept" in told


async def test_an_order_for_another_board_stays_here(
    signed_rig: Rig, visit: Visit, tmp_path: Path
) -> None:
    screen = await visit(signed_rig)
    await screen.join()
    bundle.write_orders(tmp_path / "orders", [signed_rig.offline(target=stranger(signed_rig))])
    await screen("#order-file").set_input_files(tmp_path / "orders")
    await screen.send()
    await screen.complains("another-board")
    await screen("#order-text").fill("this is no order")
    await screen.send()
    await screen.complains()
    assert "POST /v1/provision" not in screen.phone.requests
    await screen("#order-text").fill(bare(signed_rig.offline(target=stranger(signed_rig))))
    await screen.send()  # of a sealed order alone nobody can say whose it is, but the board
    await screen.ended("wrong_device")


def stranger(rig: Rig) -> Target:
    return Target("another-board", rig.target.device_key)


async def latchkey(*words: str | Path) -> tuple[int | None, str]:
    """The host's command: its exit code, and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from host_client.cli import main; main()", *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=PROJECT,
        env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def bare(order: SealedOrder) -> str:
    return base64.b64encode(order.data).decode()
