"""The board's Wi-Fi: its own access point, a look around, and joining with a real reason.

What the ESP32 port of MicroPython does, and this file answers (read in
ports/esp32/network_wlan.c of 1.24 to 1.29):

- `config(password=)` without `security=` leaves an access point open.
- `connect()` retries for ever unless `reconnects` is set, and while it does, reasons such
  as 2, 15, 203 and 204 show as "connecting".
- The reason of the last failure survives the next `connect()` until an address is got.
- "Connecting" covers association and DHCP alike; `status("rssi")` succeeds only when
  associated, which tells the two apart.
"""

import asyncio
from time import ticks_diff, ticks_ms

import network

from transports.contract import (
    JOIN_REFUSED,
    JOIN_TIMEOUT,
    NETWORK_NOT_FOUND,
    NO_ADDRESS,
    OK,
    SECURITY_MISMATCH,
    WRONG_PASSWORD,
)

_GOT_IP, _CONNECTING, _IDLE = 1010, 1001, 1000
_POLL_MS = 100
_STALE_MS = 3000  # how long the reason of an earlier failure is not believed
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
    def __init__(self):
        self._station = None
        self._point = None

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

    def stop_point(self):
        if self._point is not None:
            self._point.active(False)
            self._point = None

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

    async def join(self, ssid, key, timeout_ms, on_associated=None):
        """Try once to join and to get an address. Returns Joined.

        ssid: 1 to 32 octets; key: octets, or None for an open network. on_associated is
        called when the radio link stands and only the address is missing.
        """
        self.leave()
        station = self._station
        stale = station.status()
        station.config(reconnects=_ATTEMPTS)
        start = ticks_ms()
        try:
            station.connect(ssid, key) if key else station.connect(ssid)
        except OSError as error:
            # ESP-IDF's errors come as a text where a number is expected.
            return Joined(JOIN_REFUSED, error.errno if isinstance(error.errno, int) else 0)
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
        """Name and country for the next join; None leaves the default."""
        if hostname:
            network.hostname(hostname)
        if country:
            network.country(country)

    def _start_station(self):
        if self._station is None:
            station = network.WLAN(network.STA_IF)
            station.active(True)
            self._station = station

    def _associated(self):
        try:
            self._station.status("rssi")
        except OSError:
            return False
        return True
