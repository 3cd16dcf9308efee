"""The dry run: the controller reads the whole job without moving, and what it does not take is said in full."""

import sys
import time

from firmware_io import AlarmError, Session
from stringart.cli._machine_common import AlarmRaisedError, talk
from stringart.errors import MachineError
from stringart.machine.estimate import reader_for
from stringart.machine.profile import AXIS_ORDER
from stringart.machine.reach import beyond_travel, limits_of
from stringart.machine.reader import Motion
from stringart.runs.prepared import PreparedJob

_SAID_EVERY_S = 15.0


def dry_run(session: Session, source: PreparedJob) -> None:
    """Let the controller read the job; it rests afterwards as before, however the dry run ends.

    Raises
    ------
    MachineError
        If a line is refused, or leads beyond the controller's own travel.
    """
    status, show = session.wait_until_idle(30), _Progress()
    offset = [m - w for m, w in zip(status.machine_position or (), status.work_position or (), strict=False)]
    try:
        report = session.check(source.firmware_job, show)
    except KeyboardInterrupt:
        show.end()
        talk("the dry run was stopped; the controller rests, nothing has moved")
        raise
    except AlarmError as error:
        show.end()
        raise AlarmRaisedError(
            _beyond(session, source, error, offset),
            "stringart machine reset, then unlock: the position is kept; then correct the board's place "
            "(stringart machine locate), the profile or the controller's travel",
        ) from error
    show.end()
    if report.problems:
        raise MachineError(f"the controller refuses the job: {report.problems[0]}", "check the profile's dialect")
    if report.done_by_controller:
        talk(f"the controller has read all {report.lines_checked} lines and takes them")


class _Progress:
    """Lines read, on one line of a terminal, or now and then."""

    def __init__(self) -> None:
        self._terminal, self._said_s, self._open = sys.stderr.isatty(), time.monotonic(), False

    def __call__(self, done: int, count: int) -> None:
        text = f"dry run: {done} of {count} lines (Ctrl-C stops it)"
        if self._terminal:
            self._open = True
            sys.stderr.write(f"\r{text}")
            sys.stderr.flush()
        elif time.monotonic() - self._said_s > _SAID_EVERY_S:
            self._said_s = time.monotonic()
            talk(text)

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            talk("")
            self._open = False


def _beyond(session: Session, source: PreparedJob, error: AlarmError, offset: list[float]) -> str:
    """Which line leads beyond the travel, on which axis, and the two numbers."""
    lines = [(line, step) for step in source.firmware_job.steps for line in step.lines]
    if not 0 <= error.index < len(lines):
        return f"the dry run ended with {error}"
    line, step = lines[error.index]
    said = f"line {error.index + 1} '{line}' ({step.label}) leads beyond the controller's soft limits"
    profile = source.profile
    text = "\n".join(line for line, _ in lines[: error.index + 1])
    ends = [action.end for action in reader_for(profile).read(text) if isinstance(action, Motion)]
    if not ends:
        return said
    letters = (profile.axes.x, profile.axes.y, profile.axes.z)
    target = dict(zip(letters, ends[-1], strict=False))
    settings = session.settings
    travels = {axis: settings[130 + axis] for axis in range(len(offset)) if 130 + axis in settings}
    found = beyond_travel([target.get(letter, 0.0) for letter in AXIS_ORDER[: len(offset)]], offset, travels)
    if found is None:
        return said
    axis, machine_mm, travel_mm = found
    letter = AXIS_ORDER[axis]
    name, (low, high) = limits_of(profile).get(letter, ("", (0.0, 0.0)))
    limits = f", the profile's limits.{name} are {low:g} to {high:g}" if name else ""
    return (
        f"{said}: {letter} goes to {target[letter]:.1f}, {machine_mm:.1f} mm from its switch, and the controller's "
        f"travel (${130 + axis}) is {travel_mm:g}{limits}"
    )
