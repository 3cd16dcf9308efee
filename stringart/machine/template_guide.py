"""The way back in a job of a template's lines: where the machine stands in its own count, and what is sent again."""

from collections.abc import Sequence

from stringart.errors import MachineError
from stringart.machine.job_steps import ANCHOR, START
from stringart.machine.jobfile import JobFile
from stringart.machine.profile import Profile
from stringart.machine.recovery import ResumeGuide, WayBack, Whereabouts
from stringart.machine.template import Turned, read_wraps, rendered, wrap_values
from stringart.machine.template_files import load_template


def guide_of(job: JobFile, profile: Profile) -> ResumeGuide:
    """Return what knows the ways back in a job."""
    return TemplateGuide(job, profile) if profile.machine.template else ResumeGuide(job, profile)


class TemplateGuide(ResumeGuide):
    """Knows what a template's lines do; the firmware itself knows how.

    Parameters
    ----------
    job : JobFile
    profile : Profile
    """

    def __init__(self, job: JobFile, profile: Profile) -> None:
        super().__init__(job, profile)
        self.template = load_template(profile.machine.template)

    @property
    def start_lines(self) -> tuple[str, ...]:
        """What the firmware is told first, also after a restart."""
        return self.job.steps[0].lines if self.job.steps[0].kind == START else ()

    def places_after(self, lines: Sequence[str]) -> list[int | None]:
        """For every line the place that the firmware tells after it; None where no wrap ends."""
        wraps, _ = read_wraps(self.template, list(enumerate(lines)), self.ring.xy_mm)
        ends = {wrap.last_line: self._stands(wrap.pin, wrap.side) for wrap in wraps}
        return [ends.get(k) for k in range(len(lines))]

    def place_before(self, step: int) -> int | None:
        """Where the firmware stands when a step begins; None where nothing was wound before."""
        for before in reversed(self.job.steps[:step]):
            places = [place for place in self.places_after(before.lines) if place is not None]
            if places:
                return places[-1]
        return None

    def _stands(self, pin: int, side: int) -> int | None:
        text = rendered((self.template.stands,), wrap_values(self.ring.xy_mm, pin, side or 1))[0]
        return int(text) if text.isdigit() else None

    def whereabouts(self, axes: Sequence[float]) -> Whereabouts:
        """Where the board stands, as the firmware counts."""
        if not axes:
            return Whereabouts(side="inside", pin=0, room_mm=0.0, text="where the last acknowledged line left it")
        place = round(axes[0])
        what = "in the gap after pin" if "gap" in self.template.stands else "at pin"
        return Whereabouts(side="inside", pin=place, room_mm=0.0, text=f"{what} {place}")

    def whole_turns_deg(self, step: int, axes: Sequence[float]) -> float:
        """None: such a firmware counts pins, not turns."""
        return 0.0

    def to_step(self, step: int, axes: Sequence[float] | None) -> WayBack:
        """To where a step begins: the firmware turns there by itself."""
        return WayBack(
            next_step=step, lines=self.start_lines, text=f"'{self.job.steps[step].label}' is sent, and what follows it."
        )

    def by_thread(self, step: int, state: str, axes: Sequence[float] | None) -> WayBack:
        """Go on with a step whose thread is before its pin, or round it.

        Raises
        ------
        MachineError
            If it is half round: only the firmware knows what is left to do.
        """
        if state == "between":
            raise MachineError(
                "a firmware of one's own does a wrap as a whole: half of one cannot be finished by it",
                "lead the thread back or round by hand, then say --thread before or after",
            )
        return super().by_thread(step, state, axes)

    def re_anchor(self, wrap: int, axes: Sequence[float] | None) -> WayBack:
        """Go on with a wrap after its thread was tied anew: the turns round the pin before it, then the wrap."""
        step = self._step_of_wrap(wrap)
        if self.job.steps[step].kind == ANCHOR:
            return self.to_step(step, axes)
        before = self._wound_before(step)
        ends = self.places_after(before.lines)
        last = next(k for k in range(len(ends), 0, -1) if ends[k - 1] is not None)
        turns = before.lines[last - len(self.template.wrap) : last] * self.profile.thread.anchor_turns
        return WayBack(
            next_step=step, lines=(*self.start_lines, *turns),
            text=f"{self.profile.thread.anchor_turns} turns round pin {before.pins[-1]} to hold the new end, then "
            f"{self.job.steps[step].label}.",
        )  # fmt: skip

    def tour(self, pins: Sequence[int], axes: Sequence[float] | None) -> tuple[str, ...]:
        """Raise MachineError: such a firmware goes nowhere without winding."""
        raise MachineError("this firmware only winds: it cannot go over pins", "try one wrap: test --pin K")

    def try_wrap(self, pin: int, direction: int, axes: Sequence[float] | None) -> tuple[str, ...]:
        """Lines of one wrap."""
        if not 0 <= pin < len(self.ring):
            raise MachineError(f"there is no pin {pin}: they are numbered 0 to {len(self.ring) - 1}")
        values = wrap_values(self.ring.xy_mm, pin, direction)
        values |= {**Turned().to(values), "wrap": "1", "wraps": "1", "layer": "1", "layers": "1"}
        return (*self.start_lines, *rendered(self.template.wrap, values))

    def axes_over(self, pin: int, axes: Sequence[float] | None) -> tuple[float, float]:
        """Raise MachineError: it has no axes."""
        raise MachineError("this firmware knows pins, not axes", "tell it where it stands: --at 'pin K'")
