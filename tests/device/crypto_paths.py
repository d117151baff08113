"""Runs a test once with machine code and once without: both paths pass the same tests."""

from firmware.crypto import native

HAS_VIPER = native.load("sha512_viper") is not None  # test_crypto_native says where it must be


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
