"""Which path is taken: machine code where it can be had and fits, plain integers elsewhere."""

import sys

from firmware.crypto import native
from firmware.crypto.pacing import run
from firmware.crypto.sha512 import sha512

ABC = "ddaf35a193617abacc417349ae204131"
HAS_VIPER = sys.implementation.name == "micropython"


def forget():
    """As if nothing had been loaded yet."""
    native._loaded.clear()
    native._present.clear()


def test_takes_machine_code_where_there_is_any():
    assert (native.load("sha512_viper") is not None) == HAS_VIPER
    assert native.choose("sha512_viper", "sha512_plain").State


def test_switched_off_means_plain():
    native.switched_off = True
    try:
        assert native.load("sha512_viper") is None
        assert native.choose("sha512_viper", "sha512_plain").__name__.endswith("plain")
    finally:
        native.switched_off = False


def test_loads_only_what_fits():
    """Too little room now is no answer for ever: it is asked again the next time."""
    asked = []

    def free():
        asked.append(1)
        return room

    forget()
    native.free_octets = free
    try:
        room = native.missing_octets("sha512_viper") - 1
        assert native.load("sha512_viper") is None
        assert run(sha512((b"abc",)))[:16].hex() == ABC
        room = 1 << 20
        assert (native.load("sha512_viper") is not None) == HAS_VIPER
        assert run(sha512((b"abc",)))[:16].hex() == ABC
        assert asked
    finally:
        native.free_octets = None


def test_what_is_loaded_takes_no_more_room():
    forget()
    assert native.missing_octets("x25519_fast") == sum(
        native.CODE_OCTETS[name] for name in native.USES["x25519_fast"]
    )
    if HAS_VIPER:
        assert native.load("powers25519")
        assert native.missing_octets("x25519_fast") == 0
        assert native.missing_octets("p256_fast") == native.CODE_OCTETS["limbsp256_viper"]


def test_a_failed_import_is_tried_again_when_memory_was_short():
    forget()
    real = native._import
    asked = []

    def short(name):
        asked.append(name)
        if len(asked) == 1:
            raise MemoryError
        return real(name)

    native._import = short
    try:
        assert native.load("sha512_viper") is None
        assert (native.load("sha512_viper") is not None) == HAS_VIPER
        assert len(asked) == 2
    finally:
        native._import = real
