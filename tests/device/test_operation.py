"""firmware/operation.py and firmware/device/led.py, on MicroPython with a made-up chip."""

import asyncio
import sys

from tests.device.device_vectors import Skip

IS_BOARD = sys.implementation.name == "micropython"


class Pin:
    OUT, IN, PULL_UP = 1, 0, 2

    def __init__(self, gpio, *mode):
        pass

    def value(self, *level):
        return 1


class Machine:
    pass


Machine.Pin = Pin


class Joined:
    address = "192.0.2.7"


class Wifi:
    """Joins when it has raised all of `errors`."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.order = []

    def connected(self):
        return False

    async def join(self, ssid, key, static, timeout_ms):
        self.order.append("radio")
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        return Joined()

    def address(self):
        return Joined.address


class Record:
    provisioned = True
    settings = {"networks": [[b"home", b"correct horse", False, None]]}


def firmware():
    """(operation, led); their chip is the one above."""
    if not IS_BOARD:
        raise Skip("sleep_ms and ticks_ms are MicroPython's")
    sys.modules["machine"] = Machine
    from firmware import operation
    from firmware.device import led

    return operation, led


def run_until(operation, led, wifi, done):
    """Operate until `done(lines)`; returns the log's lines."""
    lines = []

    def log(*words):
        lines.append(" ".join(str(word) for word in words))

    async def scenario():
        task = asyncio.create_task(operation.operate(Record, wifi, led.Led(2), log))
        for _ in range(300):
            await asyncio.sleep_ms(10)
            if done(lines):
                break
        task.cancel()

    asyncio.run(scenario())
    return lines


class BrokenProgram:
    """A module `app` whose main raises."""

    @staticmethod
    async def main(settings):
        raise ValueError("broken")


def test_a_driver_that_raises_is_asked_again():
    operation, led = firmware()
    for error in (
        OSError("Wifi Internal Error"),
        RuntimeError("Wifi Unknown Error"),
        MemoryError(),
    ):
        lines = run_until(
            operation, led, Wifi(error), lambda lines: "on the network: 192.0.2.7" in lines
        )
        assert "on the network: 192.0.2.7" in lines, lines


def test_the_radio_has_its_memory_before_the_program_is_imported():
    operation, led = firmware()
    wifi = Wifi()

    class App:
        @staticmethod
        async def main(settings):
            wifi.order.append("program")

    sys.modules["app"] = App
    try:
        run_until(operation, led, wifi, lambda lines: "/app.py has ended" in lines)
    finally:
        del sys.modules["app"]
    assert wifi.order[:2] == ["radio", "program"], wifi.order


def test_a_program_that_raises_does_not_keep_the_board_off_the_network():
    operation, led = firmware()
    sys.modules["app"] = BrokenProgram
    try:
        lines = run_until(
            operation, led, Wifi(), lambda lines: "on the network: 192.0.2.7" in lines
        )
    finally:
        del sys.modules["app"]
    assert "/app.py failed:" in lines and "on the network: 192.0.2.7" in lines


def test_the_led_goes_back_to_what_it_showed():
    _, led = firmware()
    light = led.Led(2)
    light.show(led.ONLINE)
    light.hold(-1)
    assert light.pattern == led.HELD
    light.hold(None)
    assert light.pattern == led.ONLINE
    light.identify(60000)
    assert light.pattern == led.IDENTIFYING
    light.show(led.TRYING)
    light.identify(0)
    assert light.pattern == led.TRYING


def test_asking_again_and_again_who_it_is_takes_no_memory():
    _, led = firmware()
    import gc

    light = led.Led(2)
    light.identify()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(1000):
        light.identify()
    gc.collect()
    assert gc.mem_alloc() - before < 200
