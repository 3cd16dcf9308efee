"""Which threads to wind with: named by the user, or chosen for the least error of the finished picture."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stringart.errors import PaletteError
from stringart.picture import light
from stringart.picture.photo import Crop, Photo, crop_to_board, resample
from stringart.plan.model import Board, Thread
from stringart.threads import palette_search as search
from stringart.threads.color_names import describe
from stringart.threads.palette_search import SPREAD, Codes, Found, Judge
from stringart.threads.request import AUTO, MAX_THREADS, PaletteRequest, check_threads, parse_palette

__all__ = ["AUTO", "MAX_THREADS", "SPREAD", "PaletteChoice", "PaletteRequest", "choose", "parse_palette", "proposals"]

ACROSS = 64
"""Patches across the photo's larger side that a palette is chosen for: as fine as colour is seen from a distance."""
_DEFAULT_BOARD = "#ffffff"
_BOARDS = ("#000000", "#ffffff", "#808080", "#f4f0e8", "#404040", "#c0c0c0")
_SNAPS = ("#000000", "#ffffff")
_SNAP = 1.02  # a colour that may be anything is black or white where that costs no more than this
_PLAIN = 1.06  # black or white is taken unless another board saves so much, one of the others unless twice so much
_SEEN = 3.0  # a colour difference that is seen
_LITTLE = 0.01
_ENDS_FROM = 3  # threads to choose
_FEWEST, _MOST_FOUND = 2, 8  # threads, where their number is found
_NEAR_ENOUGH = 1.5  # mean colour difference at which the fewest do
_WORTH_A_THREAD = 0.4  # of mean colour difference, that one more thread has to save


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteChoice:
    """The palette of a piece.

    Parameters
    ----------
    threads : tuple of Thread
    board_color : str
        sRGB ``#rrggbb``.
    shares : tuple of float
        Of the finished picture: the board's first, then each thread's; the sum is 1.
    error : float
        Mean colour difference to expect at best, in units of CIE dE.
    notes : tuple of str
        What the user should be told.
    """

    threads: tuple[Thread, ...]
    board_color: str
    shares: tuple[float, ...]
    error: float
    notes: tuple[str, ...] = ()


def choose(
    request: PaletteRequest,
    photo: Photo,
    board: Board,
    background: str | None = None,
    crop: Crop | None = None,
    weights: NDArray[np.float32] | None = None,
) -> PaletteChoice:
    """Return the threads and the board's colour.

    Parameters
    ----------
    request : PaletteRequest
    photo : Photo
    board : Board
        Its shape and size; its colour is not read.
    background : str, optional
        sRGB ``#rrggbb``, or ``auto``; by default the preset's, else white.
    crop : (left, top, right, bottom), optional
        The largest centred part by default.
    weights : (rows, cols) float array, optional
        Importance over the board's box, any size, 0..1.

    Raises
    ------
    PaletteError
        If no thread differs from the board.
    """
    if request.finds_count:
        return _of_found_count(request, photo, board, background, crop, weights)
    settled = _with_ends(request)
    chooser = _Chooser(settled, photo, board, crop, weights)
    choice = chooser.choice(chooser.found(settled.count, background or request.board_color or _DEFAULT_BOARD))
    return choice if settled is request else _from_light_to_dark(choice)


def _of_found_count(
    request: PaletteRequest,
    photo: Photo,
    board: Board,
    background: str | None,
    crop: Crop | None,
    weights: NDArray[np.float32] | None,
) -> PaletteChoice:
    """Return the palette of as many threads as are worth it: each has to be bought, and wound in layers of its own."""

    def chosen(count: int) -> PaletteChoice:
        asked = replace(request, count=count, finds_count=False)
        return choose(asked, photo, board, background, crop, weights)

    most = min(len(request.candidates) or _MOST_FOUND, _MOST_FOUND, MAX_THREADS - len(request.threads))
    least = min(_FEWEST, most)
    best = chosen(least)
    if least == most or best.error <= _NEAR_ENOUGH:
        return best
    best, count = chosen(least + 1), least + 1
    while count < most:
        more = chosen(count + 1)
        if best.error - more.error < _WORTH_A_THREAD:
            break
        best, count = more, count + 1
    return best


def _lightness_of(thread: Thread) -> float:
    return round(float(light.luminance(light.linear_color(thread.color))), 6)


def _from_light_to_dark(choice: PaletteChoice) -> PaletteChoice:
    order = sorted(range(len(choice.threads)), key=lambda k: -_lightness_of(choice.threads[k]))
    shares = (choice.shares[0], *(choice.shares[k + 1] for k in order))
    return replace(choice, threads=tuple(choice.threads[k] for k in order), shares=shares)


