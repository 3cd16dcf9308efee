"""The winding as an H.264 film (needs the extra "video"): every frame whole.

PyAV by itself: imageio's plugin for it takes neither rate factor nor tuning nor colour primaries, of which thin threads
need all three (its film of 40 frames is half as large, at the rate factor 23 in place of 18, and untagged).
"""

import io
from collections.abc import Iterator

import numpy as np

from stringart.errors import MissingExtraError
from stringart.export import ExportOptions
from stringart.export._film_options import FILM_OPTIONS, film_options
from stringart.look.film import Film, Frame, Moving
from stringart.look.paint import notes_of
from stringart.plan.model import Plan

_BT709 = 1
_KEY_FRAME_EVERY = 30
_ENCODER = {
    "crf": "18", "preset": "medium", "tune": "animation",
    "threads": "1",  # the same bytes on every computer
    # x264's look-ahead over macroblock trees reads memory beyond its own, in its assembler: most films differed now and
    # then. Without it a film of 2,000 chords is 2.5 % larger and as close to its frames.
    "x264-params": "mbtree=0",
}  # fmt: skip

OPTIONS = FILM_OPTIONS


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return an MP4, as wide as its options say.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    """
    return encode(Film(plan, film_options(options)))


def encode(film: Moving) -> bytes:
    """Return any film as an MP4.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    """
    check_installed()
    import av
    from av.video.reformatter import ColorRange, Colorspace

    width, height = (side + side % 2 for side in film.size_px)  # H.264 has even sides
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as film_file:
        film_file.metadata.update(_notes(film.plan))
        stream = film_file.add_stream("libx264", rate=film.rate, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.gop_size = _KEY_FRAME_EVERY
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = ColorRange.MPEG
        for pixels in _shown(film):
            even = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0)), mode="edge")
            frame = av.VideoFrame.from_ndarray(even, format="rgb24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            film_file.mux(stream.encode(frame))
        film_file.mux(stream.encode())
    return file.getvalue()


def check_installed() -> None:
    """Refuse where PyAV is missing, before a film is painted.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    """
    try:
        import av  # noqa: F401
    except ImportError:
        raise MissingExtraError("an .mp4 film", "video") from None


def _shown(film: Moving) -> Iterator[Frame]:
    for frame, times in zip(film.frames(), film.repeats, strict=True):
        for _ in range(times):
            yield frame


def _notes(plan: Plan) -> dict[str, str]:
    notes = notes_of(plan)
    plain = "; ".join(f"{key}: {value}" for key, value in notes.items())
    return {"title": plan.photo.name if plan.photo else "String art", "comment": plain}
