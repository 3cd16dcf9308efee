"""``stringart paint``: the honest preview."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from stringart.cli._groups import GroupedCommand, in_group
from stringart.cli._params import (
    LENGTH,
    PERCENT,
    PIXELS,
    check_folders,
    load_matching_photo,
    load_plan,
    write_output,
)
from stringart.export import ExportOptions, exporter_for
from stringart.plan.model import Plan
from stringart.plan.steps import steps_of

if TYPE_CHECKING:
    from stringart.picture.photo import Photo

_hands = in_group("Human error")
_wall = in_group("On a wall")


@click.command(cls=GroupedCommand)
@click.argument("plan_file", metavar="PLAN")
@click.option("-o", "--output", required=True, metavar="FILE", help="out.png or out.svg; - is a PNG on stdout.")
@click.option("--width", "width_px", type=PIXELS, help="Width of the picture.  [default: 1024px; with --real 1600px]")
@click.option("--upto", type=click.IntRange(min=0), metavar="STEPS", help="Only the first STEPS steps of the winding.")
@click.option("--after-layer", type=click.IntRange(min=1), metavar="K", help="The piece after layer K, counted from 1.")
@click.option("--layer", type=click.IntRange(min=1), metavar="K", help="Layer K alone, counted from 1.")
@_hands(
    "--pin-error",
    "pin_error_mm",
    type=LENGTH,
    default="0mm",
    show_default=True,
    metavar="LENGTH",
    help="How far pins are off: the standard deviation along x and along y.",
)
@_hands(
    "--missed",
    type=PERCENT,
    default="0%",
    show_default=True,
    metavar="PERCENT",
    help="Share of the wraps that are missed: the thread goes on from the pin before.",
)
@_hands("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Other seeds make other mistakes.")
@_wall("--real", is_flag=True, help="As it will hang there: nails, board, light and shadow; out.png.")
@_wall("--ground", type=click.Choice(("painted", "wood")), help="Board in its colour (default), or wood.")
@_wall("--wall", "wall_mm", type=LENGTH, metavar="LENGTH", help="Width of the wall that is seen.")
@_hands("--photo", "photo_file", metavar="FILE", help="Say what the errors cost in score against the photo.")
def paint(
    plan_file: str,
    output: str,
    width_px: int | None,
    upto: int | None,
    after_layer: int | None,
    layer: int | None,
    pin_error_mm: float,
    missed: float,
    seed: int,
    photo_file: str | None,
    real: bool,
    ground: str | None,
    wall_mm: float | None,
) -> None:
    """Paint PLAN as the finished piece will look: opaque threads of their real width, in winding order."""
    shown = _shown(output, real, {"ground": ground, "wall_mm": wall_mm, "width_px": width_px})
    check_folders((output,))
    plan = load_plan(plan_file)
    photo = None if photo_file is None else load_matching_photo(photo_file, plan)
    plan = _part(plan, upto, after_layer, layer)
    if pin_error_mm or missed or photo is not None:
        plan = _with_errors(plan, (pin_error_mm, missed, seed), photo)
    write_output(output, shown(plan))


def _shown(output: str, real: bool, chosen: dict[str, object]) -> Callable[[Plan], bytes]:
    """Return what makes the picture: the preview, or the piece on its wall."""
    name = "-.png" if output == "-" else output
    if not real and (chosen["ground"] is not None or chosen["wall_mm"] is not None):
        raise click.UsageError("--ground and --wall show the piece on a wall: add --real")
    if real and not name.lower().endswith(".png"):
        raise click.UsageError(f"--real paints a .png, '{output}' is not one")
    options = ExportOptions(**{name: value for name, value in chosen.items() if value is not None})
    exporter = exporter_for("-.real.png" if real else name)
    return lambda plan: exporter(plan, options)


def _part(plan: Plan, upto: int | None, after_layer: int | None, layer: int | None) -> Plan:
    if sum(choice is not None for choice in (upto, after_layer, layer)) > 1:
        raise click.UsageError("--upto, --after-layer and --layer exclude each other: choose one")
    if after_layer is not None:
        return plan.after_layer(after_layer)
    if layer is not None:
        return plan.only_layer(layer)
    if upto is None:
        return plan
    steps = steps_of(plan)[:upto]
    return plan.upto(steps[-1].stop if steps else 0)


def _with_errors(plan: Plan, errors: tuple[float, float, int], photo: "Photo | None") -> Plan:
    """Make the errors, and say on stderr what they cost."""
    import numpy as np

    from stringart.look.tolerance import Errors, seen_difference, with_errors

    pin_error_mm, missed, seed = errors
    made = with_errors(plan, Errors(pin_error_mm=pin_error_mm, missed=missed), np.random.default_rng(seed))
    click.echo(
        f"pins are {made.mean_pin_error_mm:.2f} mm off on average; {made.missed:,} of {made.wraps:,} wraps are missed",
        err=True,
    )
    click.echo(f"RMS L* {seen_difference(plan, made.plan):.2f} from the plan, seen from afar", err=True)
    if photo is not None:
        _tell_score(plan, made.plan, photo)
    return made.plan


def _tell_score(plan: Plan, wound: Plan, photo: "Photo") -> None:
    from stringart.look.score import score

    for meant, got in zip(score(plan, photo), score(wound, photo), strict=True):
        click.echo(
            f"blur {meant.blur_px}/512: SSIM after tone fit {meant.ssim_fit:.3f} as planned, {got.ssim_fit:.3f} "
            f"with these errors, {got.ssim_fit - meant.ssim_fit:+.3f}",
            err=True,
        )
