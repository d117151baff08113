"""The orders that are measured: a usual one, and one that fills the largest message."""

from __future__ import annotations

from dataclasses import replace

import cbor2

from host_client import cbor
from host_client.authority import Authority
from host_client.order import MAX_ORDER, SealedOrder, Target, seal_order
from host_client.settings import DeviceSettings, ServerSettings, Settings
from host_client.settings import NetworkSettings as Network
from tests.virtual_board.world import World
from transports.contract import ALG_HPKE_4

SSID, PASSWORD = b"Workshop", b"tin-opener-42"
_KID = 4  # key identifier (RFC 9052 section 3.1)


def usual_settings() -> Settings:
    """Two networks, a server with its pin and credentials, and a name."""
    return Settings(
        networks=[
            Network(ssid=SSID, key=PASSWORD),
            Network(ssid=b"Field office", key=b"wet-boots-17"),
        ],
        server=ServerSettings(
            url="https://example.org/devices", pin=bytes(32), credentials=b"t" * 240
        ),
        device=DeviceSettings(
            name="Pump 7", hostname="pump-7", country="CH", timezone="CET-1CEST,M3.5.0,M10.5.0/3"
        ),
    )


def usual_order(target: Target, authority: Authority, suite: int = ALG_HPKE_4) -> SealedOrder:
    """Sealed offline: for any window of that board."""
    return seal_order(usual_settings(), target, authority, suite=suite)


def filled(order: SealedOrder, octets: int = MAX_ORDER) -> SealedOrder:
    """The same order with a key identifier as long as it takes: no settings are that long.

    The identifier is unprotected, so seal, signature and receipt stay as they are.
    """
    tag = cbor2.loads(order.data)
    protected, unprotected, ciphertext = tag.value
    room = octets - len(order.data)
    head = len(cbor.encode({_KID: bytes(room)})) - 1 - room  # of the identifier and its label
    kid = bytes(room - head)
    body = [protected, {**unprotected, _KID: kid}, ciphertext]
    data = cbor.encode(cbor2.CBORTag(tag.tag, body))
    if len(data) != octets:
        raise ValueError(f"{len(data)} octets instead of {octets}")
    return replace(order, data=data)


def put_networks_on_air(world: World) -> None:
    world.add_network(SSID, password=PASSWORD.decode())
