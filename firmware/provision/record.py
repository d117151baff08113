"""What the board remembers: settings, sequence, window, owner, last receipt, in one record."""

from firmware.envelope import cbor
from firmware.envelope.errors import CborError
from firmware.provision.errors import UnknownVersion

# Keys of the record.
_VERSION = 0
_KEYS = {
    "settings": 1, "sequence": 2, "window": 3, "order_id": 4, "receipt": 5, "owner": 6,
    "authority": 7, "policy": 8, "time_s": 9, "wiping": 10,
}  # fmt: skip
VERSION = 2

# Keys of the settings: an order brings any of them and replaces just those.
NETWORKS, SERVER, DEVICE, APP = "networks", "server", "device", "app"


def wiped(owner_too):
    """What a wipe changes of the record. What stays: the sequence, and whom the board trusts."""
    changes = {"settings": {}, "order_id": None, "receipt": None, "wiping": True}
    if owner_too:
        changes["owner"] = None
    return changes


class Record:
    """The saved state. `change` and `commit` change it: all that is named, or nothing, is kept.

    settings: see `merged`; each of its keys is absent until an order brings it.
    sequence: the highest accepted one, -1 for none, None where tampering made it unknown: then
    an order is fresh only by its window's nonce. window: see Window, or None. order_id and
    receipt: of the order that was kept last. owner, authority: octets of a COSE_Key, or None;
    authority and policy, where not None, take the place of the factory's. time_s: highest trusted
    time, seconds since 1970, 0 for none. wiping: what was wiped is still to be overwritten.
    """

    def __init__(self, store, tampered=False, owner_stays=False):
        """Load the record. Raises Tampered from the store, UnknownVersion, CborError.

        tampered: begin a new one instead, saved with the first change. Of what is left of the
        old only authority and policy are taken over: they are no looser than the factory's.
        owner_stays: the owner, too, for a board that never changes hands has no earlier one.
        """
        self._store = store
        if not tampered:
            self._fill(_decoded(store.load()))
            return
        content, sequence = store.start_anew()
        self._fill(_trust_left(content, owner_stays))
        self.sequence = sequence

    @property
    def provisioned(self):
        return bool(self.settings) or self.owner is not None

    def change(self, **values):
        """Set these attributes and save. Raises StoreError or MemoryError; then every attribute
        is what it was, as is the saved state. A value must not be changed in place."""
        # An iterator, made beforehand: putting back must not need memory.
        before = iter([(name, getattr(self, name)) for name in values])
        saved = False
        try:
            self._set(values)
            self._store.save(self._encoded(), self.sequence)
            saved = True
        finally:  # whatever went wrong, memory too: what was not saved must not be told
            if not saved:
                for name, value in before:
                    setattr(self, name, value)

    def commit(self, order, receipt, time_s=None):
        """Make a proven order's settings the current ones, and what it says of trust, in one save.

        time_s: the trusted time from then on, see clock.py; None for no change. The window
        shuts with it. Raises StoreError or MemoryError, with the record as it was.
        """
        sequence = order.sequence
        if self.sequence is not None:
            sequence = max(self.sequence, sequence)
        values = {
            "settings": merged(self.settings, order),
            "sequence": sequence,
            "window": None,
            "order_id": order.order_id,
            "receipt": receipt,
            "time_s": self.time_s if time_s is None else time_s,
        }
        if order.trust is not None:
            values.update(_entrusted(order.trust))
        self.change(**values)

    def _set(self, values):
        for name, value in values.items():
            setattr(self, name, value)

    def _fill(self, fields):
        for name, key in _KEYS.items():
            setattr(self, name, fields.get(key))
        self.settings = self.settings or {}
        self.time_s = self.time_s or 0
        self.wiping = self.wiping or False
        if _KEYS["sequence"] not in fields:
            self.sequence = -1

    def _encoded(self):
        fields = {_VERSION: VERSION}
        for name, key in _KEYS.items():
            value = getattr(self, name)
            if value is not None or name == "sequence":
                fields[key] = value
        return cbor.encode(fields)


def _decoded(content):
    """The fields of a saved record; none for the first, empty one. Raises UnknownVersion."""
    fields = cbor.decode(content) if content else {}
    version = fields.get(_VERSION, VERSION)
    if version > VERSION:
        raise UnknownVersion("record of version %d, this firmware knows %d" % (version, VERSION))
    return fields


def _trust_left(content, owner_stays):
    try:
        fields = cbor.decode(content) if content else {}
    except CborError:
        return {}
    kept = ("authority", "policy", "owner") if owner_stays else ("authority", "policy")
    return {_KEYS[name]: fields[_KEYS[name]] for name in kept if _KEYS[name] in fields}


def merged(settings, order):
    """Return the settings with what `order` brings put in place of the old.

    {"networks": [[ssid, key or None, hidden, static or None], ...], "app": octets,
    "server": {"url", "pin", "credentials"},
    "device": {"name", "hostname", "country", "time_zone"}}; what was not said is None.
    static: [address, prefix, gateway or None, DNS server or None].
    """
    result = dict(settings)
    if order.networks:
        result[NETWORKS] = [
            [n.ssid, n.key, n.hidden, static_address(n.static)] for n in order.networks
        ]
    if order.server is not None:
        result[SERVER] = _fields(order.server, ("url", "pin", "credentials"))
    if order.device is not None:
        result[DEVICE] = _fields(order.device, ("name", "hostname", "country", "time_zone"))
    if order.app is not None:
        result[APP] = bytes(order.app)
    return result


def static_address(ipv4):
    """None, or [address, prefix length, gateway or None, DNS server or None]."""
    return ipv4 and [ipv4.address, ipv4.prefix, ipv4.gateway, ipv4.dns]


def _fields(thing, names):
    return {name: getattr(thing, name) for name in names}


def _entrusted(trust):
    """What a kept order's `trust` changes; a release wipes what the owner leaves behind."""
    values = {}
    if trust.owner_key is not None:
        values["owner"] = trust.owner_key
    if trust.authority_key is not None:
        values["authority"] = trust.authority_key
    if trust.policy is not None:
        values["policy"] = trust.policy
    if trust.release:
        values.update({"settings": {}, "owner": None, "wiping": True})
    return values
