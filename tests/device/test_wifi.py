"""firmware/device/wifi.py on MicroPython with a made-up driver: names, neighbors, addresses."""

import asyncio
import sys

from tests.device.device_vectors import Skip

IS_BOARD = sys.implementation.name == "micropython"
GOT_IP, IDLE = 1010, 1000


class Wlan:
    """One of the two interfaces; `calls` is what was asked of both, in order."""

    calls = []
    joined = "192.168.1.103"
    mask = "255.255.255.0"

    def __init__(self, interface):
        self.is_point = interface == 1
        self.address = "192.168.4.1" if self.is_point else "0.0.0.0"
        self.slow_to_leave = 0  # how often it still says that it is connected

    def active(self, on):
        self.calls.append("point" if self.is_point else "station")

    def config(self, **settings):
        pass

    def scan(self):
        return []

    def connect(self, ssid, key=None):
        self.calls.append("connect")
        self.address = self.joined

    def disconnect(self):
        if not self.slow_to_leave:
            self.address = "0.0.0.0"

    def isconnected(self):
        if self.slow_to_leave:
            self.slow_to_leave -= 1
            return True
        return self.address != "0.0.0.0"

    def status(self, what=None):
        return GOT_IP if self.address != "0.0.0.0" else IDLE

    def ifconfig(self, values=None):
        if values is None:
            return (self.address, self.mask, "", "")
        self.calls.append(values)
        return None

    def ipconfig(self, **settings):
        self.calls.append(settings)


class Network:
    STA_IF, AP_IF = 0, 1

    @staticmethod
    def hostname(name):
        Wlan.calls.append(name)

    WLAN = Wlan


def module():
    """firmware.device.wifi; its driver is the one above."""
    if not IS_BOARD:
        raise Skip("sleep_ms and ticks_ms are MicroPython's")
    sys.modules["network"] = Network
    Wlan.calls = []
    Wlan.joined, Wlan.mask = "192.168.1.103", "255.255.255.0"
    from firmware.device import wifi

    return wifi


def joining(wifi, *statics):
    for static in statics:
        joined = asyncio.run(wifi.join(b"home", b"correct horse", static, 1000))
        assert joined.status == 0, joined.status


def test_a_hostname_is_made_of_what_a_hostname_may_hold():
    wifi = module()
    assert wifi.default_hostname("1A2B") == "latchkey-1a2b"
    assert wifi.default_hostname("K 7") == "latchkey-kx7"
    assert wifi.default_hostname("\u00e9-._") == "latchkey-xxxx"


def test_the_name_is_given_before_the_station_is_started():
    wifi = module().Wifi("latchkey-1a2b")
    joining(wifi, None)
    assert Wlan.calls[:2] == ["latchkey-1a2b", "station"], Wlan.calls


def test_only_stations_of_the_access_point_are_neighbors():
    wifi = module().Wifi("latchkey-1a2b")
    assert not wifi.is_neighbor("192.168.4.2")
    wifi.start_point("Latchkey-1A2B")
    assert wifi.is_neighbor("192.168.4.2") and wifi.point_address() == "192.168.4.1"
    for stranger in ("192.168.1.7", "192.168.40.2", "92.168.4.2", "10.0.0.1"):
        assert not wifi.is_neighbor(stranger), stranger
    joining(wifi, None)
    assert wifi.is_neighbor("192.168.4.2") and not wifi.is_neighbor("192.168.1.7")


def test_on_a_network_with_the_access_points_addresses_nobody_is_a_neighbor():
    wifi = module().Wifi("latchkey-1a2b")
    wifi.start_point("Latchkey-1A2B")
    for Wlan.joined, Wlan.mask, shared in (
        ("192.168.4.77", "255.255.255.0", True),
        ("192.168.4.77", "255.255.255.192", True),  # a part of them
        ("192.168.7.77", "255.255.252.0", True),  # they and others
        ("192.168.8.77", "255.255.252.0", False),
        ("192.0.0.77", "255.0.0.0", True),
    ):
        joining(wifi, None)
        assert wifi.is_neighbor("192.168.4.2") != shared, (Wlan.joined, Wlan.mask)


def test_a_static_address_is_whole_and_is_taken_back():
    wifi = module().Wifi("latchkey-1a2b")
    address, gateway, dns = bytes((10, 0, 0, 9)), bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
    joining(
        wifi, [address, 24, gateway, dns], [address, 8, gateway, None], [address, 8, None, None]
    )
    joining(wifi, None, None)
    asked = [call for call in Wlan.calls if isinstance(call, (tuple, dict))]
    assert asked == [
        ("10.0.0.9", 24, "10.0.0.1", "10.0.0.2"),
        ("10.0.0.9", 8, "10.0.0.1", "10.0.0.1"),
        ("10.0.0.9", 8, "0.0.0.0", "10.0.0.9"),
        {"dhcp4": True},
    ], asked


def test_an_address_is_set_only_when_the_driver_has_left_the_last_network():
    wifi = module().Wifi("latchkey-1a2b")
    joining(wifi, None)
    station = wifi._station
    station.slow_to_leave = 3
    joining(wifi, [bytes((10, 0, 0, 9)), 24, None, None])
    assert station.slow_to_leave == 0
