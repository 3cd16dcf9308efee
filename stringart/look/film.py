"""The winding as a film: which steps its frames show, for how long, and the frames themselves, one at a time.

Every frame is what `paint` shows of the piece so far. Frames come from an iterator that holds one picture, so that
memory does not grow with their number.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from stringart.errors import PlanError, UnitError
from stringart.look.paint import Canvas, picture_shape, supersampling, to_levels
from stringart.picture.light import linear_color, luminance, to_srgb
from stringart.picture.photo import Photo, crop_to_board, resample
from stringart.plan.model import Plan

Frame = NDArray[np.uint8]
_MAX_FINE_PX = 4200  # across the canvas of a film, which lies in memory whole: 212 MB in colour
_LOOKS, _LOOK_WIDTH_PX, _LOOK_FINENESS = 400, 160, 2
MAX_FRAMES = 10_000
OnFrame = Callable[[int, int], None]
"""Told of every frame that is drawn: how many are done, of how many. What it raises ends the film."""


class Spacing(StrEnum):
    """What grows evenly from frame to frame."""

    PROGRESS = "progress"
    CHORDS = "chords"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmOptions:
    """How a film is cut.

    Parameters
    ----------
    width_px : int
        Of the piece in a frame; the photo beside it adds as much again.
    frames : int
        At most; a plan with fewer steps has fewer.
    seconds : float
        From the empty board to the finished piece.
    hold_s : float
        How long the finished piece stays.
    spacing : Spacing
        ``progress``: every frame changes the picture as much; ``chords``: every frame lays as many steps.
    counter : bool
        A strip below the picture that counts the threads laid.
    photo : Photo, optional
        Shown beside the piece.
    on_frame : callable, optional
        Told of every frame that is drawn.
    """

    width_px: int = 600
    frames: int = 200
    seconds: float = 12.0
    hold_s: float = 3.0
    spacing: Spacing = Spacing.PROGRESS
    counter: bool = False
    photo: Photo | None = None
    on_frame: OnFrame | None = None

    def __post_init__(self) -> None:
        if not 2 <= self.frames <= MAX_FRAMES:
            raise UnitError(f"a film of {self.frames} frames is outside 2 to {MAX_FRAMES}", "choose other --frames")
        if not 0.1 <= self.seconds <= 3600 or not 0 <= self.hold_s <= 3600:
            raise UnitError(
                f"a film of {self.seconds:g} s, held for {self.hold_s:g} s, is outside 0.1 to 3600 s", "see --seconds"
            )


class Moving(Protocol):
    """What a writer of films needs; `Film` is one, a `stringart.look.clip_film.Flipbook` another."""

    @property
    def plan(self) -> Plan:
        """Whose board, threads and notes are those of the film."""

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of a frame."""

    @property
    def rate(self) -> Fraction:
        """Frames a second, for films whose frames are all as long."""

    @property
    def repeats(self) -> list[int]:
        """How often each frame is shown at that rate."""

    @property
    def one_thread(self) -> bool:
        """True if there is nothing but mixtures of one thread and the board."""

    def ticks(self, per_s: int) -> NDArray[np.intp]:
        """How long each frame stays, (F,), in whole ticks of 1 / per_s seconds."""

    def frames(self) -> Iterator[Frame]:
        """Every frame in turn; may be called again."""

    def looks(self, count: int) -> Iterator[Frame]:
        """Some frames spread over the film, coarsely painted."""


def whole_ticks(durations_s: NDArray[np.float64], per_s: int) -> NDArray[np.intp]:
    """Durations, (F,) in seconds, as whole ticks: none is lost to rounding, and no frame is shorter than one."""
    ends = np.rint(np.cumsum(durations_s) * per_s).astype(np.intp)
    return np.maximum(np.diff(ends, prepend=0), 1)


