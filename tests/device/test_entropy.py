"""Keys are made while a radio feeds the generator, and not at all where none starts."""

import sys


class Station:
    def __init__(self, on=False, error=None):
        self.on = on
        self.error = error
        self.changes = []

    def active(self, on=None):
        if on is None:
            return self.on
        if on and self.error is not None:
            raise self.error
        self.on = on
        self.changes.append(on)


class Network:
    STA_IF = 0

    def __init__(self, station):
        self.WLAN = lambda interface: station


def _load():
    """The module, on a computer without a `network` module, too."""
    borrowed = "network" not in sys.modules
    if borrowed:
        sys.modules["network"] = Network(None)
    try:
        from firmware.device import entropy

        return entropy
    finally:
        if borrowed:
            del sys.modules["network"]


class Generator:
    """In the place of os: notes whether the radio was on when it was asked."""

    def __init__(self, station):
        self.station = station
        self.asked = []

    def urandom(self, length):
        self.asked.append(self.station.on)
        return b"r" * length


_entropy = _load()


def made(station):
    """(what key_octets gives, whether the radio was on at each question)."""
    generator = Generator(station)
    _entropy.network, _entropy.os = Network(station), generator
    return _entropy.key_octets(32), generator.asked


def test_switches_the_radio_on_and_off_again():
    station = Station()
    assert made(station) == (b"r" * 32, [True])
    assert station.changes == [True, False]


def test_leaves_on_what_was_on():
    station = Station(on=True)
    assert made(station) == (b"r" * 32, [True])
    assert station.on


def test_makes_no_key_where_the_radio_does_not_start():
    station = Station(error=OSError("no memory"))
    try:
        made(station)
    except OSError:
        return
    raise AssertionError("a key was made without noise")
