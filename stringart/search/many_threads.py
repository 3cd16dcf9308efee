"""Several threads on a board: layer by layer, each searched with the true layers above and below it.

First the layers are laid from the lowest up, each over what lies there already. Then sweeps go from the top down: a
layer is looked at between what lies below and above it, its weakest chords are taken out and better ones laid. A chord
must gain more than a price, the same for all layers; the price follows the budget, so that counts per layer and per
thread are what the whole piece is best with. A layer that is not worth a change of thread is dropped, and its chords
go to the next one of its thread where that is better. At the end layers are settled (`settling`), so that each can be
wound, and swept once more from there: what is laid then hardly leaves a loose end.
"""

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from stringart.picture.light import lightness, linear_color, luminance
from stringart.plan.materials import DEFAULTS, chords_of_length, wrap_mm
from stringart.plan.model import Indices
from stringart.search.chord_search import Change, Search, Taken, changes_by_turn
from stringart.search.color_objective import ALPHA, ColorObjective
from stringart.search.events import Searched
from stringart.search.fewer_layers import about_layers, about_reverse
from stringart.search.laid_layers import LaidLayer, LaidLayers, laid_over, light_of, rows_of, spread
from stringart.search.objective import forgiven
from stringart.search.options import DesignOptions
from stringart.search.problem import Problem
from stringart.search.quality import QUALITY
from stringart.search.raster import Chords
from stringart.search.settling import settle
from stringart.search.tone import Tones, lift_of_colors, lifted_colors
from stringart.threads.schedule import Schedule, default_schedule, names_layers

_FLOORS = (0.08, 0.04, 0.02, 0.015)
"""Where the cube root is straight, from the first filling on: soft at first, so that bright threads are affordable
where dark ones will cover them."""
_FLOORS_ON_DARK = (1.0, 0.5, 0.3, 0.15)  # as for one thread: a bright one on black is a leap
_DARKER = 8.0  # L* by which a board is darker than all threads where it shows through as the picture's darkest
_THINNED = 0.4  # share of a layer's chords that a sweep searches anew
_LOOSE = 0.2  # price of an end that no other can be wound on to, beside what a middling chord of its layer gains
_WORTHLESS = 0.2  # share of all chords that are worth less than the price asked for in their place
_OVER = 1.15  # chords at most during a sweep, of the budget; the weakest go at its end
_THINNEST = 0.015  # share of the chords below which a layer is a handful that nobody changes threads for
_MOST_WOUND = 16  # layers at most, where the user does not say what is wound; one for each thread at least
_FEWER = 2  # of the last sweeps, that begin with fewer layers: dropped earlier, one has not yet found what it is for
_STRICT = 2  # of the last sweeps, in which loose ends cost something, ever more
_CLOSED_THINNED = 0.25  # as _THINNED, once the layers can be wound
_CLOSED_LOOSE = 2.0  # times _LOOSE, then
_AIMS = (1.05, 1.02, 1.0)  # chords that the price aims at, of the budget, from the first sweep to the last
_TRIMS = 4  # parts in which what is over the budget goes: what is weak alone may be strong together
_SETTLING = 3  # sweeps at most once layers are dropped: dropped earlier, a layer has not yet found what it is for
_STAYS = 1.03
"""How much more a chord of the last frame of a clip counts than one that would take its place. More, and the piece does
not follow: it has many chords that gain nearly the same."""
_FOLLOWING = 0.5  # times _LOOSE, from frame to frame of a clip
_BEFORE_SETTLING = 0.75  # share of what may change in a frame of a clip that is not kept for settling its ends
_HASTE = 2.0  # how steeply the first price falls where few chords were laid without any
_PRICE_RISE, _LEAP = 4.0, 0.5  # how steeply the price follows the count, and how far at most from layer to layer
_PACE = DEFAULTS.beginner
_NONE = np.empty(0, np.int32)


