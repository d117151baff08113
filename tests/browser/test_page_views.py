"""Every view for everybody: screen readers, keyboards, small screens, dark rooms, languages."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from host_client import label
from tests.browser.conftest import NewRig, Visit
from tests.browser.screen import Screen
from tests.browser.soundness import check_soundness, check_words, too_wide, violations
from tests.scenarios.rig import PASSWORD, SSID, Rig
from transports import contract as c

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGUAGES = {
    "de-AT": ("de", ""),
    "es-MX": ("es", ""),
    "fr-CA": ("fr", ""),
    "zh-CN": ("zh-Hans", ""),
    "pt-BR": ("en", "Send to the board"),
}
FOCUSED = """
(() => {
  const one = document.activeElement;
  const around = one.closest("label");
  const shown = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && style.outlineWidth !== "0px"
      || style.boxShadow !== "none";
  };
  return [one.id, shown(one) || (around !== null && shown(around))];
})()
"""


async def test_the_way_of_an_order_is_sound_in_every_view(open_rig: Rig, visit: Visit) -> None:
    network = open_rig.world.air.networks[0]
    screen = await visit(open_rig)
    await screen.join()
    await screen.name_network("nowhere")
    await screen.choose()
    await screen("#password").fill("short")
    await screen.send()
    await screen.complains()
    await check_soundness(screen)
    network.delay_ms = 4000
    try:
        await screen.type_password("wrong-password")
        await screen.send()
        await screen.is_at("join")
        await check_soundness(screen)
    finally:
        network.delay_ms = 0
    await screen.ended("wrong_password")
    await check_soundness(screen)
    await screen.again()
    await screen.type_password()
    await screen.send()
    await screen.provisioned()
    await check_soundness(screen)


async def test_what_is_asked_for_by_a_label_is_sound(new_rig: NewRig, visit: Visit) -> None:
    code = label.new_code()
    record = {"label_key": label.label_key(code, "kettle-0004")}
    rig = await new_rig(policy=c.LABEL, device_id="kettle-0004", record=record)
    screen = await visit(rig)
    await screen.join()
    await screen.type_code(code[:-1])
    await screen("#label-code").press("Tab")
    await screen.complains()
    await check_soundness(screen)
    async with screen.phone.asleep():
        await screen.misses_the_board()
        await check_soundness(screen)


async def test_what_is_asked_of_a_first_owner_is_sound(new_rig: NewRig, visit: Visit) -> None:
    screen = await visit(await new_rig(policy=c.FIRST_USE))
    await screen.join()
    await screen("summary").click()
    await check_soundness(screen)


async def test_what_is_asked_for_by_a_signature_is_sound(new_rig: NewRig, visit: Visit) -> None:
    screen = await visit(await new_rig(policy=c.SIGNED))
    await screen.join()
    await screen("#order-text").fill("no order")
    await screen.send()
    await screen.complains()
    await check_soundness(screen)


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_speaks_the_language_of_the_browser(open_rig: Rig, visit: Visit, locale: str) -> None:
    tag, button = LANGUAGES[locale]
    screen = await visit(open_rig, locale=locale)
    await screen.join()
    await expect(screen("html")).to_have_attribute("lang", tag)
    if button:
        await expect(screen("#send")).to_have_text(button)
    else:
        await expect(screen("#send")).not_to_have_text("Send to the board")
    await screen.choose()
    await screen("#password").fill("short")
    await screen("#password").press("Enter")
    await screen.complains()
    assert await too_wide(screen) == []
    await screen.type_password("wrong-password")
    await screen.send()
    await screen.ended("wrong_password")
    assert await too_wide(screen) == []
    await check_words(screen)


async def test_another_language_is_chosen_and_nothing_typed_is_lost(
    open_rig: Rig, visit: Visit
) -> None:
    screen = await visit(open_rig)
    await screen.join()
    await screen.choose()
    await screen.type_password()
    await screen("#language").select_option("fr")
    await expect(screen("html")).to_have_attribute("lang", "fr")
    await expect(screen("#password")).to_have_value(PASSWORD.decode())
    assert await screen.chosen() == SSID.hex()
    assert await violations(screen) == []
    await screen.reload()
    await screen.sees_the_board()
    await expect(screen("html")).to_have_attribute("lang", "fr")


async def tab_to(screen: Screen, wanted: str) -> None:
    """Press Tab until this element has the focus; what has it on the way shows it."""
    for _ in range(30):
        await screen.page.keyboard.press("Tab")
        identity, is_shown = await screen.page.evaluate(FOCUSED)
        assert is_shown, identity
        if identity == wanted:
            return
    raise AssertionError(f"Tab does not reach {wanted}")


async def test_a_keyboard_is_enough(open_rig: Rig, visit: Visit) -> None:
    screen = await visit(open_rig)
    await screen.join()
    await expect(screen.option(SSID.decode())).to_be_visible()
    keys = screen.page.keyboard
    await tab_to(screen, "network-0")
    await keys.press("Space")
    assert await screen.chosen() == SSID.hex()
    await tab_to(screen, "password")
    await keys.type("wrong-password")
    await keys.press("Enter")
    await screen.ended("wrong_password")
    await expect(screen("#result h1")).to_be_focused()  # so that it is read out
    await tab_to(screen, "again")
    await keys.press("Enter")
    await expect(screen("#password")).to_be_focused()
    screen.visitor.secrets.add(PASSWORD)
    await keys.press("Control+A")
    await keys.type(PASSWORD.decode())
    await tab_to(screen, "send")
    await keys.press("Enter")
    await screen.provisioned()