class Film:
    """A plan as a sequence of frames.

    Parameters
    ----------
    plan : Plan
    options : FilmOptions

    Raises
    ------
    PlanError
        If the plan has no steps.
    UnitError
        If the picture is too large.
    """

    def __init__(self, plan: Plan, options: FilmOptions) -> None:
        if not len(plan.steps):
            raise PlanError("the plan has no chords: there is nothing to animate", "make a plan with stringart design")
        self.plan, self.options = plan, options
        self.piece_shape = picture_shape(plan, options.width_px)
        self._beside = None if options.photo is None else _photo_beside(options.photo, plan, self.piece_shape)
        self._strip = _Counter(plan, options.width_px) if options.counter else None

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of a frame."""
        rows, cols = self.piece_shape
        gap_and_photo = 0 if self._beside is None else self._beside.shape[1]
        return cols + gap_and_photo, rows + (0 if self._strip is None else self._strip.rows)

    @cached_property
    def steps(self) -> NDArray[np.intp]:
        """Count of steps that each frame shows, (F,), from none to all, growing with every frame."""
        total = len(self.plan.steps)
        frames = min(self.options.frames, total + 1)
        even = np.linspace(0, 1, frames)
        if self.options.spacing is Spacing.CHORDS:
            wanted = np.rint(even * total)
        else:
            done = visible_progress(self.plan)
            wanted = np.rint(np.interp(even, done, np.linspace(0, total, len(done))))
        return _growing(wanted.astype(np.intp), total)

    @property
    def durations_s(self) -> NDArray[np.float64]:
        """How long each frame stays, (F,), seconds."""
        each = np.full(len(self.steps), self.options.seconds / max(len(self.steps) - 1, 1))
        each[-1] = max(self.options.hold_s, each[-1])
        return each

    def ticks(self, per_s: int) -> NDArray[np.intp]:
        """Durations, (F,), in whole ticks of 1 / per_s seconds."""
        return whole_ticks(self.durations_s, per_s)

    @property
    def rate(self) -> Fraction:
        """Frames a second, for films whose frames are all as long."""
        seconds = Fraction(self.options.seconds).limit_denominator(1000)
        return (Fraction(len(self.steps)) / seconds).limit_denominator(1001)

    @property
    def repeats(self) -> list[int]:
        """How often each frame is shown at that rate: not every player keeps a long last frame on the screen."""
        return [1] * (len(self.steps) - 1) + [1 + round(self.options.hold_s * self.rate)]

    @property
    def one_thread(self) -> bool:
        """True if there is nothing but mixtures of one thread and the board."""
        return len({layer.thread for layer in self.plan.layers}) == 1

    def looks(self, count: int) -> Iterator[Frame]:
        """Some frames spread over the film, coarsely painted."""
        numbers = np.unique(np.linspace(0, len(self.steps) - 1, count).astype(int))
        return self.at(self.steps[numbers], _LOOK_FINENESS)

    def frames(self) -> Iterator[Frame]:
        """Every frame in turn, (rows, cols, 3) uint8 sRGB; the array is written over for the next one."""
        return self.at(self.steps)

    def at(self, steps: NDArray[np.intp], fineness: int | None = None) -> Iterator[Frame]:
        """The frames after the given numbers of steps, which must not fall.

        Parameters
        ----------
        steps : (F,) int array
            Counts.
        fineness : int, optional
            Fine pixels along a pixel's side; by default `paint`'s own, less where the canvas would be too large.
        """
        rows, cols = self.piece_shape
        most = max(_MAX_FINE_PX // max(rows, cols), 2)
        canvas = Canvas(self.plan, cols, None, fineness or min(supersampling(self.plan, cols), most), live=True)
        frame, on_frame = self._ground(), self.options.on_frame
        for done, (start, stop) in enumerate(itertools.pairwise(itertools.chain([0], steps.tolist()))):
            if on_frame is not None:
                on_frame(done, len(steps))
            canvas.lay(start, stop)
            frame[:rows, :cols] = to_levels(canvas.picture())
            if self._strip is not None:
                frame[rows:] = self._strip.draw(stop, frame.shape[1])
            yield frame

    def _ground(self) -> Frame:
        width, height = self.size_px
        rows, cols = self.piece_shape
        frame = np.empty((height, width, 3), np.uint8)
        if self._beside is not None:
            frame[:rows, cols:] = self._beside
        return frame


def visible_progress(plan: Plan) -> NDArray[np.float64]:
    """How much of all visible change is done at evenly spaced numbers of steps, (K,), from 0 to 1, never falling.

    Change is the mean difference of the picture in sRGB, small enough to stand for what the eye makes out.
    """
    looks = np.unique(np.rint(np.linspace(0, len(plan.steps), _LOOKS + 1)).astype(int))
    tall = plan.board.height_mm / plan.board.width_mm
    canvas = Canvas(plan, max(round(_LOOK_WIDTH_PX / max(tall, 1)), 8), live=True)
    before, change = to_levels(canvas.picture()), [0.0]
    for start, stop in itertools.pairwise(looks.tolist()):
        canvas.lay(start, stop)
        now = to_levels(canvas.picture())
        change.append(float(np.abs(now.astype(np.int16) - before).sum()) + 1e-6 * (stop - start))
        before = now
    done = np.cumsum(change)
    even = np.linspace(0, len(plan.steps), len(looks))
    return np.asarray(np.interp(even, looks, done / done[-1]))


def _growing(wanted: NDArray[np.intp], total: int) -> NDArray[np.intp]:
    """Make every frame show at least one step more than the one before, and still end with all of them."""
    numbers = np.arange(len(wanted))
    up = np.maximum.accumulate(wanted - numbers) + numbers
    return np.minimum(up, total - numbers[::-1])


class _Counter:
    """The strip below the picture: a swatch of the thread in hand, the steps done, and a bar."""

    def __init__(self, plan: Plan, width_px: int) -> None:
        self.rows = max(round(width_px / 14), 18)
        self._plan = plan
        ground = linear_color(plan.board.color)
        self._paper = tuple(int(v) for v in to_srgb(ground) * 255 + 0.5)
        self._ink = (24, 24, 27) if luminance(ground) > 0.18 else (240, 240, 242)
        self._font = ImageFont.load_default(size=self.rows * 0.5)

    def draw(self, step: int, cols: int) -> Frame:
        """Return the strip after ``step`` steps, (rows, cols, 3)."""
        total, margin = len(self._plan.steps), self.rows // 3
        strip = Image.new("RGB", (cols, self.rows), self._paper)
        pen = ImageDraw.Draw(strip)
        thread = self._plan.threads[self._plan.layers[self._plan.steps[max(step - 1, 0), 0]].thread]
        middle, bar = self.rows * 0.56, max(self.rows // 9, 2)
        if done := round(cols * step / total):
            pen.rectangle((0, 0, done - 1, bar - 1), fill=self._ink)
        swatch = (margin, middle - margin * 0.7, margin * 2.4, middle + margin * 0.7)
        pen.rectangle(swatch, fill=thread.color, outline=self._ink)
        text = (margin * 3, middle)
        pen.text(text, f"{step:,} / {total:,}", fill=self._ink, font=self._font, anchor="lm")
        pen.text((cols - margin, middle), f"{step / total:.0%}", fill=self._ink, font=self._font, anchor="rm")
        return np.asarray(strip)


def _photo_beside(photo: Photo, plan: Plan, shape: tuple[int, int]) -> Frame:
    """Return the part of the photo that the board shows, with a gap at its left."""
    ref = plan.photo
    crop = crop_to_board(photo, plan.board) if ref is None else ref.crop_px
    if ref is not None and ref.outside is not None:
        photo = replace(photo, background=ref.outside)
    rows, cols = shape
    gap = max(cols // 60, 2)
    beside = np.empty((rows, gap + cols, 3), np.uint8)
    beside[:, :gap] = to_levels(linear_color(plan.board.color).astype(np.float32))
    beside[:, gap:] = to_levels(resample(photo, crop, shape))
    return beside
