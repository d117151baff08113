"""Runs a test once with machine code and once without: both paths pass the same tests."""

import sys

from firmware.crypto import native

HAS_VIPER = sys.implementation.name == "micropython"


def paths():
    """The name of each path this interpreter has, with that path switched on."""
    try:
        if HAS_VIPER:
            native.switched_off = False
            yield "viper"
        native.switched_off = True
        yield "plain"
    finally:
        native.switched_off = False
