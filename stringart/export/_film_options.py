"""How a film is cut: the options that the writers of films share."""

from dataclasses import replace
from typing import Any

from stringart.export._options import (
    FILM,
    WIDTH,
    ExportOption,
    ExportOptions,
    read_number,
    read_whole,
    with_default,
    write_number,
)
from stringart.look.film import FilmOptions, OnFrame, Spacing

_HEADING = "Films (.gif .webp .apng .mp4)"
_USUAL = FilmOptions()

FILM_WIDTH = with_default(WIDTH, _USUAL.width_px)
FRAMES = ExportOption(
    name="frames", key="frames", default=_USUAL.frames, title="Frames", about="From the empty board to the piece.",
    read=read_whole, metavar="INTEGER", heading=_HEADING, low=2, high=2000,
)  # fmt: skip
SECONDS = ExportOption(
    name="seconds", key="seconds", default=_USUAL.seconds, title="Seconds", about="What these frames take.",
    read=read_number, write=write_number, metavar="FLOAT", heading=_HEADING, low=0.5, high=600,
)  # fmt: skip
HOLD = ExportOption(
    name="hold_s", key="hold", default=_USUAL.hold_s, title="Hold at the end (s)", about="Seconds on the last frame.",
    read=read_number, write=write_number, metavar="FLOAT", heading=_HEADING, low=0, high=60,
)  # fmt: skip
SPACING = ExportOption(
    name="spacing", key="spacing", default=_USUAL.spacing, title="Spacing of frames", heading=_HEADING,
    about="Frames evenly by visible progress, or by chords.", read=Spacing, write=lambda spacing: spacing.value,
    choices=tuple(spacing.value for spacing in Spacing),
)  # fmt: skip
COUNTER = ExportOption(
    name="counter", key="counter", default=False, title="Counter", about="Count the threads below the piece.",
    read=bool, heading=_HEADING,
)  # fmt: skip
PHOTO: ExportOption[Any] = ExportOption(
    name="photo", key="photo", default=None, title="Photo beside", about="Show the photo beside the piece.",
    read=str, metavar="FILE", heading=_HEADING, is_photo=True,
)  # fmt: skip
ON_FRAME: "ExportOption[OnFrame | None]" = ExportOption(
    name="on_frame", key="", default=None, title="", read=lambda text: None, about="Told of every frame; for Python.",
)  # fmt: skip
FILM_OPTIONS: tuple[ExportOption[Any], ...] = (
    FILM_WIDTH, FRAMES, SECONDS, HOLD, SPACING, COUNTER, PHOTO, FILM, ON_FRAME,
)  # fmt: skip


def film_options(options: ExportOptions) -> FilmOptions:
    """Return how a film is cut.

    Raises
    ------
    UnitError
        If a number is out of its range.
    """
    cut = options[FILM] or FilmOptions(
        width_px=options[FILM_WIDTH],
        frames=options[FRAMES],
        seconds=options[SECONDS],
        hold_s=options[HOLD],
        spacing=options[SPACING],
        counter=options[COUNTER],
        photo=options[PHOTO],
    )
    return replace(cut, on_frame=options[ON_FRAME] or cut.on_frame)
