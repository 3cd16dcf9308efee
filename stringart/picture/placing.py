"""Where a photo lies under the board: faces well inside, with hair and chin and the eyes above the middle.

Nothing is moved that lies well already: the largest centred part stays wherever it shows every head whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.picture import light
from stringart.picture.importance import Box, find_faces
from stringart.picture.photo import Crop, Photo, crop_to_board, resample
from stringart.plan.model import Board

Head = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""
AUTO, CENTRE, WHOLE = "auto", "centre", "whole"
PLACES = (AUTO, CENTRE, WHOLE)

_FINE_SEARCH_PX = 384  # across the whole photo: a face of 7 % of it is found
_LARGE = 0.17  # of the photo: beside such a face, all that count (`_BESIDE`) are found in the plain search as well
_HAIR, _CHIN, _SIDE = 0.45, 0.12, 0.16  # of a face's box, from the brows to the chin, that the head reaches beyond it
_SHOULDER = 0.35  # of a head, beside it and below
_EYES = 0.32  # of a face's box, from its top
_EYES_AT, _EYES_LOWEST = 0.43, 0.5  # of the board's height, from its top
_ROUND = 0.96  # of a round board's radius that a head keeps inside of
_LEAST_HEAD, _HEAD = 0.24, 0.42  # of the board's height: a smaller head is made so large
_ON_END, _LEAST_HEAD_ON_END = 1.15, 0.36  # height by width of a photo on end, where a person is what it is about
_FINE_PX = 256  # the search sees no more across the board: a smaller part of a photo would show nothing new
_BEYOND = 1.15  # of the largest part, for several heads: the photo ends in two thin segments of a round board
_CLOSER = 0.95  # a step
_BESIDE = 0.6  # of the largest face: smaller ones are by-standers
_LOOK_PX = 96
_PLAIN, _GROUND_DE, _THING_DE = 0.95, 6.0, 12.0  # of the photo's edge that is alike; colour differences, CIE dE
_FILLS, _THING = 0.86, 0.6  # of the board that a thing on plain ground takes up; less, and it is made so large
_BEYOND_PLAIN = 4.0  # of the largest part, where the ground goes on
_UPPER = 0.25  # of the room above and below, where a photo on end is cut and nothing says where
_TOP_ROOM = 0.06  # of the part, above what stands out
_STANDS_OUT, _LOSES = 0.3, 0.91
"""Of all that stands out, a centred part that keeps less than this share of what another keeps gives way to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """The part of a photo that the board shows.

    Parameters
    ----------
    crop_px : (left, top, right, bottom)
        With the board's aspect; it may reach beyond the photo.
    note : str
        What was done, and how to choose otherwise; "" where the photo lies as it would anyway.
    """

    crop_px: Crop
    note: str = ""


def place(
    photo: Photo,
    board: Board,
    crop: str | Crop = AUTO,
    zoom: float = 1.0,
    move: tuple[float, float] = (0.0, 0.0),
) -> Placing:
    """Return the part of the photo that the board shows.

    Parameters
    ----------
    photo : Photo
    board : Board
    crop : str or (left, top, right, bottom)
        ``auto``: faces, or what stands out, well inside; ``centre``: the largest centred part; ``whole``: all of the
        photo, with the board's colour around it; or the user's own, in pixels.
    zoom : float
        How much larger the photo is shown, about the middle of the part; 1 leaves it.
    move : (right, down)
        How far the photo is moved, as shares of the part's width and height.

    Raises
    ------
    PhotoError
        If the crop has no area or another aspect than the board, or misses the photo.
    """
    if isinstance(crop, str):
        found = {AUTO: _auto, CENTRE: _centre, WHOLE: _whole}[crop](photo, board)
    else:
        found = Placing(crop_px=crop)
    if zoom == 1 and move == (0, 0):
        return Placing(crop_px=crop_to_board(photo, board, found.crop_px), note=found.note)
    return Placing(crop_px=crop_to_board(photo, board, _moved(found.crop_px, board, zoom, move)), note=found.note)


