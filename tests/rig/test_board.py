"""Power, flash, pins and memory of a virtual board."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.virtual_board import heap, image
from tests.virtual_board.board import Board, BoardError, Faults
from tests.virtual_board.fixtures import AddBoard
from tests.virtual_board.world import World

PROJECT = Path(image.__file__).resolve().parents[2]
SHIMS = ("bluetooth", "esp32", "machine", "network", "socket")


def firmware(folder: Path, main: str) -> image.Firmware:
    """A firmware of one file, without libraries."""
    file = folder / "main.py"
    file.write_text(main)
    return image.Firmware((image.Source(file, "/main.py"),))


async def run(world: World, folder: Path, main: str, **settings: object) -> Board:
    board = await world.add_board(firmware=firmware(folder, main), **settings)  # type: ignore[arg-type]
    await board.power_on()
    return board


async def ended(board: Board) -> str:
    await board.until(lambda: board.record.ended or not board.is_on, what="end")
    return str(board.record.ended)


async def test_button_led_and_reset(board: Board) -> None:
    for count in (1, 2, 3):
        await board.press(30)
        await board.wait_log(f"presses {count}")
    assert [level for _, level in board.led] == [1, 0] * 3
    await board.wait_log("up, reset cause 2")
    await board.press(30)
    await board.wait_log("presses 4")
    assert board.record.starts == [1, 2]


async def test_killed_from_outside(board: Board) -> None:
    assert board.pid is not None
    os.kill(board.pid, signal.SIGKILL)
    await board.until(lambda: not board.is_on)
    assert not board.http_is_up
    await board.power_on()
    await board.until(lambda: board.http_is_up)


async def test_an_error_in_main_is_told(world: World, tmp_path: Path) -> None:
    board = await run(world, tmp_path, "print('hello')\n1 / 0\n")
    assert (await ended(board)).startswith("ZeroDivisionError")
    assert board.log[0] == "hello"
    with pytest.raises(BoardError, match="ZeroDivisionError"):
        await board.ready()


async def test_starved_watchdog_resets(world: World, tmp_path: Path) -> None:
    main = """
import machine, time
print("cause", machine.reset_cause())
if machine.reset_cause() != machine.WDT_RESET:
    machine.WDT(timeout=100)
    time.sleep(5)
"""
    board = await run(world, tmp_path, main)
    await board.wait_log("cause 3")


WRITER = """
import os
try:
    old = open("/value").read()
except OSError:
    old = "none"
print("was", old)
for n in range(20):
    with open("/new", "w") as file:
        file.write("%d" % n * 300)
    os.rename("/new", "/value")
print("is", open("/value").read()[:2])
"""


@pytest.mark.parametrize("torn", [False, True])
async def test_power_fails_at_every_flash_operation(
    world: World, tmp_path: Path, torn: bool
) -> None:
    """LittleFS keeps the old or the new file, whole, at whichever operation the power goes."""
    board = await run(world, tmp_path, WRITER)
    assert await ended(board) == "done"
    operations = board.record.flash_operations
    assert operations > 40
    for cut in range(0, operations, 5):
        await board.power_cut()
        board.faults = Faults(cut_power_after=cut, torn=torn)
        await board.power_on()
        await board.until(lambda: not board.is_on, what="power cut")
        assert board.record.flash_operations == cut
        board.faults = Faults()
        await board.power_on()
        assert await ended(board) == "done"
        value = next(line for line in reversed(board.log) if line.startswith("was")).split()[1]
        assert value in {f"{n}" * 300 for n in range(20)}


async def test_full_flash_and_failing_flash(world: World, tmp_path: Path) -> None:
    main = """
try:
    with open("/big", "wb") as file:
        for _ in range(64):
            file.write(bytes(1024))
    print("written")
except OSError as error:
    print("errno", error.errno)
"""
    board = await run(world, tmp_path, main, flash_full=True)
    await board.wait_log("errno 28")
    await board.power_cut()
    board.faults = Faults(fail_after=3)
    await board.power_on()
    await board.wait_log("errno 5")
    await board.power_cut()
    board.faults = Faults()
    await board.power_on()
    await board.wait_log("written")


async def test_no_bluetooth_and_little_memory(world: World, tmp_path: Path) -> None:
    main = """
