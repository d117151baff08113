"""What the board's own start-up code finds under it: pins, a radio to which every network is
there, and, in place of the transports and of the user's program, a person who acts and looks.

`firmware/start.py` and all that it calls to load, check, repair, wipe and change what is saved
is the product's; only its leaves are ours: `machine`, `Wifi`, `session.provisioning`,
`operation.operate`.
"""

import sys

from tests.power_cuts.on_board.clock import clock

BUTTON, TAMPER = 0, 4  # GPIO numbers


class Restart(BaseException):
    """machine.reset(): memory is lost, the flash is kept."""


class PowerOff(BaseException):
    """Somebody pulled the plug, at a moment when the board wrote nothing."""


class Module:
    """Stands in sys.modules."""

    def __init__(self, **names):
        for name, value in names.items():
            setattr(self, name, value)


class Hand:
    """On the button, and on the screws of the case."""

    down_ms = up_ms = 0
    case_open = False
    has_button = True  # this board has one

    def hold(self, ms):
        self.down_ms = clock.now_ms + 100
        self.up_ms = self.down_ms + ms

    def level(self, gpio):
        if gpio == TAMPER:
            return 0 if self.case_open else 1
        return 0 if gpio == BUTTON and self.down_ms <= clock.now_ms < self.up_ms else 1


hand = Hand()


class Pin:
    IN, OUT, PULL_UP, PULL_DOWN = 0, 1, 2, 3

    def __init__(self, gpio, *_, **__):
        self._gpio = gpio

    def value(self, *level):
        return None if level else hand.level(self._gpio)


class Wifi:
    class Joined:
        status, reason, address = 0, 0, "192.0.2.7"

    def __init__(self, *_):
        pass

    class Missing:
        status, reason, address = 30, 201, None

    there = True

    async def join(self, *arguments):
        if not self.there:
            return self.Missing
        arguments[-1]()  # associated
        return self.Joined

    def leave(self):
        pass


class Machine:
    """reset_cause() tells a start by power from one by `reset`, as the chip does."""

    Pin = Pin
    PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5

    def __init__(self):
        self.cause = self.PWRON_RESET

    def reset_cause(self):
        return self.cause

    def reset(self):
        raise Restart

    def unique_id(self):
        return b"\x02latch"


machine = Machine()


class Radio:
    """The station: all that making a key wants of it is that it is on."""

    def active(self, on=None):
        return True


def install(provisioning, operate):
    """Put the leaves in place; to be called before firmware.start is imported."""
    sys.modules["machine"] = machine
    sys.modules["network"] = Module(STA_IF=0, WLAN=lambda interface: Radio())
    sys.modules["firmware.device.wifi"] = Module(
        Wifi=Wifi, default_hostname=lambda suffix: "latchkey"
    )
    sys.modules["firmware.session"] = Module(provisioning=provisioning)
    sys.modules["firmware.operation"] = Module(operate=operate)
