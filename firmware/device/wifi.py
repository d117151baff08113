"""The board's Wi-Fi: its own access point, a look around, and joining with a real reason.

What the ESP32 port of MicroPython does, and this file answers (read in
ports/esp32/network_wlan.c of 1.24 to 1.29):

- `config(password=)` without `security=` leaves an access point open.
- `connect()` retries for ever unless `reconnects` is set, and while it does, reasons such
  as 2, 15, 203 and 204 show as "connecting".
- The reason of the last failure survives the next `connect()` until an address is got.
- "Connecting" covers association and DHCP alike; `status("rssi")` succeeds only when
  associated, which tells the two apart.
- By ESP-IDF, a static address set while the interface is still up counts as "got an address" at
  once, joined or not; and it stays, for every network, until DHCP is asked for again.
- The port's own mDNS responder is named once, when the first address since
  power on is got, after `network.hostname()`; it answers for `<hostname>.local`, addresses only.
- A passphrase means WPA2 or better (ESP-IDF's default threshold): WPA3 is joined, WEP and
  WPA are passed over with reason 211.
"""

import asyncio
from time import ticks_diff, ticks_ms

import network

from transports.contract import (
    JOIN_REFUSED,
    JOIN_TIMEOUT,
    NAME_PREFIX,
    NETWORK_NOT_FOUND,
    NO_ADDRESS,
    OK,
    SECURITY_MISMATCH,
    WRONG_PASSWORD,
)

_GOT_IP, _CONNECTING, _IDLE = 1010, 1001, 1000
_POLL_MS = 100
_STALE_MS = 3000  # how long the reason of an earlier failure is not believed
_LEAVE_MS = 1000
_ATTEMPTS = 2

# ESP-IDF wifi_err_reason_t -> status. None of 2, 15, 202, 204, 205 is proof of a wrong
# password; each is what a wrong password looks like.
_REASONS = {
    2: WRONG_PASSWORD, 15: WRONG_PASSWORD, 202: WRONG_PASSWORD, 204: WRONG_PASSWORD,
    205: WRONG_PASSWORD, 200: JOIN_TIMEOUT, 201: NETWORK_NOT_FOUND, 212: NETWORK_NOT_FOUND,
    203: JOIN_REFUSED, 210: SECURITY_MISMATCH, 211: SECURITY_MISMATCH,
}  # fmt: skip


class Joined:
    """How an attempt to join ended. status: a code of the contract's table; reason: the
    driver's own code; address: the IPv4 address got, or None."""

    def __init__(self, status, reason, address=None):
        self.status = status
        self.reason = reason
        self.address = address


