"""The chord search: of all chords the best, again and again, lazily; then the weakest out and better ones in."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stringart import _kernels
from stringart.plan.model import Indices
from stringart.search.raster import Chords

RENEW_EVERY = 200
"""Chords laid before the cost's terms are computed anew over the whole board."""
_RENEWALS = 100  # of a search at most: a large piece changes less from chord to chord
_REGAIN_EVERY = 5  # renewals before every chord's gain is computed anew: gains may also have risen
_FEW = 200_000  # chords that are all looked at
_FAR = 0.7  # share of the least gain in the queue below which a chord is far from being laid, where there are many
_IN_TURNS, _NEVER = 8, 0
_CANDIDATES = 16  # in the queue, for each chord laid before gains are computed anew
_LEAST_QUEUED = 50_000
_SAMPLED = 16  # of so many chords one is looked at for how high the best gain
_LOOKED_AT, _SURELY = 2, 4  # times as many
_SLACK = 0.97  # a chord is taken when it is this near to the best; a sixth of the evaluations for 0.001 of SSIM
_LEAST_OF_BUDGET = 0.25
_ALL_SIDES, _ONE_SIDE, _OTHER_SIDE = 3, 1, 2  # bits of a line's number that differ from another's of its pair
_TURNS = 6  # in which a frame's changes are made: what is weakest depends on what was laid in the turn before


