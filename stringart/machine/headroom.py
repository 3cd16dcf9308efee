"""The height that the tool needs while thread piles up, whether pins and axis give it, and what would do if not."""

import math

from stringart.errors import MachineError
from stringart.machine.height import QUANTUM_MM, WrapPile
from stringart.machine.placement import to_machine
from stringart.machine.profile import Profile
from stringart.machine.profile_files import own_values
from stringart.machine.ring import Ring
from stringart.machine.toolpath import Excursion, excursions_of
from stringart.plan.model import Array, Plan

_FEWEST_WRAPS, _LEAST_SHARE = 500, 0.5  # what nobody would do is no advice


class Headroom:
    """The pile of one job as it grows, under pins and an axis that end somewhere.

    Parameters
    ----------
    plan : Plan
    profile : Profile
    ring : Ring
    """

    def __init__(self, plan: Plan, profile: Profile, ring: Ring) -> None:
        self._plan, self._profile, self._pins = plan, profile, len(ring)
        self._pile = WrapPile(ring.xy_mm, profile)
        self._ends_mm = to_machine(profile.board, plan.step_ends_mm.reshape(-1, 2)).reshape(-1, 2, 2)
        self._last_pin: int | None = None
        self.raised_mm = 0.0
        """By how much the gantry was raised by hand."""

    @property
    def reach_mm(self) -> float:
        """How high above the board the Z axis reaches."""
        return self._profile.limits.z_mm[1] - self._profile.board.surface_z_mm + self.raised_mm

    @property
    def safe_mm(self) -> float:
        """Height at which the tool passes over the pins, or the highest that the axis reaches."""
        wanted = self._profile.height.pin_mm + self._profile.clearance.safe_mm
        if self._profile.servo_lift or not self._profile.height.raise_mm:
            return wanted
        return min(wanted, self.reach_mm)

    def begin_at(self, pin: int | None) -> None:
        """The thread hangs at a pin, or at none: there is no way to lay to the next one."""
        self._last_pin = pin

    def thread_mm(self, layer: int) -> float:
        """Width of a layer's thread."""
        return self._plan.threads[self._plan.layers[layer].thread].diameter_mm

    def lay(self, excursion: Excursion, turns: int) -> None:
        """Wind an excursion: its wraps, an anchor's turns round its first pin, and the way to it."""
        thread_mm = self.thread_mm(excursion.layer)
        chain = [*([] if self._last_pin is None else [self._last_pin]), *excursion.pins]
        for k, pin in enumerate(excursion.pins):
            self._pile.wrap(pin, thread_mm, 1 + (turns if k == 0 else 0))
        before = self._plan.layers[: excursion.layer]
        inner = excursion.first_wrap - 1 - sum(len(layer.pins) for layer in before)
        end = sum(layer.steps for layer in before) + inner + len(excursion.pins) - 1
        self._pile.lay(chain, self._ends_mm[end - len(chain) + 1 : end], thread_mm)
        self._last_pin = excursion.pins[-1]

    def wrap_mm(self, pins: tuple[int, ...]) -> float:
        """Height of the tip round some pins."""
        return self._pile.wrap_height_mm(pins, self._pins)

    def travel_mm(self, way: Array) -> float:
        """Height of the tip along a way, (M, 2) mm."""
        return self._pile.travel_height_mm(way)

    @property
    def is_short(self) -> bool:
        """Whether the axis will run out before the pins do, so that the gantry has to be raised first."""
        margins = self._profile.clearance
        highest = float(max(self._pile.stacks_mm.max() + 1.0, self._pile.highest_mm))
        needed = highest + max(margins.travel_mm, margins.wrap_mm)
        return needed > self.reach_mm and self.reach_mm < self._profile.height.pin_mm

    def check(self, excursion: Excursion, wrap_mm: float) -> None:
        """Refuse a wrap that pins or axis do not reach.

        Raises
        ------
        MachineError
            With the wrap, both heights, and what would do.
        """
        tops = self._profile.height.pin_mm
        if wrap_mm > tops + 1e-6:
            self._refuse(excursion, wrap_mm, tops, f"the pins end at {tops:.1f} mm")
        if not self._profile.servo_lift and wrap_mm > self.reach_mm + 1e-6:
            why = f"the Z axis reaches {self.reach_mm:.1f} mm above the board"
            self._refuse(excursion, wrap_mm, self.reach_mm, why)

    def _refuse(self, excursion: Excursion, wrap_mm: float, room_mm: float, why: str) -> None:
        thread = self._plan.threads[self._plan.layers[excursion.layer].thread].name
        wraps = sum(len(layer.pins) for layer in self._plan.layers)
        raise MachineError(
            f"Z runs out at {excursion.name} of {wraps}, layer {excursion.layer + 1} '{thread}': "
            f"the tool must be {wrap_mm:.1f} mm above the board there, but {why}",
            self._remedies(excursion, room_mm),
        )

    def _remedies(self, excursion: Excursion, room_mm: float) -> str:
        """What would do, with its number: each of these alone."""
        needed_mm, rules = self._needed_in_the_end_mm(excursion), self._profile.height
        ground_mm = rules.first_wrap_mm + self._profile.clearance.wrap_mm
        share = (room_mm - QUANTUM_MM - ground_mm) / (needed_mm - ground_mm)
        out = []
        if rules.pin_mm < needed_mm:
            out.append(f"pins that end {math.ceil(needed_mm)} mm above the board (height.pin_mm)")
        else:
            out.append(f"{math.ceil(needed_mm - self.reach_mm)} mm more travel of Z or a gantry that can be raised "
                       "(limits.z_mm, height.raise_mm)")  # fmt: skip
        if share > _LEAST_SHARE:
            out.append(self._thinner(share))
        if excursion.first_wrap > _FEWEST_WRAPS:
            out.append(f"fewer chords, up to {(excursion.first_wrap - 1) // 100 * 100} wraps fit (design --lines)")
        if room_mm > ground_mm:
            out.append("slanted pins (height.slanted)")
        return f"any one of these is enough: {'; '.join(out)}; {own_values(self._profile)}"

    def _needed_in_the_end_mm(self, excursion: Excursion) -> float:
        """How high the tool would have to be if pins and axis were as long as need be; the pile is used up by it."""
        turns, highest, layer = self._profile.thread.anchor_turns, 0.0, excursion.layer
        left = [e for e in excursions_of(self._plan) if e.first_wrap > excursion.first_wrap]
        for e in (*left, None):
            if e is None or e.layer != layer:
                self._pile.wrap(self._last_pin or 0, self.thread_mm(layer), turns)  # the layer's end
                highest = max(highest, self.wrap_mm((self._last_pin or 0,)))
                self.begin_at(None)
            if e is not None:
                self.lay(e, turns if e.layer != layer else 0)
                highest, layer = max(highest, self.wrap_mm(e.pins)), e.layer
        return highest

    def _thinner(self, share: float) -> str:
        diameters = {self.thread_mm(number) for number in range(len(self._plan.layers))}
        if len(diameters) > 1:
            return f"threads of {math.floor(100 * share)} % of their thickness"
        return f"thread of {math.floor(100 * share * max(diameters)) / 100:.2f} mm in place of {max(diameters):g} mm"
