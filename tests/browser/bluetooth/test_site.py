"""The built page as a folder of files: offline, installed, and in browsers without Bluetooth."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, expect

from host_client.label import Label
from tests.browser.bluetooth.conftest import SITE, Approach
from tests.browser.bluetooth.static_site import StaticSite
from tests.browser.chromium import ChromiumMissing, find_chromium, running_chromium
from tests.browser.soundness import violations

pytestmark = pytest.mark.asyncio(loop_scope="module")

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
WITHOUT = "delete Navigator.prototype.bluetooth"
VIOLATED = """
var violated = new Promise((resolve) => document.addEventListener(
  "securitypolicyviolation", (event) => resolve(event.violatedDirective)))
"""
CONTROLLED = "navigator.serviceWorker.ready.then(() => true)"
STATE_OF_WORKER = """
navigator.serviceWorker.register("sw.js").then((one) => new Promise((resolve) => {
  const worker = one.installing ?? one.waiting ?? one.active;
  const tell = () => ["activated", "redundant"].includes(worker.state) && resolve(worker.state);
  worker.addEventListener("statechange", tell);
  tell();
}))
"""
KEPT = """
caches.keys().then((names) => Promise.all(names.map(async (name) =>
  [name, (await (await caches.open(name)).keys()).map((request) => request.url)])))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """No radio is needed here: Chromium offers Web Bluetooth all the same."""
    try:
        find_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    async with running_chromium("--enable-features=WebBluetooth") as browser:
        yield browser


def label(transports: str) -> str:
    text = Label.for_board("kettle-0001", bytes(32), None, transports).text()
    return text.partition("#")[2]


async def test_it_works_offline_after_the_first_load(approach: Approach, site: StaticSite) -> None:
    screen = await approach(None)
    await screen.come()
    assert await screen.page.evaluate(CONTROLLED)
    site.stop()
    await screen.reload()
    await expect(screen("#choose")).to_be_visible()
    await screen("#language").select_option("fr")  # a file that was not used before
    await expect(screen("h1")).to_have_text("Configurer une carte par Bluetooth")
    await screen.page.goto(f"{site.url}p/?utm=1#{label('WB')}")
    await expect(screen("#label-read")).to_contain_text("Latchkey-0001")


async def test_it_opens_again_where_the_host_sends_to_index_html(
    approach: Approach, site: StaticSite
) -> None:
    site.names_index = True
    screen = await approach(None)
    await screen.come()
    assert await screen.page.evaluate(CONTROLLED)
    assert screen.page.url == f"{site.url}p/index.html"
    site.stop()
    for address in (screen.page.url, f"{site.url}p/"):
        answer = await screen.page.goto(address)
        assert answer and answer.from_service_worker
        await expect(screen("#choose")).to_be_visible()


async def test_it_keeps_what_was_built_and_nothing_else(
    approach: Approach, site: StaticSite
) -> None:
    screen = await approach(None)
    await screen.come()
    assert await screen.page.evaluate(CONTROLLED)
    await screen.page.evaluate("fetch('nothing-of-ours.txt')")
    ((name, urls),) = await screen.page.evaluate(KEPT)
    assert re.fullmatch(rf"latchkey {re.escape(site.url)}p/ [0-9a-f]{{16}}", name)
    built = {file.name for file in SITE.iterdir()} - {"sw.js", "index.html"}
    assert {url.removeprefix(f"{site.url}p/") for url in urls} == built | {""}


async def test_a_file_that_was_not_built_is_not_kept(
    approach: Approach, site: StaticSite, tmp_path: Path
) -> None:
    (tmp_path / "host" / "p" / "fr.js").write_text("export const fr = {};", encoding="utf-8")
    screen = await approach(None)
    await screen.come()
    assert await screen.page.evaluate(STATE_OF_WORKER) == "redundant"
    assert not [urls for _, urls in await screen.page.evaluate(KEPT) if urls]
    await expect(screen("#choose")).to_be_visible()  # the page does without
    screen.visitor.complaints.clear()  # the browser's, of the file


async def test_a_new_version_takes_the_place_of_the_old_one(
    approach: Approach, site: StaticSite, tmp_path: Path
) -> None:
    screen = await approach(None)
    await screen.come()
    assert await screen.page.evaluate(CONTROLLED)
    ((old, _),) = await screen.page.evaluate(KEPT)
    worker = tmp_path / "host" / "p" / "sw.js"
    version = old.rpartition(" ")[2]
    worker.write_text(worker.read_text().replace(version, "f" * 16))
    await screen.page.evaluate("caches.open('of another page')")
    await screen.page.evaluate("navigator.serviceWorker.ready.then((one) => one.update())")
    await screen.page.wait_for_function(
        "navigator.serviceWorker.getRegistration().then((one) => one.waiting !== null)"
    )
    names = [name for name, _ in await screen.page.evaluate(KEPT)]
    assert old in names  # while a page of the old version is open
    for _ in range(20):  # once the browser has noticed that no page of the old one is open
        await screen.page.goto("about:blank")
        await screen.come()
        if not await screen.page.evaluate(f"caches.has('{old}')"):
            break
    names = [name for name, _ in await screen.page.evaluate(KEPT)]
    assert sorted(names) == sorted([old.replace(version, "f" * 16), "of another page"])