def changes_by_turn(share: float, laid: int, budget: int) -> list[int]:
    """Return how many chords may change from a frame of a clip to the next, turn by turn.

    The ``share`` is reckoned from a quarter of the budget at least: an empty board can be filled.
    """
    most = int(share * max(laid, budget * _LEAST_OF_BUDGET))
    return [most * (turn + 1) // _TURNS - most * turn // _TURNS for turn in range(_TURNS)]


def _in_halves(count: int, do: Callable[[slice], None]) -> None:
    """Do both halves of ``count`` things at once: kernels let other threads run, and each half writes its own part."""
    with ThreadPoolExecutor(1) as beside:
        second = beside.submit(do, slice(count // 2, count))
        do(slice(0, count // 2))
        second.result()


class Cost(Protocol):
    """What a search minimises."""

    @property
    def profile(self) -> NDArray[np.float32]:
        """How a thread's change spreads across it."""

    def renew(self, state: NDArray[np.float32]) -> None:
        """Write the cost's terms round the transmittance in ``state``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Chords laid or taken out, as indices into the search's chords."""

    added: Indices
    removed: Indices


_NONE = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """Chords that lie on the board, of all layers: none is laid twice, since one of the two would hardly be seen.

    Parameters
    ----------
    flags : (P,) bool array
        Changed as chords are laid and taken out.
    """

    flags: NDArray[np.bool_]

    @classmethod
    def none(cls, count: int) -> "Taken":
        """Of so many chords, none."""
        return cls(flags=np.zeros(count, np.bool_))

    def __len__(self) -> int:
        return len(self.flags)

    def mark(self, chords: Indices, taken: bool) -> None:
        """Take these chords, or set them free."""
        self.flags[chords] = taken

    def any_of(self, chords: list[int]) -> bool:
        """Tell whether one of these chords lies on the board."""
        return bool(self.flags[chords].any())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What was laid at some time."""

    laid: tuple[int, ...]
    state: NDArray[np.float32]
    maps: NDArray[np.float32]


class Search:
    """Chords of one thread, and the ones laid so far.

    Parameters
    ----------
    chords : Chords
    cost : Cost
    size : int
        Of the grid.
    use_mm : (C,) float32 array
        Thread that each chord uses up.
    taken : Taken, optional
        By this layer and the others on the board, along whichever of a chord's lines.
    """

    def __init__(
        self,
        chords: Chords,
        cost: Cost,
        size: int,
        use_mm: NDArray[np.float32],
        taken: Taken | None = None,
    ) -> None:
        self.chords, self.cost = chords, cost
        self._lines = _kernels.Lines(chords.pairs, chords.sides, chords.walks, chords.cover, use_mm)
        self._ways, count = chords.ways, len(chords) // chords.ways
        self._taken = taken or Taken.none(count)
        self.laid: list[int] = []
        self._state = np.zeros((size, size, 4), np.float32)
        self._state[..., _kernels.TRANSMITTANCE] = 1
        self._maps = np.zeros((2, size, size, 2), np.float32)
        self._gains = np.zeros(count, np.float32)
        self._heap = self._queue = np.zeros(count, np.int32)
        self._floor = -math.inf
        self._places = np.empty((0, 2), np.float32)
        self._favor = np.ones(count, np.float32)
        self._way = np.zeros(count, np.int8)
        self._looks = 0
        self.pins = int(chords.pairs.max()) + 1
        self.sided = chords.ways > 1
        self.price = 0.0

    @property
    def transmittance(self) -> NDArray[np.float32]:
        """What is seen past the threads laid, (size, size)."""
        return np.ascontiguousarray(self._state[..., _kernels.TRANSMITTANCE])

    @property
    def chosen(self) -> Indices:
        """The chords laid, (n, 4): pins and sides."""
        return self.ends_of(np.array(self.laid, np.int32))

    def ends_of(self, lines: Indices) -> Indices:
        """Return pins and sides of these lines, (n, 4)."""
        return np.column_stack([self.chords.pairs[lines], self.chords.sides[lines].astype(np.int32)])

    @property
    def pairs_laid(self) -> frozenset[int]:
        """Numbers of the pairs of pins whose chord is laid."""
        return frozenset(line // self._ways for line in self.laid)

    @property
    def length_mm(self) -> float:
        """Thread used up."""
        return float(self._lines.use_mm[self.laid].sum(dtype=np.float64))

    @property
    def mean_use_mm(self) -> float:
        """Thread that a chord uses up, on the average of all that may be wound."""
        return float(self._lines.use_mm.mean(dtype=np.float64))

    def renew(self) -> None:
        """Compute the cost's terms anew."""
        self.cost.renew(self._state)
        _kernels.refresh_maps(self._state, self._maps)

    def fill(
        self, count: int, length_mm: float = math.inf, least: float = 0.0, renewed: bool = False
    ) -> Iterator[Change]:
        """Lay chords until ``count`` or ``length_mm`` is reached or none gains over ``least``.

        Yields after every renewal of the cost's terms; ``renewed`` says that the first is not needed.
        """
        round_, sure = 0, False
        at_once, self._floor = max(RENEW_EVERY, count // _RENEWALS), -math.inf
        while len(self.laid) < count:
            if not renewed:
                self.renew()
            renewed = False
            fresh = round_ % _REGAIN_EVERY == 0
            if fresh:
                sure = self._regain(at_once * _REGAIN_EVERY, sure)
            round_ += 1
            floor = max(least, self._floor)
            left_mm = length_mm if math.isinf(length_mm) else length_mm - self.length_mm
            laid, done = self._lay(min(at_once, count - len(self.laid)), left_mm, floor)
            self.laid.extend(laid.tolist())
            if len(laid):
                yield Change(added=laid, removed=_NONE)
            empty = done and fresh and (floor == least or not len(laid))
            if empty and sure:
                return
            sure = empty  # the next look, that is: more are looked at before the end
            if done:
                round_ = 0

    def misplaced(self) -> int:
        """How many chords laid are worth less than half of what the best free one would gain."""
        worth, price = self.worth(), self.price
        self.price = 0.0
        self._all_gains(-math.inf, 1)
        self.price = price
        self._looks -= 1  # a question changes nothing
        return int((worth < max(float(self._gains.max(initial=0.0)) / 2, 0.0)).sum())

    def _regain(self, chords: int, sure: bool) -> bool:
        """Compute gains anew before so many ``chords`` are laid, and order those of the chords that may be among them.

        Gains almost only fall. Of very many chords only those are looked at that promise the most, by what lines near
        them gain; to be ``sure``, many more. On a board that is not convex, where lines near them may leave it, those
        that were far from being laid are looked at in turns.
        Returns whether the search may end where none of those that were looked at can be laid.
        """
        few, queued = len(self._taken) <= _FEW, max(chords * _CANDIDATES, _LEAST_QUEUED)
        if few or not self.chords.is_convex:
            in_turns = not few and not sure
            self._all_gains(_FAR * self._floor if in_turns else -math.inf, _IN_TURNS if in_turns else 1)
        else:
            self._likely_gains()
            self._gains[self._gains < self._least_of((_SURELY if sure else _LOOKED_AT) * queued)] = -np.inf
            self._all_gains(-math.inf, _NEVER)
        enough = -math.inf if few else self._least_of(queued)
        self._floor = math.nextafter(enough, -math.inf)
        self._queue = self._heap[: _kernels.build_heap(self._heap, self._gains, enough)]
        return few or sure

    def _likely_gains(self) -> None:
        """Write what every chord promises."""
        size, slope = len(self._state), self.chords.walks[0, 3] / 65536.0
        table, limits = np.empty((2, size, 2 * size), np.float32), self._priced_ends(0).limits
        width_px = float(self.chords.cover[0]) / math.hypot(1.0, slope)
        if not len(self._places):
            self._places = np.empty((len(self._taken), 2), np.float32)
            _kernels.places_across(self.chords.walks, size, size, self._places)

        def across(part: slice) -> None:
            _kernels.gains_across(self._maps[part], width_px, table[part])

        def promised(part: slice) -> None:
            lines, queue = self._part(part)
            _kernels.likely_gains(table, self._places[part], lines, queue, limits, self.price)

        _in_halves(2, across)
        _in_halves(len(self._taken), promised)

    def _least_of(self, count: int) -> float:
        """Return about the least of the ``count`` highest gains, as every sixteenth chord has it."""
        some = self._gains[::_SAMPLED]
        known = some[some > -np.inf]  # to part many equal ones takes ten times as long
        rank = max(count // _SAMPLED, 1)
        return float(np.partition(known, -rank)[-rank]) if rank < len(known) else -math.inf

    def _all_gains(self, floor: float, turns: int) -> None:
        other = (_ALL_SIDES, _ONE_SIDE, _OTHER_SIDE)[self._looks % 3]
        self._looks += 1
        in_turns = floor, self._looks % max(turns, 1), turns
        limits = self._priced_ends(0).limits

        def looked_at(part: slice) -> None:
            _kernels.all_gains(self._maps, *self._part(part), limits, self.price, other, in_turns)

        if turns == _NEVER:
            _in_halves(len(self._taken), looked_at)
        else:
            looked_at(slice(0, len(self._taken)))

    def _part(self, part: slice) -> tuple[_kernels.Lines, _kernels.Queue]:
        """Return some of the chords: their lines, and their queue."""
        of_lines = slice(part.start * self._ways, part.stop * self._ways)
        heap, *parts = self._queued()
        return _kernels.Lines(*(of[of_lines] for of in self._lines)), _kernels.Queue(heap, *(of[part] for of in parts))

    @property
    def _field(self) -> _kernels.Field:
        return _kernels.Field(self._state, self._maps, self.cost.profile)

    def _queued(self) -> _kernels.Queue:
        return _kernels.Queue(self._queue, self._gains, self._way, self._favor, self._taken.flags)

    def _priced_ends(self, room: int) -> _kernels.Ends:
        """Return the ends at the pins as what gains knows them: not at all where loose ones cost nothing."""
        if self.price > 0:
            return self._ends(room)
        none = np.zeros((self.pins, 0), np.int32), np.zeros(self.pins, np.int32), np.zeros((self.pins, 2), np.int32)
        return _kernels.Ends(*none)

    def _ends(self, room: int) -> _kernels.Ends:
        """Return the ends at the pins, with room for more at each."""
        laid = np.array(self.laid, np.int32)
        most = int(np.bincount(self.chords.pairs[laid].ravel(), minlength=1).max()) + room
        keys, degrees = np.zeros((self.pins, most), np.int32), np.zeros(self.pins, np.int32)
        ends = _kernels.Ends(keys, degrees, np.zeros((self.pins, 2), np.int32))
        _kernels.tie_ends(laid, self._lines, ends)
        return ends

    def _lay(self, count: int, length_mm: float, least: float) -> tuple[Indices, bool]:
        bounds, ends, laid = (length_mm, least, _SLACK), self._priced_ends(count), np.empty(count, np.int32)
        found, done = _kernels.lay_best(laid, bounds, self._lines, self._queued(), self._field, ends, self.price)
        return laid[:found], bool(done)

    def keep(self) -> Kept:
        """Return what is laid, for `restore`."""
        return Kept(laid=tuple(self.laid), state=self._state.copy(), maps=self._maps.copy())

    def restore(self, kept: Kept) -> None:
        """Go back to what was laid before."""
        self._taken.mark(np.array(self.laid, np.int32) // self._ways, False)
        self.laid = list(kept.laid)
        self._taken.mark(np.array(self.laid, np.int32) // self._ways, True)
        self._state[:], self._maps[:] = kept.state, kept.maps

    def favor(self, chosen: Indices, times: float) -> None:
        """Let the gains of these chords count ``times`` as much from now on, and those of all others once."""
        self._favor[:] = 1
        self._favor[chosen // self._ways] = times

    def worth(self) -> NDArray[np.float32]:
        """What each chord laid gains, in their order; the cost's terms are computed anew."""
        self.renew()
        chosen = np.array(self.laid, np.int32)
        gains = np.empty(len(chosen), np.float32)
        _kernels.removal_gains(self._maps, self._lines, chosen, gains)
        return -gains

    def loose(self) -> NDArray[np.int32]:
        """Return how many ends at every pin have no partner on the other side of it, (N,)."""
        out = np.zeros(self.pins, np.int32)
        _kernels.loose_ends(self._ends(0), self.sided, out)
        return out

    def swap(self, places: NDArray[np.intp], lines: Indices) -> Change:
        """Take out the chords at these places of ``laid`` and lay others."""
        removed = self.take_out(np.sort(places)).removed if len(places) else _NONE
        self.lay(lines)
        return Change(added=lines, removed=removed)

    def lay(self, lines: Indices) -> None:
        """Lay these chords."""
        _kernels.lay(1, lines, self._lines, self._field)
        self._taken.mark(lines // self._ways, True)
        self.laid.extend(lines.tolist())

    def moved_ends(
        self, degrees: NDArray[np.int64], places: Indices, odd: Indices, near: int
    ) -> tuple[NDArray[np.float32], Indices, Indices]:
        """Return the cheapest way to move a chord's end from any of the ``odd`` pins to one ``near`` it, or back.

        Each (M, near): what it costs, the place in ``laid`` of the chord, and the line in its stead. ``places`` are
        those of the ends, pin by pin, ``degrees`` (N,) how many each pin has.
        """
        worth = self.worth()
        first = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
        laid, at_pins = (np.array(self.laid, np.int32), worth), (first, places)
        shape = len(odd), near
        moves = np.full(shape, np.inf, np.float32), np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        _kernels.moved_ends(self._maps, self._lines, self._taken.flags, laid, at_pins, odd, moves)
        return moves

    def joins(self, odd: Indices) -> tuple[NDArray[np.float32], Indices, Indices]:
        """Return what it costs to lay or take out the chord between any two of the ``odd`` pins.

        Each (M, M): the cost, infinite where there is none; the place in ``laid`` of the chord to take out and the line
        to lay, -1 for none.
        """
        worth, many = self.worth(), len(odd)
        place_of = np.full(len(self._taken), -1, np.int32)
        place_of[np.array(self.laid, np.int32) // self._ways] = np.arange(len(self.laid))
        cost: NDArray[np.float32] = np.full((many, many), np.inf, np.float32)
        out: Indices = np.full((many, many), -1, np.int32)
        found = cost, out, out.copy()
        _kernels.joining_chords(self._maps, self._lines, self._taken.flags, (place_of, worth), odd, found)
        return found

    def line(self, pin: int, side: int, other: int, other_side: int) -> int:
        """Return the number of a line by its pins and sides, -1 if it may not be wound."""
        i, side_i, j, side_j = (pin, side, other, other_side) if pin < other else (other, other_side, pin, side)
        first = int(_kernels.first_line(self.chords.pairs, self._ways, i, j))
        return first if first < 0 or not self.sided else first + 2 * (side_i < 0) + (side_j < 0)

    def lies(self, lines: list[int]) -> bool:
        """Tell whether the chord of any of these lines lies on the board already, or two are of the same one."""
        chords = [line // self._ways for line in lines]
        return self._taken.any_of(chords) or len(set(chords)) < len(chords)

    def chord(self, line: int) -> int:
        """Return the number of the chord that a line is of."""
        return line // self._ways

    def gains_of(self, lines: Indices) -> NDArray[np.float32]:
        """Return what each of these lines would gain, laid now."""
        gains = np.empty(len(lines), np.float32)
        _kernels.line_gains(self._maps, self._lines, lines, gains)
        return gains

    def set_price(self, loose: float) -> NDArray[np.float32]:
        """Let every loose end cost ``loose`` of what the middling chord gains; return `worth`."""
        worth = self.worth()
        self.price = loose * max(float(np.median(worth)), 0.0) if len(worth) else 0.0
        return worth

    def thin(self, share: float, loose: float = 0.0, chance: np.random.Generator | None = None) -> Change:
        """Take out the ``share`` of the chords laid that matters least; by ``chance`` some that matter more.

        From now on every loose end costs ``loose`` of what the middling chord gains.
        """
        worth = self.set_price(loose) if loose else self.worth()
        if loose and len(worth):
            worth = worth + np.float32(self.price) * self._loosened_without()
        if chance is not None:
            worth = worth * chance.random(len(worth), np.float32)
        order = np.argsort(worth, kind="stable")
        return self.take_out(np.sort(order[: int(share * len(order))]))

    def _loosened_without(self) -> NDArray[np.float32]:
        """How many more ends would be loose without each of the chords laid, in their order."""
        laid = np.array(self.laid, np.int32)
        loosened = np.zeros(len(laid), np.float32)
        _kernels.loosened_without(laid, self._lines, self._ends(0), loosened)
        return loosened

    def take_out(self, places: NDArray[np.intp]) -> Change:
        """Take out the chords at these places of ``laid``."""
        chosen = np.array(self.laid, np.int32)
        removed = chosen[places]
        _kernels.lay(-1, removed, self._lines, self._field)
        self._taken.mark(removed // self._ways, False)
        self.laid = np.delete(chosen, places).tolist()
        return Change(added=_NONE, removed=removed)
