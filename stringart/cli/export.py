"""``stringart export``: a plan in any format."""

from typing import Any

import click

from stringart.cli._params import LENGTH, PIXELS, check_folders, load_plan, write_output
from stringart.export import ExportOptions, exporter_for


@click.command()
@click.argument("plan_file", metavar="PLAN")
@click.option("-o", "--output", "outputs", multiple=True, required=True, metavar="FILE", help="May be given again.")
@click.option("--width", "width_px", type=PIXELS, default="1000px", show_default=True, help="Width of pictures.")
@click.option("--paper", default="A4", show_default=True, help="Of books and tiles: A4, Letter, ... or 200x300mm.")
@click.option(
    "--edge", "edge_mm", type=LENGTH, default="15mm", show_default=True, help="Board beyond the pins; 0mm: none."
)
@click.option("--drill-depth", "drill_depth_mm", type=LENGTH, default="10mm", show_default=True)
@click.option("--drill-feed", "drill_feed_mm_min", type=float, default=120, show_default=True, help="mm a minute.")
@click.option("--drill-rpm", "drill_rpm", type=float, default=8000, show_default=True, help="Speed of the spindle.")
@click.option("--machine", default="grbl", show_default=True, metavar="PROFILE", help="Profile for machine programs.")
def export(plan_file: str, outputs: tuple[str, ...], **chosen: Any) -> None:
    """Write PLAN in the formats that the endings of the outputs name."""
    exporters = {name: exporter_for(name) for name in outputs}
    check_folders(outputs)
    options = ExportOptions(**chosen)
    plan = load_plan(plan_file)
    for name, exporter in exporters.items():
        write_output(name, exporter(plan, options))
        click.echo(f"wrote {name}", err=True)
