"""One thread on a board: black on white, white on black, any one colour on another, by lightness."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from stringart.errors import PaletteError
from stringart.picture.light import lightness, linear_color, luminance
from stringart.plan.materials import DEFAULTS, chords_of_length, wrap_mm
from stringart.plan.model import Indices
from stringart.search.chord_search import Change, Search, changes_by_turn
from stringart.search.events import Searched
from stringart.search.objective import (
    ALPHA,
    DARK_ALPHA,
    DARK_FLOORS,
    MOST_STRETCH,
    MOST_STRETCH_OF_FACES,
    Map,
    Objective,
    forgiven,
)
from stringart.search.options import DesignOptions
from stringart.search.problem import Problem
from stringart.search.quality import QUALITY
from stringart.search.settling import settle
from stringart.search.tone import LIFTS, LIFTS_OF_FACES, REACHES, Tone, Tones

_LOOSE = 0.15
"""Price of an end that no other can be wound on to, in the last round, beside what a middling chord gains."""
_COMPLETIONS = 3  # times that what is left of the budget is filled again once the ends are settled
_BEFORE_SETTLING = 0.75  # share of what may change in a frame of a clip that is not kept for settling its ends
_TRIED = (0.1, 0.05, 0.02)  # shares of the chords that are taken out by chance
_HARDLY, _IN_VAIN = 5e-4, 4  # share of the cost that a trial has to save, and how many in turn may save less
_MORE_CONTRAST, _LEAST_STEP = 1.2, 0.01  # a step, where the search ends with thread left
_USED_UP = 0.98
_STAYS = 1.5
"""How much more a chord of the last frame of a clip counts than one that would take its place: noise moves nothing."""
_AS_GOOD = 0.004  # of similarity: of tones that are as good, those that lay most chords have the finest grain
_NONE = np.empty(0, np.int32)
_LEAST_CONTRAST = 5.0  # L* between the thread and the board


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToneFit:
    """How the tones of a whole clip are shown.

    Parameters
    ----------
    tones : Tones
        Of some frames, together.
    contrast : float, optional
        Found by the search where it is None.
    """

    tones: Tones
    contrast: float | None


class OneThread:
    """The search of a piece of one thread.

    Parameters
    ----------
    frame : Problem
    options : DesignOptions
    fit : ToneFit, optional
        Of the clip that this is a frame of, from `fit_clip`; fitted to this frame alone by default.

    Raises
    ------
    PaletteError
        If the thread is as light as the board.
    """

    def __init__(self, frame: Problem, options: DesignOptions, fit: ToneFit | None = None) -> None:
        plan = frame.plan
        board_y, thread_y = (float(luminance(linear_color(c))) for c in (plan.board.color, plan.threads[0].color))
        if abs(float(lightness(board_y)) - float(lightness(thread_y))) < _LEAST_CONTRAST:
            raise PaletteError(
                f"thread {plan.threads[0].color} on a board {plan.board.color}: one is as light as the other",
                "choose a darker or a lighter thread, or --background",
            )
        chords = frame.chords(0)
        self._use_mm = (chords.lengths_mm + wrap_mm(plan, 0)) * (1 + DEFAULTS.waste)
        self._count, self._length_mm = _budget(options, float(self._use_mm.mean(dtype=np.float64)))
        self._most = options.lines if options.thread_length_mm is None else 2**31
        gray = luminance(frame.target).astype(np.float32)
        light = frame.target
        self.tones = fit.tones.like(gray, light) if fit else Tones(gray, frame.grid.inside, board_y, thread_y, light)
        self._contrast = fit.contrast if fit else None
        self._frame, self._chords, self._gray = frame, chords, gray
        self._depth = self._count * chords.mean_cover_px
        self.tone = self.tones.fit(self._depth) if self._contrast is None else self.tones.at(self._contrast)

        def cost(board_y: float, thread_y: float) -> Objective:
            most = ALPHA if thread_y < board_y else DARK_ALPHA
            return Objective(frame.grid, self.tone, frame.weights[0], board_y, thread_y, forgiven(plan, most))

        self._positive_cost = cost(board_y, thread_y)
        self._negative_cost = cost(1.0, 0.0) if thread_y > board_y else self._positive_cost
        self._rounds, self._options = QUALITY[options.quality].rounds, options
        self._tries = fit is None and self.tones.on_dark
        # a part counts more than the rest: a face, or what a user's picture says
        self._is_portrait = self._tries and bool(np.ptp(frame.weights[0]))
        self._lifts = LIFTS_OF_FACES if self._is_portrait else LIFTS
        self._begin(self.tones, self.tone)

    def _begin(self, tones: Tones, tone: Tone) -> None:
        """Take these tones, and an empty board."""
        self.tones, self.tone = tones, tone
        self.cost = self._negative_cost if tones.is_negative else self._positive_cost
        self.cost.aim(tone)
        self.search = Search(self._chords, self.cost, self._gray.shape[0], self._use_mm)

    def sketch(self) -> float:
        """Search once, and see to nothing else; return how well that draws the photo, 0..1."""
        if self._tries:
            for _ in self._fitted():
                pass
        for _ in self._raised():
            pass
        return self._closeness()

    def run(self) -> Iterator[Searched]:
        """Search, then refine."""
        trials = len(self._lifts) + len(REACHES) if self._tries else 0
        total = round(self._count * (1 + trials + sum(self._rounds)))
        done = 0
        for stage, change in self._changes():
            done += self._count if stage == "tone" else len(change.added)
            yield Searched(
                stage=stage,
                added=self._rows(change.added),
                removed=self._rows(change.removed),
                done=min(done, total),
                total=total,
            )

    def _changes(self) -> Iterator[tuple[str, Change]]:
        if self._tries:
            yield from self._fitted()
        for change in self._raised():
            yield "search", change
        for number, share in enumerate(self._rounds, 1):
            self._tighten(number)
            if number == len(self._rounds):  # the last one keeps to what can be wound
                for change in settle(self.search, self._room):
                    yield "refine", change
            yield "refine", self.search.thin(share, _LOOSE * number / len(self._rounds))
            for change in self._filled():
                yield "refine", change
        for change in chain(self._improved(), self._settled()):
            yield "refine", change

    def _improved(self) -> Iterator[Change]:
        """Take a part out by chance and search it anew, kept if the cost falls, until hardly any trial is."""
        quality, search = QUALITY[self._options.quality], self.search
        chance = np.random.default_rng(self._options.seed)
        least, failed, price = self._cost(), 0, search.price
        for trial in range(quality.trials):
            if failed == _IN_VAIN:
                return
            kept = search.keep()
            out = search.thin(_TRIED[trial % len(_TRIED)], _LOOSE, chance).removed
            search.price = price
            added = [change.added for change in self._filled()]
            cost = self._cost()
            better = cost < least * (1 - _HARDLY)
            failed = 0 if better else failed + 1
            if cost >= least:
                search.restore(kept)
                continue
            least = cost
            yield Change(added=np.concatenate([_NONE, *added]), removed=out)

    def _cost(self) -> float:
        """What is minimised: of the picture, and of ends that no other can be wound on to."""
        return self.cost.cost(self.search.transmittance) + self.search.price * float(self.search.loose().sum())

    def _settled(self) -> Iterator[Change]:
        """Let one thread be wound along all chords; what that leaves of the budget is filled again."""
        yield from settle(self.search, self._room)
        for _ in range(_COMPLETIONS):
            if not self._room or not self.search.laid:
                return
            self.search.set_price(_LOOSE)
            filled = list(self._filled())
            yield from filled
            if not filled:
                return
            yield from settle(self.search, self._room)

    @property
    def _room(self) -> int:
        """Chords that may still be laid."""
        left_mm = self._length_mm - self.search.length_mm
        by_length = self._most if math.isinf(left_mm) else int(left_mm / self.search.mean_use_mm)
        return max(min(self._most - len(self.search.laid), by_length), 0)

    def _raised(self) -> Iterator[Change]:
        """Search; where thread is left, ask for more contrast and go on."""
        yield from self._filled()
        open_ = self._contrast is None and not self.tones.on_dark
        while open_ and self._left() and self.tone.contrast < self.tones.most:
            more = max(self.tone.contrast * _MORE_CONTRAST, self.tone.contrast + _LEAST_STEP)
            self.tone = self.tones.at(more)
            self.cost.aim(self.tone)
            yield from self._filled()

    def _tighten(self, number: int) -> None:
        """On a dark board, let the metric come nearer to the eye's from round to round."""
        if self.tones.on_dark:
            self.cost.soften(DARK_FLOORS[min(number, len(DARK_FLOORS) - 1)])
            self.cost.aim(self.tone)

    def _fitted(self) -> Iterator[tuple[str, Change]]:
        """On a dark board, search quickly with some tones; of those as near as any, take those of most chords."""
        found: list[tuple[float, int, Tones, Tone]] = []
        best = -1.0, 0, self.tones, self.tone
        for reach in REACHES:
            tried = (
                self.tones.candidates(self._depth, self._lifts)
                if reach is None
                else [best[2].reaching(reach, self._depth)]
            )
            for tones, tone in tried:
                self._begin(tones, tone)
                for _ in self._raised():
                    pass
                found.append((self._closeness(), len(self.search.laid), tones, tone))
                yield "tone", Change(added=_NONE, removed=_NONE)
            nearest = max(close for close, *_ in found)
            best = max((one for one in found if one[0] >= nearest - _AS_GOOD), key=lambda one: (one[1], one[0]))
        self._begin(*best[2:])

    def _closeness(self) -> float:
        """How near the piece comes to the photo; a bare board comes near to nothing, whatever is said of its tones."""
        if not len(self.search.laid):
            return -1.0
        stretch = MOST_STRETCH_OF_FACES if self._is_portrait else MOST_STRETCH
        return self._positive_cost.closeness(self.search.transmittance, self._gray, stretch)

    def follow(self, problem: Problem, share: float) -> None:
        """Turn to the next frame of a clip: the ``share`` of the chords that matters least there is searched anew."""
        gray = luminance(problem.target).astype(np.float32)
        self.tone = self.tones.like(gray, problem.target).at(self.tone.contrast)
        self.cost.weigh(problem.weights[0])
        self.cost.aim(self.tone)
        changes, start = changes_by_turn(share, len(self.search.laid), self._count), set(self.search.pairs_laid)
        lost = np.empty(0, np.int32)
        self.search.set_price(_LOOSE)
        for most in [int(_BEFORE_SETTLING * most) for most in changes]:
            before = len(self.search.laid)
            worth = self.search.worth()
            poorest = np.argsort(worth, kind="stable")[: min(max(before + most - self._count, (worth < 0).sum()), most)]
            removed = self.search.take_out(np.sort(poorest)).removed
            lost = np.concatenate([lost, removed])
            self.search.favor(lost, _STAYS)
            for _ in self.search.fill(min(before - len(removed) + most, self._count)):
                pass
        changed = max(len(start - self.search.pairs_laid), len(self.search.pairs_laid - start))
        for _ in settle(self.search, self._room, most=max(sum(changes) - changed, 0)):
            pass

    def misplaced(self) -> float:
        """Share of the chords laid in whose place others would bring the piece nearer to the frame."""
        self.search.favor(_NONE, 1.0)
        return self.search.misplaced() / max(len(self.search.laid), 1)

    def _filled(self) -> Iterator[Change]:
        return self.search.fill(self._most, self._length_mm)

    def _left(self) -> bool:
        """True if a part of the budget is left that would be seen: the target asks for too little."""
        used = max(len(self.search.laid) / self._count, self.search.length_mm / self._length_mm)
        return used < _USED_UP

    def _rows(self, chosen: Indices) -> Indices:
        return np.column_stack([np.zeros(len(chosen), np.int32), self.search.ends_of(chosen)])

    def layers(self) -> list[tuple[int, Indices]]:
        """Thread and chords (C, 4) of every layer, in winding order: pins and sides, as `winding.wind` takes them."""
        return [(0, self.search.chosen)]

    def shorten(self, over_mm: float, thread: int | None = None) -> None:
        """Take the weakest chords out, at least ``over_mm`` of thread; there is but one."""
        weakest = math.ceil(over_mm / float(self._use_mm.mean())) + 1
        self.search.thin(min(weakest / max(len(self.search.laid), 1), 1.0))
        for _ in settle(self.search):
            pass

    def notes(self) -> tuple[str, ...]:
        """What the tone fit did, and what is left of the budget."""
        percent = round(100 * self.tone.contrast)
        notes = [f"tone: contrast set to {percent} % of the photo's{self.tones.about}, as much as the thread can show"]
        unused = self._count - len(self.search.laid)
        if math.isinf(self._length_mm) and unused > 0:
            notes.append(f"{unused} of {self._count} chords are not used: none of them would help")
        return tuple(notes)


