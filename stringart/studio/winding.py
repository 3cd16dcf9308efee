"""Winding by hand on the page: the same guide and the same kept progress as ``stringart wind``."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stringart.errors import StringartError
from stringart.hand.guide import Guide
from stringart.hand.progress import Progress, ProgressStore
from stringart.plan.model import Plan


class Winding:
    """One piece that is being wound on a page; its progress is locked against other windows meanwhile.

    Parameters
    ----------
    plan_id : str
    plan_file : Path
    spool_mm : float, optional

    Raises
    ------
    StringartError
        If the piece is being wound elsewhere, or the plan has no chords.
    """

    def __init__(self, plan_id: str, plan_file: Path, spool_mm: float | None) -> None:
        self.plan_id, self._file = plan_id, plan_file
        plan = Plan.load(plan_file)
        Guide(plan)
        self._progress: Progress = ProgressStore().open(plan, str(plan_file.resolve()))
        try:
            self._guide = Guide(plan, self._progress.place, self._progress.recent_s, spool_mm)
        except BaseException:
            self._progress.close()
            raise
        self._title = plan.photo.name if plan.photo else plan_file.stem

    def obey(self, move: str, number: int = 0) -> None:
        """Do what was asked: ``next``, ``back``, ``jump``, ``pause``, ``resume`` or ``spool``; kept when it returns."""
        guide, now_s, counted = self._guide, time.monotonic(), self._guide.counted
        if move == "jump":
            moved = guide.jump(number, now_s)
        elif move in ("next", "back", "resume"):
            moved = getattr(guide, move)(now_s)
        elif move in ("pause", "spool"):
            moved = guide.pause() if move == "pause" else guide.new_spool()
        else:
            raise StringartError(f"the guide does not know '{move[:20]}'")
        if moved:
            new = guide.counted - counted
            self._progress.record(guide.place, guide.recent_s[-new:] if new else ())

    def view(self) -> dict[str, Any]:
        """All that is shown of this moment, in plain values."""
        view = self._guide.view()
        plain = asdict(view) | {"phase": view.phase.value, "percent": view.percent}
        return plain | {"plan_id": self.plan_id, "title": self._title, "file": str(self._file)}

    def close(self) -> None:
        """Free the piece for other windows."""
        self._progress.close()
