"""The air between Bluetooth controllers: Bumble's LocalLink, addressed rightly and paced.

Three things of Bumble 0.0.236's LocalLink are put right here:

- data went out under the sender's random address always, so that a central which
  connects by its public address was connected and then deaf;
- a packet to a controller that has gone raised inside the sender;
- everything arrived at once. With an interval set, each direction of each connection
  delivers a few packets at every connection event, data and control in the order they
  were sent (a disconnect never overtakes what was queued before it).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from bumble import core, hci, ll
from bumble import link as bumble_link
from bumble.controller import Connection, Controller

LINK_PACKET_OCTETS = 251  # LE data length extension (Core 4.2), which ESP32 and phones use


class Direction:
    """What one controller has sent to another and has not yet arrived."""

    def __init__(self, interval_s: float, packets_per_event: int) -> None:
        self._interval_s = interval_s
        self._packets_per_event = packets_per_event
        self._queue: deque[tuple[int, Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, packets: int, deliver: Callable[[], None]) -> None:
        """Queue `deliver`, which stands for so many link-layer packets."""
        self._queue.append((packets, deliver))
        if self._timer is None:
            self._arm()

    def clear(self) -> None:
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __len__(self) -> int:
        return len(self._queue)

    def _arm(self) -> None:
        # Connection events come at fixed times, not an interval after each send.
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._timer = loop.call_at(
            (now // self._interval_s + 1) * self._interval_s, self._connection_event
        )

    def _connection_event(self) -> None:
        self._timer = None
        budget = self._packets_per_event
        while self._queue and budget > 0:
            packets, deliver = self._queue.popleft()
            if packets > budget:
                self._queue.appendleft((packets - budget, deliver))
                break
            budget -= packets
            deliver()
        if self._queue:
            self._arm()


class PacedLink(bumble_link.LocalLink):
    """A LocalLink with right addresses and, if asked for, connection events.

    interval_ms: connection interval, or None to deliver at once;
    packets_per_event: link-layer packets of up to 251 octets in one direction at one event.
    """

    def __init__(self, interval_ms: float | None = None, packets_per_event: int = 4) -> None:
        super().__init__()
        self.interval_ms = interval_ms
        self.packets_per_event = packets_per_event
        # Told of every L2CAP packet that is sent: the sender's address, and its octets.
        self.on_data: Callable[[hci.Address, bytes], None] = lambda sender, data: None
        self._directions: dict[tuple[Controller, Controller], Direction] = {}

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        connection = sender_controller.le_connections.get(destination_address)
        if connection is None:
            return
        peer = self.peer_of(connection)
        if peer is None:
            return
        packets = -(-len(data) // LINK_PACKET_OCTETS)
        source = connection.self_address
        self.on_data(source, data)
        heard_as = peer.le_connections[source]
        self._send(
            sender_controller,
            peer,
            packets,
            lambda: self._deliver_data(peer, heard_as, transport, data),
        )

    def send_ll_control_pdu(
        self,
        sender_address: hci.Address,
        receiver_address: hci.Address,
        packet: ll.ControlPdu,
    ) -> None:
        receiver = self._holder(receiver_address, sender_address)
        sender = self._holder(sender_address, receiver_address)
        if receiver is None or sender is None:
            return
        heard_as = receiver.le_connections[sender_address]
        self._send(sender, receiver, 1, lambda: self._deliver_control(receiver, heard_as, packet))

    def remove_controller(self, controller: Controller) -> None:
        self.controllers.discard(controller)
        for ends in [ends for ends in self._directions if controller in ends]:
            self._directions.pop(ends).clear()

    def queued(self, sender: Controller, peer_address: hci.Address) -> int:
        """How many packets of `sender` to that peer have not arrived yet."""
        connection = sender.le_connections.get(peer_address)
        peer = self.peer_of(connection) if connection else None
        direction = self._directions.get((sender, peer)) if peer else None
        return len(direction) if direction else 0

    def when_arrived(
        self, sender: Controller, peer_address: hci.Address, call: Callable[[], None]
    ) -> None:
        """Call when all that `sender` has queued for that peer has arrived."""
        connection = sender.le_connections.get(peer_address)
        peer = self.peer_of(connection) if connection else None
        if peer is None:
            asyncio.get_running_loop().call_soon(call)
        else:
            self._send(sender, peer, 0, call)

    def _send(
        self, sender: Controller, receiver: Controller, packets: int, deliver: Callable[[], None]
    ) -> None:
        direction = self._directions.get((sender, receiver))
        if self.interval_ms is None and not direction:
            asyncio.get_running_loop().call_soon(deliver)
            return
        if direction is None:
            interval_s = (self.interval_ms or 7.5) / 1000
            direction = Direction(interval_s, self.packets_per_event)
            self._directions[(sender, receiver)] = direction
        direction.put(packets, deliver)

    def peer_of(self, connection: Connection) -> Controller | None:
        """The controller at the other end, if it knows of the link."""
        return self._holder(connection.peer_address, connection.self_address)

    def _holder(self, address: hci.Address, peer: hci.Address) -> Controller | None:
        """The controller that has a connection as `address` with `peer`."""
        for controller in self.controllers:
            connection = controller.le_connections.get(peer)
            if connection is not None and connection.self_address == address:
                return controller
        return None

    # A packet belongs to the connection it was sent on: what was under way when the link
    # was lost must not turn up in the next connection of the same two.

    @staticmethod
    def _deliver_data(
        peer: Controller, heard_as: Connection, transport: core.PhysicalTransport, data: bytes
    ) -> None:
        if peer.le_connections.get(heard_as.peer_address) is heard_as:
            peer.on_link_acl_data(heard_as.peer_address, transport, data)

    @staticmethod
    def _deliver_control(receiver: Controller, heard_as: Connection, packet: ll.ControlPdu) -> None:
        if receiver.le_connections.get(heard_as.peer_address) is heard_as:
            receiver.on_ll_control_pdu(heard_as.peer_address, packet)
