"""Faults that a board could have, put into the product to see that the rig finds them."""

import os

from firmware.device.store import Store
from firmware.provision.window import Window


def delete_first():
    """The old file is deleted to make room for the new one."""
    put = Store.put

    def put_after(self):
        try:
            os.remove(self._path)
        except OSError:
            pass  # there is none yet
        put(self)

    Store.put = put_after


def count_afterwards():
    """An attempt is counted in memory, and written with whatever is saved next."""

    def count_attempt(self):
        window = list(self._record.window)
        window[1] += 1
        self._record.window = window

    Window.count_attempt = count_attempt


def gain_time():
    """A start does not pay for itself, and a window's first time is given again."""
    start = Window.start

    def start_anew(self):
        if self._record.window is not None:
            self._record.window = self.asked_for()
        return start(self)

    Window.start = start_anew


# Each with the scenario that must find it.
FAULTS = {
    "delete first": (delete_first, "re-provisioning"),
    "count afterwards": (count_afterwards, "refused orders"),
    "gain time": (gain_time, "a window's minutes"),
}
