"""The window: how long, and how many refused orders, between two physical resets.

It opens only by a physical reset. Its budget of time and attempts is kept in the saved
record, so neither pulling the plug nor crashing the board buys more of either: a start
inside an open window goes on with what is left, less RESUME_COST_S.
"""

import os

from transports.contract import NONCE_LENGTH

RESUME_COST_S = 60  # at most this much is lost by a power cut, and none is gained
SAVE_EVERY_S = 60
_NONCE, _USED, _LEFT, _ONE, _TRIES = 0, 1, 2, 3, 4


class Window:
    def __init__(self, record, seconds, attempts, tries_s=900):
        """seconds: a full window; attempts: refused orders allowed in it; tries_s: seconds of
        trials in it. In the record: [nonce, attempts used, seconds left, one transport only,
        milliseconds of trials left]."""
        self._record = record
        self._full_s = seconds
        self._allowed = attempts
        self._tries_s = tries_s
        self._elapsed_ms = 0
        self._tries_ms = tries_s * 1000  # left in this window, which a trial may outlast

    def asked_for(self):
        """What the record's `window` becomes when a physical reset asks for one; it opens
        with the next start."""
        return [b"", 0, self._full_s, False, self._tries_s * 1000]

    def start(self):
        """Called once at start: tell whether a window is open now. Saves.

        The first start after a request gets the full time; every other pays for itself.
        """
        window = self._record.window
        if window is None:
            return False
        left_s, self._tries_ms = window[_LEFT], window[_TRIES]
        if window[_NONCE]:
            left_s -= RESUME_COST_S
            self._tries_ms = max(0, self._tries_ms - RESUME_COST_S * 1000)
        if left_s <= 0 or window[_USED] >= self._allowed:
            self.shut()
            return False
        self._record.change(window=self._with(_NONCE, os.urandom(NONCE_LENGTH), _LEFT, left_s))
        return True

    def ask_for_one_transport(self):
        """Memory does not suffice for two: the next start raises one, at no cost. Saves."""
        self._record.change(window=self._with(_NONCE, b"", _LEFT, self.left_s, _ONE, True))

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
            window = self._with(_LEFT, self.left_s)
            self._elapsed_ms = 0
            self._change_if_possible(window)

    def shut(self):
        self._change_if_possible(None)

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

    @property
    def tries_left_ms(self):
        """Milliseconds of trials left in this window."""
        return self._tries_ms

    def spend_trial(self, elapsed_ms):
        """A trial went on for so long. Takes effect with the next save."""
        self._tries_ms = max(0, self._tries_ms - elapsed_ms)

    def count_attempt(self):
        """Written before an order is looked at, so that no power cut un-counts it.

        Raises StoreError: an attempt that cannot be counted is not allowed.
        """
        self._record.change(window=self._with(_USED, self._record.window[_USED] + 1))

    def forgive_attempt(self):
        """The order was authentic and fresh. Takes effect with the next save."""
        self._record.window = self._with(_USED, self._record.window[_USED] - 1)

    def renew_nonce(self):
        """An order that used it was accepted for trial: no other may use it again."""
        self._record.window = self._with(_NONCE, os.urandom(NONCE_LENGTH))

    def _with(self, *changes):
        """A copy of the record's window with field, value, field, value, ... changed."""
        window = list(self._record.window)
        window[_TRIES] = self._tries_ms
        for at in range(0, len(changes), 2):
            window[changes[at]] = changes[at + 1]
        return window

    def _change_if_possible(self, window):
        """On a flash that cannot be written the window in memory still ends in time."""
        try:
            self._record.change(window=window)
        except OSError:
            self._record.window = window
