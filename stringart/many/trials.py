"""A photo tried in several looks: a quick draft of each, with what it takes and how close it comes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from os import cpu_count
from typing import Any

from stringart.look.paint import WIDTH_PX, Painting, Picture
from stringart.look.score import score_of
from stringart.order.loaded import LINES, LINES_IN_COLOR, load_order, options_for
from stringart.order.look_files import Look
from stringart.order.order import Order, merged
from stringart.picture.photo import Photo, PhotoFile, load_photo
from stringart.picture.placing import place
from stringart.plan.materials import Materials, materials_of
from stringart.plan.model import Plan
from stringart.search.pipeline import design

_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A draft of a photo in one look.

    Parameters
    ----------
    look : Look
    plan : Plan
    near, far : float
        SSIM of L* after the best tone fit, as an eye sees both from near and from afar; 1 is the photo.
    delta_e : float
        Mean colour difference from afar, CIE dE00.
    picture : (rows, cols, 3) float32 array
        The piece as the score sees it, linear light.
    """

    look: Look
    plan: Plan
    picture: Picture
    near: float
    far: float
    delta_e: float

    @property
    def closeness(self) -> float:
        """How close the piece comes to the photo, in shape and colour; 1 is the photo."""
        return (self.near + self.far) / 2 * (1 - min(self.delta_e, 100.0) / 100)

    @property
    def materials(self) -> Materials:
        """What it takes."""
        return materials_of(self.plan)


def try_looks(
    photo: PhotoFile,
    looks: Sequence[Look],
    said: Mapping[str, object],
    done: Callable[[int, int, str], None] = lambda done, total, title: None,
) -> list[Trial]:
    """Return a draft of each look, two at a time.

    Parameters
    ----------
    photo : PhotoFile
    looks : sequence of Look
    said : mapping
        Fields of `Order` that win over every look.
    done : callable
        Told how many are done, of how many, and which.

    Raises
    ------
    StringartError
        If the photo cannot be read, or a look cannot be made of it.
    """
    orders = [merged({**said, "quality": "draft"}, look.file.said) for look in looks]
    shared = _placed_once(photo, orders[0]) if looks else None
    trials: list[Trial] = []
    with ThreadPoolExecutor(min(_AT_ONCE, cpu_count() or 1)) as pool:
        longest_first = sorted(range(len(looks)), key=lambda k: (-_work_of(orders[k]), k))
        begun = {k: pool.submit(_tried, photo, looks[k], orders[k], shared) for k in longest_first}
        for number, look in enumerate(looks):
            trials.append(begun[number].result())
            done(len(trials), len(looks), look.title)
    return trials


def _work_of(order: Order) -> int:
    """About how long a look takes beside others, so that two at a time end together."""
    in_color = order.palette is not None
    return (order.lines or (LINES_IN_COLOR if in_color else LINES)) * (3 if in_color else 1)


def _placed_once(photo: PhotoFile, order: Order) -> tuple[float, Any]:
    """Return the aspect of a board and the crop for all boards of that aspect: faces are looked for once."""
    loaded = load_order(order)
    board = loaded.board
    right, down = order.move_percent
    placed = place(_read(photo, loaded.photo_background), board, order.crop, order.zoom_percent / 100,
                   (right / 100, down / 100))  # fmt: skip
    return board.width_mm / board.height_mm, placed.crop_px


def _read(photo: PhotoFile, background: str) -> Photo:
    return load_photo(photo, background)


def _tried(photo: PhotoFile, look: Look, order: Order, shared: tuple[float, Any] | None) -> Trial:
    loaded = load_order(order)
    if shared is not None and shared[0] == loaded.board.width_mm / loaded.board.height_mm:
        plain = replace(order, crop=shared[1], zoom_percent=100.0, move_percent=(0.0, 0.0))
        loaded = replace(loaded, order=plain)
    read = _read(photo, loaded.photo_background)
    options, _ = options_for(read, loaded, with_rivals=False)  # they are looks of their own
    plan = design(read, options)
    painting = Painting(plan)
    near, far = score_of(painting, read, gray=False)
    picture = painting.preview(WIDTH_PX)  # as the score has painted it
    return Trial(look=look, plan=plan, picture=picture, near=near.ssim_fit, far=far.ssim_fit, delta_e=far.delta_e)


def best_of(trials: Sequence[Trial], hours: float | None = None) -> tuple[Trial, str]:
    """Return the closest trial that a first piece by hand takes no more hours for, and a line about the choice.

    Parameters
    ----------
    trials : sequence of Trial
    hours : float, optional
        Any, by default. Where all take longer, the shortest.
    """
    within = [one for one in trials if hours is None or one.materials.hand_s <= hours * 3600]
    if within:
        best = max(within, key=lambda one: (round(one.closeness, 6), -trials.index(one)))
        limit = "" if hours is None else f" of the {len(within)} that take {hours:g} hours at most"
        return best, f"look: {best.look.name}, the closest to the photo{limit} (closeness {best.closeness:.2f})"
    best = min(trials, key=lambda one: one.materials.hand_s)
    return best, f"look: {best.look.name}, the quickest: every look takes more than {hours:g} hours"