def _moved(crop: Crop, board: Board, zoom: float, move: tuple[float, float]) -> Crop:
    left, top, right, bottom = crop
    width = max(round((right - left) / zoom), 2)
    height = max(round(width * board.height_mm / board.width_mm), 2)
    x, y = (left + right) / 2 - move[0] * width, (top + bottom) / 2 - move[1] * height
    left, top = round(x - width / 2), round(y - height / 2)
    return left, top, left + width, top + height


def _centre(photo: Photo, board: Board) -> Placing:
    return Placing(crop_px=crop_to_board(photo, board))


def _whole(photo: Photo, board: Board) -> Placing:
    """All of the photo inside the board, the corners too where the board is round."""
    cols, rows = photo.size_px
    aspect = board.width_mm / board.height_mm
    is_round = board.shape in ("circle", "ellipse")
    height = max(round(float(np.hypot(cols / aspect, rows)) if is_round else max(cols / aspect, rows)), 2)
    width = max(round(height * aspect), 2)
    left, top = (cols - width) // 2, (rows - height) // 2
    return Placing(crop_px=(left, top, left + width, top + height))


def _auto(photo: Photo, board: Board) -> Placing:
    cols, rows = photo.size_px
    centred = crop_to_board(photo, board)
    faces = _counting(_faces_in(photo))
    if not faces:
        return _what_stands_out(photo, board, centred)
    found = [_head(face, cols, rows) for face in faces]
    chosen = _that_fit(found, photo, board, centred)
    heads, faces = [found[k] for k in chosen], [faces[k] for k in chosen]
    others = [_with_shoulders(head) for k, head in enumerate(found) if k not in chosen]
    eyes = float(np.mean([top + _EYES * (bottom - top) for _, top, _, bottom in faces])) * rows
    if not others and _lies_well(heads, eyes, centred, board, _is_on_end(photo)):
        return Placing(crop_px=centred)
    crop = _round_heads(heads, others, eyes, photo, board, centred)
    one, more = "so that a face lies well inside", f"so that {len(faces)} faces lie well inside"
    if others:
        more = f"so that {len(faces)} of {len(found)} faces lie well inside (--crop whole shows all)"
    return Placing(crop_px=crop, note=_note(one if len(found) == 1 else more, crop))


def _faces_in(photo: Photo) -> tuple[Box, ...]:
    """Return the faces of a whole photo; it is searched finely, which takes twice as long, where none is large."""
    cols, rows = photo.size_px
    found = find_faces(photo, (0, 0, cols, rows))
    if any((right - left) * cols >= _LARGE * max(cols, rows) for left, _, right, _ in found):
        return found
    return find_faces(photo, (0, 0, cols, rows), _FINE_SEARCH_PX)


def _note(why: str, crop: Crop) -> str:
    left, top, right, bottom = crop
    return (
        f"crop: {right - left} x {bottom - top} px at {left},{top}, {why}; "
        "--crop centre takes the middle, --zoom and --move shift it"
    )


def _is_on_end(photo: Photo) -> bool:
    cols, rows = photo.size_px
    return rows > _ON_END * cols


def _counting(faces: Sequence[Box]) -> list[Box]:
    """Return the faces that count, the largest first: each once, and none that is far smaller than the largest."""
    widest = max((right - left for left, _, right, _ in faces), default=0.0)
    counting: list[Box] = []
    for face in sorted(faces, key=lambda face: face[0] - face[2]):
        x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
        is_found_twice = any(one[0] < x < one[2] and one[1] < y < one[3] for one in counting)
        if not is_found_twice and face[2] - face[0] >= _BESIDE * widest:
            counting.append(face)
    return counting


def _head(face: Box, cols: int, rows: int) -> Head:
    """Return the box of a head in pixels, hair and chin within; a photo's edge may cut it."""
    left, top, right, bottom = face[0] * cols, face[1] * rows, face[2] * cols, face[3] * rows
    wide, high = right - left, bottom - top
    return (
        max(left - _SIDE * wide, 0.0),
        max(top - _HAIR * high, 0.0),
        min(right + _SIDE * wide, float(cols)),
        min(bottom + _CHIN * high, float(rows)),
    )


