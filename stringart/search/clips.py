"""Plans of the frames of a clip on one board, each from the last one's, so that threads do not flicker.

The first frame is designed in full. For every further one the search turns to the new picture with the threads laid:
the weakest are taken out, at most a given share, and the best laid in their place; a thread that was there counts a
little more than one that was not. Where threads of frames before would still be seen, the share grows for that frame.
One tone fit serves the whole clip. Importance follows the frames slowly.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stringart.errors import PhotoError, UnitError
from stringart.picture.clip_reader import Clip, ClipFrame
from stringart.picture.photo import MIN_CONTRAST, Photo, check_contrast, crop_to_board, outside_of, resample
from stringart.plan.model import PhotoRef, Plan
from stringart.search import problem as frames
from stringart.search.many_threads import ManyThreads
from stringart.search.one_thread import OneThread, fit_clip
from stringart.search.options import DesignOptions
from stringart.search.piece import PieceSearch
from stringart.search.pipeline import empty_plan, wound
from stringart.search.problem import Problem

GHOSTS = 0.08
"""Share of the threads that may be wrong without being seen: no search ends without some."""
CHANGED = 0.2
"""Share of the threads that may change from a frame to the next."""
_ROUNDS = 6  # in which the share of a frame grows
_LEAST_MORE = 0.3  # of the threads are laid anew in each
_LOOKS = 24  # frames that the tone is fitted to
_FOLLOWS = 0.4  # share of a frame's own importance in the one used: a face that is missed once does not blink
Light = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A frame that is planned.

    Parameters
    ----------
    number, total : int
        Counted from 1.
    plan : Plan
    duration_s : float
        How long the frame is shown.
    changed : float
        Share of the threads that differ from the last frame's; 0 for the first.
    ghosts : float
        Share of the threads that were right before and are wrong now: more than might be changed.
    allowed : float
        Share of the threads that might change: more than was asked for where ghosts had to go.
    """

    number: int
    total: int
    plan: Plan
    duration_s: float
    changed: float
    ghosts: float = 0.0
    allowed: float = 0.0


def plan_clip(
    clip: Clip, options: DesignOptions, changed: float = CHANGED, *, keep_ghosts: bool = False
) -> Iterator[Planned]:
    """Plan every frame of a clip in turn; closing the iterator cancels the job.

    Parameters
    ----------
    clip : Clip
    options : DesignOptions
        Of every frame; ``lines`` is the budget of each.
    changed : float
        Share of the threads that may change from a frame to the next, 0 to 1. A piece that holds less than a quarter
        of the budget may change by that share of a quarter of it.
    keep_ghosts : bool
        Hold to that share whatever is seen. Otherwise it grows for a frame in which more than `GHOSTS` of the threads
        would be those of frames before.

    Raises
    ------
    BoardError, PhotoError, PaletteError
        If the clip cannot be read, or the board or the threads cannot be used.
    UnitError
        If the share is outside 0 to 1, or thread is limited by length: the budget of a film is its lines.
    """
    if not 0 <= changed <= 1:
        raise UnitError(f"a share of {changed:g} is outside 0 to 1", "write it as in 20%")
    if options.thread_length_mm is not None or options.thread_limits_mm is not None:
        raise UnitError("the threads of a film are limited by their number, not by length", "choose --lines")
    total = sum(1 for _ in clip.frames())
    shown = clip.frames()
    first = next(shown)  # a clip has at least two
    frame = frames.pose(_first_plan(clip, first.photo, options), first.photo, options)
    work = _first_work(clip, total, frame, options)
    plan = wound(frame.plan, work.layers())
    yield Planned(number=1, total=total, plan=plan, duration_s=first.duration_s, changed=0.0)
    for number, following in enumerate(shown, start=2):
        before, frame = frame, _next_frame(frame, following.photo, options)
        last, ghosts, allowed = plan, 0.0, changed
        if _same(before, frame):
            plan = replace(last, photo=frame.plan.photo)
        else:
            allowed = _follow(work, frame, changed, keep_ghosts=keep_ghosts)
            plan, ghosts = wound(frame.plan, work.layers()), work.misplaced()
        yield Planned(
            number=number, total=total, plan=plan, duration_s=following.duration_s, ghosts=ghosts, allowed=allowed,
            changed=changed_share(last, plan),
        )  # fmt: skip


def _follow(work: PieceSearch, frame: Problem, changed: float, *, keep_ghosts: bool) -> float:
    """Turn to a frame, with as many changes more as its ghosts need; the share that might change."""
    work.follow(frame, changed)
    allowed, ghosts = changed, work.misplaced()
    for _ in range(0 if keep_ghosts else _ROUNDS):
        if ghosts <= GHOSTS:
            break
        work.follow(frame, min(max(ghosts, _LEAST_MORE), 1.0))
        allowed, ghosts = min(allowed + ghosts, 1.0), work.misplaced()
    return allowed


