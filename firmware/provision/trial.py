"""Try an order's networks before anything is kept."""

from firmware.provision.record import static_address
from transports.contract import (
    ADDRESSING,
    JOINING,
    NETWORK_NOT_FOUND,
    OK,
    REACHING,
    SERVER_UNREACHABLE,
    TIME_SPENT,
)

_REACH_MS = 10000


class Outcome:
    """status: OK or why not; reason: the driver's code; network: its index, or None;
    address: the IPv4 address got, or None."""

    def __init__(self, status, reason=0, network=None, address=None):
        self.status = status
        self.reason = reason
        self.network = network
        self.address = address


async def try_networks(order, kept, wifi, reach, time_left_ms, report):
    """Join the first of the order's networks that works. Returns an Outcome.

    kept: the networks of the settings, [[ssid, key, hidden, static], ...]. They are joined if the
    order brings none and insists on its server; the index is then among them.
    reach: coroutine function (host, port, timeout_ms) -> bool. time_left_ms() is the time
    for one network, 0 when all is spent. report(step, index) is called as the trial goes
    on. When none works, the outcome is of the first network that was there at all: "wrong
    password" helps more than the "not found" of a fallback.
    """
    networks = [
        (network.ssid, network.key, static_address(network.static)) for network in order.networks
    ]
    if not networks:
        if order.server is None or not order.server.required:
            return Outcome(OK)
        networks = [(ssid, key, static) for ssid, key, _, static in kept]
    telling = None
    for index, (ssid, key, static) in enumerate(networks):
        timeout_ms = time_left_ms()
        if timeout_ms <= 0:
            return telling or Outcome(TIME_SPENT)
        report(JOINING, index)
        joined = await wifi.join(ssid, key, static, timeout_ms, lambda: report(ADDRESSING, index))
        outcome = Outcome(joined.status, joined.reason, index, joined.address)
        if joined.status == OK:
            return await _reach_server(order, outcome, wifi, reach, report)
        if telling is None or telling.status == NETWORK_NOT_FOUND:
            telling = outcome
    return telling or Outcome(SERVER_UNREACHABLE)


async def _reach_server(order, outcome, wifi, reach, report):
    if order.server is None or not order.server.required:
        return outcome
    report(REACHING, outcome.network)
    host, port = host_and_port(order.server.url)
    if not await reach(host, port, _REACH_MS):
        wifi.leave()
        outcome.status = SERVER_UNREACHABLE
    return outcome


def host_and_port(url):
    """Split an http, https, mqtt or mqtts URL. Raises ValueError for any other."""
    scheme, separator, rest = url.partition("://")
    ports = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883}
    if not separator or scheme not in ports:
        raise ValueError("no URL of a server")
    for end in "/?#":  # RFC 3986 section 3.2
        rest = rest.split(end, 1)[0]
    authority = rest.rpartition("@")[2]
    if authority.startswith("["):  # IPv6 literal, RFC 3986 section 3.2.2
        host, _, port = authority[1:].partition("]")
        if port and port[0] != ":":
            raise ValueError("no port behind the address")
        port = port[1:]
    else:
        host, _, port = authority.partition(":")
    if not host:
        raise ValueError("no host in the URL")
    return host, _port(port) if port else ports[scheme]


def _port(text):
    """Digits and nothing else: int() takes signs and underscores, too."""
    if len(text) > 5 or not all("0" <= digit <= "9" for digit in text):
        raise ValueError("no port in the URL")
    if not 0 < int(text) < 0x10000:
        raise ValueError("no such port")
    return int(text)
