"""The button, and quick power cycles where there is none, on MicroPython with a made-up chip."""

import asyncio
import os
import sys
from binascii import hexlify

from tests.device.device_vectors import Skip


class Pin:
    """Levels as they are read, one after the other; the last one stays. 0: pressed."""

    IN = OUT = PULL_UP = 1
    levels = []

    def __init__(self, gpio, *mode):
        pass

    def value(self, *level):
        return Pin.levels.pop(0) if len(Pin.levels) > 1 else Pin.levels[0]


class Machine:
    PWRON_RESET, HARD_RESET = 1, 2
    cause = 1

    def reset_cause():
        return Machine.cause


Machine.Pin = Pin


def on_chip(module):
    """The module of firmware/device, its chip being the one above."""
    if sys.implementation.name != "micropython":
        raise Skip("sleep_ms and ticks_ms are MicroPython's")
    sys.modules["machine"] = Machine
    __import__("firmware.device." + module)
    return getattr(sys.modules["firmware.device"], module)


def held(levels, stages_ms=(100, 300, 600), poll_ms=20):
    """(stage, what was told) after these levels, each `poll_ms` long."""
    button = on_chip("button")
    button._POLL_MS = 1
    ticks = [0]
    told = []

    def clock():
        return ticks[0]

    class Counted(button.Button):
        def pressed(self):
            ticks[0] += poll_ms
            return button.Button.pressed(self)

    before, button.ticks_ms = button.ticks_ms, clock
    Pin.levels = list(levels)
    try:
        waiting = Counted(0).wait_held(stages_ms, told.append)
        return asyncio.run(asyncio.wait_for(waiting, 0.5)), told
    except asyncio.TimeoutError:
        return None, told
    finally:
        button.ticks_ms = before


UP, DOWN = 1, 0


def test_a_stage_is_taken_when_the_button_is_let_go():
    assert held([UP] + [DOWN] * 8 + [UP]) == (0, [-1, 0])
    assert held([UP] + [DOWN] * 20 + [UP]) == (1, [-1, 0, 1])


def test_the_last_stage_is_taken_at_once():
    assert held([UP, DOWN]) == (2, [-1, 0, 1, 2])
    assert held([UP, DOWN], (100,)) == (0, [-1, 0])


def test_a_short_press_is_nothing_and_does_not_add_up():
    assert held([UP] + 5 * ([DOWN] * 3 + [UP] * 2)) == (None, 5 * [-1, None])


def test_a_button_that_is_stuck_does_nothing_until_it_has_been_up():
    """Else a board whose button is broken, or was taped down, is reset at every start."""
    assert held([DOWN] * 100 + [DOWN]) == (None, [])
    assert held([DOWN] * 100 + [UP] + [DOWN] * 8 + [UP]) == (0, [-1, 0])


def test_stages_of_each_kind_of_board():
    on_chip("button")
    from firmware import presence

    class Identity:
        shut = False

    for wipe_ms, shut, expected in (
        (15000, False, [5000, 15000]),
        (15000, True, [5000, 15000, 30000]),
        (0, False, [5000]),
        (0, True, [5000]),
    ):
        Identity.shut = shut
        Identity.limits = {"hold_ms": 5000, "wipe_ms": wipe_ms}
        assert presence.stages_ms(Identity) == expected


def on_flash(scenario):
    """Run scenario(power_cycles) with the count in a file of this machine."""
    power_cycles = on_chip("power_cycles")
    power_cycles._PATH = "starts-" + hexlify(os.urandom(4)).decode()
    Machine.cause = Machine.PWRON_RESET
    try:
        scenario(power_cycles)
    finally:
        try:
            os.remove(power_cycles._PATH)
        except OSError:
            pass


def test_so_many_short_starts_one_after_the_other_are_a_reset_and_twice_as_many_a_wipe():
    def scenario(power_cycles):
        assert [power_cycles.rounds(3) for _ in range(5)] == [0, 0, 0, 1, 1]
        power_cycles.count_on()  # the reset is saved
        assert [power_cycles.rounds(3) for _ in range(4)] == [0, 0, 2, 2]
        power_cycles.forget()  # the wipe is saved
        assert not power_cycles.rounds(3)
        power_cycles.forget()  # this start lasted
        assert [power_cycles.rounds(3) for _ in range(4)] == [0, 0, 0, 1]

    on_flash(scenario)


def test_a_restart_by_the_firmware_is_no_power_cycle():
    def scenario(power_cycles):
        Machine.cause = Machine.HARD_RESET
        assert not any(power_cycles.rounds(2) for _ in range(9))
        assert power_cycles._PATH not in os.listdir()

    on_flash(scenario)


def test_a_board_without_this_reset_counts_nothing():
    def scenario(power_cycles):
        assert not any(power_cycles.rounds(0) for _ in range(3))
        assert power_cycles._PATH not in os.listdir()

    on_flash(scenario)


def test_a_count_that_cannot_be_written_or_is_half_written_opens_nothing():
    def scenario(power_cycles):
        with open(power_cycles._PATH, "wb"):
            pass  # cut right after it was made
        assert not power_cycles.rounds(1)
        os.remove(power_cycles._PATH)
        os.mkdir(power_cycles._PATH)  # neither read nor written
        try:
            assert not any(power_cycles.rounds(2) for _ in range(9))
        finally:
            os.rmdir(power_cycles._PATH)

    on_flash(scenario)