def ghosts_note(planned: Sequence[Planned], changed: float) -> str:
    """Return what to say of frames that changed more, or in which the last ones' threads are seen; often nothing.

    Parameters
    ----------
    planned : sequence of Planned
    changed : float
        Share of the threads that might change.
    """
    late = [frame for frame in planned if frame.ghosts > GHOSTS and frame.allowed <= changed]
    grown = [frame for frame in planned if frame.allowed > changed and frame.changed > changed]
    parts = []
    if grown:
        most = max(frame.changed for frame in grown)
        parts.append(
            f"ghosts: in {len(grown)} of {len(planned)} frames up to {most:.0%} of the threads changed in place of "
            f"{changed:.0%}, so that those of frames before are not seen: --keep-ghosts holds to {changed:.0%}"
        )
    if late:
        worst = max(frame.ghosts for frame in late)
        enough = min(math.ceil((changed + worst) * 20) / 20, 1.0)
        parts.append(
            f"ghosts: in {len(late)} of {len(planned)} frames up to {worst:.0%} of the threads are those of frames "
            f"before, since no more than {changed:.0%} may change: --changed {enough:.0%} follows the clip"
        )
    return "\n".join(parts)


def _first_plan(clip: Clip, photo: Photo, options: DesignOptions) -> Plan:
    plan = empty_plan(photo, options)
    for frame in clip.frames():  # a film may begin in the dark; it may not stay there
        try:
            crop = crop_to_board(frame.photo, plan.board, options.crop_px)
            check_contrast(frame.photo, crop, in_color=len(options.threads) > 1)
        except PhotoError:
            continue
        return plan
    raise PhotoError(
        f"'{clip.name}' has no contrast: no frame of it has a spread of {MIN_CONTRAST:g} L*",
        "choose frames in which something is lighter than the rest",
    )


def _first_work(clip: Clip, total: int, frame: Problem, options: DesignOptions) -> PieceSearch:
    several = len(frame.plan.threads) > 1
    work: PieceSearch
    if several:
        work = ManyThreads(frame, options)
    else:
        fit = fit_clip(frame, _looks(clip, total, frame, options), options)
        work = OneThread(frame, options, fit)
    for _ in work.run():
        pass
    return work


def _looks(clip: Clip, total: int, frame: Problem, options: DesignOptions) -> tuple[Light, ...]:
    """Some frames spread over the clip, on the grid."""
    wanted = set(np.linspace(0, total - 1, min(total, _LOOKS)).round().astype(int).tolist())
    return tuple(_on_grid(frame, shown, options) for number, shown in enumerate(clip.frames()) if number in wanted)


def _on_grid(frame: Problem, shown: ClipFrame, options: DesignOptions) -> Light:
    picture = resample(shown.photo, crop_to_board(shown.photo, frame.plan.board, options.crop_px), frame.grid.shape)
    return np.stack([frame.grid.embed(picture[..., k]) for k in range(3)], axis=-1)


def _next_frame(before: Problem, photo: Photo, options: DesignOptions) -> Problem:
    plan = before.plan
    crop = crop_to_board(photo, plan.board, options.crop_px)
    ref = PhotoRef(name=photo.name, sha256=photo.sha256, crop_px=crop, outside=outside_of(photo, crop))
    now = frames.look_again(before, replace(plan, photo=ref), photo, options)
    weights = tuple(
        ((1 - _FOLLOWS) * old + _FOLLOWS * new).astype(np.float32)
        for old, new in zip(before.weights, now.weights, strict=True)
    )
    return replace(now, weights=weights)


def _same(before: Problem, now: Problem) -> bool:
    """Tell whether there is nothing new to see within the ring: what does not move changes no thread."""
    inside = now.grid.inside
    return bool(np.array_equal(before.target[inside], now.target[inside])) and all(
        np.allclose(old, new, rtol=1e-3) for old, new in zip(before.weights, now.weights, strict=True)
    )


def changed_share(before: Plan, now: Plan) -> float:
    """Share of a plan's threads that lie elsewhere in another one: the larger of those laid and those taken out.

    Parameters
    ----------
    before, now : Plan
        Of the same pins; moves along the rim do not count, nor does the order of winding within a thread.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from stringart.board.boards import make_board, place_pins
    >>> from stringart.plan.model import Layer, Thread
    >>> pins = place_pins(make_board(), 12)
    >>> plan = Plan(
    ...     board=make_board(), pins=pins, threads=(Thread(name="black", color="#000000"),),
    ...     layers=(Layer(thread=0, pins=[0, 6, 2, 8, 3]),),
    ... )
    >>> changed_share(plan, replace(plan, layers=(Layer(thread=0, pins=[0, 6, 2, 8, 4]),)))
    0.25
    """
    old, new = _threads_of(before), _threads_of(now)
    most = max(old.total(), new.total())
    return max((old - new).total(), (new - old).total()) / most if most else 0.0


def _threads_of(plan: Plan) -> Counter[tuple[int, int, int]]:
    """How often each thread lies between each two pins."""
    of_step = np.array([layer.thread for layer in plan.layers], np.intp)[plan.steps[:, 0]]
    pins = np.sort(plan.steps[:, 1:], axis=1)
    rows = np.column_stack([of_step, pins])[~plan.is_rim]
    return Counter(map(tuple, rows.tolist()))
