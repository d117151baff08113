"""Replies as JSON, with names for numbers and hex for octets."""

import json
from binascii import hexlify

from transports import names
from transports.contract import (
    F_NETWORKS,
    F_POLICY,
    F_RESULT,
    F_STATE,
    F_STATUS,
    F_STEP,
)

_NAMED = {
    F_STATUS: names.STATUS_NAMES,
    F_RESULT: names.STATUS_NAMES,
    F_STATE: names.STATE_NAMES,
    F_STEP: names.STEP_NAMES,
    F_POLICY: names.POLICY_NAMES,
}


def encode_json(fields):
    """Return a reply's fields as JSON octets."""
    named = {names.FIELD_NAMES[key]: _readable(key, value) for key, value in fields.items()}
    return json.dumps(named).encode()


def _readable(key, value):
    if key in _NAMED:
        return _NAMED[key][value]
    if key == F_NETWORKS:
        return [_readable_network(*entry) for entry in value]
    if isinstance(value, (bytes, bytearray)):
        return hexlify(value).decode()
    return value


def _readable_network(ssid, rssi, channel, security):
    try:
        name = ssid.decode()
    except UnicodeError:
        name = None  # any 32 octets are an SSID; the hex form is always there
    return {
        "ssid": name,
        "ssid_hex": hexlify(ssid).decode(),
        "rssi": rssi,
        "channel": channel,
        "security": names.SECURITY_NAMES.get(security, "unknown"),
    }
