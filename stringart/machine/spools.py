"""The thread that a job uses, wrap by wrap, and when a spool comes to its end."""

from dataclasses import dataclass, field

from stringart.machine.dialect import ascii_text
from stringart.machine.profile import Profile
from stringart.plan.materials import DEFAULTS, materials_of, wrap_mm
from stringart.plan.model import Array, Plan


def thread_by_layer(plan: Plan) -> list[tuple[str, float]]:
    """Name and length in mm of what every layer uses, by the product's one way of counting."""
    uses = materials_of(plan).layers
    return [(ascii_text(plan.threads[u.thread].name), u.total_mm) for u in uses]


@dataclass(slots=True)
class Spools:
    """Thread used so far, mm, by the thread's number: altogether, and since the last new spool.

    Parameters
    ----------
    plan : Plan
    profile : Profile
    """

    plan: Plan
    profile: Profile
    used_mm: dict[int, float] = field(default_factory=dict)
    since_spool_mm: dict[int, float] = field(default_factory=dict)
    _steps_mm: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._steps_mm = self.plan.step_lengths_mm * self.profile.board.scale

    def count(self, layer: int, first_wrap: int, wraps: int, *, knotted: bool) -> None:
        """Count the straight ways to some wraps, the ways round their pins, and the knot of an anchor."""
        thread, straight_mm = self.plan.layers[layer].thread, 0.0
        if wraps:
            inner = first_wrap - 1 - sum(len(one.pins) for one in self.plan.layers[:layer])
            before = sum(one.steps for one in self.plan.layers[:layer])
            straight_mm = float(self._steps_mm[before + max(inner - 1, 0) : before + inner + wraps - 1].sum())
        around_mm = wraps * wrap_mm(self.plan, thread)
        knot_mm = DEFAULTS.knot_mm if knotted else 0.0
        length_mm = (straight_mm + around_mm) * (1 + DEFAULTS.waste) + knot_mm
        for book in (self.used_mm, self.since_spool_mm):
            book[thread] = book.get(thread, 0.0) + length_mm

    def used_of_layer_mm(self, layer: int) -> float:
        """Return what was used of a layer's thread, in all layers so far."""
        return self.used_mm.get(self.plan.layers[layer].thread, 0.0)

    def is_low(self, layer: int) -> bool:
        """Tell whether the longest step of the plan might end the spool of a layer's thread."""
        rules = self.profile.thread
        if not rules.spool_m:
            return False
        longest_mm = float(self._steps_mm.max()) * (1 + DEFAULTS.waste)
        left_mm = rules.spool_m * 1000 - self.since_spool_mm.get(self.plan.layers[layer].thread, 0.0)
        return left_mm - longest_mm - DEFAULTS.knot_mm < rules.reserve_m * 1000

    def renew(self, layer: int) -> str:
        """Put a new spool in; returns what the operator is told of the old one."""
        thread = self.plan.layers[layer].thread
        used_m = self.since_spool_mm.get(thread, 0.0) / 1000
        self.since_spool_mm[thread] = 0.0
        return f"New spool of '{self.plan.threads[thread].name}': {used_m:.0f} m are used"
