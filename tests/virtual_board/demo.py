"""`make demo`: the whole job on a virtual board, over both links, with the real command line.

What is typed here is what one types with a real board; only the board and the networks
around it are virtual. Exits 0 only if both receipts were verified.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from host_client.authority import Authority, AuthorityStore
from host_client.cli.output import Output
from host_client.cli.progress import ProvisionProgress
from host_client.client import connect
from host_client.fingerprint import fingerprint
from host_client.known_boards import KnownBoards
from host_client.settings import Settings, parse_settings
from tests.virtual_board.board import Board
from tests.virtual_board.host_radio import HostRadio, host_radio
from tests.virtual_board.world import World

HOLD_MS = 1000  # a real board asks for five seconds
PASSPHRASE = "for this demonstration only"
NETWORKS = ((b"Workshop", "tin-opener-42", 6, -48), (b"Field office", "wet-boots-17", 11, -61))

console = Console(highlight=False)


class Failed(Exception):
    """A step of the demonstration did not end as it should."""


class Demo:
    """One board, one authority, and a folder that is thrown away afterwards."""

    def __init__(self, world: World, radio: HostRadio, folder: Path) -> None:
        self._world = world
        self._radio = radio
        self._folder = folder
        self._began = time.monotonic()
        self._environment = {
            **os.environ, **radio.environment,
            "LATCHKEY_HOME": str(folder), "LATCHKEY_PASSPHRASE": PASSPHRASE,
        }  # fmt: skip

    async def run(self) -> None:
        for ssid, password, channel, rssi in NETWORKS:
            self._world.add_network(ssid, password=password, channel=channel, rssi=rssi)
        authority = Authority.generate("demo")
        AuthorityStore(self._folder / "authorities").save(authority, PASSPHRASE)
        board = await self._at_the_factory(authority)
        await self._press(board)
        await self._provision(board, board.http_url, 0)
        await self._in_operation(board, 0)
        await self._press(board)
        await self._provision_over_ble(board, authority, 1)
        await self._in_operation(board, 1)

    async def _at_the_factory(self, authority: Authority) -> Board:
        self._title("At the factory")
        board = await self._world.add_board(
            authority=authority.public_key, limits={"hold_ms": HOLD_MS}
        )
        device_key = bytes.fromhex(board.factory["device_key"])
        self._say(f"provisioning key  {authority.fingerprint}")
        self._say(f"device            {board.factory['device_id']}, advertised as {board.ble_name}")
        self._say(f"its key           {fingerprint(device_key)}")
        await board.power_on()
        await board.ready()
        return board

    async def _press(self, board: Board) -> None:
        self._title("Somebody holds the button")
        seen = len(board.log)
        await board.press(HOLD_MS + 300)
        line = await board.wait_log("window open", since=seen)
        self._say(line.replace("latchkey: ", "board says: "))
        await board.until(lambda: board.ble.is_advertising, what="advertising")

    async def _provision(self, board: Board, url: str, index: int) -> None:
        """Through the command line, as anybody would."""
        ssid, password, *_ = NETWORKS[index]
        secret = self._folder / "wifi-password"
        secret.write_text(password + "\n")
        secret.chmod(0o600)
        self._title("Provision it over " + url.partition(":")[0].upper())
        key = fingerprint(bytes.fromhex(board.factory["device_key"]))
        await self._type(
            "provision", url, "--ssid", ssid.decode(), "--password-file", str(secret),
            "--name", f"demo {index + 1}", "--device-key", key,
        )  # fmt: skip

    async def _provision_over_ble(self, board: Board, authority: Authority, index: int) -> None:
        url = f"ble://{board.ble_name}"
        if self._radio.environment:
            await self._provision(board, url, index)
            return
        # No D-Bus here, so no other process can reach the radio: the same client, in this one.
        self._title("Provision it over BLE (in this process: no dbus-daemon here)")
        ssid, password, *_ = NETWORKS[index]
        output = Output("demo", as_json=False)
        network = {"ssid": ssid, "key": password.encode()}
        settings: Settings = parse_settings({"networks": [network]})
        async with connect(
            url, authority=authority, device_key=board.factory["device_key"],
            known_boards=KnownBoards(in_memory=True), **self._radio.backend_arguments,
        ) as link:  # fmt: skip
            with ProvisionProgress(output, (ssid.decode(),)) as progress:
                progress.begin(f"provisioning over {url}", 0)
                outcome = await link.provision(settings, on_status=progress.on_status)
        if not outcome.receipt.verified:
            raise Failed("the receipt was not verified")
        self._say(f"receipt verified, address {outcome.address}")

    async def _in_operation(self, board: Board, index: int) -> None:
        line = await board.wait_log("on the network", timeout_s=20, since=len(board.log) - 1)
        self._say(line.replace("latchkey: ", "board says: "))
        joined = board.wifi.station.network
        if joined is None or joined.ssid != NETWORKS[index][0]:
            raise Failed("the board is not on the network it was given")

    async def _type(self, *arguments: str) -> None:
        """Run the command line on this terminal. It ends with 0 only if the receipt is proof."""
        shown = " ".join(f"'{a}'" if " " in a else a for a in arguments)
        console.print(f"[bold cyan]$ latchkey {shown}[/]", soft_wrap=True)
        code = await _run(arguments, self._environment)
        if code != 0:
            raise Failed(f"latchkey ended with {code}")

    def _title(self, text: str) -> None:
        elapsed = time.monotonic() - self._began
        console.print(f"\n[bold]{text}[/] [dim]{elapsed:.1f} s[/]")

    def _say(self, text: str) -> None:
        console.print(f"  {text}", markup=False, soft_wrap=True)


async def _run(arguments: tuple[str, ...], environment: Mapping[str, str]) -> int:
    process = await asyncio.create_subprocess_exec(*_command(arguments), env=environment)
    return await process.wait()


def _command(arguments: tuple[str, ...]) -> tuple[str, ...]:
    return (sys.executable, "-c", "from host_client.cli import main; main()", *arguments)


_NEXT = """\
[bold]By hand, without a board[/]
  make virtual-board    a board with keys for its button, and lines to type

[bold]With a real board[/] (ESP32, S3, C3 or C6)
  make flash PORT=/dev/ttyUSB0 FIRMWARE=ESP32_GENERIC.bin
  make deploy PORT=/dev/ttyUSB0
  .venv/bin/latchkey authority new workshop
  .venv/bin/latchkey authority export workshop --output workshop.cose
  make factory PORT=/dev/ttyUSB0 AUTHORITY=workshop.cose
  [dim]hold the button for five seconds, then[/]
  .venv/bin/latchkey provision ble://Latchkey-XXXX --ssid 'Your network'"""


async def _demo() -> int:
    began = time.monotonic()
    async with World() as world, host_radio(world) as radio:
        console.print(f"[dim]Bluetooth LE of this computer: {radio}[/]")
        with tempfile.TemporaryDirectory(prefix="latchkey-demo-") as folder:
            try:
                await Demo(world, radio, Path(folder)).run()
            except Failed as failure:
                console.print(f"[bold red]The demonstration failed:[/] {failure}")
                return 1
    seconds = time.monotonic() - began
    console.print()
    console.print(
        Panel(_NEXT, title=f"Provisioned twice in {seconds:.0f} s. Next:", padding=(1, 2))
    )
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_demo()))
