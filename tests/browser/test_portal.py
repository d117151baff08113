"""From joining the board's Wi-Fi to its page: what each system asks for ends there."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.screen import HOME
from tests.scenarios.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Who asks for it to find out whether the internet is there. Chromium asks for some names over
# HTTPS only, because their owners want that (google.com); those cannot be tried in it.
PROBES = (
    "http://connectivitycheck.gstatic.com/generate_204",  # Android
    "http://connectivitycheck.platform.hicloud.com/generate_204",  # Huawei
    "http://connect.rom.miui.com/generate_204",  # Xiaomi
    "http://www.gstatic.com/generate_204",  # ChromeOS
    "http://captive.apple.com/hotspot-detect.html",  # iOS, macOS
    "http://www.apple.com/library/test/success.html",  # iOS, macOS, older ones
    "http://www.msftconnecttest.com/connecttest.txt",  # Windows
    "http://www.msftconnecttest.com/redirect",  # Windows, once it has found out
    "http://www.msftncsi.com/ncsi.txt",  # Windows, older ones
    "http://detectportal.firefox.com/canonical.html",  # Firefox
    "http://detectportal.firefox.com/success.txt?ipv4",
    "http://nmcheck.gnome.org/check_network_status.txt",  # GNOME
    "http://connectivity-check.ubuntu.com/",
)
TYPED = ("http://192.168.4.1", "http://latchkey.example/setup?x=1", "http://setup/")
INSECURE = "[isSecureContext, crypto.subtle === undefined, 'serviceWorker' in navigator]"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def test_whatever_a_system_asks_for_ends_on_the_page(open_rig: Rig, visit: Visit) -> None:
    screen = await visit(open_rig)
    for address in (*PROBES, *TYPED):
        await screen.page.goto(address, wait_until="domcontentloaded")
        assert screen.page.url == HOME, address
    await screen.sees_the_board()
    assert len(screen.phone.names_asked) >= len({probe.split("/")[2] for probe in PROBES})


async def test_the_page_comes_over_plain_http_with_its_policy(open_rig: Rig, visit: Visit) -> None:
    screen = await visit(open_rig)
    response = await screen.page.goto(HOME)
    assert response is not None
    await screen.sees_the_board()
    headers = await response.all_headers()
    assert headers["content-security-policy"] == POLICY
    assert headers["content-encoding"] == "gzip" and headers["cache-control"] == "no-store"
    assert await screen.page.evaluate(INSECURE) == [False, True, False]


async def test_without_scripts_one_reads_what_to_do(open_rig: Rig, visit: Visit) -> None:
    screen = await visit(open_rig, java_script_enabled=False)
    await screen.page.goto(HOME)
    for words in ("needs JavaScript", "braucht", "necesita", "a besoin de", "需要 JavaScript"):
        await expect(screen("p").filter(has_text=words)).to_be_visible()
    # The same words are read where the program was lost on its way.
    for words in ("Load it again", "Laden Sie sie neu", "Vuelva a", "Rechargez-la", "重新加载"):
        await expect(screen("p").filter(has_text=words)).to_be_visible()
    assert [r for r in screen.phone.requests if "/v1/" in r] == []


async def test_a_name_of_others_does_not_speak_to_the_board(open_rig: Rig, visit: Visit) -> None:
    """A page of another site, open on the phone, must not reach REST under its own name."""
    screen = await visit(open_rig)
    await screen.page.goto("http://other.example/v1/info")
    assert screen.page.url == HOME
    await screen.sees_the_board()
