"""``stringart export``: a plan in any format."""

from collections.abc import Mapping

import click

from stringart.cli._export_options import export_options_with_photos
from stringart.cli._groups import GroupedCommand
from stringart.cli._params import check_folders, load_matching_photo, load_plan, write_output
from stringart.export import ExportOptions, exporter_for, known_endings, notes_for
from stringart.plan.model import Plan


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
@export_options_with_photos
def export(
    plan_file: str, outputs: tuple[str, ...], export_options: ExportOptions, photo_files: Mapping[str, str]
) -> None:
    """Write PLAN in the formats that the endings of the outputs name; --list shows them."""
    exporters = {name: exporter_for(name) for name in outputs}
    check_folders(outputs)
    plan = load_plan(plan_file)
    options = export_options.replaced(**{name: load_matching_photo(file, plan) for name, file in photo_files.items()})
    for name, exporter in exporters.items():
        write_output(name, exporter(plan, options))
        if name.lower().endswith(".gif"):
            _tell_frames(plan, options)
        for note in notes_for(name, plan, options):
            click.echo(f"warning: {note}", err=True)
        click.echo(f"wrote {name}", err=True)


def _tell_frames(plan: Plan, options: ExportOptions) -> None:
    from stringart.export._film_options import film_options
    from stringart.export.gif import note_on_frames
    from stringart.look.film import Film

    if note := note_on_frames(Film(plan, film_options(options))):
        click.echo(note, err=True)