def _with_shoulders(head: Head) -> Head:
    """Return what is to be seen of a person or not at all."""
    left, top, right, bottom = head
    wide = _SHOULDER * (right - left)
    return left - wide, top, right + wide, bottom + _SHOULDER * (bottom - top)


def _lies_well(heads: Sequence[Head], eyes: float, crop: Crop, board: Board, is_on_end: bool) -> bool:
    left, top, right, bottom = crop
    width, height = right - left, bottom - top
    tallest = max(head[3] - head[1] for head in heads)
    least = _LEAST_HEAD_ON_END if is_on_end else _LEAST_HEAD
    is_large = tallest >= least * height or height <= _FINE_PX
    eyes_are_high = not is_on_end or (eyes - top) / height <= _EYES_LOWEST
    return is_large and eyes_are_high and all(_is_inside(head, crop, board) for head in heads) and width > 0


def _is_inside(head: Head, crop: Crop, board: Board) -> bool:
    """Whether a head's outline, an ellipse in its box, lies inside the board."""
    return bool(_off(head, crop, board).max() <= _ROUND)


def _is_cut(head: Head, crop: Crop, board: Board) -> bool:
    """Whether the board's rim goes through a head."""
    return bool(_off(head, crop, board).min() < 1 < _off(head, crop, board).max())


def _off(head: Head, crop: Crop, board: Board) -> NDArray[np.float64]:
    """How far points of a head's outline are from the board's middle; 1 is its rim."""
    left, top, right, bottom = crop
    turn = np.arange(0, 2 * np.pi, np.pi / 16)
    x = (head[0] + head[2]) / 2 + (head[2] - head[0]) / 2 * np.cos(turn)
    y = (head[1] + head[3]) / 2 + (head[3] - head[1]) / 2 * np.sin(turn)
    across, down = 2 * (x - left) / (right - left) - 1, 2 * (y - top) / (bottom - top) - 1
    is_angular = board.shape in ("rectangle", "outline")
    off = np.maximum(np.abs(across), np.abs(down)) if is_angular else np.hypot(across, down)
    return np.asarray(off, np.float64)


def _round_heads(
    heads: Sequence[Head], others: Sequence[Head], eyes: float, photo: Photo, board: Board, centred: Crop
) -> Crop:
    """Return the part round the heads: as large as the photo allows, as small as the pins can use.

    A head at the photo's edge comes nearer to the middle of a smaller part; other heads, which do not fit, leave it.
    """
    box = _box_of(heads)
    aspect = board.width_mm / board.height_mm
    largest = float(centred[3] - centred[1])
    tallest = max(head[3] - head[1] for head in heads)
    least = max(_FINE_PX, 1.3 * (box[3] - box[1]), 1.3 * (box[2] - box[0]) / aspect)
    wanted = _LEAST_HEAD_ON_END if _is_on_end(photo) else _LEAST_HEAD
    height = largest if tallest >= wanted * largest else min(max(tallest / _HEAD, least), largest)
    smaller = [height * _CLOSER**k for k in range(64) if k == 0 or height * _CLOSER**k > _CLOSER * least]
    larger = [height / _CLOSER**k for k in range(1, 64) if height / _CLOSER**k <= _BEYOND * largest]
    tried = [_part_round(box, eyes, one, photo, aspect) for one in (*smaller, *(larger if len(heads) > 1 else ()))]

    def wrong(crop: Crop) -> tuple[float, int]:
        farthest = max(float(_off(head, crop, board).max()) for head in heads)
        return max(round(farthest, 2), _ROUND), sum(_is_cut(head, crop, board) for head in others)

    return min(tried, key=wrong)


def _part_round(box: Head, eyes: float, height: float, photo: Photo, aspect: float) -> Crop:
    high = max(round(height), 2)
    wide = max(round(high * aspect), 2)
    cols, rows = photo.size_px
    left = _within((box[0] + box[2] - wide) / 2, cols - wide)
    top = _within(_top_for(box, eyes, high), rows - high)
    return left, top, left + wide, top + high


