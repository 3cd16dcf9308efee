"""``stringart export``: a plan in any format."""

import click

from stringart.cli._params import PIXELS, check_folders, load_plan, write_output
from stringart.export import ExportOptions, exporter_for


@click.command()
@click.argument("plan_file", metavar="PLAN")
@click.option("-o", "--output", "outputs", multiple=True, required=True, metavar="FILE", help="May be given again.")
@click.option("--width", "width_px", type=PIXELS, default="1000px", show_default=True, help="Width of pictures.")
@click.option("--machine", default="grbl", show_default=True, metavar="PROFILE", help="Profile for machine programs.")
def export(plan_file: str, outputs: tuple[str, ...], width_px: int, machine: str) -> None:
    """Write PLAN in the formats that the endings of the outputs name."""
    exporters = {name: exporter_for(name) for name in outputs}
    check_folders(outputs)
    plan = load_plan(plan_file)
    for name, exporter in exporters.items():
        write_output(name, exporter(plan, ExportOptions(width_px=width_px, machine=machine)))
        click.echo(f"wrote {name}", err=True)
