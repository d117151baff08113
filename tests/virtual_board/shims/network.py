"""MicroPython's `network` module for the ESP32 (1.24): station and access point on the air.

Status codes and the traps of `connect()`, `config()` and `reconnects` are imitated in the
world (station.py, access_point.py); this file only carries questions and answers.
"""

import binascii

import _wire

STA_IF = 0
AP_IF = 1

STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_BEACON_TIMEOUT = 200
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_ASSOC_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204
STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY = 210
STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211
STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD = 212


def _encoded(value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, (bytes, bytearray)):
        return {"hex": binascii.hexlify(value).decode()}
    return value


def _decoded(value):
    return binascii.unhexlify(value["hex"]) if isinstance(value, dict) else value


class WLAN:
    """One interface. `WLAN(WLAN.IF_STA)` is the same radio however often it is made."""

    IF_STA = 0
    IF_AP = 1
    SEC_OPEN = 0
    SEC_WEP = 1
    SEC_WPA = 2
    SEC_WPA2 = 3
    SEC_WPA_WPA2 = 4
    SEC_WPA2_ENT = 5
    SEC_WPA3 = 6
    SEC_WPA2_WPA3 = 7
    SEC_WAPI = 8
    SEC_OWE = 9
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, interface=0):
        if interface not in (0, 1):
            raise ValueError("invalid WLAN interface identifier")
        self._name = "ap" if interface else "sta"

    def _ask(self, what, *values):
        return _wire.call("wlan", self._name, what, *values)

    def active(self, on=None):
        return self._ask("active") if on is None else self._ask("active", bool(on))

    def connect(self, ssid=None, key=None, *, bssid=None):
        self._station()
        self._ask("connect", _encoded(ssid), _encoded(key))

    def disconnect(self):
        self._station()
        self._ask("disconnect")

    def status(self, what=None):
        if what is None:
            return self._ask("status")
        answer = self._ask("status", what)
        if what == "stations":
            return [(binascii.unhexlify(mac),) for mac in answer]
        return answer

    def isconnected(self):
        return self._ask("isconnected")

    def scan(self):
        self._station()
        return [
            (binascii.unhexlify(ssid), binascii.unhexlify(bssid), channel, rssi, security, False)
            for ssid, bssid, channel, rssi, security in self._ask("scan")
        ]

    def config(self, *query, **settings):
        if query and settings:
            raise TypeError("either pos or kw args are allowed")
        if query:
            found, value = self._ask("get", query[0])
            if not found:
                raise ValueError("unknown config param")
            value = _decoded(value)
            return value.decode() if query[0] in ("ssid", "essid", "hostname") else value
        for name in settings:
            settings[name] = _encoded(settings[name])
        if not self._ask("set", settings):
            raise ValueError("unknown config param")
        return None

    def ifconfig(self, values=None):
        if values is None:
            return tuple(self._ask("ifconfig"))
        if values == "dhcp":
            # RuntimeError where DHCP is on already; ask with ipconfig(dhcp4=True).
            raise NotImplementedError
        if values[3] == "0.0.0.0":
            raise RuntimeError("Wifi Unknown Error 0x5001")
        self._ask("ifconfig", list(values))
        return None

    def ipconfig(self, *query, **settings):
        if query and settings:
            raise TypeError("can't specify pos and kw args")
        if settings:
            if settings != {"dhcp4": True}:
                raise NotImplementedError
            self._station()
            self._ask("ask_dhcp")
            return None
        address, mask, gateway, _ = self.ifconfig()
        if query[0] == "addr4":
            return address, mask
        if query[0] == "gw4":
            return gateway
        raise ValueError("unexpected key")

    def _station(self):
        if self._name != "sta":
            raise OSError("STA required")


def hostname(name=None):
    """The name given to DHCP; up to 32 characters."""
    if name is not None and len(name) > 32:
        raise ValueError
    return _wire.call("hostname", name)


def country(code=None):
    """Two letters, "XX" for the world."""
    if code is not None and len(code) != 2:
        raise ValueError
    return _wire.call("country", code)
