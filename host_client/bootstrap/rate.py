"""How often one address may ask: a token bucket each, and not more buckets than fit."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_ADDRESSES = 4096


class Rate:
    """Lets `per_minute` requests of one address through in a minute, as many at once.

    Addresses beyond MAX_ADDRESSES push out the one that has been quiet longest, and share
    what is let through in all: somebody with a whole network of addresses gains nothing by it.
    """

    def __init__(
        self, per_minute: int, in_all: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._all = _Bucket(in_all, clock())
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Count one request; False if it is one too many."""
        now_s = self._clock()
        bucket = self._buckets.pop(address, None) or _Bucket(self._per_minute, now_s)
        self._buckets[address] = bucket  # at the end: the latest
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket.take(now_s) and self._all.take(now_s)


class _Bucket:
    def __init__(self, per_minute: int, now_s: float) -> None:
        self._most = float(per_minute)
        self._left = self._most
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._most / 60)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