import bluetooth, esp32, network
def free():
    return esp32.idf_heap_info(esp32.HEAP_DATA)[0][1]
before = free()
network.WLAN(network.WLAN.IF_AP).active(True)
print("wifi takes", before - free())
try:
    bluetooth.BLE().active(True)
except OSError as error:
    print("errno", error.errno)
"""
    board = await run(world, tmp_path, main, no_ble=True, idf_free=60_000)
    await board.wait_log("errno 12")
    assert "wifi takes 48000" in board.log


async def test_bluetooth_without_memory_reboots(world: World, tmp_path: Path) -> None:
    main = """
import bluetooth, machine, network, time
print("cause", machine.reset_cause())
network.WLAN(network.WLAN.IF_AP).active(True)
if machine.reset_cause() == machine.PWRON_RESET:
    bluetooth.BLE().active(True)
    print("survived")
    time.sleep(1)
    print("and went on")
"""
    board = await run(world, tmp_path, main, idf_free=70_000)
    await board.wait_log("cause 2")
    assert "and went on" not in board.log


async def test_wifi_without_memory_raises(world: World, tmp_path: Path) -> None:
    main = "import network\nnetwork.WLAN(network.WLAN.IF_AP).active(True)\n"
    board = await run(world, tmp_path, main, idf_free=40_000)
    assert (await ended(board)) == "OSError: Wifi Out of Memory"


async def test_unique_id_and_bluetooth_address_belong_together(
    world: World, tmp_path: Path
) -> None:
    main = """
import bluetooth, machine
ble = bluetooth.BLE()
ble.active(True)
print(machine.unique_id().hex(), ble.config("mac")[1].hex(), ble.config("mtu"))
print(bluetooth.UUID("7c1e0001-4b1d-4c8e-9f3a-6c617463686b"), bluetooth.UUID(0x181A))
"""
    board = await run(world, tmp_path, main)
    assert await ended(board) == "done"
    identity, address, mtu = board.log[0].split()
    assert identity == board.mac.hex()
    assert address == board.ble_address.replace(":", "").lower()
    assert mtu == "256"
    assert board.log[1] == "UUID('7c1e0001-4b1d-4c8e-9f3a-6c617463686b') UUID(0x181a)"


async def test_shims_take_less_than_the_heap_adds_for_them(world: World, tmp_path: Path) -> None:
    main = f"""
import gc
for name in {SHIMS}:
    __import__(name)
gc.collect()
print("used", gc.mem_alloc())
"""
    board = await run(world, tmp_path, main)
    used = int((await board.wait_log("used")).split()[1])
    assert 20 * 1024 < used < heap.SHIMS_KB * 1024


async def test_boot_is_quick(echo: image.Firmware, add_board: AddBoard) -> None:
    started = asyncio.get_running_loop().time()
    await add_board(echo)
    assert asyncio.get_running_loop().time() - started < 3  # 0.1 s when the machine is idle


async def test_board_goes_with_its_world(tmp_path: Path) -> None:
    """A world that is killed leaves no interpreter behind."""
    main = tmp_path / "main.py"
    main.write_text("import time\nwhile True:\n    time.sleep_ms(10)\n")
    script = f"""
import asyncio
from pathlib import Path
from tests.virtual_board.image import Firmware, Source
from tests.virtual_board.world import World

async def run():
    async with World() as world:
        firmware = Firmware((Source(Path({str(main)!r}), "/main.py"),))
        board = await world.add_board(firmware=firmware)
        await board.power_on()
        await board.until(lambda: board.record.heap_base)
        print(board.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(run())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    pid = int(await asyncio.wait_for(process.stdout.readline(), 30))
    os.kill(pid, 0)
    process.kill()
    await process.wait()
    for _ in range(100):
        if not running(pid):
            return
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the interpreter is still there")


def running(pid: int) -> bool:
    """Whether a process is there and is not a zombie that nobody has waited for yet."""
    try:
        os.kill(pid, 0)
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True  # no /proc here
    except ProcessLookupError:
        return False
