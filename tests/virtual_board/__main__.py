"""`python -m tests.virtual_board`: a board to play with by hand, in a terminal.

Commands come from standard input, one a line (`help` lists them), by hand or from a script;
at its end the board goes, unless --stay keeps it until it is interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import sys
from pathlib import Path

from rich.console import Console

from host_client import label
from host_client.authority import AuthorityStore
from tests.virtual_board import heap, instructions
from tests.virtual_board.board import Board
from tests.virtual_board.console import BoardConsole
from tests.virtual_board.host_radio import host_radio
from tests.virtual_board.world import World
from transports.names import POLICY_NAMES

# Where all of 127/8 is on the loopback interface, this computer is on the network, too.
_SUBNET = "127.77.1" if sys.platform == "linux" else "192.168.1"


def main() -> int:
    options = _parser().parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_run(options))
    return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.virtual_board", description="A virtual board to play with."
    )
    parser.add_argument("--name", help="device id; its last four characters show in the air")
    parser.add_argument("--http-port", type=int, default=0, help="port of the access point's REST")
    parser.add_argument("--hold-ms", type=int, default=1000, help="how long to hold the button")
    parser.add_argument("--chip", choices=sorted(heap.GC_HEAP_KB), default=heap.DEFAULT_CHIP)
    parser.add_argument("--pace", type=float, metavar="MS", help="Bluetooth connection interval")
    parser.add_argument("--authority", metavar="NAME", help="trust this authority of yours")
    parser.add_argument("--policy", choices=POLICY_NAMES, default=POLICY_NAMES[0])
    parser.add_argument("--flash-full", action="store_true")
    parser.add_argument("--no-ble", action="store_true")
    parser.add_argument("--cut-power-after", type=int, metavar="N", help="flash operations")
    parser.add_argument("--stay", action="store_true", help="go on when the input has ended")
    return parser


async def _run(options: argparse.Namespace) -> int:
    screen = Console(highlight=False)
    folder, key, named = _authority(options.authority)
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(World(options.pace))
        host = await stack.enter_async_context(host_radio(world, here=False))
        screen.print("Making a board fresh from the factory ...")
        board, code = await _add_board(world, options, key)
        workshop = world.add_network(
            b"Workshop", password="correct horse", channel=6, subnet=_SUBNET
        )
        console = BoardConsole(world, board, screen, options.hold_ms)
        console.how_to = lambda: instructions.lines(
            board, host.environment, folder, named, workshop, options.policy
        )
        await board.power_on()
        await board.ready()
        console.introduce()
        if code is not None:
            console.show_label(code)
        screen.print(f"[dim]Bluetooth of this computer: {host}[/]")
        await _obey(console, options.stay)
    return 0


async def _add_board(
    world: World, options: argparse.Namespace, authority: bytes
) -> tuple[Board, str | None]:
    """A board as asked for, and its label's code, if its policy has one."""
    name, code, record = options.name, None, {}
    if options.policy == "label":
        # The code's key is bound to the device id, so that must be known before the board is.
        name, code = name or f"play-{secrets.token_hex(2)}", label.new_code()
        record = {"label_key": label.label_key(code, name)}
    board = await world.add_board(
        authority=authority, device_id=name, limits={"hold_ms": options.hold_ms},
        policy=POLICY_NAMES.index(options.policy), record=record, chip=options.chip,
        http_port=options.http_port, flash_full=options.flash_full, no_ble=options.no_ble,
        cut_power_after=options.cut_power_after,
    )  # fmt: skip
    return board, code


def _authority(name: str | None) -> tuple[Path | None, bytes, str]:
    """Folder for LATCHKEY_HOME (None: the user's own), public key, and name of the authority."""
    if name is not None:
        return None, AuthorityStore().public_key(name), name
    folder = instructions.prepare_home()
    return (
        folder,
        AuthorityStore(folder / "authorities").public_key(instructions.NAME),
        instructions.NAME,
    )


async def _obey(console: BoardConsole, stay: bool) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    work = loop.create_task(console.obey(sys.stdin, stay))
    stop = loop.create_task(stopped.wait())
    await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
    for task in (work, stop):
        task.cancel()
    await asyncio.gather(work, stop, return_exceptions=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may still wait for a line of input, and would keep us
