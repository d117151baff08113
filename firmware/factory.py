"""The factory step, run once over USB: the board makes its own key and learns whom to trust.

    from firmware import factory
    factory.write(authority=b"...", policy=0, model="thermostat")

The private key is made here, by the board's own generator, and is never printed.
"""

import json
import os
from binascii import hexlify
from hashlib import sha256

from firmware.crypto import pacing, signature, x25519
from firmware.device import identity
from firmware.envelope import cbor
from firmware.provision import policies
from transports.contract import DERIVED_ID_PREFIX, NAME_PREFIX, SIGNED


def write(
    authority, policy=SIGNED, model="esp32", pins=None, limits=None, device_id=None, tables=None
):  # fmt: skip
    """Make the device key, write the factory record, print the public part as one JSON line.

    authority: COSE_Key octets of the provisioning key's public half (RFC 9052 section 7).
    tables: for faster verification, as host_client/tables.py makes them for this very key;
    12 KB of heap in an open window.
    pins: {"button": GPIO, "led": GPIO}; limits: see identity.LIMITS.
    device_id: 1 to 32 octets of text. The default, "lk-" and the first 16 hex digits of the device
    key's SHA-256, proves itself: hosts refuse another key under it, so none may be given.
    Raises UnusableKey, ValueError for an unknown policy, pin or limit, RuntimeError on a
    second call.
    """
    signature.load_key(cbor.decode(authority), tables)
    policies.check(policy)
    pins = _checked(pins, identity.PINS)
    limits = _checked(limits, identity.LIMITS)
    private_key = os.urandom(32)
    public_key = pacing.run(x25519.public_key(private_key))
    derived = DERIVED_ID_PREFIX + hexlify(sha256(public_key).digest()).decode()[:16]
    device_id = device_id or derived
    if not 1 <= len(device_id.encode()) <= 32 or device_id.startswith(DERIVED_ID_PREFIX) != (
        device_id == derived
    ):
        raise ValueError("a device id has 1 to 32 octets and does not begin with lk-")
    if not 1 <= len(model.encode()) <= 64:
        raise ValueError("a model has 1 to 64 octets")
    identity.write(
        device_id, model, private_key, public_key, authority, policy, pins, limits, tables
    )
    report = {
        "device_id": device_id,
        "device_key": hexlify(public_key).decode(),
        "name": NAME_PREFIX + device_id[-4:].upper(),
    }
    print(json.dumps(report))


def _checked(given, known):
    for name, value in (given or {}).items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("unknown or unfit: %s" % name)
    return given or {}
