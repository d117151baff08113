"""Replies: CBOR for programs, JSON for people who look with a browser or curl."""

from binascii import hexlify

from firmware.envelope import cbor
from transports.contract import (
    F_NETWORKS,
    F_POLICY,
    F_RESULT,
    F_STATE,
    F_STATUS,
    F_STEP,
    FIELD_NAMES,
    POLICY_NAMES,
    SECURITY_NAMES,
    STATE_NAMES,
    STATUS_TABLE,
    STEP_NAMES,
)

_NAMED = {F_STATE: STATE_NAMES, F_STEP: STEP_NAMES, F_POLICY: POLICY_NAMES}


class Reply:
    """What a transport sends back. status: code of the contract's table; body: octets.

    The transport calls `delivered()` once the peer has the reply or is gone: joining a
    network may move the access point to another channel, so a trial waits for this.
    """

    def __init__(self, fields, as_json=False, on_delivered=None):
        self.status = fields[F_STATUS]
        self.body = encode_json(fields) if as_json else cbor.encode(fields)
        self._on_delivered = on_delivered

    def delivered(self):
        if self._on_delivered is not None:
            self._on_delivered()


def encode_json(fields):
    """Return the fields as JSON octets, with names for numbers and hex for octets."""
    import json

    return json.dumps({FIELD_NAMES[k]: _readable(k, v) for k, v in fields.items()}).encode()


def _readable(key, value):
    if key in (F_STATUS, F_RESULT):
        return STATUS_TABLE[value][0]
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
        "security": SECURITY_NAMES.get(security, "unknown"),
    }
