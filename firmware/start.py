"""What a board does from power on: provision if its window is open, else operate."""

import asyncio
import sys
import time

from firmware.device import identity as identities
from firmware.device.button import Button
from firmware.device.led import Led
from firmware.device.power import restart
from firmware.device.record_store import RecordStore, Tampered
from firmware.device.store import Damaged
from firmware.device.wifi import Wifi, default_hostname
from firmware.provision.record import Record
from firmware.provision.window import Window

_CALM_S = 5  # before a restart after a failure, so that it never becomes a storm


def log(*words):
    """One line on the console. Callers pass no secret and no content of a message."""
    print("latchkey:", *words)


def run():
    """Never returns on a board that has been through the factory step."""
    try:
        identity = identities.load()
        if identity is None:
            log("no factory record: run the factory step (see README)")
            return
        record = Record(RecordStore(identity.device_id))
    except (Damaged, Tampered) as damage:
        log("tampered or damaged:", damage)
        return
    try:
        asyncio.run(_live(identity, record))
    except Exception as error:  # a board in the field has nobody to type at it: start anew
        sys.print_exception(error)
        time.sleep(_CALM_S)
    restart()


async def _live(identity, record):
    led = Led(identity.pins["led"])
    blinking = asyncio.create_task(led.run())
    limits = identity.limits
    window = Window(record, limits["window_s"], limits["attempts"], limits["tries_s"])
    wifi = Wifi(default_hostname(identity.suffix))
    if _saved(window.start) and window.is_open:
        from firmware.session import provisioning

        await provisioning(identity, record, window, wifi, led, log)
    else:
        from firmware.operation import operate

        asyncio.create_task(operate(record, wifi, led, log))
        await _wait_for_reset(identity, led)
        while not _saved(window.request):
            await _wait_for_reset(identity, led)
        log("window requested, restarting")
    blinking.cancel()


def _saved(change):
    """Tell whether `change()` could be written. Without that there is no window, for its
    budget would have no end; but a board goes on working with what its flash holds."""
    try:
        change()
    except OSError:
        log("the flash takes nothing: the window stays shut")
        return False
    return True


async def _wait_for_reset(identity, led):
    """Return once a person has held the button."""
    button = Button(identity.pins["button"])
    await button.wait_held(identity.limits["hold_ms"], led.hold)
