"""One network of an order: its name, its key, and its address where there is no DHCP."""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from pydantic import AliasChoices, Field, SecretBytes, field_validator, model_validator

from host_client.settings_part import Octets, Part, SecretOctets

_HEX = frozenset(string.hexdigits.encode())
_LONGEST_PREFIX = 30  # /31 and /32 leave no room for a gateway


class NetworkSettings(Part):
    """One network. `ssid`: 1 to 32 octets. `key`: 8 to 63 octets, 64 hex digits, or None (open).

    `address`: a static IPv4 address with its prefix length ("192.168.1.20/24"); None: DHCP.
    `gateway` and `dns`: addresses, only beside a static one.
    """

    ssid: Octets = Field(min_length=1, max_length=32)
    key: SecretOctets | None = Field(default=None, validation_alias=AliasChoices("key", "password"))
    hidden: bool = False
    address: str | None = None
    gateway: str | None = None
    dns: str | None = None

    @field_validator("key")
    @classmethod
    def _check_key(cls, key: SecretBytes | None) -> SecretBytes | None:
        if key is None:
            return None
        raw = key.get_secret_value()
        if len(raw) == 64 and _HEX.issuperset(raw):
            return key
        if not 8 <= len(raw) <= 63:
            raise ValueError("a Wi-Fi password has 8 to 63 octets, or 64 hexadecimal digits")
        if any(octet < 32 or octet == 127 for octet in raw):
            raise ValueError("a Wi-Fi password holds no control characters")
        return key

    @field_validator("address")
    @classmethod
    def _check_address(cls, address: str | None) -> str | None:
        if address is not None:
            _interface(address)
        return address

    @field_validator("gateway", "dns")
    @classmethod
    def _check_host(cls, host: str | None) -> str | None:
        if host is not None:
            _host(host)
        return host

    @model_validator(mode="after")
    def _check_static(self) -> NetworkSettings:
        if self.address is None:
            if self.gateway is not None or self.dns is not None:
                raise ValueError("a gateway or DNS server is only for a static address")
            return self
        interface = _interface(self.address)
        if self.gateway is not None:
            gateway = _host(self.gateway)
            if gateway not in interface.network or gateway == interface.ip:
                raise ValueError("the gateway is another address of the same network")
        return self

    def to_claim(self) -> dict[int, Any]:
        """`network` of latchkey.cddl."""
        claim: dict[int, Any] = {1: self.ssid}
        if self.key is not None:
            claim[2] = self.key.get_secret_value()
        if self.hidden:
            claim[3] = True
        if self.address is not None:
            claim[4] = self._static_claim(_interface(self.address))
        return claim

    def _static_claim(self, interface: IPv4Interface) -> dict[int, Any]:
        """`ipv4` of latchkey.cddl."""
        claim: dict[int, Any] = {1: interface.ip.packed, 2: interface.network.prefixlen}
        for key, host in ((3, self.gateway), (4, self.dns)):
            if host is not None:
                claim[key] = _host(host).packed
        return claim


def _interface(text: str) -> IPv4Interface:
    """An address that a board can have. Raises ValueError."""
    try:
        address, _, prefix = text.partition("/")
        if not (prefix.isascii() and prefix.isdigit() and 1 <= int(prefix) <= _LONGEST_PREFIX):
            raise ValueError
        interface = IPv4Interface((IPv4Address(address), int(prefix)))
    except ValueError:
        raise ValueError(
            "a static address is written with its prefix length, such as 192.168.1.20/24"
        ) from None
    _host(address)
    network = interface.network
    if interface.ip in (network.network_address, network.broadcast_address):
        raise ValueError("the static address is that of its network, or its broadcast address")
    return interface


def _host(text: str) -> IPv4Address:
    """The address of one machine. Raises ValueError."""
    try:
        address = IPv4Address(text)
    except ValueError:
        raise ValueError("an IPv4 address is four numbers, such as 192.168.1.1") from None
    if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_reserved:
        raise ValueError("that is no address of a machine on a network")
    return address
