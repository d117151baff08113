"""Physical resets: what they keep and what they wipe, and how a wipe is brought to its end.

A reset is one save of the record; what it asks for happens after the restart that follows, and
again after any power cut until it is done.

RESET opens the window and keeps everything: what an order brings takes the place of what is there.
WIPE first wipes settings and receipt and, where the profile lets a board change hands
(`consumer`), its owner. Sequence, authority, policy and time stay always. GIVE_BACK leaves
nothing: see zeroize.py.
"""

import asyncio

from firmware import presence
from firmware.device import console, zeroize
from firmware.device import led as lights
from firmware.provision.record import Record, wiped
from transports.contract import CONSUMER


def reset(asked, identity, record, window):
    """Write down what a person asked for. Raises OSError, and then nothing has changed."""
    if asked == presence.GIVE_BACK:
        zeroize.begin(identity.pins["led"])
        return
    values = {"window": window.asked_for()}
    if asked == presence.WIPE:
        values.update(wiped(identity.profile == CONSUMER))
    record.change(**values)


def begin_anew(asked, identity, store, window_of):
    """Replace a record that is not to be believed by an empty one, and ask for a window. As with
    a wipe, the owner stays where the board never changes hands, if he can still be read.

    window_of(identity, record) -> Window. Raises OSError, and then nothing has changed.
    """
    if asked == presence.GIVE_BACK:
        zeroize.begin(identity.pins["led"])
        return
    record = Record(store, tampered=True, owner_stays=identity.profile != CONSUMER)
    record.change(window=window_of(identity, record).asked_for(), wiping=True)


async def finish_wipe(record, led, log):
    """Overwrite what the record no longer holds, if that is still to be done."""
    if not record.wiping:
        return
    from firmware.device.scrub import overwrite_deleted

    led.show(lights.WIPING)
    log("wiped: overwriting what was deleted")
    try:
        log("wiped:", await overwrite_deleted(_pause), "octets overwritten")
        record.change(wiping=False)
    except OSError as error:
        # The board is of use all the same, and the next start tries again.
        log("wiped, but not overwritten:", type(error).__name__)


async def finish_zeroizing(led_gpio, done, log):
    """Overwrite what was deleted with every key, then tell so for ever.

    Only then does the prompt open, for the factory step: until then the keys are on the flash.
    """
    led = None
    if led_gpio is not None:
        led = lights.Led(led_gpio)
        led.show(lights.WIPING)
        asyncio.create_task(led.run())
    if not done:
        log("zeroized: overwriting what was deleted")
        await zeroize.finish(_pause)
    console.open_prompt()
    log("every secret was destroyed, and this board's own keys with them: factory step needed")
    if led is not None:
        led.show(lights.TAMPERED)
    await asyncio.Event().wait()


async def _pause():
    await asyncio.sleep_ms(0)
