"""Overrides of the grbl family: real-time bytes that raise or lower feed, rapids and spindle."""

from __future__ import annotations

from firmware_io.errors import JobError

_FEED_STEPS = (b"\x91", b"\x92", b"\x93", b"\x94")
_SPINDLE_STEPS = (b"\x9a", b"\x9b", b"\x9c", b"\x9d")
_RAPID = {100: b"\x95", 50: b"\x96", 25: b"\x97"}


def override_bytes(what: str, percent: int, now: tuple[int, int, int]) -> bytes:
    """Bytes that bring an override to so much.

    Parameters
    ----------
    what : str
        ``feed``, ``rapid`` or ``spindle``.
    percent : int
    now : tuple of int
        Feed, rapid and spindle, in per cent.

    Raises
    ------
    JobError
        If the family has none of that.
    """
    feed, _, spindle = now
    if what == "rapid":
        if percent not in _RAPID:
            raise JobError(f"the rapid override is 25, 50 or 100 %, not {percent}")
        return _RAPID[percent]
    if what in ("feed", "spindle") and 10 <= percent <= 200:
        steps, before = (_FEED_STEPS, feed) if what == "feed" else (_SPINDLE_STEPS, spindle)
        return _steps(steps, percent - before)
    raise JobError(f"an override of {what} to {percent} % does not exist: feed and spindle go from 10 to 200 %")


def _steps(steps: tuple[bytes, bytes, bytes, bytes], change: int) -> bytes:
    """The fewest bytes that make up `change`: tens first, then ones."""
    up10, down10, up1, down1 = steps
    tens, ones = divmod(abs(change), 10)
    ten, one = (up10, up1) if change > 0 else (down10, down1)
    return ten * tens + one * ones
