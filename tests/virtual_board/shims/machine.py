"""MicroPython's `machine` module for the ESP32: what a board with a button and a LED needs."""

import binascii

import _wire

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


class Pin:
    """A pin of the board. Inputs read what the world puts on them, high when nothing does."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    PULL_DOWN = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, number, mode=-1, pull=None, *, value=None):
        self._key = "pin%d" % number
        self._number = number
        self._handler = None
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=None, *, value=None):
        self._mode = mode
        self._level = 0
        self._seen = False
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            if self._mode == self.OUT:
                return self._level
            if not self._seen:
                self._seen = True
                _wire.post("reads", self._number)
            return _wire.state.get(self._key, 1)
        level = 1 if level else 0
        if level != self._level or not self._seen:
            self._level = level
            self._seen = True
            _wire.post("pin", self._number, level)
        return None

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def toggle(self):
        self.value(not self._level)

    def irq(self, handler=None, trigger=3):
        """Call `handler(pin)` in schedule context at the edges asked for."""
        self._handler = handler
        self._trigger = trigger
        _wire.watchers[self._key] = self._edge
        if not self._seen:
            self._seen = True
            _wire.post("reads", self._number)

    def _edge(self, level):
        wanted = self.IRQ_RISING if level else self.IRQ_FALLING
        if self._handler is not None and self._trigger & wanted:
            self._handler(self)


class WDT:
    """The watchdog: the world resets the board when it is not fed within `timeout` ms."""

    def __init__(self, id=0, timeout=5000):
        self._timeout = timeout
        self.feed()

    def feed(self):
        _wire.post("wdt", self._timeout)


def reset():
    """Hard reset: RAM is lost at this point, the flash stays."""
    _wire.post("reset", HARD_RESET)
    _wire.halt()


def soft_reset():
    _wire.post("reset", SOFT_RESET)
    _wire.halt()


def reset_cause():
    return _wire.state["reset_cause"]


def unique_id():
    """The base MAC address, 6 octets."""
    return binascii.unhexlify(_wire.state["mac"])


def freq(hz=None):
    return 160000000 if hz is None else None


def idle():
    pass


def disable_irq():
    return 0


def enable_irq(previous):
    pass
