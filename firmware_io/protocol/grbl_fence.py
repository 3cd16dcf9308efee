"""The fence of the grbl family: a line that no controller takes, then questions with unmistakable answers.

A slow controller may answer two fences that were sent, or one of them only.
"""

from __future__ import annotations

import math

#: A line that no firmware takes (it also spoils the rest of a line that was cut short), then settings, offsets, build
#: info and, for its unmistakable answer that check mode gives too, the modes.
FENCE = b"@@@@\n$$\n$#\n$I\n$G\n"
_PATIENCE_S = 2.0
_ROUND_TRIPS = 1.5  # that more than one answer may be waited for


class Fences:
    """Fences that are out, and what has been answered of them."""

    def __init__(self) -> None:
        self.answered = False
        self._out = 0
        self._modes_seen = False
        self._sent_s = self._first_s = -math.inf
        self._round_trip_s = 0.0  # a slow link

    def sent(self, now_s: float) -> None:
        """Another one went out."""
        self._modes_seen = False
        self._first_s = self._first_s if self._out else now_s
        self._out += 1
        self._sent_s = now_s

    def wait_from(self, now_s: float) -> None:
        """Patience begins anew: a reset went out."""
        self._sent_s = now_s

    def see_modes(self) -> None:
        """The answer to the last question came; its ``ok`` follows."""
        self._modes_seen = True

    def take_ok(self, now_s: float) -> bool | None:
        """Whether an ``ok`` is that of the last fence that is out; None for one that ends no fence."""
        if not self._modes_seen:
            return None
        if not self.answered:
            self._round_trip_s = now_s - self._first_s
        self._modes_seen, self.answered = False, True
        self._out -= 1
        return self._out <= 0

    def is_overdue(self, now_s: float, heard_s: float) -> bool:
        """Whether nothing came for longer than an answer takes."""
        return now_s - max(self._sent_s, heard_s) > _PATIENCE_S + _ROUND_TRIPS * self._round_trip_s

    def forget(self) -> None:
        """None is out any more: all are answered, or the controller has restarted."""
        self._out, self.answered = 0, False
