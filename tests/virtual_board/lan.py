"""The local network that a board joined, as far as this machine is a host on it.

A network whose subnet is part of the loopback network (`Network.subnet` "127.x.y") can be
reached from here: the board is then at its own address, at the port that its access point's
REST endpoint has here, and its name is answered for by multicast DNS on the loopback interface.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.virtual_board.datagrams import Relay
from tests.virtual_board.mdns import Responder
from tests.virtual_board.proxy import Proxy
from tests.virtual_board.station import Station


class Lan:
    """One board's place on the network that its station is on.

    port, dns_port: of the REST endpoint, and of the board's port 53, here. hostname(): what
    network.hostname() is now.
    """

    def __init__(
        self,
        station: Station,
        responder: Responder,
        port: int,
        port_80: Callable[[], int | None],
        hostname: Callable[[], str],
        on_client: Callable[[int, str], None],
        dns_port: int,
        port_53: Callable[[], int | None],
        on_datagram_client: Callable[[int, str], None],
    ) -> None:
        self._station = station
        self._responder = responder
        self._port = port
        self._port_80 = port_80
        self._hostname = hostname
        self._on_client = on_client
        self._dns_port = dns_port
        self._port_53 = port_53
        self._on_datagram_client = on_datagram_client
        self.dns: Relay | None = None
        self._opening: asyncio.Task[None] | None = None
        self.proxy: Proxy | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.name: str | None = None  # of the mDNS responder, once it has one
        station.on_address = self._on_address

    @property
    def is_open(self) -> bool:
        """Whether hosts on the network find the board, by name and by address."""
        return self.proxy is not None and self.proxy.is_open

    def power_off(self) -> None:
        self.leave()
        self.name = None

    def leave(self) -> None:
        """The board is on no network any more."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self.name is not None:
            self._responder.forget(self.name)
        if self.proxy is not None:
            self.proxy.close()
            self.proxy = None
        if self.dns is not None:
            self.dns.close()
            self.dns = None

    def _on_address(self) -> None:
        self.leave()
        if not self._station.has_address:
            return
        # The port's responder takes its name when the first address since power on is got.
        self.name = self.name or self._hostname()
        network = self._station.network
        if network is not None and network.is_here and self._station.is_on_subnet:
            self._opening = asyncio.get_running_loop().create_task(self._open(network.subnet))

    async def _open(self, subnet: str) -> None:
        assert self.name is not None
        host = self._station.address
        client = f"{subnet}.{2 if host != f'{subnet}.2' else 3}"
        self.proxy = Proxy(self._port_80, self._port, host, client, self._on_client)
        self.dns = Relay(self._port_53, self._dns_port, host, client, self._on_datagram_client)
        await self._responder.answer(self.name, host)
        await self.proxy.open()
        self.dns.open()
        self.on_change()
