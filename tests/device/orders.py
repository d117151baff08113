"""Opens the recorded orders of tests/vectors, as the board would."""

from binascii import unhexlify

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto import signature
from firmware.crypto.pacing import run
from firmware.envelope import cbor
from firmware.envelope.errors import MalformedOrder, NotAuthentic
from firmware.envelope.order import open_order
from tests.device.device_vectors import own_json

OK, NOT_AUTHENTIC, MALFORMED_ORDER = "ok", "not authentic", "malformed order"


class Opener:
    """A board's keys, as a file of orders gives them."""

    def __init__(self, keys):
        self.private_key = unhexlify(keys["device_private"])
        self.public_key = unhexlify(keys["device_public"])
        self.authorities = {
            name: signature.load_key(cbor.decode(unhexlify(key)))
            for name, key in keys["authorities"].items()
        }

    def open(self, octets, given=None):
        """OpenedOrder; given: authority, psk (hex), unsigned of a recorded case."""
        given = given or {}
        psk = given.get("psk")
        return run(
            open_order(
                octets,
                self.private_key,
                self.authorities[given.get("authority", "Ed25519")],
                psk=None if psk is None else unhexlify(psk),
                public_key=self.public_key,
                unsigned=given.get("unsigned", False),
            )
        )

    def outcome(self, octets, given=None):
        """What became of it; any other exception is a fault and goes through."""
        try:
            self.open(octets, given)
        except NotAuthentic as error:
            assert error.args == ("not authentic",), "its text must not tell why"
            return NOT_AUTHENTIC
        except MalformedOrder:
            return MALFORMED_ORDER
        return OK


def recorded(name):
    """(opener, list of cases) of a file in tests/vectors."""
    data = own_json(name)
    return Opener(data["keys"]), data["orders"]


def recorded_order(name, file="orders.json"):
    """(opener, octets) of the one case of that name."""
    opener, cases = recorded(file)
    for case in cases:
        if case["name"] == name:
            return opener, unhexlify(case["order"])
    raise ValueError(name)
