"""Who this board is and whom it trusts: written once at the factory, only read afterwards."""

from firmware.device.record_store import RecordStore
from firmware.device.store import Damaged, Store
from firmware.envelope import cbor
from firmware.envelope.errors import CborError
from transports.contract import COMMERCIAL

# Keys of the factory record.
_DEVICE_ID, _MODEL, _PRIVATE_KEY, _PUBLIC_KEY, _AUTHORITY, _POLICY = 1, 2, 3, 4, 5, 6
_CERTIFICATE, _PINS, _LIMITS, _PROFILE, _LABEL_KEY, _BOOTSTRAP = 7, 8, 9, 10, 11, 12
_GROUP, _SERIAL, _SHUT = 13, 14, 15

# Seconds and milliseconds; a factory may set others (`factory.write(limits=...)`).
LIMITS = {
    "window_s": 600,  # how long the window stays open
    "attempts": 10,  # refused orders before it shuts
    "hold_ms": 5000,  # how long the button is held to open it
    "try_s": 60,  # to join one network
    "tries_s": 900,  # all joining in one window
    "linger_s": 120,  # to fetch the receipt after success, over the air or the joined network
    "wipe_ms": 15000,  # how long the button is held to wipe all settings; 0: never
    "cycles": 5,  # starts cut short that open the window, where there is no button; 0: none do
    "fetch_s": 60,  # between two questions to the bootstrap server, at first
    "fetch_most_s": 3600,  # and in the long run
    "exchange_s": 30,  # one question to it, from the connection to the last octet
}
PINS = {"button": 0, "led": 2, "tamper": -1}  # -1: there is none


class Identity:
    """The factory record. `private_key` and `label_key` are secret and never leave `Identity`
    but for opening an order; the repr shows neither.

    authority: octets of a COSE_Key. policy, profile: numbers of the contract. label_key: 32
    octets. bootstrap: [url, SHA-256 of the server's key]. group, serial: str. certificate: octets
    of a COSE_Sign1. Each of the last five may be None. shut: whether the prompt is closed in
    the field.
    """

    def __init__(self, record):
        self.device_id = record[_DEVICE_ID]
        self.model = record[_MODEL]
        self.private_key = record[_PRIVATE_KEY]
        self.public_key = record[_PUBLIC_KEY]
        self.authority = record[_AUTHORITY]
        self.policy = record[_POLICY]
        self.certificate = record.get(_CERTIFICATE)
        self.profile = record.get(_PROFILE, COMMERCIAL)
        self.label_key = record.get(_LABEL_KEY)
        self.bootstrap = record.get(_BOOTSTRAP)
        self.group = record.get(_GROUP)
        self.serial = record.get(_SERIAL)
        self.shut = record.get(_SHUT, False)
        self.pins = dict(PINS)
        self.pins.update(record.get(_PINS, {}))
        self.limits = dict(LIMITS)
        self.limits.update(record.get(_LIMITS, {}))

    def __repr__(self):
        return "Identity(%s)" % self.device_id

    def authority_tables(self):
        """What makes verification with this authority's key faster, or None where there is
        nothing of the kind, or no longer whole: the board verifies without, more slowly.

        Octets of host_client/tables.py, bound to the key by a digest.
        """
        try:
            return _table_store().load()
        except Damaged:
            return None

    @property
    def suffix(self):
        """The last four characters of the device id, to tell boards apart in a scan."""
        return self.device_id[-4:].upper()


def _store():
    return Store("factory.cbor")


def _table_store():
    return Store("authority.tables")


def load():
    """Return the Identity, or None where the factory step has not been done. Raises Damaged."""
    content = _store().load()
    if content is None:
        return None
    try:
        return Identity(cbor.decode(content))
    except (CborError, KeyError):
        raise Damaged("the factory record is not one")


def write(
    device_id, model, private_key, public_key, authority, policy, pins, limits, tables=None,
    profile=COMMERCIAL, label_key=None, bootstrap=None, group=None, certificate=None,
    serial=None, shut=False,
):  # fmt: skip
    """Write the factory record, and before it the authority's tables, if any, and the first,
    empty record: from then on a record that is missing was taken away.

    Values as in Identity. Raises StoreError, and RuntimeError if there is a record already.
    """
    if _store().load() is not None:
        raise RuntimeError("the factory record is written once; erase the flash to begin anew")
    record = {
        _DEVICE_ID: device_id,
        _MODEL: model,
        _PRIVATE_KEY: private_key,
        _PUBLIC_KEY: public_key,
        _AUTHORITY: authority,
        _POLICY: policy,
        _PINS: pins,
        _LIMITS: limits,
        _PROFILE: profile,
        _SHUT: shut,
    }
    optional = (
        (_LABEL_KEY, label_key), (_BOOTSTRAP, bootstrap), (_GROUP, group),
        (_CERTIFICATE, certificate), (_SERIAL, serial),
    )  # fmt: skip
    record.update({key: value for key, value in optional if value is not None})
    if tables is not None:
        _table_store().save(tables)
    RecordStore(device_id).create()
    _store().save(cbor.encode(record))
    from firmware.device import zeroize  # at the factory only

    zeroize.forget()
