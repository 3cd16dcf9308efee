"""The winding as rows, one a step, for the plain files: numbered from 1, pins from 0."""

from collections.abc import Iterator
from dataclasses import dataclass

from stringart.errors import PlanError
from stringart.plan.model import Plan, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One straight piece of thread.

    Parameters
    ----------
    number, layer : int
        From 1, in the order of winding.
    thread : Thread
    from_pin, to_pin : int
    rim : bool
        True for a move along the rim to the next pin.
    length_mm, laid_mm : float
        Of the step; of all steps up to its end. Pin centre to pin centre.
    """

    number: int
    layer: int
    thread: Thread
    from_pin: int
    to_pin: int
    rim: bool
    length_mm: float
    laid_mm: float


def steps_of(plan: Plan) -> Iterator[Step]:
    """Every step of the winding, in order.

    Raises
    ------
    PlanError
        If there is none.
    """
    if not len(plan.steps):
        raise PlanError("the plan has no chords: there are no steps to write", "make a plan with stringart design")
    columns = zip(plan.steps.tolist(), plan.is_rim.tolist(), plan.step_lengths_mm.tolist(), strict=True)
    laid_mm = 0.0
    for number, ((layer, from_pin, to_pin), rim, length_mm) in enumerate(columns, 1):
        laid_mm += length_mm
        yield Step(
            number=number,
            layer=layer + 1,
            thread=plan.threads[plan.layers[layer].thread],
            from_pin=from_pin,
            to_pin=to_pin,
            rim=rim,
            length_mm=length_mm,
            laid_mm=laid_mm,
        )