def _box_of(heads: Sequence[Head]) -> Head:
    lefts, tops, rights, bottoms = zip(*heads, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _that_fit(heads: Sequence[Head], photo: Photo, board: Board, centred: Crop) -> list[int]:
    """Return which heads fit into one part together: the largest first, then whoever stands near."""
    order = sorted(range(len(heads)), key=lambda k: (heads[k][0] - heads[k][2], k))
    largest, aspect = centred[3] - centred[1], board.width_mm / board.height_mm
    chosen = order[:1]
    for k in order[1:]:
        together = [heads[n] for n in (*chosen, k)]
        box = _box_of(together)
        parts = [_part_round(box, (box[1] + box[3]) / 2, by * largest, photo, aspect) for by in (1, _BEYOND)]
        if any(all(_is_inside(head, part, board) for head in together) for part in parts):
            chosen.append(k)
    return sorted(chosen)


def _top_for(box: Head, eyes: float, high: int) -> float:
    """Return the upper edge that puts the eyes above the middle, hair and chin still inside."""
    top = eyes - _EYES_AT * high
    room = 0.04 * high
    top = min(top, box[1] - room)
    return max(top, box[3] + room - high) if box[3] - box[1] + 2 * room <= high else top


def _within(edge: float, most: int) -> int:
    """Keep a part inside the photo; one that is larger lies about its middle."""
    return round(most / 2) if most < 0 else min(max(round(edge), 0), most)


def _what_stands_out(photo: Photo, board: Board, centred: Crop) -> Placing:
    """Show a thing on plain ground whole; else move the part along the photo's longer side to what stands out."""
    thing = _on_plain_ground(photo)
    if thing is not None:
        return _round_thing(thing, photo, board, centred)
    cols, rows = photo.size_px
    width, height = centred[2] - centred[0], centred[3] - centred[1]
    is_across = cols - width >= rows - height
    length, part = (cols, width) if is_across else (rows, height)
    if length <= 1.02 * part:
        return Placing(crop_px=centred)
    weights = _standing_out(photo)
    profile = weights.sum(0 if is_across else 1)
    kept, share = _kept(profile, part / length)
    middle = len(kept) // 2
    best = int(np.argmax(kept - 0.02 * np.abs(np.arange(len(kept)) - middle) / max(middle, 1)))
    if share >= _STANDS_OUT and kept[middle] < _LOSES * kept[best]:
        at = round(best / max(len(kept) - 1, 1) * (length - part))
        left, top = (at, centred[1]) if is_across else (centred[0], at)
        crop = (left, top, left + width, top + height)
        return Placing(crop_px=crop, note=_note("so that what stands out lies inside", crop))
    return _upper(photo, weights, centred) if _is_on_end(photo) and not is_across else Placing(crop_px=centred)


def _upper(photo: Photo, weights: NDArray[np.float64], centred: Crop) -> Placing:
    """Show the upper part of a photo on end: a head that is not found as a face is there, and its hair stays."""
    left, _, right, _ = centred
    height, rows = centred[3] - centred[1], photo.size_px[1]
    shown = np.flatnonzero(weights.max(1) > 0.25 * np.quantile(weights, 0.99))
    highest = shown[0] / len(weights) * rows if len(shown) else 0.0
    least = highest - _TOP_ROOM * height if highest else rows  # what goes up to the photo's edge says nothing
    top = _within(min(_UPPER * (rows - height), least), rows - height)
    crop = (left, top, right, top + height)
    return Placing(crop_px=crop, note=_note("the upper part of a photo on end", crop))


def _on_plain_ground(photo: Photo) -> NDArray[np.float64] | None:
    """Return places (N, 2), x and y in pixels, of a thing that stands on one colour; None where there is no such."""
    from scipy.ndimage import gaussian_filter

    lab, scale = _small_lab(photo)
    edge = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(edge, axis=0)
    differs = np.linalg.norm(gaussian_filter(lab, (0.7, 0.7, 0)) - ground, axis=-1)
    places = np.argwhere(differs > _THING_DE)
    if (np.linalg.norm(edge - ground, axis=-1) < _GROUND_DE).mean() < _PLAIN or len(places) < 4:
        return None
    return np.asarray((places[:, ::-1] + 0.5) / scale, np.float64)


def _round_thing(places: NDArray[np.float64], photo: Photo, board: Board, centred: Crop) -> Placing:
    """Return the part that shows a thing whole, as large as the board; the ground may go on beyond the photo."""
    aspect = board.width_mm / board.height_mm
    middle, reach = _enclosed(places / [aspect, 1], is_round=board.shape not in ("rectangle", "outline"))
    x, y = middle * [aspect, 1]
    largest = float(centred[3] - centred[1])
    height = max(2 * reach / _FILLS, min(float(_FINE_PX), largest))
    height = min(height, _BEYOND_PLAIN * largest if _goes_on(photo) else largest)
    left, top, right, bottom = centred
    off = np.abs((middle - [(left + right) / 2 / aspect, (top + bottom) / 2]) / ((bottom - top) / 2))
    lies_within = 2 * off.max() + 2 * reach / (bottom - top) <= _ROUND
    if lies_within and (2 * reach >= _THING * (bottom - top) or height >= _CLOSER * largest):
        return Placing(crop_px=centred)
    high = max(round(height), 2)
    wide = max(round(high * aspect), 2)
    left, top = round(x - wide / 2), round(y - high / 2)
    if not _goes_on(photo):
        left, top = _within(left, photo.size_px[0] - wide), _within(top, photo.size_px[1] - high)
    crop = (left, top, left + wide, top + high)
    return Placing(crop_px=crop, note=_note("so that what stands out lies inside", crop))


def _goes_on(photo: Photo) -> bool:
    """Whether a photo's ground is the colour that lies beyond it, so that nobody sees where it ends."""
    from skimage.color import rgb2lab

    lab, _ = _small_lab(photo)
    ground = np.median(np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]]), axis=0)
    beyond = rgb2lab(light.to_srgb(light.linear_color(photo.background)))
    return bool(np.linalg.norm(ground - beyond) < _GROUND_DE)


