"""Random octets for keys that must last.

An ESP32's generator is fed by noise only while a radio runs; without one its output is to be
taken for pseudo-random (ESP-IDF 5.x, System API, Random Number Generation). `os.urandom`
does not look after that (MicroPython 1.29, ports/esp32/mphalport.c).
"""

import os

import network


def key_octets(length):
    """Return `length` random octets, made while the Wi-Fi radio is on.

    Raises OSError or RuntimeError where the radio does not start: better no key than a weak one.
    """
    station = network.WLAN(network.STA_IF)
    was_on = station.active()
    station.active(True)
    try:
        return os.urandom(length)
    finally:
        if not was_on:
            station.active(False)
