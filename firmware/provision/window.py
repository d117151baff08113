"""The window: how long, and how many refused orders, between two physical resets.

It opens only by a physical reset. Its budget of time and attempts is kept in the saved
record, so neither pulling the plug nor crashing the board buys more of either: a start
inside an open window goes on with what is left, less RESUME_COST_S.
"""

import os

from transports.contract import NONCE_LENGTH

RESUME_COST_S = 60  # at most this much is lost by a power cut, and none is gained
SAVE_EVERY_S = 60
_NONCE, _USED, _LEFT, _ONE = 0, 1, 2, 3


class Window:
    def __init__(self, record, seconds, attempts):
        """seconds: a full window; attempts: refused orders allowed in it."""
        self._record = record
        self._full_s = seconds
        self._allowed = attempts
        self._elapsed_ms = 0

    def request(self):
        """A physical reset asks for a window; it opens with the next start. Saves."""
        self._record.window = [b"", 0, self._full_s, False]
        self._record.save()

    def start(self):
        """Called once at start: tell whether a window is open now. Saves.

        The first start after a request gets the full time; every other pays for itself.
        """
        window = self._record.window
        if window is None:
            return False
        if window[_NONCE]:
            window[_LEFT] -= RESUME_COST_S
        if window[_LEFT] <= 0 or window[_USED] >= self._allowed:
            self.shut()
            return False
        window[_NONCE] = os.urandom(NONCE_LENGTH)
        self._record.save()
        return True

    def ask_for_one_transport(self):
        """Memory does not suffice for two: the next start raises one, at no cost. Saves."""
        window = self._record.window
        window[_NONCE], window[_LEFT], window[_ONE] = b"", self.left_s, True
        self._record.save()

    @property
    def one_transport(self):
        return self._record.window is not None and self._record.window[_ONE]

    def tick(self, elapsed_ms):
        """Let time pass. Saves once a minute, and shuts at the end."""
        if not self.is_open:
            return
        self._elapsed_ms += elapsed_ms
        if self.left_s <= 0:
            self.shut()
        elif self._elapsed_ms >= SAVE_EVERY_S * 1000:
            self._record.window[_LEFT] = self.left_s
            self._elapsed_ms = 0
            self._save_if_possible()

    def shut(self):
        self._record.window = None
        self._save_if_possible()

    @property
    def is_open(self):
        return self._record.window is not None and self.left_s > 0

    @property
    def left_s(self):
        window = self._record.window
        return max(0, window[_LEFT] - self._elapsed_ms // 1000) if window else 0

    @property
    def attempts_left(self):
        window = self._record.window
        return max(0, self._allowed - window[_USED]) if window else 0

    @property
    def nonce(self):
        return self._record.window[_NONCE] if self._record.window else None

    def count_attempt(self):
        """Written before an order is looked at, so that no power cut un-counts it.

        Raises StoreError: an attempt that cannot be counted is not allowed.
        """
        window = self._record.window
        window[_USED] += 1
        saved = False
        try:
            self._record.save()
            saved = True
        finally:
            if not saved:
                window[_USED] -= 1

    def forgive_attempt(self):
        """The order was authentic and fresh. Takes effect with the next save."""
        self._record.window[_USED] -= 1

    def _save_if_possible(self):
        """On a flash that cannot be written the window in memory still ends in time."""
        try:
            self._record.save()
        except OSError:
            pass

    def renew_nonce(self):
        """An order that used it was accepted for trial: no other may use it again."""
        self._record.window[_NONCE] = os.urandom(NONCE_LENGTH)