def _with_ends(request: PaletteRequest) -> PaletteRequest:
    """Return the request with its darkest and its lightest thread settled, where there is room for a third.

    The mixture that colours are chosen for counts the board as a colour like any other. But a board is covered for
    good: dark over light and light over dark need threads of their own, and a piece without them is far worse.
    """
    if request.count < _ENDS_FROM or request.threads:
        return request
    plain = (Thread(name="black", color="#000000"), Thread(name="white", color="#ffffff"))
    listed = request.candidates or plain
    by_light = sorted(listed, key=_lightness_of)
    width_mm = request.diameter_mm
    ends = tuple(t if request.candidates else replace(t, diameter_mm=width_mm) for t in (by_light[0], by_light[-1]))
    return replace(request, threads=ends, count=request.count - len(ends))


def proposals(
    request: PaletteRequest,
    photo: Photo,
    board: Board,
    board_color: str,
    counts: Iterable[int],
    crop: Crop | None = None,
) -> Iterator[PaletteChoice]:
    """Yield the best palette of each number of chosen threads, on a board of one colour, `choose` says more."""
    chooser = _Chooser(request, photo, board, crop, None)
    found = chooser.bare(board_color)
    for count in counts:
        found = chooser.grown(found, count)
        yield chooser.choice(chooser.finished(found))


class _Chooser:
    """The search for one request and one photo."""

    def __init__(
        self,
        request: PaletteRequest,
        photo: Photo,
        board: Board,
        crop: Crop | None,
        weights: NDArray[np.float32] | None,
    ) -> None:
        shape = _patches(board)
        picture = resample(photo, crop_to_board(photo, board, crop), shape)
        self._colors = search.colors_of(picture, _inside(board, shape) * _resized(weights, shape))
        self._judge = Judge(self._colors)
        self._request = request
        self._free = not request.candidates
        self._fixed = len(request.threads)
        listed = _codes(thread.color for thread in request.candidates)
        self._listed = search.free_candidates(self._colors) if self._free else np.unique(listed, axis=0)
        self._candidates = search.thinned(self._listed)

    def bare(self, board_color: str) -> Found:
        """Return the palette before anything is chosen."""
        board, threads = _codes([board_color])[0], _codes(thread.color for thread in self._request.threads)
        return Found(board=board, threads=threads, cost=self._judge.cost(board, threads))

    def grown(self, found: Found, count: int) -> Found:
        """Return the best palette of ``count`` chosen threads that adding and exchanging finds."""
        while len(found.threads) < self._fixed + count:
            found = search.grown(self._judge, found, self._candidates)
        return self._compared(search.exchanged(self._judge, found, self._candidates, self._fixed))

    def _compared(self, found: Found) -> Found:
        """Return the palette with its cost found anew, as palettes on other boards are compared by."""
        return replace(found, cost=self._judge.cost(found.board, found.threads))

    def finished(self, found: Found) -> Found:
        """Return the palette with every chosen colour moved to its best among those near to it."""
        if not self._free:
            return self._compared(search.settled(self._judge, found, self._listed, self._fixed))
        return self._snapped(self._compared(search.polished(self._judge, found, self._fixed)))

    def _snapped(self, found: Found) -> Found:
        """Make colours black or white that are as good as that."""
        for number in range(self._fixed, len(found.threads)):
            for pure in _codes(_SNAPS):
                threads = found.threads.copy()
                threads[number] = pure
                cost = self._judge.cost(found.board, threads)
                if cost <= found.cost * _SNAP and not (found.threads == pure).all(1).any():
                    found = replace(found, threads=threads, cost=cost)
        return found

    def found(self, count: int, background: str) -> Found:
        """Return the palette of ``count`` chosen threads on a board that is given, or chosen too."""
        if background != AUTO:
            return self.finished(self.grown(self.bare(background), count))
        starts = [self.grown(self.bare(color), count) for color in _BOARDS[:2]]
        best = min(starts, key=lambda start: round(start.cost, 6))
        if self._fixed:  # a plain board: the threads that are settled cover it
            return self.finished(best)
        found = self._on_best_board(best)
        found = self.finished(search.exchanged(self._judge, found, self._candidates, self._fixed))
        return self._on_best_board(found)

    def _on_best_board(self, found: Found) -> Found:
        """Return the palette on the board that suits it; on a plain one, unless another is clearly better."""
        boards = np.concatenate([_codes(_BOARDS), light.to_bytes(search.heaviest(self._colors, 40))])
        costs = np.array([self._judge.cost(board, found.threads) for board in boards])
        costs[2:] *= _PLAIN
        costs[len(_BOARDS) :] *= _PLAIN
        best = search.least(costs)
        return replace(found, board=boards[best], cost=float(costs[best])) if costs[best] < found.cost else found

    def choice(self, found: Found) -> PaletteChoice:
        """Return what was found as threads with names."""
        chosen = _light_first(found.threads[self._fixed :])
        threads = (*self._request.threads, *self._named(chosen))
        board_color = _code(found.board)
        check_threads(threads)
        _check_seen(threads, board_color)
        codes = _codes(thread.color for thread in threads)
        shares = self._judge.shares(found.board, codes)
        choice = PaletteChoice(
            threads=threads,
            board_color=board_color,
            shares=tuple(float(share) for share in np.round(shares, 4)),
            error=round(self._judge.error(found.board, codes), 2),
        )
        return replace(choice, notes=_notes(choice))

    def _named(self, chosen: Codes) -> list[Thread]:
        known = {thread.color: thread for thread in reversed(self._request.candidates)}
        colors = [_code(color) for color in chosen]
        if not self._free:
            return [known[color] for color in colors]
        taken = Counter(thread.name for thread in self._request.threads)
        words = [describe(color) for color in colors]
        often = Counter(words) + taken
        return [
            Thread(
                name=word if often[word] == 1 else f"{word} {color}",
                color=color,
                diameter_mm=self._request.diameter_mm,
            )
            for word, color in zip(words, colors, strict=True)
        ]


