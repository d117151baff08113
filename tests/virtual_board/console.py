"""The terminal of a virtual board: commands in, what the board does out."""

from __future__ import annotations

import asyncio
import shlex
import threading
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from host_client.label import Label
from tests.virtual_board.air import SECURITY, Network
from tests.virtual_board.board import Board, BoardError, Faults
from tests.virtual_board.world import World

HELP = {
    "press [SECONDS]": "hold the button (default: long enough to open the window)",
    "cut / on / reset": "take the power away, give it, both",
    "nets": "list the Wi-Fi networks",
    "net SSID [FIELD=VALUE ...]": "add or change one: password= channel= rssi= security= dhcp=no "
    "delay_ms= hidden=yes present=no wrong_key_reason= refuses_with= subnet=127.x.y (to be on it)",
    "del SSID": "take a network away for good",
    "phone joins|follows|stays": "put this computer on the access point again; does it go along "
    "when that moves to another channel (at first it stays)",
    "drop [ble|http]": "lose the radio links, all or of one kind",
    "fault [NAME=VALUE ...]": "faults from the next power-on: no_ble=yes flash_full=yes "
    "cut_power_after=N torn=yes fail_after=N idf_free=OCTETS",
    "pace MS|off": "Bluetooth connection interval",
    "state / led / log [LINES]": "how the board is, what its LED did, what it printed",
    "wait SECONDS|TEXT": "for scripts: pause, or until the board prints TEXT",
    "how": "what to type in another terminal",
    "quit": "",
}
_ALIASES = {"p": "press", "n": "nets", "s": "state", "l": "log", "h": "help", "?": "help",
            "q": "quit", "off": "cut", "exit": "quit"}  # fmt: skip
_WAIT_LOG_S = 60


class BadCommand(ValueError):
    """What was typed cannot be done; its text says why."""


