"""``stringart score``: how good is a plan."""

import json
from dataclasses import asdict

import click

from stringart.cli._params import load_matching_photo, load_plan
from stringart.look.score import score as score_of
from stringart.plan.touches import contacts_of


@click.command()
@click.argument("plan_file", metavar="PLAN")
@click.argument("photo_file", metavar="PHOTO")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def score(plan_file: str, photo_file: str, as_json: bool) -> None:
    """Compare PLAN with PHOTO at two viewing distances, as an eye sees them; count pins in the threads' way."""
    plan = load_plan(plan_file)
    photo = load_matching_photo(photo_file, plan)
    scores = score_of(plan, photo)
    if as_json:
        counted = asdict(contacts_of(plan))
        click.echo(json.dumps(counted | {"scores": [s.as_dict() for s in scores]}))
        return
    for s in scores:
        click.echo(
            f"blur {s.blur_px}/512: SSIM {s.ssim:.3f}, after tone fit {s.ssim_fit:.3f}; "
            f"RMS L* {s.rmse_lightness:.1f}, mean dE00 {s.delta_e:.1f}"
        )
    click.echo(str(contacts_of(plan)))
