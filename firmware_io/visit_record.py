"""What one session knows of the one before it, and leaves for the next: where the machine stands, if it is known."""

from __future__ import annotations

from firmware_io.engine.engine import Engine
from firmware_io.events import Position, StatusReported
from firmware_io.memory import Memory, Remembered, doubt_of_greeting, is_at_zero


class VisitRecord:
    """One session with a machine, as a record of it is kept.

    Parameters
    ----------
    memory : Memory or None
        Without it the machine is believed, unless it greets as after a restart.

    Attributes
    ----------
    last_seen : Position or None
        Where the session before saw the tool last.
    stands_at_zero : bool
        At the beginning it stood at its zero, and no session before has left anything.
    """

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory
        self._left: Remembered | None = None
        self.last_seen: Position | None = None
        self.stands_at_zero = False

    def knows_better(self, engine: Engine) -> bool:
        """Whether there is anything that the controller's position can be compared with."""
        return self._memory is not None or (engine.greets and engine.core.restarted)

    def begin(self, engine: Engine) -> None:
        """Compare the controller with what the last session left; from here on this one is under way."""
        past, status = self._memory.read() if self._memory is not None else None, engine.status
        self.last_seen = past.work_position if past is not None else None
        self.stands_at_zero = past is None and status is not None and is_at_zero(_told(status))
        if engine.position.known and status is not None and not engine.core.vouches:
            told, greeted = _told(status), engine.greets and engine.core.restarted
            doubt = past.doubt(told, engine.core.shift) if past is not None else doubt_of_greeting(told) * greeted
            if doubt:
                engine.position.doubt(doubt)
        self.note(engine)

    def note(self, engine: Engine, *, standing: bool = False, anew: bool = False) -> None:
        """Leave a record: where it stands, or that a session is under way."""
        status = engine.status if standing and not engine.gone else None
        seen = engine.status.work_position if engine.status is not None else None
        now = Remembered(
            known=engine.position.known,
            machine_position=_told(status) if status is not None else None,
            shift=engine.core.shift,
            work_position=seen or (self._left.work_position if self._left is not None else None),
        )
        known_before = self._left.known if self._left is not None else None
        if self._memory is not None and (standing or anew or now.known is not known_before):
            self._memory.write(now)
        self._left = now

    def follow(self, engine: Engine) -> None:
        """Leave a record where the position came to be known, or not to be known any more."""
        if self._left is not None and self._left.known is not engine.position.known:
            self.note(engine)

    def end(self, engine: Engine) -> None:
        """Leave the last record, if the session came to its beginning."""
        if self._left is not None:
            self.note(engine, standing=True)


def _told(status: StatusReported) -> Position | None:
    """The position that a restart sets to zero; Marlin tells no other than the work position."""
    return status.machine_position or status.work_position
