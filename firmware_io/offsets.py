"""The work offset over a reset of ours: G92 and the coordinate system are gone then, and are put back."""

from __future__ import annotations

from collections.abc import Callable

from firmware_io.events import Event, MachineState, Noticed, Position
from firmware_io.protocol.base import Link, ProtocolCore

_SAME_MM = 0.002
_LETTERS = "XYZABC"


class OffsetKeeper:
    """Remembers the work offset of before a reset and says it to the controller again.

    Parameters
    ----------
    core : ProtocolCore
    emit : callable
        Takes events.
    """

    def __init__(self, core: ProtocolCore, emit: Callable[[Event], None]) -> None:
        self._core, self._emit = core, emit
        self._frozen: tuple[Position | None, str] | None = None  # of before check mode
        self._kept: Position | None = None
        self._system = ""
        self._sent = False

    @property
    def pending(self) -> bool:
        """Whether an offset is still to be put back."""
        return self._kept is not None

    def freeze(self) -> None:
        """Check mode begins: the offsets that its lines set are not real, those of now are."""
        self._frozen = self._core.work_offset, self._core.coordinate_system

    def keep(self) -> None:
        """A reset comes that does not cost the position."""
        now = self._core.work_offset, self._core.coordinate_system
        checking = self._core.machine_state is MachineState.CHECK
        self._kept, self._system = self._frozen or ((None, "") if checking else now)
        self._frozen, self._sent = None, False

    def forget(self) -> None:
        """The position is lost: no offset means anything any more."""
        self._kept = None

    def put_back(self, machine: Position | None, now_s: float) -> str:
        """Bring the offset back, the tool being at `machine`.

        Returns
        -------
        str
            ``"done"``, ``"sent"``, ``"waits"`` for what the controller has to say first, or ``"failed"``.
        """
        core, kept = self._core, self._kept
        if kept is None or core.link is not Link.READY:
            return "done"
        if core.in_flight or core.work_offset is None or machine is None:
            return "waits"
        if all(abs(a - b) < _SAME_MM for a, b in zip(kept, core.work_offset, strict=False)):
            self._kept = None
            return "done"
        if self._sent:
            self._kept = None
            return "failed"
        where = "".join(f" {a}{m - o:.3f}" for a, m, o in zip(_LETTERS, machine, kept, strict=False))
        core.send(" ".join(word for word in ("G21", self._system, f"G92{where}") if word), now_s)
        self._sent = True
        self._emit(Noticed(text=f"the reset cleared the work offset; it was put back: the tool is at{where}"))
        return "sent"
