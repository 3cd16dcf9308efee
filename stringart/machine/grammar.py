"""The grammar of a job: what must come before and after what, whatever is wound.

No move goes nowhere or back on its own way. The height is said before the tool travels, and it passes the height of the
pins' tops straight up or down. Every stop for the operator follows a rest, all at one place, and the first comes before
the first wrap. So a line that is doubled, swapped or missing shows even where the pins that are wrapped stay the same.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.reader import Action, Lift, Motion, Note, Rest, Stop, lines_of

_NOWHERE_MM = 1e-6
_BACK = math.cos(math.radians(165))
_SAME_PLACE_MM = 0.01


def grammar_problems(text: str, actions: Sequence[Action], profile: Profile) -> list[str]:
    """What is wrong with a job's sequence of lines, one text each.

    Parameters
    ----------
    text : str
        The file.
    actions : sequence of Action
        The same, read.
    profile : Profile
    """
    walk = _Walk(profile)
    return [*_word_problems(text, profile), *(p for action in actions for p in walk.take(action)), *walk.end()]


def _word_problems(text: str, profile: Profile) -> Iterator[str]:
    """Modes that a job relies on, and its last word."""
    codes = [(line.number, line.code) for line in lines_of(text) if line.code and line.code != "%"]
    moves = next((k for k, (_, code) in enumerate(codes) if re.search(r"G[123]\b.*[XYZABC]", code)), len(codes))
    said = " ".join(code for _, code in codes[:moves])
    dialect = DIALECTS[profile.machine.dialect]
    for word in dialect.needed:
        if not re.search(rf"{word}\b", said):
            yield f"{word} is not said before the first move"
    ends = [number for number, code in codes if code in ("M2", "M30")]
    if {"M2", "M30"} & set(dialect.words) and [number for number, _ in codes[-1:]] != ends:
        where = f"line {ends[0]}: " if ends else ""
        yield f"{where}a job ends with one M2, in its last line"


@dataclass(slots=True)
class _Walk:
    """Goes through a job once and remembers what the next line depends on."""

    profile: Profile
    before: Action | None = None
    way: tuple[float, float] | None = None  # the direction in which the tool came here
    high: bool | None = None
    servo: float | None = None
    waits_at: tuple[float, float] | None = None
    here: Motion | None = None
    tops_mm: float = field(init=False)
    has_snippets: bool = field(init=False)

    def __post_init__(self) -> None:
        profile = self.profile
        self.tops_mm = profile.height.pin_mm + profile.board.surface_z_mm
        snippets = profile.snippets
        self.has_snippets = any((snippets.start, snippets.end, snippets.change, snippets.layer))

    def take(self, action: Action) -> Iterator[str]:
        """Problems of one action."""
        if isinstance(action, Note):
            self.tops_mm -= self.profile.height.raise_mm if action.text.startswith("raise ") else 0.0
            return
        where = f"line {action.line}: "
        checks = {Motion: self._motion, Rest: self._rest, Stop: self._stop, Lift: self._lift}
        yield from (where + text for text in checks[type(action)](action))  # type: ignore[operator]
        self.before = action

    def end(self) -> Iterator[str]:
        """Problems of the whole."""
        if self.here is not None and self.waits_at is not None and not self._is_at(self.waits_at):
            yield f"line {self.here.line}: the job ends elsewhere than where it waits for the operator"

    # --- kinds ---

    def _motion(self, motion: Motion) -> Iterator[str]:
        (x0, y0, z0), (x1, y1, z1) = motion.start, motion.end
        travels = _differs(x0, x1) or _differs(y0, y1)
        moved = travels or _differs(z0, z1)
        if not motion.turn and not moved and not (self.has_snippets and self.high):
            yield "the tool moves to where it is: a move is doubled, or one before it is missing"
        if travels:
            yield from self._travel(motion)
        if self.profile.servo_lift or not math.isnan(motion.end[2]):
            self.high = None if self.profile.servo_lift else motion.end[2] >= self.tops_mm - 1e-6
        self.here = motion

    def _travel(self, motion: Motion) -> Iterator[str]:
        if self.profile.servo_lift:
            if self.servo is None:
                yield "the tool travels before its height is said"
            elif isinstance(self.before, Lift) and self.profile.servo.settle_s > 0:
                yield "the tool travels while the servo still moves: a rest is missing"
        elif math.isnan(motion.start[2]):
            yield "the tool travels before its height is said"
        elif (motion.start[2] >= self.tops_mm - 1e-6) != (motion.end[2] >= self.tops_mm - 1e-6):
            yield "the tool passes the height of the pins' tops while it travels: a move straight up or down is missing"
        way = _direction(motion, rotary=self.profile.rotary)
        if way is not None and self.way is not None and way[0] * self.way[0] + way[1] * self.way[1] < _BACK:
            yield "the tool goes back on the way that it came: a move is doubled, swapped or missing"
        self.way = way

    def _rest(self, rest: Rest) -> Iterator[str]:
        twice = isinstance(self.before, Rest) and self.before.seconds == rest.seconds
        if twice and rest.seconds and not self.profile.dwell.settle_s:
            yield "the tool rests twice in the same place: a line is doubled, or a move is missing"
        self.way = None
        if self.profile.servo_lift:
            yield from self._servo_rest(rest)

    def _servo_rest(self, rest: Rest) -> Iterator[str]:
        """The servo gets the time that it needs, and gets it only when it moves."""
        rules = self.profile.dwell
        settle_s = self.profile.servo.settle_s
        if isinstance(self.before, Lift):
            if rest.seconds < settle_s - 1e-9:
                yield "the servo gets no time to move: a line is swapped or missing"
        elif math.isclose(rest.seconds, settle_s) and settle_s not in (rules.sync_s, rules.settle_s):
            yield "the tool waits for the servo, which was not told to move: a line is swapped or missing"

    def _stop(self, stop: Stop) -> Iterator[str]:
        self.way = None
        if isinstance(self.before, Stop):
            yield "the job waits for the operator twice"
        if self.before is None:
            return
        if not isinstance(self.before, Rest | Stop):
            yield "the job waits for the operator without a rest before: a line is swapped or missing"
        if self.here is None or math.isnan(self.here.end[0]) or math.isnan(self.here.end[1]):
            yield "the job waits for the operator at a place that was never said: a move is missing"
        elif not self.high and self.profile.height.raise_mm:
            return  # the gantry is raised where the tool is
        elif self.waits_at is None:
            self.waits_at = _on_board(self.here.end, rotary=self.profile.rotary)
        elif not self._is_at(self.waits_at):
            yield "the job waits for the operator elsewhere than before: a move is swapped or missing"

    def _lift(self, lift: Lift) -> Iterator[str]:
        if lift.value == self.servo and not self.has_snippets:
            yield "the servo goes to where it is: a line is doubled, or one before it is missing"
        self.servo = lift.value

    def _is_at(self, place: tuple[float, float]) -> bool:
        here = None if self.here is None else _on_board(self.here.end, rotary=self.profile.rotary)
        return here is not None and math.dist(here, place) < _SAME_PLACE_MM


def _differs(before: float, after: float) -> bool:
    """Whether an axis moves; one that was never said does not."""
    return not math.isnan(after) and not abs(after - before) < _NOWHERE_MM


def _direction(motion: Motion, *, rotary: bool) -> tuple[float, float] | None:
    """Unit vector of a straight move in the plane; None for round ones and where a place is not known."""
    if motion.turn:
        return None
    (x0, y0), (x1, y1) = _on_board(motion.start, rotary=rotary), _on_board(motion.end, rotary=rotary)
    if math.isnan(x0 + y0 + x1 + y1):
        return None
    length = math.hypot(x1 - x0, y1 - y0)
    return ((x1 - x0) / length, (y1 - y0) / length) if length > _NOWHERE_MM else None


def _on_board(axes: Sequence[float], *, rotary: bool) -> tuple[float, float]:
    if not rotary:
        return axes[0], axes[1]
    angle = math.radians(axes[1])
    return axes[0] * math.sin(angle), axes[0] * math.cos(angle)
