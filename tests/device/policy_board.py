"""Boards as tests/vectors/policies.json describes them, and what they make of an order."""

from binascii import unhexlify

import tests.device.aes_block  # noqa: F401 (lends CPython the AES that MicroPython has)
from firmware.crypto.pacing import nothing, run
from firmware.provision import policies
from firmware.provision.admission import admit
from firmware.provision.errors import Refusal
from tests.device.device_vectors import own_json
from transports.contract import OK


class Identity:
    """A factory record. fields: of the vectors' BOARD."""

    device_id = "LK-0001"

    def __init__(self, keys, fields):
        self.private_key = unhexlify(keys["device_private"])
        self.public_key = unhexlify(keys["device_public"])
        self.policy = fields["policy"]
        self.profile = fields["profile"]
        self.authority = _octets(fields["authority"])
        self.label_key = _octets(fields["label_key"])
        self.group = fields["group"]

    def authority_tables(self):
        return None


class Record:
    """What the board remembers, as far as it decides about an order."""

    order_id = None

    def __init__(self, fields):
        self.policy = fields["record_policy"]
        self.authority = _octets(fields["record_authority"])
        self.owner = _octets(fields["owner"])
        self.sequence = fields["sequence"]


class PolicyBoard:
    """A board of the vectors, with what one case changes of it."""

    def __init__(self, keys, changes=()):
        fields = dict(keys["board"])
        fields.update(changes)
        self.identity = Identity(keys, fields)
        self.record = Record(fields)
        self.policy = policies.load(self.identity, self.record)
        self.nonce = unhexlify(keys["nonce"])
        self.unix_time = fields["unix_time"]

    def admit(self, octets):
        """The opened order. Raises Refusal."""
        return run(
            admit(
                octets,
                self.policy,
                self.identity,
                self.record,
                self.nonce,
                self.unix_time,
                nothing,
            )  # fmt: skip
        )

    def status(self, octets):
        try:
            self.admit(octets)
        except Refusal as refusal:
            return refusal.status
        return OK


def recorded():
    """(keys, cases) of the vectors."""
    data = own_json("policies.json")
    return data["keys"], data["orders"]


def recorded_order(name):
    """(keys, octets, board's changes) of the case of that name."""
    keys, cases = recorded()
    for case in cases:
        if case["name"] == name:
            return keys, unhexlify(case["order"]), case["board"]
    raise ValueError(name)


def _octets(text):
    return None if text is None else unhexlify(text)
