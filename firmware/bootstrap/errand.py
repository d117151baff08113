"""Whether the receipt of an order from the bootstrap server is still to be brought back.

The mark, the order's id, is set before the trial, for between the commit and whatever comes
after it the power may go. Once the record names that order, the trial went well and its receipt,
which the record holds, is owed; once it names another, or none, nothing is.
"""

from firmware.device.store import Damaged, Store


class Errand:
    def __init__(self, record):
        self._record = record
        self._store = Store("errand.cbor", context=b"errand")
        try:
            self._mark = self._store.load() or b""
        except Damaged:
            self._mark = b""  # a receipt that is not brought back can still be asked for

    @property
    def is_open(self):
        """Whether the record's receipt is owed."""
        record = self._record
        return bool(self._mark) and self._mark == record.order_id and record.receipt is not None

    def open(self, order_id):
        """This order is about to be tried. Raises StoreError."""
        self._save(order_id)

    def close(self):
        """The receipt has arrived, or the trial has failed. Raises StoreError."""
        self._save(b"")

    def _save(self, mark):
        if mark != self._mark:
            self._store.save(mark)
            self._mark = mark