def fit_clip(frame: Problem, looks: tuple[Map, ...], options: DesignOptions) -> ToneFit:
    """Fit the tones of a clip: a frame of middling brightness is searched, with the range of tones of all frames.

    Parameters
    ----------
    frame : Problem
        Any frame of the clip.
    looks : tuple of (size, size, 3) float32 array
        Some frames on the grid, linear light.
    options : DesignOptions
    """
    shown = np.stack(looks)
    grays = luminance(shown).astype(np.float32)
    plan = frame.plan
    board_y, thread_y = (float(luminance(linear_color(c))) for c in (plan.board.color, plan.threads[0].color))
    tones = Tones(grays, frame.grid.inside, board_y, thread_y, shown)
    brightness = np.rint(grays[:, frame.grid.inside].mean(1, dtype=np.float64) * 4096)
    middle = np.argsort(brightness, kind="stable")[len(looks) // 2]
    seen = replace(frame, target=looks[middle])
    work = OneThread(seen, replace(options, quality="draft"), ToneFit(tones=tones, contrast=None))
    for _ in work.run():
        pass
    return ToneFit(tones=work.tones, contrast=work.tone.contrast)


def _budget(options: DesignOptions, mean_use_mm: float) -> tuple[int, float]:
    """Chords to expect, and thread at most (infinite where chords are counted)."""
    limits = options.thread_limits_mm or (None,)
    length_mm = min(options.thread_length_mm or math.inf, limits[0] or math.inf)
    if math.isinf(length_mm):
        return options.lines, math.inf
    count = chords_of_length(length_mm, 1, mean_use_mm)
    count = count if options.thread_length_mm else min(count, options.lines)
    return count, length_mm - 2 * DEFAULTS.knot_mm
