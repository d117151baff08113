"""One provisioning window, from the radios' start to the restart that ends it.

What is handled here is the window's time; starting the radios is radios.py's.
"""

import asyncio
import gc
from time import ticks_diff, ticks_ms

from firmware import radios
from firmware.board import Board, handler_over
from firmware.device import led as lights
from firmware.device import memory
from transports.contract import TRYING

_TICK_MS = 250
_GRACE_MS = 2000  # after the window has shut: time for a last reply
_SPARE = 2048  # octets kept back, so that being short of memory can be written down
_GARBAGE = 4  # of what is free this part is garbage at most, before it is collected
_RESCAN_MS = 10000  # looking around blocks the board; not more often than this


class WindowBoard(Board):
    """A board in its window: it has a light to show, and looks around."""

    def __init__(self, identity, record, window, wifi, led, log):
        super().__init__(identity, record, window, wifi, log)
        self._led = led
        self._found = []
        self._found_at = ticks_ms()

    @property
    def hostname(self):
        return self.wifi.hostname

    def show(self, state):
        self._led.show(lights.TRYING if state == TRYING else lights.WINDOW)

    def identify(self):
        self._led.identify()

    def saw(self, found):
        self._found, self._found_at = found, ticks_ms()

    def look_around(self, fresh):
        """Return (networks, age in seconds), after a new scan if `fresh` and not too soon."""
        if fresh and ticks_diff(ticks_ms(), self._found_at) > _RESCAN_MS:
            self.saw(self.wifi.scan())
        return self._found, ticks_diff(ticks_ms(), self._found_at) // 1000

    def note(self, text):
        self.notes.append(text)
        self.log(text)


async def provisioning(identity, record, window, wifi, led, log):
    """Serve both transports until the window has brought what it can, then return."""
    board = WindowBoard(identity, record, window, wifi, led, log)
    led.show(lights.WINDOW)
    spare = bytearray(_SPARE)
    builders = radios.raise_radios(board)
    gc.collect()

    handler = None
    try:
        handler = await handler_over(board)
        handler.on_change(lambda: board.show(handler.state))
        running = radios.build(board, builders)
    except MemoryError:
        if window.one_transport:
            raise  # that it is short is known already, and nothing is left to leave out
        running = []
    allocated, free = memory.python_heap()
    log("heap", allocated, "used", free, "free")
    if (not running or free < memory.ORDER_NEEDS) and not window.one_transport:
        log("memory is short: starting anew with one transport")
        del spare
        handler = running = builders = None
        gc.collect()
        window.ask_for_one_transport()
        return
    if not running:
        log("no transport can be started, the window is shut")
        window.shut()
        return
    # Else garbage fills the whole heap before it is collected, with what several connections hold
    # in between: no piece that is left is large enough for an order.
    gc.threshold(free // _GARBAGE)
    tasks = [asyncio.create_task(_serve(board, handler, transport)) for transport in running]
    log("window open:", window.left_s, "s over", " and ".join(board.transports))
    await _until_over(board, handler, identity.limits["linger_s"] * 1000)
    for task in tasks:
        task.cancel()
    log("window shut")


async def _serve(board, handler, transport):
    """Serve, and say so if it ends: the descriptor lists only what answers."""
    try:
        await transport.serve(handler)
    except Exception as error:  # one transport's end must not be the other's
        board.transports.remove(transport.name)
        board.note("%s has ended: %s" % (transport.name, type(error).__name__))


async def _until_over(board, handler, linger_ms):
    """Let time pass until the window is over and its last replies have gone out, or until
    nobody can reach the board any more: a new start brings the transports back."""
    before = ticks_ms()
    over_ms = 0
    while True:
        await asyncio.sleep_ms(_TICK_MS)
        now = ticks_ms()
        elapsed_ms, before = ticks_diff(now, before), now
        handler.tick(elapsed_ms)
        if not board.transports and handler.state != TRYING:
            return
        over_ms = over_ms + elapsed_ms if handler.finished else 0
        kept = handler.kept and not handler.collected
        if over_ms >= (linger_ms if kept else _GRACE_MS):
            return
