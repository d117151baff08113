"""The factory step, done once over USB: the board makes its own key and learns whom to trust.

    from firmware import factory
    factory.begin()                                  # prints the key's public half
    factory.write(authority=b"...", policy=0, ...)   # what was made of it, certificate and all

Either call may be cut short and made again: the key is made once, the record written once. The
private key is made here, by the board's own generator, and is never printed; nor is what the
label's code was made into.
"""

import json
import os
from binascii import hexlify
from hashlib import sha256

from firmware.crypto import pacing, signature, x25519
from firmware.device import identity, zeroize
from firmware.device.store import FOLDER, Store
from firmware.envelope import cbor
from firmware.provision import policies
from transports.contract import (
    COMMERCIAL,
    CONSUMER,
    DERIVED_ID_PREFIX,
    LABEL_KEY_LENGTH,
    NAME_PREFIX,
    PROTOTYPE,
    SIGNED,
)

# The key waits here between the two calls, and no longer: the factory record holds it then.
_WAITING = "device.key"
_PIN_LENGTH = 32
_MAX_CERTIFICATE = 512  # octets


def begin():
    """Print one JSON line: the board's public data, all of it if the factory step was done.

    Where it was not, the key is made now, and kept for `write`; the same one at every call.
    Raises Damaged, StoreError, RuntimeError while the board destroys its secrets.
    """
    _check_wiped()
    who = identity.load()
    if who is not None:
        _forget_waiting()  # a cut may have left it, and the word of what was before
        zeroize.forget()
        _print(_written(who))
    else:
        public_key = pacing.run(x25519.public_key(_private_key()))
        _print(_public(_derived_id(public_key), public_key, False))


def write(
    authority=None, policy=SIGNED, model="esp32", pins=None, limits=None, device_id=None,
    tables=None, profile=COMMERCIAL, label_key=None, bootstrap=None, group=None,
    certificate=None, serial=None, shut=False, device_key=None,
):  # fmt: skip
    """Write the factory record, and print what `begin` prints from then on.

    authority: COSE_Key octets of the provisioning key's public half (RFC 9052 section 7).
    tables: for faster verification, as host_client/tables.py makes them for this very key;
    12 KB of heap in an open window.
    pins, limits: see identity.PINS, identity.LIMITS. The others: see identity.Identity.
    device_id: 1 to 32 octets of text. The default, "lk-" and the first 16 hex digits of the device
    key's SHA-256, proves itself: hosts refuse another key under it, so none may be given.
    device_key: the public key that the certificate is about, to be sure that it is this board's.
    Raises UnusableKey, ValueError for what no board takes, RuntimeError on a second call,
    StoreError.
    """
    _check_wiped()
    _check_trust(authority, policy, profile, label_key, tables)
    _check_texts(model, group, serial, bootstrap, certificate)
    pins = _checked(pins, identity.PINS)
    limits = _checked(limits, identity.LIMITS)
    if identity.load() is not None:
        raise RuntimeError("the factory record is written once; erase the flash to begin anew")
    private_key = _private_key()
    public_key = pacing.run(x25519.public_key(private_key))
    if device_key not in (None, public_key):
        raise ValueError("this is another board than the one that was certified")
    device_id = _device_id(device_id, _derived_id(public_key))
    identity.write(
        device_id, model, private_key, public_key, authority, policy, pins, limits, tables,
        profile=profile, label_key=label_key, bootstrap=bootstrap, group=group,
        certificate=certificate, serial=serial, shut=bool(shut),
    )  # fmt: skip
    _forget_waiting()
    _print(_written(identity.load()))


def _check_wiped():
    """A board that still destroys its secrets would destroy the new ones with them."""
    zeroized = zeroize.state()
    if zeroized is not None and not zeroized[0]:
        raise RuntimeError("the board still destroys its secrets: give it power until it is done")


def _private_key():
    store = Store(_WAITING)
    key = store.load()
    if key is None:
        from firmware.device.entropy import key_octets  # with the Wi-Fi driver

        key = key_octets(32)
        store.save(key)
    return key


def _forget_waiting():
    try:
        os.remove(FOLDER + "/" + _WAITING)
    except OSError:
        pass  # it is not there


def _derived_id(public_key):
    return DERIVED_ID_PREFIX + hexlify(sha256(public_key).digest()).decode()[:16]


def _device_id(given, derived):
    device_id = given or derived
    looks_derived = device_id.startswith(DERIVED_ID_PREFIX)
    if not 1 <= len(device_id.encode()) <= 32 or looks_derived != (device_id == derived):
        raise ValueError("a device id has 1 to 32 octets and does not begin with lk-")
    return device_id


def _check_trust(authority, policy, profile, label_key, tables):
    policies.check(policy)
    if isinstance(profile, bool) or profile not in (COMMERCIAL, CONSUMER, PROTOTYPE):
        raise ValueError("no such profile")
    if authority is not None:
        signature.load_key(cbor.decode(authority), tables)
    if label_key is not None and len(label_key) != LABEL_KEY_LENGTH:
        raise ValueError("a label key has 32 octets")
    if not policies.has_needs(policy, authority, label_key):
        raise ValueError("the policy needs an authority, or a label key")


def _check_texts(model, group, serial, bootstrap, certificate):
    for name, text, longest in (("model", model, 64), ("group", group, 32), ("serial", serial, 64)):
        if text is not None and not 1 <= len(text.encode()) <= longest:
            raise ValueError("a %s has 1 to %d octets" % (name, longest))
    if bootstrap is not None:
        url, pin = bootstrap
        if not 1 <= len(url.encode()) <= 256 or len(pin) != _PIN_LENGTH:
            raise ValueError("a bootstrap server is a URL and the 32 octets of its pin")
        from firmware.bootstrap.http import Server

        Server(url)
    if certificate is not None and not 1 <= len(certificate) <= _MAX_CERTIFICATE:
        raise ValueError("a certificate has 1 to %d octets" % _MAX_CERTIFICATE)


def _checked(given, known):
    for name, value in (given or {}).items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("unknown or unfit: %s" % name)
    return given or {}


def _public(device_id, public_key, written):
    return {
        "device_id": device_id,
        "device_key": hexlify(public_key).decode(),
        "name": NAME_PREFIX + device_id[-4:].upper(),
        "written": written,
    }


def _written(who):
    """What the factory record says, its secrets left out."""
    report = _public(who.device_id, who.public_key, True)
    url, pin = who.bootstrap or (None, None)
    report.update({
        "model": who.model, "serial": who.serial, "group": who.group, "policy": who.policy,
        "profile": who.profile, "certificate": _hex(who.certificate),
        "authority": _hex(who.authority), "label": who.label_key is not None,
        "bootstrap": url, "bootstrap_pin": _hex(pin), "pins": who.pins, "limits": who.limits,
        "shut": who.shut,
    })  # fmt: skip
    return report


def _hex(octets):
    return None if octets is None else hexlify(octets).decode()


def _print(report):
    print(json.dumps(report))