class ManyThreads:
    """The search of a piece of several threads.

    Parameters
    ----------
    frame : Problem
    options : DesignOptions
    """

    def __init__(self, frame: Problem, options: DesignOptions) -> None:
        self._frame, self._options = frame, options
        self.cost = ColorObjective(frame.grid, frame.target, _FLOORS[0], forgiven(frame.plan, ALPHA))
        quality = QUALITY[options.quality]
        self._schedule: Schedule = options.schedule or default_schedule(frame.plan.threads, quality.cycles)
        self._chords: dict[float, Chords] = {}
        self._taken = Taken.none(0)
        self._laid = LaidLayers(frame, self.cost)
        self._laid.layers = [self._new_layer(slot.thread, slot.share) for slot in self._schedule]
        self._budget = self._chords_at_most()
        self._lift = self._lift_on_dark()
        self._floors = _FLOORS if self._lift is None else _FLOORS_ON_DARK
        self._aim()
        self._sweeps, self._closing = quality.sweeps, quality.closing
        self._price = self._poor = 0.0
        self._asked = names_layers(options.schedule, frame.plan.threads)
        self._most_wound = max(_MOST_WOUND, len(frame.plan.threads))
        self._lost = 0  # chords of the layers that were dropped last
        self._late, self._aimed = 0.0, 1.0

    def _lift_on_dark(self) -> tuple[Tones, float] | None:
        """How the photo is lifted on a board that is darker than all threads: what is darkest is left to the board."""
        plan, frame = self._frame.plan, self._frame
        light = [float(luminance(linear_color(thread.color))) for thread in plan.threads]
        board = float(luminance(linear_color(plan.board.color)))
        if float(lightness(min(light))) < float(lightness(board)) + _DARKER:
            return None
        gray = luminance(frame.target).astype(np.float32)
        depth = self._budget * float(np.mean([layer.search.chords.mean_cover_px for layer in self._laid.layers]))
        return lift_of_colors(Tones(gray, frame.grid.inside, board, max(light)), depth)

    def _aim(self) -> None:
        """Let the cost want the photo, in the tones that can be shown."""
        if self._lift is not None:
            tones, contrast = self._lift
            self.cost.aim(lifted_colors(tones, contrast, self._frame.target), contrast)
            self.cost.soften(self._floors[0])
        else:
            self.cost.aim(self._frame.target)

    def _new_layer(self, thread: int, share: float | None) -> LaidLayer:
        width_mm = self._frame.plan.threads[thread].diameter_mm
        if width_mm not in self._chords:
            self._chords[width_mm] = self._frame.chords(thread)
        chords = self._chords[width_mm]
        if not len(self._taken):
            self._taken = Taken.none(len(chords) // chords.ways)
        use_mm = (chords.lengths_mm + wrap_mm(self._frame.plan, thread)) * (1 + DEFAULTS.waste)
        search = Search(chords, self.cost, self._frame.grid.size, use_mm.astype(np.float32), self._taken)
        return LaidLayer(thread, light_of(self._frame.plan.threads[thread].color), search, share)

    def _chords_at_most(self) -> int:
        """Return how many chords are asked for, or there is thread for."""
        length_mm = self._options.thread_length_mm
        if length_mm is None:
            return self._options.lines
        use_mm = float(np.mean([layer.search.mean_use_mm for layer in self._laid.layers]))
        return chords_of_length(length_mm, len(self._laid.layers), use_mm)

    def sketch(self) -> float:
        """Search without seeing to it that it can be wound; return how well that draws the photo in lightness, 0..1."""
        for _ in self._changes(is_wound=False):
            pass
        light, photo = luminance(np.moveaxis(self._laid.seen(self._laid.layers), 0, -1)), luminance(self._frame.target)
        return self.cost.similarity(light.astype(np.float32), photo.astype(np.float32)) if self._laid.count else -1.0

    def run(self) -> Iterator[Searched]:
        """Fill, then sweep."""
        parts = 1 + self._sweeps
        for done, (stage, layer, change) in enumerate(self._changes()):
            yield Searched(
                stage=stage,
                added=rows_of(layer, change.added),
                removed=rows_of(layer, change.removed),
                done=min(done, 1000),
                total=1000 * parts,
            )

    def _changes(self, is_wound: bool = True) -> Iterator[tuple[str, LaidLayer, Change]]:
        for layer, change in self._filled_from_below():
            yield "search", layer, change
        for number in range(self._sweeps):
            self.cost.soften(self._floors[min(number + 1, len(self._floors) - 1)])
            self._set_price()
            if number >= max(self._sweeps - _FEWER, 1):
                for layer, change in self._dropped():
                    yield "sweep", layer, change
            for layer, change in self._swept_once(number):
                yield "sweep", layer, change
        for layer, change in chain(self._thinned_out(), self._settled() if is_wound else ()):
            yield "sweep", layer, change
        self._late = _CLOSED_LOOSE
        for _ in range(self._closing):
            parts = self._swept(_CLOSED_THINNED), self._trimmed(), self._dropped(), self._settled() if is_wound else ()
            for layer, change in chain(*parts):
                yield "sweep", layer, change

    def _swept_once(self, number: int) -> Iterator[tuple[LaidLayer, Change]]:
        last = max(number + 1 + _STRICT - self._sweeps, 0)
        self._late = min(last / _STRICT, 1.0)
        self._aimed = _AIMS[min(number * len(_AIMS) // self._sweeps, len(_AIMS) - 1)]
        yield from self._swept()
        yield from self._trimmed()

    def _thinned_out(self) -> Iterator[tuple[LaidLayer, Change]]:
        """Drop layers, and let the others find what those leave free."""
        for _ in range(_SETTLING):
            yield from self._dropped()
            if not self._lost:
                return
            yield from self._swept_once(self._sweeps)
        yield from self._dropped()

    def _settled(self) -> Iterator[tuple[LaidLayer, Change]]:
        for layer in self._laid.looks():
            for change in settle(layer.search, self._budget - self._laid.count, self._price):
                yield layer, change

    def _dropped(self) -> Iterator[tuple[LaidLayer, Change]]:
        """Take out whole layers that are not worth their change of thread, the least worthy first, and thin ones."""
        self._lost = 0
        while len(self._laid.runs()) > 1:
            runs = self._laid.runs()
            thin = self._thinnest(runs)
            if thin is None:
                *costs, whole = self._laid.costs_without(runs)
                worth = [cost - whole - self._change_s / _PACE.chord_s * max(self._price, self._poor) for cost in costs]
                least = min(range(len(runs)), key=worth.__getitem__)
                if worth[least] > 0 and (self._asked or len(runs) <= self._most_wound):
                    return
                thin = runs[least]
            yield from self._given_up(runs, thin)

    def _given_up(self, runs: list[slice], thin: slice) -> Iterator[tuple[LaidLayer, Change]]:
        """Leave a layer out, or let the next one of its thread above or below take its chords: what costs least."""
        gone = self._laid.layers[thin]
        rest = self._laid.layers[: thin.start] + self._laid.layers[thin.stop :]
        own = [k for k, layer in enumerate(rest) if layer.thread == gone[0].thread]
        heirs = [k for k in own if k < thin.start][-1:] + [k for k in own if k >= thin.start][:1]
        through = np.prod([layer.search.transmittance for layer in gone], axis=0)
        pictures = [self._laid.seen(rest, heir, through) for heir in (None, *heirs)]
        costs = self.cost.costs(pictures, self._laid.seen(self._laid.layers))
        best = min(range(len(costs)), key=costs.__getitem__)
        for layer in gone:
            self._lost += layer.count
            lines = np.array(layer.search.laid, np.int32)
            yield layer, layer.search.take_out(np.arange(layer.count))
            if best:
                rest[heirs[best - 1]].search.lay(lines)
                yield rest[heirs[best - 1]], Change(added=lines, removed=_NONE)
        del self._laid.layers[thin]

    def _thinnest(self, runs: list[slice]) -> slice | None:
        """Return the layer of fewest chords if it has but a handful; None where the user says what is wound."""
        counts = [sum(layer.count for layer in self._laid.layers[run]) for run in runs]
        least = min(range(len(runs)), key=counts.__getitem__)
        return runs[least] if not self._asked and counts[least] < _THINNEST * self._laid.count else None

    @property
    def _change_s(self) -> float:
        """What a layer costs a person beside its chords; walks along the rim are none once it is settled."""
        minutes = self._options.change_minutes
        if minutes is None:
            return 0.0 if self._asked else _PACE.change_s
        return minutes * 60

    def _filled_from_below(self) -> Iterator[tuple[LaidLayer, Change]]:
        below = self._laid.bare()
        for layer in self._laid.layers:
            self._laid.look(layer, spread(layer.color, below), below - layer.color)
            count = round((layer.share or 1 / len(self._laid.layers)) * self._budget)
            for change in layer.search.fill(count, self._length_left(layer)):
                yield layer, change
            below = laid_over(layer, below)

    def _swept(self, thinned: float = _THINNED) -> Iterator[tuple[LaidLayer, Change]]:
        for layer in self._laid.looks():
            if layer.count:
                yield layer, layer.search.thin(thinned, _LOOSE * self._late)
            spare = round(self._budget * _OVER) - self._laid.count
            limit = layer.count + max(spare, 0) if layer.share is None else round(layer.share * self._budget)
            for change in layer.search.fill(limit, self._length_left(layer), self._price, renewed=layer.count > 0):
                yield layer, change
            over = self._laid.count / self._budget - self._aimed
            self._price *= math.exp(np.clip(_PRICE_RISE * over, -_LEAP, _LEAP) * 5 / len(self._laid.layers))

    def _set_price(self) -> None:
        """Let the price follow what chords are worth by now."""
        worth = self._worth()
        helpful = worth[worth > 0]
        poor = float(np.quantile(helpful, _WORTHLESS)) if len(helpful) else 0.0
        self._price = self._price or poor * min(self._laid.count / self._budget, 1.0) ** _HASTE
        self._poor = poor

    def _worth(self) -> NDArray[np.float32]:
        """What each chord is worth in the finished piece, layer by layer from the top."""
        worth = self._laid.worth_of_layers()
        return np.concatenate(worth) if worth else np.empty(0, np.float32)

    def _trimmed(self) -> Iterator[tuple[LaidLayer, Change]]:
        """Take out what is over the budget."""
        for passes in range(_TRIMS, 0, -1):  # what is weak alone may be strong together
            over = self._laid.count - self._budget
            if over > 0:
                yield from self._laid.without(math.ceil(over / passes), self._laid.worth_of_layers())

    def _length_left(self, layer: LaidLayer) -> float:
        limits = self._options.thread_limits_mm
        limit = self._options.thread_length_mm or math.inf
        others = [other for other in self._laid.layers if other is not layer]
        left = limit - sum(other.search.length_mm for other in others)
        own_limit = limits[layer.thread] if limits else None
        if own_limit is not None:
            own = sum(other.search.length_mm for other in others if other.thread == layer.thread)
            left = min(left, own_limit - own)
        return left

    def follow(self, problem: Problem, share: float) -> None:
        """Turn to the next frame of a clip: the ``share`` of all chords that matters least there is searched anew."""
        self._frame = self._laid.frame = problem
        self._aim()
        lost = dict.fromkeys(map(id, self._laid.layers), _NONE)
        changes, start = changes_by_turn(share, self._laid.count, self._budget), self._laid.pairs_laid()
        for most in changes:
            self._change(int(_BEFORE_SETTLING * most), lost)
        for to_come, layer in zip(range(len(self._laid.layers), 0, -1), self._laid.looks(), strict=True):
            now = self._laid.pairs_laid()
            left = sum(changes) - max(len(start - now), len(now - start))
            for _ in settle(layer.search, most=max(left // to_come, 0)):
                pass

    def misplaced(self) -> float:
        """Share of the chords laid in whose place others would bring the piece nearer to the frame."""
        return sum(layer.search.misplaced() for layer in self._laid.looks() if layer.count) / max(self._laid.count, 1)

    def _change(self, most: int, lost: dict[int, Indices]) -> None:
        """Lay ``most`` chords anew; ``lost`` are those that a layer has lost since the last frame."""
        worth = self._laid.worth_of_layers()
        useless = sum(int((w < 0).sum()) for w in worth)
        room = self._laid.count + most - self._budget
        now = {id(layer): change.removed for layer, change in self._laid.without(min(max(room, useless), most), worth)}
        left = most
        for to_come, layer in zip(range(len(self._laid.layers), 0, -1), self._laid.looks(), strict=True):
            own = now.get(id(layer), _NONE)
            lost[id(layer)] = np.concatenate([lost[id(layer)], own])
            layer.search.favor(lost[id(layer)], _STAYS)
            layer.search.set_price(_FOLLOWING * _LOOSE)
            count = layer.count
            more = len(own) + left // to_come  # else the upper layers would take all that the lower ones lose
            limit = min(count + min(left, more), self._budget - self._laid.count + count)
            if layer.share is not None:
                limit = min(limit, round(layer.share * self._budget))
            for _ in layer.search.fill(limit):
                pass
            left -= layer.count - count

    def layers(self) -> list[tuple[int, Indices]]:
        """Thread and chords (C, 4) of every layer, in winding order: pins and sides, as `winding.wind` takes them."""
        return self._laid.wound()

    def shorten(self, over_mm: float, thread: int | None = None) -> None:
        """Take the weakest chords out, of one thread or of all: at least ``over_mm``."""
        own = [layer for layer in self._laid.layers if thread is None or layer.thread == thread]
        mean_mm = sum(layer.search.length_mm for layer in own) / max(sum(layer.count for layer in own), 1)
        for _ in self._laid.without(math.ceil(over_mm / max(mean_mm, 1.0)) + 1, self._laid.worth_of_layers(), thread):
            pass

    def notes(self) -> tuple[str, ...]:
        """Threads that gain nothing, and what is left of the budget."""
        used = {thread for thread, _ in self._laid.wound()}
        names = [thread.name for number, thread in enumerate(self._frame.plan.threads) if number not in used]
        dropped = (f"{', '.join(names)}: dropped, since no chord of it helps",) if names else ()
        left = self._budget - self._laid.count if self._options.thread_length_mm is None else 0
        unused = (f"{left} of {self._budget} chords are not used: none of them is worth its place",) if left > 0 else ()
        return (*dropped, *unused, *about_layers(self._laid), *about_reverse(self._laid))