class Wifi:
    def __init__(self, hostname):
        """hostname: what the board is called on a network, and answers to by mDNS."""
        self.hostname = hostname
        self._station = None
        self._point = None
        self._static = False  # the station has an address that DHCP did not give

    def start_point(self, name):
        """Open the access point `name`, on the channel of the strongest network around.

        A board has one radio: when it joins a network on another channel, its access
        point moves there and drops the phone. The strongest network is the likeliest to
        be joined. Raises OSError or RuntimeError where memory does not suffice.
        """
        self._start_station()
        found = self.scan()
        channel = max(found, key=lambda entry: entry[1])[2] if found else 1
        point = network.WLAN(network.AP_IF)
        point.active(True)
        point.config(ssid=name, security=0, channel=min(channel, 11), max_clients=4)
        self._point = point
        return found

    def point_address(self):
        """The board's IPv4 address on its own access point, once that is open."""
        return self._point.ifconfig()[0]

    def scan(self):
        """Return [(ssid octets, rssi dBm, channel, security)], strongest first.

        Blocks the whole board for 2 to 3 s, as the driver does. An SSID seen through
        several access points is listed once. Hidden networks are left out.
        """
        self._start_station()
        strongest = {}
        try:
            entries = self._station.scan()
        except OSError:
            return []  # refused while connecting; the caller asks again later
        for ssid, _, channel, rssi, security, _ in entries:
            known = strongest.get(ssid)
            if ssid and (known is None or known[1] < rssi):
                strongest[ssid] = (ssid, rssi, channel, security)
        return sorted(strongest.values(), key=lambda entry: -entry[1])

    def is_neighbor(self, address):
        """Tell whether `address`, of a peer, is that of a station of our own access point.

        Who only claims so gets no answer: replies to it leave through the access point. On a
        joined network that has the access point's addresses among its own nobody is believed.
        """
        if self._point is None:
            return False
        own = self._point.ifconfig()[0]
        if not _are_one(address, own):
            return False
        return not self.connected() or not _are_one(own, *self._station.ifconfig()[:2])

    async def join(self, ssid, key, static, timeout_ms, on_associated=None):
        """Try once to join and to get an address. Returns Joined.

        ssid: 1 to 32 octets; key: octets, or None for an open network. static: None for DHCP,
        or [address, prefix length, gateway, DNS server], octets, the last two may be None.
        on_associated is called when the radio link stands and only the address is missing.
        """
        await self._leave_for_good()
        station = self._station
        stale = station.status()
        station.config(reconnects=_ATTEMPTS)
        start = ticks_ms()
        try:
            self._set_address(static)
            station.connect(ssid, key) if key else station.connect(ssid)
        except (OSError, RuntimeError) as error:
            # ESP-IDF's errors come as a text where a number is expected.
            number = getattr(error, "errno", 0)
            return Joined(JOIN_REFUSED, number if isinstance(number, int) else 0)
        return await self._until_joined(stale, start, timeout_ms, on_associated)

    async def _until_joined(self, stale, start, timeout_ms, on_associated):
        station = self._station
        associated = False
        while ticks_diff(ticks_ms(), start) < timeout_ms:
            await asyncio.sleep_ms(_POLL_MS)
            status = station.status()
            if status == _GOT_IP:
                return Joined(OK, 0, station.ifconfig()[0])
            if not associated and self._associated():
                associated = True
                if on_associated:
                    on_associated()
            if associated or status in (_CONNECTING, _IDLE):
                continue
            if status != stale or ticks_diff(ticks_ms(), start) > _STALE_MS:
                self.leave()
                return Joined(_REASONS.get(status, JOIN_REFUSED), status)
        self.leave()
        return Joined(NO_ADDRESS if associated else JOIN_TIMEOUT, station.status())

    def leave(self):
        """Stop being, or trying to be, a station of any network."""
        self._start_station()
        try:
            self._station.disconnect()
        except OSError:
            pass  # it was not connected

    def connected(self):
        return self._station is not None and self._station.isconnected()

    def address(self):
        """The IPv4 address on the joined network, or None."""
        return self._station.ifconfig()[0] if self.connected() else None

    def set_host(self, hostname, country):
        """Name and country from now on; None leaves the default. Before the first join."""
        if hostname:
            self.hostname = hostname
        if country:
            network.country(country)

    async def _leave_for_good(self):
        """Leave, and wait until the driver has noticed: an address set before would count."""
        self.leave()
        start = ticks_ms()
        while self._station.isconnected() and ticks_diff(ticks_ms(), start) < _LEAVE_MS:
            await asyncio.sleep_ms(_POLL_MS)

    def _set_address(self, static):
        if static is not None:
            address, prefix, gateway, dns = static
            gateway = gateway or b"\0\0\0\0"
            # The driver refuses to have no DNS server; one that does not answer will do.
            dns = dns or (gateway if any(gateway) else address)
            self._static = True
            self._station.ifconfig((_dotted(address), prefix, _dotted(gateway), _dotted(dns)))
        elif self._static:
            self._station.ipconfig(dhcp4=True)
            self._static = False

    def _start_station(self):
        if self._station is None:
            network.hostname(self.hostname)
            station = network.WLAN(network.STA_IF)
            station.active(True)
            self._station = station

    def _associated(self):
        try:
            self._station.status("rssi")
        except OSError:
            return False
        return True


def default_hostname(suffix):
    """`latchkey-1a2b`, for a device id that ends in 1A2B; what no hostname may hold is an x."""
    kept = [c if c in "0123456789abcdefghijklmnopqrstuvwxyz" else "x" for c in suffix.lower()]
    return NAME_PREFIX.lower() + "".join(kept)


def _dotted(octets):
    return ".".join(str(octet) for octet in octets)


def _are_one(address, other, mask="255.255.255.0"):
    """Whether a network of this mask around `other` and an access point's around `address` share
    addresses. An ESP32's access point has a /24."""
    octets = [[int(octet) for octet in text.split(".")[:3]] for text in (address, other, mask)]
    return not any((a ^ b) & m for a, b, m in zip(*octets))