async def test_it_can_be_installed(approach: Approach) -> None:
    screen = await approach(None)
    await screen.come()
    assert await screen.page.evaluate(CONTROLLED)
    told = await screen.cdp("Page.getAppManifest")
    assert not told["errors"]
    assert told["manifest"]["startUrl"] == screen.page.url
    found = await screen.cdp("Page.getInstallabilityErrors")
    # A private window can install nothing; that is the only thing in the way.
    assert {each["errorId"] for each in found["installabilityErrors"]} <= {"in-incognito"}


async def test_the_icons_are_what_the_manifest_says() -> None:
    manifest = json.loads((SITE / "manifest.webmanifest").read_text(encoding="utf-8"))
    pictures = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon.get("purpose")) for icon in pictures} >= {
        ("192x192", None), ("512x512", None), ("512x512", "maskable"),
    }  # fmt: skip
    for icon in pictures:
        with Image.open(SITE / icon["src"]) as picture:
            assert "x".join(map(str, picture.size)) == icon["sizes"]
            if icon.get("purpose") == "maskable":  # a phone cuts its own shape out of it
                assert picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "zh"])
async def test_an_iphone_is_told_what_works_instead(approach: Approach, language: str) -> None:
    screen = await approach(None, user_agent=IPHONE, locale=language)
    await screen.page.add_init_script(WITHOUT)
    await screen.come(label("WB"))
    await expect(screen("#why")).to_contain_text("iPhone")
    await expect(screen("#wifi")).to_contain_text("Latchkey-0001")
    await expect(screen("#wifi")).to_contain_text("http://192.168.4.1")
    await expect(screen("#computer")).to_contain_text("latchkey")
    if language == "en":
        assert not await violations(screen)


async def test_an_iphone_is_sent_to_no_wifi_that_a_board_does_not_have(approach: Approach) -> None:
    screen = await approach(None, user_agent=IPHONE)
    await screen.page.add_init_script(WITHOUT)
    await screen.come(label("B"))
    await expect(screen("#computer")).to_contain_text("latchkey")
    await expect(screen("#wifi")).to_have_count(0)


async def test_another_browser_without_bluetooth_is_told_which_have_it(approach: Approach) -> None:
    screen = await approach(None)
    await screen.page.add_init_script(WITHOUT)
    await screen.come()
    await expect(screen("#why")).to_contain_text("Chrome")
    await expect(screen("#wifi")).to_contain_text("Latchkey-XXXX")


async def test_a_board_without_bluetooth_is_reached_over_wifi(approach: Approach) -> None:
    screen = await approach(None)
    await screen.come(label("W"))
    await expect(screen("#why")).to_contain_text("does not use Bluetooth")
    await expect(screen("#wifi")).to_contain_text("Latchkey-0001")


async def test_another_label_in_an_open_page_counts(approach: Approach) -> None:
    screen = await approach(None)
    await screen.come("LK1:cut:short")
    await expect(screen("#label-bad")).to_be_visible()
    await expect(screen("#choose")).to_be_visible()
    await screen.page.evaluate(f"location.hash = '#{label('B')}'")
    await expect(screen("#label-read")).to_contain_text("Latchkey-0001")
    assert "#" not in screen.page.url


async def test_it_can_be_read_without_javascript(chromium: Browser, site: StaticSite) -> None:
    page = await chromium.new_page(java_script_enabled=False)
    await page.goto(f"{site.url}p/")
    await expect(page.locator("body")).to_contain_text("http://192.168.4.1")
    await expect(page.locator("[lang=zh-Hans]")).to_be_visible()
    await page.close()


@pytest.mark.parametrize(
    ("attempt", "directive"),
    [
        ("fetch('http://192.0.2.1/').catch(() => 0)", "connect-src"),
        ("document.body.setAttribute('onclick', '1')", "script-src"),
        ("document.body.setAttribute('style', 'color: red')", "style-src"),
    ],
)
async def test_the_policy_forbids_what_is_not_the_pages_own(
    approach: Approach, attempt: str, directive: str
) -> None:
    screen = await approach(None)
    await screen.come()
    told = await screen.page.evaluate(f"{VIOLATED}; {attempt}; violated")
    assert told.startswith(directive)
    assert screen.visitor.complaints  # the fixture would have failed the test for them
    screen.visitor.complaints.clear()
