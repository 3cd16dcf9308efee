"""Looks side by side on one picture: the photo, then each piece with what it takes and the command that makes it."""

import io
import shlex
from collections.abc import Sequence
from importlib import resources

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stringart.export.shopping import spools_told
from stringart.many.trials import Trial
from stringart.picture.light import to_bytes
from stringart.picture.photo import Photo, resample
from stringart.units import format_length

_FONTS = resources.files("stringart.look") / "fonts"
_TILE_PX, _TEXT_PX, _GAP_PX, _COLUMNS = 420, 118, 28, 4
_PAPER, _INK, _GREY = "#ffffff", "#202020", "#6a6a6a"


def look_sheet(
    photo: Photo, photo_name: str, trials: Sequence[Trial], spool_mm: float, spool_price: float | None = None
) -> bytes:
    """Return the sheet as a PNG; the same bytes for the same trials.

    Parameters
    ----------
    photo : Photo
    photo_name : str
        As it stands in the commands.
    trials : sequence of Trial
    spool_mm : float
        Thread on a spool.
    spool_price : float, optional
        What one costs in the user's own currency; without it, spools are counted.
    """
    count = len(trials) + 1
    columns = min(_COLUMNS, count)
    rows = -(-count // columns)
    size = (columns * (_TILE_PX + _GAP_PX) + _GAP_PX, rows * (_TILE_PX + _TEXT_PX + _GAP_PX) + _GAP_PX)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number in range(count):
        x = _GAP_PX + number % columns * (_TILE_PX + _GAP_PX)
        y = _GAP_PX + number // columns * (_TILE_PX + _TEXT_PX + _GAP_PX)
        picture = _photo_tile(photo, trials[0]) if number == 0 else _piece_tile(trials[number - 1])
        sheet.paste(picture, (x + (_TILE_PX - picture.width) // 2, y + (_TILE_PX - picture.height) // 2))
        lines = _photo_lines(photo_name) if number == 0 else look_lines(
            trials[number - 1], photo_name, spool_mm, spool_price)  # fmt: skip
        _write(pen, (x, y + _TILE_PX + 8), lines)
    file = io.BytesIO()
    sheet.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _photo_tile(photo: Photo, trial: Trial) -> Image.Image:
    assert trial.plan.photo is not None
    left, top, right, bottom = trial.plan.photo.crop_px
    scale = _TILE_PX / max(right - left, bottom - top)
    shape = max(round((bottom - top) * scale), 1), max(round((right - left) * scale), 1)
    return Image.fromarray(to_bytes(resample(photo, trial.plan.photo.crop_px, shape)))


def _piece_tile(trial: Trial) -> Image.Image:
    board = trial.plan.board
    scale = _TILE_PX / max(board.width_mm, board.height_mm)
    size = round(scale * board.width_mm), round(scale * board.height_mm)
    channels = (Image.fromarray(trial.picture[..., k]).resize(size, Image.Resampling.BOX) for k in range(3))
    return Image.fromarray(to_bytes(np.stack([np.asarray(channel) for channel in channels], -1)))


def _photo_lines(photo_name: str) -> list[str]:
    return ["The photo", photo_name, "Drafts: what design makes is finer.", "Hours are those of a first piece."]


def look_lines(trial: Trial, photo_name: str, spool_mm: float, spool_price: float | None = None) -> list[str]:
    """Return what is said of a look: title, hours and thread, cost and closeness, command."""
    found = trial.materials
    used = [use for use in found.threads if use.wraps]
    spools = sum(use.spools(spool_mm) for use in used)
    threads = f"{len(used)} thread{'s' if len(used) != 1 else ''}"
    cost = spools_told(spools, spool_mm, spool_price)
    return [
        trial.look.title,
        f"{found.hand_s / 3600:.0f} h by hand, {format_length(found.total_mm)} of {threads}",
        f"{cost}; closeness {trial.closeness:.2f}",
        shlex.join(["stringart", "design", photo_name, "--look", trial.look.name]),
    ]


def _write(pen: ImageDraw.ImageDraw, corner: tuple[int, int], lines: Sequence[str]) -> None:
    x, y = corner
    for number, line in enumerate(lines):
        size = 24 if number == 0 else 17
        font = _font(size, bold=number == 0)
        while len(line) > 4 and font.getlength(line) > _TILE_PX:
            line = f"{line[:-2].rstrip('…')}…"
        pen.text((x, y), line, font=font, fill=_INK if number in (0, 3) else _GREY)
        y += 32 if number == 0 else 25


def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSansCondensed-Bold.ttf" if bold else "DejaVuSansCondensed.ttf"
    with (_FONTS / name).open("rb") as file:
        return ImageFont.truetype(io.BytesIO(file.read()), size)
