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
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from stringart.picture.light import lightness, linear_color, luminance
from stringart.plan.materials import DEFAULTS, chords_of_length, wrap_mm
from stringart.plan.model import Indices
from stringart.search.chord_search import Change, Search, Taken, changes_by_turn
from stringart.search.color_objective import ALPHA, ColorObjective
from stringart.search.events import Searched
from stringart.search.objective import Map, forgiven
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
_TRADE = 6  # rows of the table of layers
_STAYS = 1.03
"""How much more a chord of the last frame of a clip counts than one that would take its place. More, and the piece does
not follow: it has many chords that gain nearly the same."""
_FOLLOWING = 0.5  # times _LOOSE, from frame to frame of a clip
_BEFORE_SETTLING = 0.75  # share of what may change in a frame of a clip that is not kept for settling its ends
_HASTE = 2.0  # how steeply the first price falls where few chords were laid without any
_PRICE_RISE, _LEAP = 4.0, 0.5  # how steeply the price follows the count, and how far at most from layer to layer
PACE = DEFAULTS.beginner
Light = NDArray[np.float32]
_NONE = np.empty(0, np.int32)


@dataclass(slots=True)
class _Layer:
    """A layer while it is searched."""

    thread: int
    color: Light
    search: Search
    share: float | None

    @property
    def count(self) -> int:
        return len(self.search.laid)


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
        self._ground = _light(frame.plan.board.color)
        quality = QUALITY[options.quality]
        self._schedule: Schedule = options.schedule or default_schedule(frame.plan.threads, quality.cycles)
        self._chords: dict[float, Chords] = {}
        self._taken = Taken.none(0)
        self._stack = [self._new_layer(slot.thread, slot.share) for slot in self._schedule]
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
        depth = self._budget * float(np.mean([layer.search.chords.mean_cover_px for layer in self._stack]))
        return lift_of_colors(Tones(gray, frame.grid.inside, board, max(light)), depth)

    def _aim(self) -> None:
        """Let the cost want the photo, in the tones that can be shown."""
        if self._lift is not None:
            tones, contrast = self._lift
            self.cost.aim(lifted_colors(tones, contrast, self._frame.target), contrast)
            self.cost.soften(self._floors[0])
        else:
            self.cost.aim(self._frame.target)

    def _new_layer(self, thread: int, share: float | None) -> _Layer:
        width_mm = self._frame.plan.threads[thread].diameter_mm
        if width_mm not in self._chords:
            self._chords[width_mm] = self._frame.chords(thread)
        chords = self._chords[width_mm]
        if not len(self._taken):
            self._taken = Taken.none(len(chords) // chords.ways)
        use_mm = (chords.lengths_mm + wrap_mm(self._frame.plan, thread)) * (1 + DEFAULTS.waste)
        search = Search(chords, self.cost, self._frame.grid.size, use_mm.astype(np.float32), self._taken)
        return _Layer(thread, _light(self._frame.plan.threads[thread].color), search, share)

    def _chords_at_most(self) -> int:
        """Return how many chords are asked for, or there is thread for."""
        length_mm = self._options.thread_length_mm
        if length_mm is None:
            return self._options.lines
        use_mm = float(np.mean([layer.search.mean_use_mm for layer in self._stack]))
        return chords_of_length(length_mm, len(self._stack), use_mm)

    @property
    def _count(self) -> int:
        return sum(layer.count for layer in self._stack)

    def run(self) -> Iterator[Searched]:
        """Fill, then sweep."""
        parts = 1 + self._sweeps
        for done, (stage, layer, change) in enumerate(self._changes()):
            yield Searched(
                stage=stage,
                added=_rows(layer, change.added),
                removed=_rows(layer, change.removed),
                done=min(done, 1000),
                total=1000 * parts,
            )

    def _changes(self) -> Iterator[tuple[str, _Layer, Change]]:
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
        for layer, change in chain(self._thinned_out(), self._settled()):
            yield "sweep", layer, change
        self._late = _CLOSED_LOOSE
        for _ in range(self._closing):
            parts = self._swept(_CLOSED_THINNED), self._trimmed(), self._dropped(), self._settled()
            for layer, change in chain(*parts):
                yield "sweep", layer, change

    def _swept_once(self, number: int) -> Iterator[tuple[_Layer, Change]]:
        last = max(number + 1 + _STRICT - self._sweeps, 0)
        self._late = min(last / _STRICT, 1.0)
        self._aimed = _AIMS[min(number * len(_AIMS) // self._sweeps, len(_AIMS) - 1)]
        yield from self._swept()
        yield from self._trimmed()

    def _thinned_out(self) -> Iterator[tuple[_Layer, Change]]:
        """Drop layers, and let the others find what those leave free."""
        for _ in range(_SETTLING):
            yield from self._dropped()
            if not self._lost:
                return
            yield from self._swept_once(self._sweeps)
        yield from self._dropped()

    def _settled(self) -> Iterator[tuple[_Layer, Change]]:
        for layer in self._looks():
            for change in settle(layer.search, self._budget - self._count, self._price):
                yield layer, change

    def _dropped(self) -> Iterator[tuple[_Layer, Change]]:
        """Take out whole layers that are not worth their change of thread, the least worthy first, and thin ones."""
        self._lost = 0
        while len(self._runs()) > 1:
            runs = self._runs()
            thin = self._thinnest(runs)
            if thin is None:
                *costs, whole = self._costs_without(runs)
                worth = [cost - whole - self._change_s / PACE.chord_s * max(self._price, self._poor) for cost in costs]
                least = min(range(len(runs)), key=worth.__getitem__)
                if worth[least] > 0 and (self._asked or len(runs) <= self._most_wound):
                    return
                thin = runs[least]
            yield from self._given_up(runs, thin)

    def _given_up(self, runs: list[slice], thin: slice) -> Iterator[tuple[_Layer, Change]]:
        """Leave a layer out, or let the next one of its thread above or below take its chords: what costs least."""
        gone = self._stack[thin]
        rest = self._stack[: thin.start] + self._stack[thin.stop :]
        own = [k for k, layer in enumerate(rest) if layer.thread == gone[0].thread]
        heirs = [k for k in own if k < thin.start][-1:] + [k for k in own if k >= thin.start][:1]
        through = np.prod([layer.search.transmittance for layer in gone], axis=0)
        pictures = [self._seen(rest, heir, through) for heir in (None, *heirs)]
        costs = self.cost.costs(pictures, self._seen(self._stack))
        best = min(range(len(costs)), key=costs.__getitem__)
        for layer in gone:
            self._lost += layer.count
            lines = np.array(layer.search.laid, np.int32)
            yield layer, layer.search.take_out(np.arange(layer.count))
            if best:
                rest[heirs[best - 1]].search.lay(lines)
                yield rest[heirs[best - 1]], Change(added=lines, removed=_NONE)
        del self._stack[thin]

    def _seen(self, stack: list[_Layer], heir: int | None = None, through: Map | None = None) -> Light:
        """What the layers look like, one of them (``heir``) with more threads, which let ``through`` that share."""
        below = self._bare()
        for k, layer in enumerate(stack):
            t = layer.search.transmittance
            if k == heir and through is not None:
                t = t * through
            below = layer.color + t * (below - layer.color)
        return below

    def _runs(self) -> list[slice]:
        """Layers of the stack that are wound as one, since they are neighbours of one thread."""
        threads = [layer.thread for layer in self._stack]
        starts = [k for k in range(len(threads)) if k == 0 or threads[k] != threads[k - 1]]
        return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], len(threads)], strict=True)]

    def _thinnest(self, runs: list[slice]) -> slice | None:
        """Return the layer of fewest chords if it has but a handful; None where the user says what is wound."""
        counts = [sum(layer.count for layer in self._stack[run]) for run in runs]
        least = min(range(len(runs)), key=counts.__getitem__)
        return runs[least] if not self._asked and counts[least] < _THINNEST * self._count else None

    @property
    def _change_s(self) -> float:
        """What a layer costs a person beside its chords; walks along the rim are none once it is settled."""
        minutes = self._options.change_minutes
        if minutes is None:
            return 0.0 if self._asked else PACE.change_s
        return minutes * 60

    def _costs_without(self, runs: list[slice]) -> list[float]:
        """Cost of the piece without each of the layers, and last of the whole piece."""
        below = [self._bare()]
        for layer in self._stack:
            below.append(_over(layer, below[-1]))
        *costs, whole = self.cost.costs(self._pictures_without(below, runs), below[-1])
        return [*reversed(costs), whole]

    def _pictures_without(self, below: list[Light], runs: list[slice]) -> Iterator[Light]:
        """What is seen without the top layer, the next ..., and last of the whole piece."""
        above, through = np.zeros_like(below[0]), np.ones(below[0].shape[1:], np.float32)
        for run in reversed(runs):
            yield above + through * below[run.start]
            for layer in reversed(self._stack[run]):
                t = layer.search.transmittance
                above, through = above + through * (1 - t) * layer.color, through * t
        yield below[-1]

    def _filled_from_below(self) -> Iterator[tuple[_Layer, Change]]:
        below = self._bare()
        for layer in self._stack:
            self._look(layer, _spread(layer.color, below), below - layer.color)
            count = round((layer.share or 1 / len(self._stack)) * self._budget)
            for change in layer.search.fill(count, self._length_left(layer)):
                yield layer, change
            below = _over(layer, below)

    def _swept(self, thinned: float = _THINNED) -> Iterator[tuple[_Layer, Change]]:
        for layer in self._looks():
            if layer.count:
                yield layer, layer.search.thin(thinned, _LOOSE * self._late)
            spare = round(self._budget * _OVER) - self._count
            limit = layer.count + max(spare, 0) if layer.share is None else round(layer.share * self._budget)
            for change in layer.search.fill(limit, self._length_left(layer), self._price, renewed=layer.count > 0):
                yield layer, change
            over = self._count / self._budget - self._aimed
            self._price *= math.exp(np.clip(_PRICE_RISE * over, -_LEAP, _LEAP) * 5 / len(self._stack))

    def _looks(self) -> Iterator[_Layer]:
        """Let the cost look at each layer in its place, from the top down."""
        pictures = [self._bare()]
        for layer in self._stack[:-1]:
            pictures.append(_over(layer, pictures[-1]))
        above, through = np.zeros_like(pictures[0]), np.ones(pictures[0].shape[1:], np.float32)
        for layer, below in zip(reversed(self._stack), reversed(pictures), strict=True):
            self._look(layer, above + through * layer.color, through * (below - layer.color))
            yield layer
            t = layer.search.transmittance
            above = above + through * (1 - t) * layer.color
            through = through * t

    def _look(self, layer: _Layer, fixed: Light, span: Light) -> None:
        frame = self._frame
        self.cost.look_at(fixed, span, frame.weights[layer.thread], frame.forbidden[layer.thread])

    def _set_price(self) -> None:
        """Let the price follow what chords are worth by now."""
        worth = self._worth()
        helpful = worth[worth > 0]
        poor = float(np.quantile(helpful, _WORTHLESS)) if len(helpful) else 0.0
        self._price = self._price or poor * min(self._count / self._budget, 1.0) ** _HASTE
        self._poor = poor

    def _worth_of_layers(self) -> list[NDArray[np.float32]]:
        """What each chord is worth in the finished piece, for every layer that has any, from the top."""
        return [layer.search.worth() for layer in self._looks() if layer.count]

    def _worth(self) -> NDArray[np.float32]:
        """What each chord is worth in the finished piece, layer by layer from the top."""
        worth = self._worth_of_layers()
        return np.concatenate(worth) if worth else np.empty(0, np.float32)

    def _trimmed(self) -> Iterator[tuple[_Layer, Change]]:
        """Take out what is over the budget."""
        for passes in range(_TRIMS, 0, -1):  # what is weak alone may be strong together
            over = self._count - self._budget
            if over > 0:
                yield from self._without(math.ceil(over / passes), self._worth_of_layers())

    def _without(
        self, over: int, worth: list[NDArray[np.float32]], thread: int | None = None
    ) -> Iterator[tuple[_Layer, Change]]:
        """Take out so many chords: the least worthy of all layers, or of those of one thread."""
        stack = [layer for layer in reversed(self._stack) if layer.count]
        if thread is not None:
            worth = [of for of, layer in zip(worth, stack, strict=True) if layer.thread == thread]
            stack = [layer for layer in stack if layer.thread == thread]
        if over <= 0 or not stack:
            return
        poorest = np.sort(np.argsort(np.concatenate(worth), kind="stable")[:over])
        edges = np.cumsum([0, *map(len, worth)])
        for layer, first, stop in zip(stack, edges, edges[1:], strict=False):
            poor = poorest[(poorest >= first) & (poorest < stop)] - first
            if len(poor):
                yield layer, layer.search.take_out(poor)

    def _bare(self) -> Light:
        size = self._frame.grid.size
        return np.ascontiguousarray(np.broadcast_to(self._ground, (3, size, size)))

    def _length_left(self, layer: _Layer) -> float:
        limits = self._options.thread_limits_mm
        limit = self._options.thread_length_mm or math.inf
        others = [other for other in self._stack if other is not layer]
        left = limit - sum(other.search.length_mm for other in others)
        own_limit = limits[layer.thread] if limits else None
        if own_limit is not None:
            own = sum(other.search.length_mm for other in others if other.thread == layer.thread)
            left = min(left, own_limit - own)
        return left

    def follow(self, problem: Problem, share: float) -> None:
        """Turn to the next frame of a clip: the ``share`` of all chords that matters least there is searched anew."""
        self._frame = problem
        self._aim()
        lost = dict.fromkeys(map(id, self._stack), _NONE)
        changes, start = changes_by_turn(share, self._count, self._budget), self._pairs_laid()
        for most in changes:
            self._change(int(_BEFORE_SETTLING * most), lost)
        for to_come, layer in zip(range(len(self._stack), 0, -1), self._looks(), strict=True):
            now = self._pairs_laid()
            left = sum(changes) - max(len(start - now), len(now - start))
            for _ in settle(layer.search, most=max(left // to_come, 0)):
                pass

    def _pairs_laid(self) -> set[tuple[int, int]]:
        return {(layer.thread, pair) for layer in self._stack for pair in layer.search.pairs_laid}

    def misplaced(self) -> float:
        """Share of the chords laid in whose place others would bring the piece nearer to the frame."""
        return sum(layer.search.misplaced() for layer in self._looks() if layer.count) / max(self._count, 1)

    def _change(self, most: int, lost: dict[int, Indices]) -> None:
        """Lay ``most`` chords anew; ``lost`` are those that a layer has lost since the last frame."""
        worth = self._worth_of_layers()
        useless = sum(int((w < 0).sum()) for w in worth)
        room = self._count + most - self._budget
        now = {id(layer): change.removed for layer, change in self._without(min(max(room, useless), most), worth)}
        left = most
        for to_come, layer in zip(range(len(self._stack), 0, -1), self._looks(), strict=True):
            own = now.get(id(layer), _NONE)
            lost[id(layer)] = np.concatenate([lost[id(layer)], own])
            layer.search.favor(lost[id(layer)], _STAYS)
            layer.search.set_price(_FOLLOWING * _LOOSE)
            count = layer.count
            more = len(own) + left // to_come  # else the upper layers would take all that the lower ones lose
            limit = min(count + min(left, more), self._budget - self._count + count)
            if layer.share is not None:
                limit = min(limit, round(layer.share * self._budget))
            for _ in layer.search.fill(limit):
                pass
            left -= layer.count - count

    def layers(self) -> list[tuple[int, Indices]]:
        """Thread and chords (C, 2) of every layer, in winding order; neighbours of one thread are one layer."""
        merged: list[tuple[int, Indices]] = []
        for layer in self._stack:
            pairs = layer.search.chosen
            if merged and merged[-1][0] == layer.thread:
                merged[-1] = (layer.thread, np.concatenate([merged[-1][1], pairs]))
            elif len(pairs):
                merged.append((layer.thread, pairs))
        return merged

    def shorten(self, over_mm: float, thread: int | None = None) -> None:
        """Take the weakest chords out, of one thread or of all: at least ``over_mm``."""
        own = [layer for layer in self._stack if thread is None or layer.thread == thread]
        mean_mm = sum(layer.search.length_mm for layer in own) / max(sum(layer.count for layer in own), 1)
        for _ in self._without(math.ceil(over_mm / max(mean_mm, 1.0)) + 1, self._worth_of_layers(), thread):
            pass

    def notes(self) -> tuple[str, ...]:
        """Threads that gain nothing, and what is left of the budget."""
        used = {thread for thread, _ in self.layers()}
        names = [thread.name for number, thread in enumerate(self._frame.plan.threads) if number not in used]
        dropped = (f"{', '.join(names)}: dropped, since no chord of it helps",) if names else ()
        left = self._budget - self._count if self._options.thread_length_mm is None else 0
        unused = (f"{left} of {self._budget} chords are not used: none of them is worth its place",) if left > 0 else ()
        return (*dropped, *unused, *self._about_layers(), *self._about_reverse())

    def _about_layers(self) -> tuple[str, ...]:
        """What fewer layers would save and cost."""
        trade = self.trade()
        if len(trade) < 2:
            return ()
        rows = "; ".join(f"{layers}: {hours:.0f} h, dE00 {error:.1f}" for layers, hours, error in trade)
        return (f"layers, hours by hand, mean colour difference, were the least worthy left out: {rows}",)

    def _about_reverse(self) -> tuple[str, ...]:
        """What the same layers would look like with the lowest on top."""
        if len(self._runs()) < 2:
            return ()
        error = self._error()
        self._stack.reverse()
        reversed_ = self._error()
        self._stack.reverse()
        return (f"the same layers from the top down would be off by dE00 {reversed_:.1f} in place of {error:.1f}",)

    def trade(self) -> list[tuple[int, float, float]]:
        """Return layers, hours by hand and mean CIEDE2000 of the piece, and with ever fewer of its layers.

        Nothing is searched anew where a layer is left out, so that a piece of fewer layers can be better.
        """
        whole = list(self._stack)
        found: list[tuple[int, float, float]] = []
        while len(runs := self._runs()) > 1 and len(found) < _TRADE:
            found.append((len(runs), PACE.time_s(self._count, 0, len(runs)) / 3600, self._error()))
            *costs, _ = self._costs_without(runs)
            del self._stack[runs[min(range(len(runs)), key=costs.__getitem__)]]
        self._stack = whole
        return found

    def _error(self) -> float:
        below = self._bare()
        for layer in self._stack:
            below = _over(layer, below)
        return self.cost.error(below, self._frame.target)


def _rows(layer: _Layer, chosen: Indices) -> Indices:
    return np.column_stack([np.full(len(chosen), layer.thread, np.int32), layer.search.ends_of(chosen)])


def _light(color: str) -> Light:
    return linear_color(color).astype(np.float32)[:, None, None]


def _spread(color: Light, like: Light) -> Map:
    return np.ascontiguousarray(np.broadcast_to(color, like.shape))


def _over(layer: _Layer, below: Light) -> Light:
    """What is seen when the layer lies on ``below``."""
    return layer.color + layer.search.transmittance * (below - layer.color)
