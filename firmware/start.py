"""What a board does from power on: provision if its window is open, else operate."""

import asyncio
import sys
import time

from firmware import presence, resets
from firmware.device import console, zeroize
from firmware.device import identity as identities
from firmware.device import led as lights
from firmware.device.power import restart
from firmware.device.record_store import RecordStore, Tampered
from firmware.device.store import Damaged
from firmware.device.wifi import Wifi, default_hostname
from firmware.envelope.errors import CborError
from firmware.provision.errors import UnknownVersion
from firmware.provision.record import Record
from firmware.provision.window import Window

_CALM_S = 5  # before a restart after a failure, so that it never becomes a storm


def log(*words):
    """One line on the console. Callers pass no secret and no content of a message."""
    print("latchkey:", *words)


def run():
    """Never returns on a board that has been through the factory step."""
    try:
        _tell_if_zeroized()
        identity = _who_i_am()
        if identity is None:
            return
        asyncio.run(_live(identity))
    except Exception as error:  # a board in the field has nobody to type at it: start anew
        sys.print_exception(error)
        time.sleep(_CALM_S)
    restart()


def _tell_if_zeroized():
    """On a board that was: bring that to its end, and never return."""
    zeroized = zeroize.state()
    if zeroized is not None:
        done, led_gpio = zeroized
        asyncio.run(resets.finish_zeroizing(led_gpio, done, log))


def _who_i_am():
    """Return the Identity, or None where the factory step is to be done."""
    try:
        identity = identities.load()
    except Damaged as damage:
        log("damaged, and of no use:", damage)
        while True:  # not to the prompt: what else is on the flash may be whole
            time.sleep(_CALM_S)
    if identity is None or not identity.shut:
        console.open_prompt()
    if identity is None:
        log("no factory record: run the factory step (see README)")
    return identity


async def _live(identity):
    """Work until that is over, or until somebody does something to the board. Then a restart is
    due, and what they did is written down."""
    led = lights.Led(identity.pins["led"])
    parts = []
    if identity.pins["tamper"] >= 0:
        from firmware.device.tamper import Tamper

        case = Tamper(identity.pins["tamper"])
        if case.is_open():
            _zeroize(identity)
            return
        parts.append(_guard(case, identity))
    blinking = asyncio.create_task(led.run())
    store = RecordStore(identity.device_id)
    try:
        record = Record(store)
    except (Tampered, UnknownVersion, CborError) as complaint:
        parts.append(_refuse(complaint, store, identity, led))
    else:
        window = _window(identity, record)
        parts.append(_answer(identity, record, window, led))
        parts.append(_work(identity, record, window, led))
    await _first(parts)
    blinking.cancel()


async def _first(coroutines):
    """Run them all; return, or raise, as the first that ends does. Those behind one that is
    over at once do not begin: a reset by power cycles must not use up its own window."""
    over = asyncio.Event()

    async def run_one(coroutine):
        if over.is_set():
            return
        try:
            await coroutine
        finally:
            over.set()

    tasks = [asyncio.create_task(run_one(coroutine)) for coroutine in coroutines]
    await over.wait()
    for task in tasks:
        if task.done():
            await task


async def _work(identity, record, window, led):
    await resets.finish_wipe(record, led, log)
    wifi = Wifi(default_hostname(identity.suffix))
    if _saved(window.start) and window.is_open:
        from firmware.session import provisioning

        await provisioning(identity, record, window, wifi, led, log)
    else:
        from firmware.operation import operate

        fetch = None
        if identity.bootstrap is not None:
            from firmware.bootstrap import fetching

            fetch = fetching(identity, record, wifi, log)
        # Whatever becomes of it, the button works.
        asyncio.create_task(operate(record, wifi, led, log, fetch))
        await asyncio.Event().wait()


async def _answer(identity, record, window, led):
    """Write down what a person at the device asks for."""
    while True:
        asked = await presence.wait(identity, led, log)
        if _saved(lambda: resets.reset(asked, identity, record, window)):
            presence.answered(identity, asked)
            log("window requested, restarting")
            return
        await asyncio.sleep(_CALM_S)


async def _refuse(complaint, store, identity, led):
    """Do nothing, with a record that is not to be believed, until a person resets the board."""
    log("refusing to work:", complaint)
    led.show(lights.TAMPERED)
    while True:
        asked = await presence.wait(identity, led, log)
        if asked == presence.RESET and isinstance(complaint, UnknownVersion):
            presence.answered(identity, asked)
            log("not reset: update the firmware, or hold the button until it wipes")
            continue
        if _saved(lambda: resets.begin_anew(asked, identity, store, _window)):
            presence.answered(identity, asked)
            log("wiped, restarting")
            return
        await asyncio.sleep(_CALM_S)


async def _guard(case, identity):
    await case.wait_open()
    _zeroize(identity)


def _zeroize(identity):
    log("the case is open: destroying every secret")
    zeroize.begin(identity.pins["led"])


def _window(identity, record):
    limits = identity.limits
    return Window(record, limits["window_s"], limits["attempts"], limits["tries_s"])


def _saved(change):
    """Tell whether `change()` could be written. Without that there is no window, for its
    budget would have no end; but a board goes on working with what its flash holds."""
    try:
        change()
    except OSError:
        log("the flash takes nothing: the window stays shut")
        return False
    return True
