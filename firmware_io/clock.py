"""Time as a value that is passed in, so that tests of hours run in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds from an arbitrary moment, never going back.
Clock = Callable[[], float]

monotonic: Clock = time.monotonic


class RateLimit:
    """At most `count` events in any `window_s` seconds.

    Parameters
    ----------
    count : int
    window_s : float
    """

    def __init__(self, count: int, window_s: float) -> None:
        self._count, self._window_s = count, window_s
        self._times: list[float] = []

    def allows(self, now_s: float) -> bool:
        """Whether one more event may happen now."""
        self._times = [t for t in self._times if now_s - t < self._window_s]
        return len(self._times) < self._count

    def note(self, now_s: float) -> None:
        """One happened."""
        self._times.append(now_s)