class BoardConsole:
    """Runs commands on one board. `how_to()` gives the shell lines that provision it."""

    def __init__(self, world: World, board: Board, screen: Console, hold_ms: int) -> None:
        self._world = world
        self._board = board
        self._screen = screen
        self._hold_ms = hold_ms
        self.how_to: Callable[[], list[str]] = list
        board.on_line = self._show_line

    def introduce(self) -> None:
        """Say what this is and what to do with it."""
        board = self._board
        self._screen.print(
            f"[bold green]{board.ble_name}[/] is on. Device {board.factory['device_id']}, "
            f"REST of its access point at {board.http_url}.\n"
            f"[bold]press[/] opens its window, [bold]help[/] lists the commands. "
            "Then open that address in a browser of this computer, or type in another terminal:"
        )
        self.do_how()

    def show_label(self, code: str) -> None:
        """Show what is printed on the board (its 21-character code is a secret of real ones)."""
        factory = self._board.factory
        key = bytes.fromhex(factory["device_key"])
        printed = Label.for_board(factory["device_id"], key, code)
        self._screen.print(f"Its label: [bold]{printed.typed()}[/]\n{escape(printed.text())}")

    async def obey(self, source: TextIO, stay: bool) -> None:
        """Take commands until `quit` or the end of input (with `stay`, until cancelled)."""
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def read() -> None:
            for line in source:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, "")

        threading.Thread(target=read, daemon=True).start()
        while line := await lines.get():
            if not await self._do(line):
                return
        if stay:
            await asyncio.Event().wait()

    async def _do(self, line: str) -> bool:
        try:
            words = shlex.split(line, comments=True)
            if not words:
                return True
            name = _ALIASES.get(words[0], words[0])
            if name == "quit":
                return False
            command = getattr(self, f"do_{name}", None)
            if command is None:
                raise BadCommand(f"no command {words[0]}; help lists them")
            result: Awaitable[None] | None = command(*words[1:])
            if result is not None:
                await result
        except (ValueError, TypeError, BoardError) as error:
            self._screen.print(f"[red]{escape(str(error))}[/]")
        return True

    def do_help(self) -> None:
        for command, meaning in HELP.items():
            self._screen.print(f"  [bold]{escape(command):28}[/] {escape(meaning)}")

    async def do_press(self, seconds: str | None = None) -> None:
        ms = float(seconds) * 1000 if seconds else self._hold_ms + 200
        await self._board.press(ms)

    async def do_cut(self) -> None:
        await self._board.power_cut()

    async def do_on(self) -> None:
        await self._board.power_on()
        await self._board.ready()

    async def do_reset(self) -> None:
        await self._board.power_cut()
        await self.do_on()

    def do_nets(self) -> None:
        table = Table("SSID", "security", "channel", "dBm", "password", "what else")
        for network in self._world.air.networks:
            odd = [] if network.present else ["off the air"]
            odd += [] if network.dhcp else ["no DHCP"]
            odd += ["hidden"] if network.hidden else []
            odd += [f"{network.delay_ms:.0f} ms late"] if network.delay_ms else []
            table.add_row(
                escape(network.ssid.decode(errors="replace")), network.security,
                str(network.channel), str(network.rssi), escape(network.password or ""),
                ", ".join(odd),
            )  # fmt: skip
        self._screen.print(table)

    def do_net(self, ssid: str, *settings: str) -> None:
        changes = dict(_setting(word, Network) for word in settings)
        if changes.get("security", "wpa2") not in SECURITY:
            raise BadCommand(f"security is one of {', '.join(SECURITY)}")
        known = [n for n in self._world.air.networks if n.ssid == ssid.encode()]
        if not known:
            changes.setdefault("security", "wpa2" if changes.get("password") else "open")
            self._world.add_network(ssid.encode(), **changes)
        for network in known:
            for name, value in changes.items():
                setattr(network, name, value)
        self._world.air.changed()

    def do_del(self, ssid: str) -> None:
        for network in [n for n in self._world.air.networks if n.ssid == ssid.encode()]:
            self._world.air.remove(network)

    def do_phone(self, what: str) -> None:
        if what not in ("joins", "follows", "stays"):
            raise BadCommand("phone joins, phone follows or phone stays")
        point = self._board.wifi.access_point
        if what == "joins":
            point.rejoin()
        else:
            point.follows = what == "follows"

    def do_drop(self, kind: str = "all") -> None:
        if kind not in ("all", "ble", "http"):
            raise BadCommand("drop, drop ble or drop http")
        if kind != "http":
            self._board.ble.drop_links()
        if kind != "ble":
            self._board.wifi.access_point.proxy.drop_all()

    def do_fault(self, *settings: str) -> None:
        for word in settings:
            setattr(self._board.faults, *_setting(word, Faults))
        self._screen.print(str(self._board.faults))

    def do_pace(self, interval: str) -> None:
        self._world.radio.pace(None if interval == "off" else float(interval))

    def do_state(self) -> None:
        board, station = self._board, self._board.wifi.station
        point = board.wifi.access_point
        joined = station.network.ssid.decode(errors="replace") if station.network else "no"
        for name, value in (
            ("power", "on" if board.is_on else "off"),
            ("access point", f"channel {point.settings['channel']}" if point.active else "off"),
            ("REST", board.http_url if board.http_is_up else "not reachable"),
            ("Bluetooth", "advertising" if board.ble.is_advertising else "not advertising"),
            ("links", str(len(board.ble.connections))),
            ("joined", f"{joined} {station.address if station.has_address else ''}"),
            ("name there", f"{board.wifi.lan.name}.local" if board.wifi.lan.is_open else "none"),
            ("flash operations", str(board.record.flash_operations)),
        ):
            self._screen.print(f"  {name:18} {escape(value)}")

    def do_led(self) -> None:
        changes = self._board.led[-12:]
        marks = ["[green]on[/]" if level else "off" for _, level in changes]
        gaps = [
            f" {(b[0] - a[0]) * 1000:.0f} ms " for a, b in zip(changes, changes[1:], strict=False)
        ]
        self._screen.print("".join(m + g for m, g in zip(marks, [*gaps, ""], strict=True)) or "off")

    def do_log(self, count: str = "20") -> None:
        for line in self._board.log[-int(count) :]:
            self._show_line(line)

    async def do_wait(self, *what: str) -> None:
        text = " ".join(what)
        if text.replace(".", "", 1).isdigit():
            await asyncio.sleep(float(text))
        else:
            await self._board.wait_log(text, _WAIT_LOG_S)

    def do_how(self) -> None:
        for line in self.how_to():
            # Unwrapped and unmarked, so that it can be copied.
            self._screen.print(f"  {line}", soft_wrap=True, markup=False, style="cyan")

    def _show_line(self, line: str) -> None:
        self._screen.print(f"[dim]board[/] {escape(line)}", soft_wrap=True)


def _setting(word: str, kind: type[Any]) -> tuple[str, Any]:
    """A field of the dataclass `kind` and its value from `name=value`."""
    name, equals, text = word.partition("=")
    known = {field.name: str(field.type) for field in fields(kind)}
    if not equals or known.get(name) is None or "dict" in known[name] or "bytes" in known[name]:
        raise BadCommand(f"{word} is not FIELD=VALUE of {', '.join(known)}")
    if known[name] == "bool":
        return name, text.lower() in ("yes", "on", "true", "1")
    if text in ("", "none", "off") and "None" in known[name]:
        return name, None
    if "int" in known[name]:
        return name, int(text)
    return name, float(text) if known[name] == "float" else text
