"""Winding by hand on the page: the same guide and the same kept progress as ``stringart wind``."""

import time
from dataclasses import asdict
from pathlib import Path

from stringart.errors import StringartError
from stringart.hand.guide import Guide
from stringart.hand.progress import Progress, ProgressStore
from stringart.plan.model import Plan
from stringart.plan.steps import Instruction


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
        """Do what was asked: ``next``, ``back``, ``jump``, ``undo``, ``pause``, ``resume`` or ``spool``.

        It is kept when this returns.
        """
        guide, now_s = self._guide, time.monotonic()
        if move == "jump":
            moved = guide.jump(number, now_s)
        elif move in ("next", "back", "resume", "undo"):
            moved = getattr(guide, move)(now_s)
        elif move in ("pause", "spool"):
            moved = guide.pause() if move == "pause" else guide.new_spool()
        else:
            raise StringartError(f"the guide does not know '{move[:20]}'")
        if moved:
            self._progress.record(guide.place, guide.took)

    @property
    def moment(self) -> str:
        """Where the piece stands, in a word: what a move is based on."""
        place = self._guide.place
        return f"{place.done} {self._guide.phase.value}{' paused' if place.paused else ''}"

    def view(self) -> dict[str, object]:
        """All that is shown of this moment, in plain values."""
        view = self._guide.view()
        plain = asdict(view) | {"phase": view.phase.value, "percent": view.percent, "pace_s": view.pace.chord_s}
        plain |= {"step": None if view.step is None else _plain(view.step)}
        plain |= {name: [_plain(step) for step in getattr(view, name)] for name in ("upcoming", "before")}
        return plain | {"moment": self.moment, "plan_id": self.plan_id, "title": self._title, "file": str(self._file)}

    def close(self) -> None:
        """Free the piece for other windows."""
        self._progress.close()


def _plain(step: Instruction) -> dict[str, object]:
    shown = {"is_rim": step.is_rim, "way": step.way, "text": step.text, "sentence": step.sentence}
    return asdict(step) | {"kind": str(step.kind)} | shown
