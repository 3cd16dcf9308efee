"""What the operator may ask for while a job is paused: back, goto, retouch, jog, tour, where, feed."""

from collections.abc import Callable

from firmware_io import RecoveryPlan, Session
from stringart.errors import MachineError
from stringart.machine.profile import AXIS_ORDER
from stringart.machine.reach import check_jog
from stringart.machine.recovery import ResumeGuide, WayBack
from stringart.runs.prepared import PreparedJob

HELP = "go | step | back K | goto WRAP | retouch PIN | jog X.. Y.. Z.. | tour PIN.. | where | feed PERCENT | stop"


def to_plan(way: WayBack) -> RecoveryPlan:
    """A way back as ``firmware_io`` takes it."""
    return RecoveryPlan(next_step=way.next_step, lines=way.lines, text=way.text)


def wraps_done(source: PreparedJob, next_step: int) -> int:
    """Wraps that are on the board when ``next_step`` comes next."""
    steps = source.job.steps
    return steps[next_step].first_wrap - 1 if next_step < len(steps) else source.job.wraps


class PausedCommands:
    """The commands of a pause.

    Parameters
    ----------
    session : Session
    source : PreparedJob
    guide : ResumeGuide
    tell : callable
        Says a line.
    confirm : callable
        Asks a question that is answered with yes or no.
    jump : callable
        Leads the tool back to a step, and waits until it is there.
    """

    def __init__(
        self,
        session: Session,
        source: PreparedJob,
        guide: ResumeGuide,
        *,
        tell: Callable[[str], None],
        confirm: Callable[[str], bool],
        jump: Callable[[WayBack], None],
    ) -> None:
        self.session, self.source, self.guide = session, source, guide
        self._tell, self._ask_yes, self._go = tell, confirm, jump

    def obey(self, words: list[str]) -> bool:
        """Do one command; whether the job goes on (or ends)."""
        name, rest = (words[0].lower() if words else "go"), words[1:]
        name = {"r": "go", "g": "go", "s": "stop", "b": "back", "n": "step"}.get(name, name)
        if name == "back" and not rest:
            rest = ["1"]
        goes_on: dict[str, Callable[[], None]] = {
            "go": self.session.resume, "resume": self.session.resume, "step": self.session.step,
            "stop": self.session.stop,
        }  # fmt: skip
        stays: dict[str, Callable[[list[str]], None]] = {
            "back": self._back, "goto": self._goto, "retouch": self._retouch, "jog": self._jog, "tour": self._tour,
            "where": lambda _: self._tell(self.where_text()),
            "feed": lambda w: self.session.override("feed", int(w[0])),
        }  # fmt: skip
        if name in goes_on:
            goes_on[name]()
            return True
        if name not in stays:
            raise MachineError(f"'{name}' is not known", HELP)
        try:
            stays[name](rest)
        except (ValueError, IndexError):
            raise MachineError(f"'{' '.join(words)}' cannot be read", HELP) from None
        return False

    def _axes(self) -> tuple[float, ...] | None:
        position = self.session.wait_until_idle(timeout_s=30).work_position
        return None if position is None else self.source.profile.axes.of(position)

    def where_text(self) -> str:
        """Where the tool is."""
        axes = self._axes()
        return "the controller does not say where it is" if axes is None else self.guide.whereabouts(axes).text

    def _back(self, words: list[str]) -> None:
        done = wraps_done(self.source, self.session.snapshot().next_step)
        count = int(words[0])
        if not 0 < count <= done:
            raise MachineError(
                f"{_wraps(done)} on the board: back {count} is not possible",
                f"back takes 1 to {done}" if done else HELP,
            )
        self._jump_to_wrap(done - count + 1, f"Take {count} wrap{'s' * (count != 1)} off the board by hand. ")

    def _goto(self, words: list[str]) -> None:
        self._jump_to_wrap(int(words[0]), "Take off the board, or add, what lies between by hand. ")

    def _jump_to_wrap(self, wrap: int, before: str) -> None:
        way = self.guide.re_anchor(wrap, self._axes())
        self._tell(before + way.text)
        if self._ask_yes("Is the thread ready?"):
            self._go(way)

    def _retouch(self, words: list[str]) -> None:
        pin, axes = int(words[0]), self._axes()
        if not 0 <= pin < len(self.guide.ring):
            raise MachineError(f"there is no pin {pin}")
        where = self.guide.axes_over(pin, axes)
        self.guide.check_drift(pin, where, axes)
        off = self.guide.offset_text(where, axes)
        if self._ask_yes(f"The tool is over pin {pin}, {off} beside where the profile has it. Correct the position?"):
            letters = self.source.profile.axes
            self.session.set_work_position(**{letters.x: where[0], letters.y: where[1]})
            way = self.guide.to_step(self.session.snapshot().next_step, self._axes())
            self._tell(way.text)
            if self._ask_yes("Go there?"):
                self._go(way)

    def _jog(self, words: list[str]) -> None:
        axes = self.source.profile.axes
        letters = {axes.x, axes.y, axes.z}
        moves = {w[0].upper(): float(w[1:]) for w in words}
        if not moves or not set(moves) <= letters:
            raise MachineError(f"jog takes {', '.join(sorted(letters))} with millimetres", f"as in: jog {axes.x}-0.5")
        position = self.session.wait_until_idle(timeout_s=30).work_position or ()
        check_jog(self.source.profile, dict(zip(AXIS_ORDER, position, strict=False)), moves)
        self.session.jog(feed_mm_min=self.source.profile.motion.wrap_feed_mm_min, absolute=False, **moves)
        self._tell(self.where_text())

    def _tour(self, words: list[str]) -> None:
        pins = [int(w) for w in words]
        lines = self.guide.tour(pins, self._axes())
        if self._ask_yes(f"Lift to {self.guide.safe_mm:g} mm and go over pins {', '.join(map(str, pins))}?"):
            self.session.run_lines(lines)
            self._go(self.guide.to_step(self.session.snapshot().next_step, self._axes()))


def _wraps(count: int) -> str:
    return "1 wrap is" if count == 1 else f"{count} wraps are"
