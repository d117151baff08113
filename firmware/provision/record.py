"""What the board remembers: settings, sequence, window, last receipt, in one saved record."""

from firmware.envelope import cbor

# Keys of the record.
_VERSION, _SETTINGS, _SEQUENCE, _WINDOW, _ORDER_ID, _RECEIPT = 0, 1, 2, 3, 4, 5
VERSION = 1

# Keys of the settings: an order brings any of them and replaces just those.
NETWORKS, SERVER, DEVICE, APP = "networks", "server", "device", "app"


class Record:
    """The saved state. Change attributes, then `save()`: all of them, or none, are kept.

    settings: see `merged`; each of its keys is absent until an order brings it.
    sequence: the highest accepted one, or -1. window: None, or [nonce, attempts used,
    seconds left, one transport only]. order_id and receipt: of the order the settings came with.
    """

    def __init__(self, store):
        """Load the record. Raises Damaged from the store, CborError for a foreign one."""
        self._store = store
        content = store.load()
        fields = {} if content is None else cbor.decode(content)
        self.settings = fields.get(_SETTINGS, {})
        self.sequence = fields.get(_SEQUENCE, -1)
        self.window = fields.get(_WINDOW)
        self.order_id = fields.get(_ORDER_ID)
        self.receipt = fields.get(_RECEIPT)

    @property
    def provisioned(self):
        return self.order_id is not None

    def save(self):
        """Raises StoreError; then the saved state is the one before."""
        self._store.save(self._encoded())

    def commit(self, order, receipt):
        """Make a proven order's settings the current ones, in one save.

        The window shuts with it. Raises StoreError or MemoryError, with the record as it was.
        """
        before = (self.settings, self.sequence, self.window, self.order_id, self.receipt)
        self.settings = merged(self.settings, order)
        self.sequence = max(self.sequence, order.sequence)
        self.window = None
        self.order_id = order.order_id
        self.receipt = receipt
        saved = False
        try:
            self.save()
            saved = True
        finally:  # whatever went wrong, memory too: what was not saved must not be told
            if not saved:
                self.settings, self.sequence, self.window, self.order_id, self.receipt = before

    def _encoded(self):
        fields = {
            _VERSION: VERSION,
            _SETTINGS: self.settings,
            _SEQUENCE: self.sequence,
            _WINDOW: self.window,
        }
        if self.order_id is not None:
            fields[_ORDER_ID] = self.order_id
            fields[_RECEIPT] = self.receipt
        return cbor.encode(fields)


def merged(settings, order):
    """Return the settings with what `order` brings put in place of the old.

    {"networks": [[ssid, key or None, hidden], ...], "app": octets,
    "server": {"url", "pin", "credentials"},
    "device": {"name", "hostname", "country", "time_zone"}}; what was not said is None.
    """
    result = dict(settings)
    if order.networks:
        result[NETWORKS] = [[n.ssid, n.key, n.hidden] for n in order.networks]
    if order.server is not None:
        result[SERVER] = _fields(order.server, ("url", "pin", "credentials"))
    if order.device is not None:
        result[DEVICE] = _fields(order.device, ("name", "hostname", "country", "time_zone"))
    if order.app is not None:
        result[APP] = bytes(order.app)
    return result


def _fields(thing, names):
    return {name: getattr(thing, name) for name in names}
