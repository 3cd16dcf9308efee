"""``stringart paint``: the honest preview."""

import click

from stringart.cli._params import PIXELS, check_folders, load_plan, write_output
from stringart.export import ExportOptions, exporter_for


@click.command()
@click.argument("plan_file", metavar="PLAN")
@click.option("-o", "--output", required=True, metavar="FILE", help="out.png or out.svg; - is a PNG on stdout.")
@click.option("--width", "width_px", type=PIXELS, default="1000px", show_default=True, help="Width of the picture.")
@click.option("--upto", type=click.IntRange(min=0), metavar="STEPS", help="Only the first STEPS steps of the winding.")
def paint(plan_file: str, output: str, width_px: int, upto: int | None) -> None:
    """Paint PLAN as the finished piece will look: opaque threads of their real width, in winding order."""
    exporter = exporter_for("-.png" if output == "-" else output)
    check_folders((output,))
    plan = load_plan(plan_file)
    if upto is not None:
        plan = plan.upto(upto)
    write_output(output, exporter(plan, ExportOptions(width_px=width_px)))
