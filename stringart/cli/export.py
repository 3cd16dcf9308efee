"""``stringart export``: a plan in any format."""

from typing import Any

import click

from stringart.cli._groups import GroupedCommand, in_group
from stringart.cli._params import LENGTH, PERCENT, PIXELS, check_folders, load_matching_photo, load_plan, write_output
from stringart.export import ExportOptions, exporter_for, known_endings
from stringart.look.film import FilmOptions, Spacing

_film = in_group("Films (.gif .webp .apng .mp4)")
_paper = in_group("Winding book, templates and shopping list")
_drill = in_group("Drill program")
_machine = in_group("Machine program (.gcode .nc .ngc)")
_FILM = FilmOptions()
_PICTURE_PX = ExportOptions().width_px


def _list_endings(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        endings = known_endings()
        width = max(map(len, endings))
        click.echo("\n".join(f"{ending:<{width}}  {line}" for ending, line in endings.items()))
        context.exit()


@click.command(cls=GroupedCommand)
@click.argument("plan_file", metavar="PLAN")
@click.option("-o", "--output", "outputs", multiple=True, required=True, metavar="FILE", help="May be given again.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_endings, help="Known endings.")
@click.option(
    "--width", "width_px", type=PIXELS, help=f"Of the piece. [default: {_PICTURE_PX}px, in films {_FILM.width_px}px]"
)
@_film("--frames", type=int, default=_FILM.frames, show_default=True, help="From the empty board to the piece.")
@_film("--seconds", type=float, default=_FILM.seconds, show_default=True, help="What these frames take.")
@_film("--hold", "hold_s", type=float, default=_FILM.hold_s, show_default=True, help="Seconds on the last frame.")
@_film(
    "--spacing",
    type=click.Choice([spacing.value for spacing in Spacing]),
    default=_FILM.spacing.value,
    show_default=True,
    help="Frames evenly by visible progress, or by chords.",
)
@_film("--counter", is_flag=True, help="Count the threads below the piece.")
@_film("--photo", "photo_file", metavar="FILE", help="Show the photo beside the piece.")
@_paper(
    "--spool", "spool_mm", type=LENGTH, default="500m", show_default=True, metavar="LENGTH", help="Thread on a spool."
)
@_paper("--spare", type=PERCENT, default="10%", show_default=True, metavar="PERCENT", help="Thread to buy more.")
@_paper("--paper", default="A4", show_default=True, help="Of books and tiles: A4, Letter, ... or 200x300mm.")
@_paper(
    "--book",
    type=click.Choice(["compact", "normal", "large"]),
    default="normal",
    show_default=True,
    help="How the book is set: few pages, or large figures.",
)
@_paper("--edge", "edge_mm", type=LENGTH, default="15mm", show_default=True, help="Board beyond the pins; 0mm: none.")
@_drill("--drill-depth", "drill_depth_mm", type=LENGTH, default="10mm", show_default=True)
@_drill("--drill-feed", "drill_feed_mm_min", type=float, default=120, show_default=True, help="mm a minute.")
@_drill("--drill-rpm", "drill_rpm", type=float, default=8000, show_default=True, help="Speed of the spindle.")
@_machine("--machine", default="grbl", show_default=True, metavar="PROFILE", help="Its profile.")
def export(plan_file: str, outputs: tuple[str, ...], **chosen: Any) -> None:
    """Write PLAN in the formats that the endings of the outputs name; --list shows them."""
    exporters = {name: exporter_for(name) for name in outputs}
    check_folders(outputs)
    plan = load_plan(plan_file)
    photo_file = chosen.pop("photo_file")
    photo = None if photo_file is None else load_matching_photo(photo_file, plan)
    options = _options(chosen, photo)
    for name, exporter in exporters.items():
        write_output(name, exporter(plan, options))
        click.echo(f"wrote {name}", err=True)


def _options(chosen: dict[str, Any], photo: Any) -> ExportOptions:
    width_px = chosen.pop("width_px")
    film = {key: chosen.pop(key) for key in ("frames", "seconds", "hold_s", "counter")}
    spacing = Spacing(chosen.pop("spacing"))
    return ExportOptions(
        width_px=width_px or _PICTURE_PX,
        film=FilmOptions(width_px=width_px or _FILM.width_px, spacing=spacing, photo=photo, **film),
        **chosen,
    )
