"""``stringart calibrate``: measure a thread by a card of known coverages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stringart._version import __version__
from stringart.cli._params import COLOR, LENGTH, Parsed, check_folders, load_plan, write_output
from stringart.errors import PlanError, UnitError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stringart.plan.model import Plan


def _corners(text: str) -> tuple[tuple[float, float], ...]:
    """Four points in pixels of a text such as ``120,80 3900,95 3880,2500 130,2480``."""
    try:
        points = tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.replace(";", " ").split()))
    except ValueError:
        points = ()
    if len(points) != 4:
        raise UnitError(f"'{text}' is not four corners", "write them as 'x,y x,y x,y x,y' in pixels")
    return points


@click.group()
def calibrate() -> None:
    """Measure a thread's effective width and colour, so that the preview and the real piece match."""


@calibrate.command()
@click.option("-o", "--output", "outputs", multiple=True, required=True, metavar="FILE", help="card.pdf and card.json.")
@click.option("--name", default="thread to measure", show_default=True, help="Printed on the card.")
@click.option("--board", "board_color", type=COLOR, default="white", show_default=True, help="Ground of the card.")
@click.option("--pin-diameter", "pin_mm", type=LENGTH, default="2mm", show_default=True, help="Of the pins you have.")
@click.option("--paper", default="A4", show_default=True)
def card(outputs: tuple[str, ...], name: str, board_color: str, pin_mm: float, paper: str) -> None:
    """Make a small test card to print and wind, and its plan.

    The plan is one like any other: wind it with ``stringart wind card.json``.
    """
    from stringart.calibration.card import card_plan
    from stringart.export import ExportOptions, exporter_for
    from stringart.export._card import export as card_pdf
    from stringart.plan.model import Thread

    check_folders(outputs)
    color = "#000000" if board_color != "#000000" else "#ffffff"
    command = f"stringart calibrate card --board {board_color} --pin-diameter {pin_mm:g}mm"
    plan = card_plan(Thread(name=name, color=color), board_color, __version__, command, pin_mm)
    options = ExportOptions(paper=paper)
    for output in outputs:
        is_card = output.lower().endswith(".pdf") and not output.lower().endswith((".book.pdf", ".template.pdf"))
        write_output(output, (card_pdf if is_card else exporter_for(output))(plan, options))
        click.echo(f"wrote {output}", err=True)


@calibrate.command()
@click.argument("photo", metavar="PHOTO")
@click.option("--card", "card_file", required=True, metavar="CARD", help="The card's plan, card.json.")
@click.option("--name", required=True, help="Of the thread in your list.")
@click.option("--corners", type=Parsed(_corners, "corners"), help="Centres of the marks: 'x,y x,y x,y x,y' in pixels.")
@click.option("--replace", is_flag=True, help="Replace a thread of that name.")
@click.option("--dry-run", is_flag=True, help="Say what is found, save nothing.")
def fit(
    photo: str,
    card_file: str,
    name: str,
    corners: tuple[tuple[float, float], ...] | None,
    replace: bool,
    dry_run: bool,
) -> None:
    """Fit a photo of the wound card; save the thread in your list."""
    import numpy as np

    from stringart.calibration.fiducials import find_marks
    from stringart.calibration.fit import fit_card
    from stringart.picture.light import to_linear
    from stringart.plan.model import Thread
    from stringart.threads.own_threads import save_thread

    plan = load_plan(card_file)
    _check_card(plan, card_file)
    pixels = _read_photo(photo)
    marks = np.array(corners, np.float64) if corners else find_marks(pixels.mean(2) / 255, plan)
    found = fit_card(to_linear(pixels / np.float32(255)).astype(np.float32), plan, marks)
    if not dry_run:
        thread = Thread(name=name, color=found.color, diameter_mm=round(found.diameter_mm, 3))
        kept = save_thread(thread, replace=replace)
        click.echo(f"saved in {kept}", err=True)
    click.echo(
        f"{name}: {found.diameter_mm:.3f} mm wide (± {found.error_mm:.3f}), {found.color}; "
        f"round pins of {found.pin_mm:.1f} mm; {found.rms:.1%} of the light is unexplained"
    )
    if found.shadow > 0.02:
        click.echo(f"shadows were taken off: {found.shadow:.0%} of the light comes from one side", err=True)


def _check_card(plan: Plan, name: str) -> None:
    from stringart.calibration.card import card_plan

    made = card_plan(plan.threads[0], plan.board.color, pin_mm=plan.pins.diameter_mm) if plan.threads else None
    if made is None or made.sha256 != plan.sha256:
        raise PlanError(f"'{name}' is not a calibration card of this version", "make one: stringart calibrate card")


def _read_photo(name: str) -> NDArray[np.float32]:
    """The photo upright, sRGB, 0..255."""
    import numpy as np
    from PIL import Image, ImageOps, UnidentifiedImageError

    from stringart.errors import PhotoError

    try:
        with Image.open(name) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"), np.float32)
    except FileNotFoundError:
        raise PhotoError(f"'{name}' does not exist", "check the name and the folder") from None
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoError(f"'{name}' cannot be read as a photo: {error}") from None