def _enclosed(points: NDArray[np.float64], is_round: bool) -> tuple[NDArray[np.float64], float]:
    """Return middle and reach of the smallest circle round the points (Badoiu and Clarkson 2003), or of their box."""
    low, high = points.min(0), points.max(0)
    middle = (low + high) / 2
    if not is_round:
        return middle, float((high - low).max() / 2)
    for step in range(1, 200):
        farthest = points[np.argmax(np.linalg.norm(points - middle, axis=1))]
        middle = middle + (farthest - middle) / (step + 1)
    return middle, float(np.linalg.norm(points - middle, axis=1).max())


def _small_lab(photo: Photo) -> tuple[NDArray[np.float64], float]:
    """Return the whole photo small, (rows, cols, 3) CIE Lab, and its scale."""
    from skimage.color import rgb2lab

    cols, rows = photo.size_px
    scale = _LOOK_PX / max(cols, rows)
    shape = max(round(rows * scale), 2), max(round(cols * scale), 2)
    return np.asarray(rgb2lab(light.to_srgb(resample(photo, (0, 0, cols, rows), shape))), np.float64), scale


def _standing_out(photo: Photo) -> NDArray[np.float64]:
    """Return how much each patch stands out from what lies at the photo's edges, 0..; (rows, cols)."""
    from scipy.ndimage import gaussian_filter

    lab, _ = _small_lab(photo)
    edge = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    differs = np.linalg.norm(lab - np.median(edge, axis=0), axis=-1)
    detail = np.linalg.norm(lab - gaussian_filter(lab, (2, 2, 0)), axis=-1)
    shown = gaussian_filter(differs + 2 * detail, 2)
    return np.asarray(np.maximum(shown - np.median(shown), 0), np.float64)


def _kept(profile: NDArray[np.float64], part: float) -> tuple[NDArray[np.float64], float]:
    """Return what a part keeps at each place along a side, most in its middle; and how uneven the side is, 0..1."""
    total = profile.sum()
    if total <= 0:
        return np.ones(1), 0.0
    count = max(round(part * len(profile)), 1)
    across = (np.arange(count) + 0.5) / count * 2 - 1
    window = np.cos(0.5 * np.pi * across) ** 0.5
    kept = np.correlate(profile / total, window, "valid")
    return kept, float((kept.max() - kept.min()) / max(kept.max(), 1e-9))
