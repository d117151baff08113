"""Provisioning over one link, again and again, with everything on the way counted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from host_client.authority import Authority
from host_client.client import Board as Client
from host_client.credentials import Credentials
from host_client.known_boards import KnownBoards
from host_client.links.base import LinkOptions, open_link
from host_client.order import Target
from host_client.trust import Trust
from tests.bench import orders
from tests.bench.meter import Exchange, MeteredLink, RadioMeter
from tests.bench.timed import BOARD_STAGES, Run, timed_firmware
from tests.virtual_board.board import Board
from tests.virtual_board.host_radio import HostRadio, host_radio
from tests.virtual_board.world import World
from transports import contract as c

HOLD_MS = 150
LIMITS = {"hold_ms": HOLD_MS, "linger_s": 60}
# What timing takes of the heap, and more: without, every tenth order or so did not fit.
TIMING_KB = 16
_MAX_TRIAL_S = 20.0
_STAGE_PREFIX, _TRIED = "bench: ", "order tried"


@dataclass(frozen=True)
class Condition:
    """A link under one condition. mtu: ATT_MTU, and interval_ms: connection interval, of BLE."""

    link: str
    mtu: int | None = None
    interval_ms: float | None = None

    @property
    def name(self) -> str:
        if self.link == "http":
            return "http"
        pace = f"{self.interval_ms:g} ms" if self.interval_ms else "unpaced"
        return f"ble, MTU {self.mtu}, {pace}"


CONDITIONS = (
    Condition("http"),
    *(Condition("ble", mtu, pace) for pace in (None, 30.0) for mtu in (517, 185, 23)),
)


class Bench:
    """One board whose window can be opened again and again, and a host in reach of it."""

    def __init__(
        self, condition: Condition, world: World, board: Board, radio: HostRadio | None,
        authority: Authority,
    ) -> None:  # fmt: skip
        self.condition = condition
        self.board = board
        self._world = world
        self._radio = radio
        self._authority = authority
        self._lines: list[tuple[float, str]] = []
        board.on_line = lambda line: self._lines.append((time.monotonic(), line))

    @property
    def target(self) -> Target:
        factory = self.board.factory
        return Target(factory["device_id"], bytes.fromhex(factory["device_key"]))

    async def open_window(self, timeout_s: float = 10) -> None:
        """From no power, so that every run begins alike. Raises BoardError."""
        await self.board.power_cut()
        await self.board.power_on()
        await self.board.ready()
        since = len(self.board.log)
        self.board.hold()
        try:
            await self.board.wait_log("button held", since=since)
        finally:
            self.board.release()
        await self.board.wait_log("window open", since=since)
        await self.board.until(self._is_reachable, timeout_s, f"open {self.condition.link}")

    def _is_reachable(self) -> bool:
        if self.condition.link == "http":
            return self.board.http_is_up
        return self.board.ble.is_advertising

    def client(self) -> tuple[Client, MeteredLink]:
        url = f"ble://{self.board.ble_name}"
        options = LinkOptions(exchange_timeout_s=60)
        if self.condition.link == "http":
            url = self.board.http_url
        elif self._radio is not None:
            options = LinkOptions(exchange_timeout_s=60, **self._radio.backend_arguments)
        link = MeteredLink(open_link(url, options))
        trust = Trust(self.board.factory["device_key"], KnownBoards(in_memory=True))
        return Client(link, trust, Credentials(self._authority)), link

    async def provision(self, octets: int | None = None) -> Run:
        """One order, from a closed link to the verified receipt; the window must be open.

        octets: length of an order that is filled up to it, instead of the usual one.
        """
        order = orders.usual_order(self.target, self._authority) if octets else None
        what = orders.filled(order, octets) if order and octets else orders.usual_settings()
        sizes: list[int] = []
        began = time.monotonic()
        client, link = self.client()
        self._lines.clear()
        async with client:
            connected = time.monotonic()
            meter = self._count()
            outcome = await client.provision(
                what,
                timeout_s=_MAX_TRIAL_S,
                on_sealed=lambda sealed: sizes.append(len(sealed.data)),
            )
            ended = time.monotonic()
            counts = meter()
        if not outcome.receipt.verified or outcome.receipt.result != c.OK:
            raise RuntimeError("the receipt was not verified")
        stages = self._stages(connected, ended, link.exchanges)
        return Run(sizes[0], connected - began, ended - connected, stages, link.exchanges, counts)

    def _count(self) -> Callable[[], dict[str, int]]:
        """Begin to count octets; returns the function that says how many there were."""
        if self.condition.link == "http":
            proxy = self.board.wifi.access_point.proxy
            up, down = proxy.octets_up, proxy.octets_down
            return lambda: {
                "octets_up": proxy.octets_up - up, "octets_down": proxy.octets_down - down,
            }  # fmt: skip
        radio = RadioMeter(self.board.ble.address)
        radio.listen(self._world.radio)
        return lambda: {
            "octets_up": radio.up.octets, "octets_down": radio.down.octets,
            "writes": radio.up.values, "notifications": radio.down.values,
            "frames": radio.up.frames + radio.down.frames,
            "acks": radio.up.acks + radio.down.acks,
        }  # fmt: skip

    def _stages(self, began: float, ended: float, exchanges: list[Exchange]) -> dict[str, float]:
        """Seconds by stage; "link" is what the others leave of the total."""
        stages = dict.fromkeys(BOARD_STAGES, 0.0)
        tried = ended
        for heard, line in self._lines:
            if line.startswith(_STAGE_PREFIX):
                stage, microseconds = line[len(_STAGE_PREFIX) :].split()
                stages[stage] += int(microseconds) / 1e6
            elif _TRIED in line:
                tried = heard
        info, handed = (
            next(e for e in exchanges if e.operation == operation)
            for operation in (c.INFO, c.PROVISION)
        )
        asked_again = min((e.began for e in exchanges if e.began >= tried), default=tried)
        in_flight = any(e.began < tried < e.ended for e in exchanges)
        stages["poll"] = 0.0 if in_flight else asked_again - tried
        stages["host"] = handed.began - info.ended + ended - exchanges[-1].ended
        return {"link": ended - began - sum(stages.values()), **stages}


@contextlib.asynccontextmanager
async def bench(
    condition: Condition, authority: Authority, timed: bool = True, **board: object
) -> AsyncIterator[Bench]:
    """A board of its own for a condition; timed: with stages told on its console."""
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(World(condition.interval_ms))
        orders.put_networks_on_air(world)
        radio = None
        if condition.link == "ble":
            mtu = condition.mtu or 517
            radio = await stack.enter_async_context(host_radio(world, kind="backend", mtu=mtu))
        firmware = timed_firmware(authority.public_key, LIMITS) if timed else None
        made = await world.add_board(
            authority=authority.public_key, limits=LIMITS, firmware=firmware, **board
        )
        if timed:
            made.heap_kb += TIMING_KB
        yield Bench(condition, world, made, radio, authority)
