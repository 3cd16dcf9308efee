"""``stringart looks``: a photo in several looks, side by side."""

import click

from stringart.cli._params import LENGTH, check_folders, write_output
from stringart.cli._progress import steps_shown
from stringart.many.look_sheet import look_lines, look_sheet
from stringart.many.trials import best_of, try_looks
from stringart.order.loaded import read_picture
from stringart.order.look_files import offered_looks
from stringart.picture.photo import load_photo


@click.command()
@click.argument("photo_file", metavar="PHOTO")
@click.option("-o", "--output", metavar="FILE", help="A picture of all: looks.png.")
@click.option("--hours", type=float, metavar="N", help="Name the best that takes no more of them by hand.")
@click.option("--spool", "spool_mm", type=LENGTH, default="500m", show_default=True, help="Thread on a spool.")
@click.option(
    "--price", type=click.FloatRange(0), metavar="N", help="Of a spool, in your own currency: costs are shown with it."
)
def looks(photo_file: str, output: str | None, hours: float | None, spool_mm: float, price: float | None) -> None:
    """Show PHOTO in several looks side by side: hours, thread, cost, closeness, and the command that makes each.

    Looks are project files with a title. Yours lie in the folder looks beside your defaults.toml and are shown, too.
    """
    if output is not None:
        check_folders((output,))
    photo = read_picture(photo_file)
    with steps_shown("looks") as shown:
        trials = try_looks(photo, offered_looks(), {}, shown)
    if output is not None:
        write_output(output, look_sheet(load_photo(photo, "#ffffff"), photo.name, trials, spool_mm, price))
    for trial in trials:
        title, hand, cost, command = look_lines(trial, photo_file, spool_mm, price)
        click.echo(f"{title}: {hand}, {cost}\n  {command}")
    click.echo(best_of(trials, hours)[1], err=True)
    if output is not None:
        click.echo(f"wrote {output}", err=True)