def _check_seen(threads: tuple[Thread, ...], board_color: str) -> None:
    lab = light.to_lab([light.linear_color(color) for color in (board_color, *(t.color for t in threads))])
    if float(np.sqrt(((lab[1:] - lab[0]) ** 2).sum(1)).max()) < _SEEN:
        names = ", ".join(thread.name for thread in threads)
        raise PaletteError(
            f"no thread of the palette ({names}) differs from the board, {board_color}: nothing would be seen",
            "choose another --background, or other threads",
        )


def _notes(choice: PaletteChoice) -> tuple[str, ...]:
    threads = ", ".join(f"{t.name} {t.color}" if t.color not in t.name else t.name for t in choice.threads)
    said = [f"palette: {threads} on a board {_board_words(choice.board_color)}"]
    for thread, share in zip(choice.threads, choice.shares[1:], strict=True):
        if share < _LITTLE and thread.color != choice.board_color:
            said.append(f"'{thread.name}' is {share:.1%} of the picture: it could be left out")
    return tuple(said)


def _board_words(color: str) -> str:
    """A board's colour as people name it, with its code."""
    return f"{describe(color)} {color}"


def _patches(board: Board) -> tuple[int, int]:
    larger = max(board.width_mm, board.height_mm)
    rows, cols = (max(round(ACROSS * side / larger), 1) for side in (board.height_mm, board.width_mm))
    return rows, cols


def _inside(board: Board, shape: tuple[int, int]) -> NDArray[np.float32]:
    """1 within the board's outline, 0 outside."""
    rows, cols = shape
    image = Image.new("1", (cols, rows))
    draw = ImageDraw.Draw(image)
    if board.outline_mm is not None:
        x, y = board.outline_mm.T
        across, down = (x / board.width_mm + 0.5) * cols, (0.5 - y / board.height_mm) * rows
        draw.polygon(list(zip((across - 0.5).tolist(), (down - 0.5).tolist(), strict=True)), fill=1)
    elif board.shape == "rectangle":
        return np.ones(shape, np.float32)
    else:
        draw.ellipse((0, 0, cols - 1, rows - 1), fill=1)
    return np.array(image).astype(np.float32)


def _resized(weights: NDArray[np.float32] | None, shape: tuple[int, int]) -> NDArray[np.float32]:
    if weights is None:
        return np.ones(shape, np.float32)
    image = Image.fromarray(np.asarray(weights, np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BOX))


def _codes(colors: Iterable[str]) -> Codes:
    values = [[int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in colors]
    return np.array(values, np.uint8).reshape(-1, 3)


def _code(color: Codes) -> str:
    red, green, blue = (int(value) for value in color)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _light_first(colors: Codes) -> Codes:
    luminance = np.round(light.luminance(light.to_linear(colors / 255.0)), 9)
    return colors[np.argsort(-luminance, kind="stable")]
