"""The threads of a plan as a card of swatches: what each is, how much of it is wound, how often and how long."""

from stringart.export import SPOOL, WIDTH, ExportOptions
from stringart.look.swatches import Card, Swatch, draw
from stringart.plan.materials import Assumptions, ThreadUse, materials_of
from stringart.plan.model import Plan
from stringart.threads.catalogues import like
from stringart.threads.color_names import describe
from stringart.units import format_duration, format_length

OPTIONS = (WIDTH, SPOOL)


def card_of(plan: Plan, spool_mm: float) -> Card:
    """Return the card of a plan; threads that it does not use are left out.

    Parameters
    ----------
    plan : Plan
    spool_mm : float
        Thread on one spool.

    Raises
    ------
    UnitError
        If the spool's length is not positive.
    """
    found = materials_of(plan)
    used = [use for use in found.threads if use.wraps]
    layers = sum(len(use.layers) for use in used)
    chords = sum(use.chords for use in used)
    name = plan.photo.name if plan.photo else "string art"
    return Card(
        title=f"Threads: {name}",
        about=(
            f"{chords:,} chords in {layers} layers, {max(layers - 1, 0)} changes of thread; "
            f"{format_length(found.total_mm)} of thread",
            f"by hand {found.hand_text}; by machine {format_duration(found.machine_s)}; "
            f"board {describe(plan.board.color)} {plan.board.color}",
        ),
        swatches=tuple(_swatch(plan, use, spool_mm, found.assumptions) for use in used),
    )


def _swatch(plan: Plan, use: ThreadUse, spool_mm: float, assumed: Assumptions) -> Swatch:
    thread, times, spools = plan.threads[use.thread], len(use.layers), use.spools(spool_mm)
    named = ", ".join(filter(None, (thread.color, like(thread.name, thread.color))))
    return Swatch(
        color=thread.color,
        title=thread.name,
        lines=(
            f"{named}, {thread.diameter_mm:g} mm: {format_length(use.total_mm)}, "
            f"{spools} spool{'s' if spools != 1 else ''} of {format_length(spool_mm)}",
            f"{use.chords:,} chords in {times} layer{'s' if times != 1 else ''}: "
            f"put on {times} time{'s' if times != 1 else ''}, by hand {format_duration(use.hand_s(assumed.beginner))}, "
            f"by machine {format_duration(_machine_s(use, assumed))}",
        ),
    )


def _machine_s(use: ThreadUse, a: Assumptions) -> float:
    winding_s = use.straight_mm / a.machine_feed_mm_s + use.wraps * a.machine_wrap_s
    return winding_s + len(use.layers) * a.machine_layer_s


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the card as a PNG, as wide as its option says."""
    return draw(card_of(plan, options[SPOOL]), options[WIDTH])
