"""A plan as a job of a template's lines: a wrap is a line or a few, and the machine's own firmware does the rest."""

from collections.abc import Iterator

import numpy as np

from stringart.errors import MachineError
from stringart.machine.headroom import Headroom
from stringart.machine.job_steps import ANCHOR, END, PARK, START, TIE, WRAP, JobStep, MachineJob
from stringart.machine.profile import Profile
from stringart.machine.ring import Ring
from stringart.machine.spools import Spools
from stringart.machine.template import Template, Turned, rendered, wrap_values
from stringart.machine.template_files import load_template
from stringart.machine.toolpath import Excursion, excursions_of
from stringart.plan.model import Plan

_EVEN_SHARE = 0.1  # of the distance between pins


def make_template_job(plan: Plan, profile: Profile) -> MachineJob:
    """Make a plan's job of the template that the profile names; everything is checked before there is a line.

    Raises
    ------
    MachineError
        If a gap is too narrow, pins do not stand as the firmware expects them, or the height runs out.
    """
    builder = _Builder(plan, profile, load_template(profile.machine.template))
    return MachineJob(plan=plan, profile=profile, steps=tuple(builder.steps()))


class _Builder:
    """Walks through a plan once."""

    def __init__(self, plan: Plan, profile: Profile, template: Template) -> None:
        self.plan, self.profile, self.template = plan, profile, template
        self.ring = Ring.of(plan, profile)
        self.room, self.spools = Headroom(plan, profile, self.ring), Spools(plan, profile)
        self._turned = Turned()
        self.wraps = sum(len(layer.pins) for layer in plan.layers)

    def steps(self) -> Iterator[JobStep]:
        """All steps in order."""
        if not self.wraps:
            raise MachineError("the plan has no wraps", "design it first")
        _check_circle(self.ring, self.template)
        excursions = list(excursions_of(self.plan))
        for excursion in excursions:
            for pin in excursion.pins:
                self.ring.check_gap(pin, excursion.name)
        yield JobStep(kind=START, lines=self._lines(self.template.start, 0, 1), label="the beginning")
        for number in range(len(self.plan.layers)):
            of_layer = [e for e in excursions if e.layer == number]
            if of_layer:
                yield from self._layer(number, of_layer)
        end = self._lines(self.template.end, len(self.plan.layers) - 1, self.wraps)
        yield self._rest(END, "the end", end, len(self.plan.layers) - 1, self.wraps + 1)

    def _lines(self, lines: tuple[str, ...], layer: int, wrap: int, **more: str) -> tuple[str, ...]:
        thread = self.plan.threads[self.plan.layers[layer].thread]
        values = {
            "pins": len(self.ring), "wrap": wrap, "wraps": self.wraps, "layer": layer + 1,
            "layers": len(self.plan.layers), "thread": thread.name, "color": thread.color.lstrip("#"), **more,
        }  # fmt: skip
        return tuple(rendered(lines, values))

    def _wrap_lines(self, pin: int, side: int, layer: int, wrap: int) -> tuple[str, ...]:
        values = wrap_values(self.ring.xy_mm, pin, side)
        return self._lines(self.template.wrap, layer, wrap, **values, **self._turned.to(values))

    def _layer(self, number: int, excursions: list[Excursion]) -> Iterator[JobStep]:
        turns = self.profile.thread.anchor_turns
        for k, excursion in enumerate(excursions):
            self.room.lay(excursion, 0 if k else turns)
            height = self.room.wrap_mm(excursion.pins)
            self.room.check(excursion, height)
            for at, pin in enumerate(excursion.pins):
                first = not k and not at
                wrap = excursion.first_wrap + at
                lines = self._wrap_lines(pin, excursion.direction, number, wrap)
                before = self._lines(self.template.layer, number, wrap) if first else ()
                self.spools.count(number, wrap, 1, knotted=first)
                yield JobStep(
                    kind=ANCHOR if first else WRAP, lines=(*before, *lines * (turns + 1 if first else 1)),
                    label=f"{f'start: {turns} turns and ' if first else ''}wrap {wrap} (pin {pin})",
                    prompt=self._prompt(number, pin) if first else "", layer=number, first_wrap=wrap, pins=(pin,),
                    direction=excursion.direction, wrap_mm=round(height, 3),
                    thread_mm=self.spools.used_of_layer_mm(number),
                )  # fmt: skip
        last, wrap = excursions[-1], excursions[-1].first_wrap + len(excursions[-1].pins) - 1
        tie = self._wrap_lines(last.pins[-1], last.direction, number, wrap) * turns
        yield self._rest(TIE, f"end: {turns} turns round pin {last.pins[-1]}", tie, number, wrap + 1)
        if number + 1 < len(self.plan.layers):
            self.room.begin_at(None)
            yield self._rest(PARK, "the change of thread", (), number, wrap + 1)

    def _prompt(self, layer: int, pin: int) -> str:
        thread = self.plan.threads[self.plan.layers[layer].thread]
        return (
            f"Layer {layer + 1} of {len(self.plan.layers)}: put in the thread '{thread.name}' {thread.color}, hold its "
            f"end near pin {pin}, where it is wound {self.profile.thread.anchor_turns} times"
        )

    def _rest(self, kind: str, label: str, lines: tuple[str, ...], layer: int, wrap: int) -> JobStep:
        used_mm = self.spools.used_of_layer_mm(layer)
        return JobStep(kind=kind, lines=lines, label=label, layer=layer, first_wrap=wrap, thread_mm=used_mm)


def _check_circle(ring: Ring, template: Template) -> None:
    """Refuse pins that a needle of one stroke does not reach, or that do not stand where the firmware has them."""
    radius = np.hypot(*ring.xy_mm.T)
    spread_mm = float(np.ptp(radius))
    if spread_mm > 2 * ring.loop_mm + ring.clearance_mm:
        raise MachineError(
            f"the pins are {radius.min():.1f} to {radius.max():.1f} mm from the axis of rotation, and the needle goes "
            f"in and out by one stroke: {2 * ring.loop_mm + ring.clearance_mm:.1f} mm of difference are allowed",
            "take a round board, centred on its axis; or a machine whose needle is an axis (grbl-turntable)",
        )
    if not template.even:
        return
    count = len(ring)
    wanted = np.arange(count) * 360.0 / count
    off = (np.degrees(np.arctan2(*ring.xy_mm.T)) - wanted + 180) % 360 - 180
    off_mm = float(np.abs(np.radians(off - np.median(off)) * radius).max())
    allowed_mm = _EVEN_SHARE * float(ring.nearest[0].min())
    if off_mm > allowed_mm:
        raise MachineError(
            f"a pin stands {off_mm:.1f} mm beside where the firmware has it, which divides the circle by itself "
            f"({allowed_mm:.1f} mm are allowed)",
            "take a board with even pins, or a template with {angle_before} and {angle_after} (even = false)",
        )
