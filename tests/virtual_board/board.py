"""One virtual board: its flash, its power, its button and LED, and what it says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tests.virtual_board import heap, image
from tests.virtual_board.air import Air
from tests.virtual_board.peripheral import Peripheral
from tests.virtual_board.pins import BUTTON_PIN, PRESSED, RELEASED, Pins
from tests.virtual_board.process import Interpreter, run_code
from tests.virtual_board.radio import Radio
from tests.virtual_board.record import Faults
from tests.virtual_board.waiting import PATIENCE_S, BoardError, Watched
from tests.virtual_board.wifi import WiFi
from tests.virtual_board.wire import Wire

PWRON_RESET, HARD_RESET, WDT_RESET, SOFT_RESET = 1, 2, 3, 5

__all__ = ("Board", "BoardError", "Faults")


class Board(Watched):
    """Made by World.add_board(); off at first."""

    def __init__(
        self, number: int, folder: Path, air: Air, radio: Radio, heap_kb: int = 0,
        notify_buffers: int = 12, http_port: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        # An ESP32 owns four addresses; Bluetooth's is the base MAC address plus two.
        self.mac, its_bluetooth = (
            bytes((0x24, 0x0A, 0xC4, 0x00)) + (4 * number + n).to_bytes(2, "big") for n in (0, 2)
        )
        self.flash = folder / f"board-{number}.bin"
        self.faults = Faults()
        self.factory: dict[str, Any] = {}
        self.heap_kb = heap_kb or heap.kb_for()
        self.ble = Peripheral(radio, its_bluetooth.hex(":").upper(), notify_buffers)
        self.wifi = WiFi(air, self.mac, http_port)
        for part in (self.wifi.station, self.wifi.access_point, self.wifi.lan):
            part.on_change = self.changed
        self._wire_path = folder / f"wire-{number}"
        self._wire: Wire | None = None
        self._interpreter: Interpreter | None = None
        self.pins = Pins(self.changed)
        self._watch: asyncio.Task[None] | None = None
        self._watchdog: asyncio.TimerHandle | None = None
        self._turning: asyncio.Task[None] | None = None
        self._turn_lock = asyncio.Lock()
        self.on_line: Callable[[str], None] = lambda line: None

    # What others look at

    @property
    def led(self) -> list[tuple[float, int]]:
        return self.pins.led

    @property
    def heap_peak(self) -> int:
        return self.record.heap_peak

    @property
    def is_on(self) -> bool:
        return self._interpreter is not None

    @property
    def pid(self) -> int | None:
        return self._interpreter.pid if self._interpreter else None

    @property
    def http_url(self) -> str:
        """The REST endpoint as a client of the board's access point would reach it."""
        return f"http://127.0.0.1:{self.wifi.access_point.proxy.port}"

    @property
    def http_is_up(self) -> bool:
        """Whether a client of the access point finds the REST endpoint at this moment."""
        return self.wifi.access_point.proxy.is_open

    @property
    def ble_name(self) -> str:
        return str(self.factory.get("name", ""))

    @property
    def ble_address(self) -> str:
        return self.ble.address.to_string(with_type_qualifier=False)

    # Power

    async def make(self, firmware: image.Firmware) -> None:
        """Fresh from the factory: a new flash with the firmware, and the factory step done."""
        rom, original = await image.rom(), await image.flash(firmware)
        shutil.copyfile(original, self.flash)
        self.factory_code = firmware.factory_code
        if firmware.factory_code:
            plan = {"code": firmware.factory_code}
            state = {"mac": self.mac.hex()}
            lines = await run_code(rom, self.flash, image.FLASH_BLOCKS, plan, state)
            self.factory = json.loads(lines[-1])

    async def power_on(self, cause: int = PWRON_RESET) -> None:
        """Power, or the end of a reset. Returns when the interpreter runs, not when it is ready."""
        async with self._turn_lock:
            await self._power_on(cause)

    async def _power_on(self, cause: int) -> None:
        if self.is_on:
            return
        self.record.flash_operations, self.record.ended = 0, None
        self._wire = wire = Wire(self._wire_path)
        self._answer(wire, cause)
        await wire.open()
        interpreter = Interpreter(self._on_line, self._on_ended)
        self._interpreter = interpreter
        await interpreter.start(await image.rom(), wire.path, self.heap_kb)
        self.record.starts.append(cause)
        self._watch = asyncio.get_running_loop().create_task(self._watch_process(interpreter))
        self.changed()

    async def power_cut(self) -> None:
        """The power goes at this moment: RAM and radio links are lost, the flash stays."""
        async with self._turn_lock:
            await self._power_cut()

    async def _power_cut(self) -> None:
        interpreter, self._interpreter = self._interpreter, None
        if interpreter is None and self._wire is None:
            return
        if interpreter is not None:
            await interpreter.kill()
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        self.ble.power_off()
        self.wifi.power_off()
        if self._wire is not None:
            await self._wire.close()
            self._wire = None
        self.changed()

    async def close(self) -> None:
        """Power off for good."""
        if self._turning is not None:
            self._turning.cancel()
        await self.power_cut()
        if self._watch is not None:
            await self._watch
        self.wifi.access_point.close()

    # The hand on the button

    async def press(self, ms: float = 200) -> None:
        """Hold the button down for so long."""
        self.hold()
        await asyncio.sleep(ms / 1000)
        self.release()

    def hold(self) -> None:
        self.pins.press(PRESSED)

    def release(self) -> None:
        self.pins.press(RELEASED)

    async def open_window(self, timeout_s: float = PATIENCE_S) -> None:
        """Hold the button until that counts as a reset; returns with the radios up that it has."""
        since = len(self.record.log)
        self.hold()
        try:
            await self.wait_log("button held", timeout_s, since=since)
        finally:
            self.release()
        asked = await self.wait_log("window requested", timeout_s, since=since)
        await self.wait_log("window open", timeout_s, since=self.record.log.index(asked, since))
        await self.until(self._window_is_open, timeout_s, "window")

    def _window_is_open(self) -> bool:
        return self.http_is_up and (self.ble.is_advertising or self.faults.no_ble)

    async def ready(self, timeout_s: float = PATIENCE_S) -> None:
        """Until the firmware looks at its button, or has a radio on: it has started."""
        await self.until(self._has_started, timeout_s, "ready")

    def _has_started(self) -> bool:
        has_radio = self.wifi.access_point.active or self.ble.is_advertising
        return has_radio or BUTTON_PIN in self.pins.read

    # Memory

    @contextlib.asynccontextmanager
    async def heap_sampled(self, every_ms: float = 20) -> AsyncIterator[None]:
        """Inside, `heap_peak` is kept up to date: octets in use after a collection, at most.

        A board that computes without a break is sampled between two of its bytecodes too.
        """

        async def sample() -> None:
            while True:
                self.measure_heap()
                await asyncio.sleep(every_ms / 1000)

        sampling = asyncio.get_running_loop().create_task(sample())
        try:
            yield
        finally:
            sampling.cancel()

    def measure_heap(self) -> None:
        """Ask for a collection and the octets in use; `heap_peak` keeps the most."""
        if self._wire is not None:
            self._wire.set_state(measure=asyncio.get_running_loop().time())

    # What the board says

    def _answer(self, wire: Wire, cause: int) -> None:
        self.ble.plug_into(wire)
        self.ble.refuses_to_start = lambda: self.faults.no_ble
        self.ble.on_change = self.changed
        self.ble.on_starting = self._on_radio_starting
        self.wifi.fits = lambda: self.faults.idf_left(True, self.ble.is_active) >= 0
        self.wifi.plug_into(wire)
        self.pins.plug_into(wire)
        wire.calls["hello"] = lambda: self._plan(cause)
        wire.calls["idf_heap"] = lambda capabilities: self.faults.idf_heap(
            self.wifi.is_active, self.ble.is_active
        )
        wire.posts["heap"] = self._on_heap
        wire.posts["filler"] = lambda octets: None
        wire.posts["reset"] = self._on_reset
        wire.posts["power_lost"] = lambda: self._turn(None)
        wire.posts["wdt"] = self._on_fed
        wire.on_flash_operation = self._on_flash_operation

    def _plan(self, cause: int) -> dict[str, Any]:
        return {
            "state": {"mac": self.mac.hex(), "reset_cause": cause, **self.pins.levels},
            "flash": str(self.flash),
            "blocks": image.FLASH_BLOCKS,
            "faults": self.faults.of_flash(),
            "full": self.faults.flash_full,
        }

    def _on_line(self, line: str) -> None:
        self.record.log.append(line)
        self.on_line(line)
        self.changed()

    def _on_heap(self, used: int, free: int) -> None:
        if not self.record.heap_base:
            self.record.heap_base = used
        self.record.heap_peak = max(self.record.heap_peak, used)
        self.record.heap_used.append(used)
        self.changed()

    def _on_ended(self, how: str) -> None:
        self.record.ended = how
        self.changed()

    def _on_flash_operation(self) -> None:
        self.record.flash_operations += 1

    def _on_fed(self, timeout_ms: int) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        loop = asyncio.get_running_loop()
        self._watchdog = loop.call_later(timeout_ms / 1000, self._turn, WDT_RESET)

    def _on_radio_starting(self) -> None:
        # NimBLE that finds no memory ends in abort(): nothing that Python could catch.
        if self.faults.idf_left(self.wifi.is_active, True) < 0:
            self._on_line("(abort() in the Bluetooth stack: no memory)")
            self._turn(HARD_RESET)

    def _on_reset(self, cause: int) -> None:
        self._turn(cause)

    def _turn(self, cause: int | None) -> None:
        """Cut the power and, with a reset cause, give it again."""
        self._turning = asyncio.get_running_loop().create_task(self._cycle(cause))

    async def _cycle(self, cause: int | None) -> None:
        await self.power_cut()
        if cause is not None:
            await self.power_on(cause)

    async def _watch_process(self, interpreter: Interpreter) -> None:
        code = await interpreter.wait()
        if self._interpreter is interpreter:
            # Not by us: killed from outside, or the interpreter itself failed.
            self._on_line(f"(the interpreter ended with code {code})")
            await self.power_cut()
