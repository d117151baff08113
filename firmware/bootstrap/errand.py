"""Whether the receipt of an order from the bootstrap server is still to be brought back.

The mark is set before the trial, for between the commit and whatever comes after it the power
may go. It says which order the settings were of before: once the record says another, the
trial went well and its receipt, which the record holds, is owed.
"""

from firmware.device.store import Damaged, Store

_NONE = b"-"  # before the first order


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
        return bool(self._mark) and self._mark != self._now() and self._record.receipt is not None

    def open(self):
        """An order is about to be tried. Raises StoreError."""
        self._save(self._now())

    def close(self):
        """The receipt has arrived, or the trial has failed. Raises StoreError."""
        self._save(b"")

    def _now(self):
        return self._record.order_id or _NONE

    def _save(self, mark):
        if mark != self._mark:
            self._store.save(mark)
            self._mark = mark
