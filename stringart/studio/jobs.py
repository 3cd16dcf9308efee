"""What the working processes do: take in photos, search, count, paint thumbnails, export, make machine jobs.

A job is a generator of ``(kind, payload)``; between two of them it can be cancelled.
"""

import contextlib
import importlib
import io
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stringart.board import boards
from stringart.errors import PhotoError, StringartError
from stringart.export import ExportOptions, exporter_for
from stringart.look.paint import Painting
from stringart.look.score import score_of
from stringart.order.loaded import load_order, options_for
from stringart.order.order import Order
from stringart.order.rivals import better_look
from stringart.picture import light
from stringart.picture.photo import Crop, Photo, load_photo
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.plan.nails import nails_of
from stringart.search.options import DesignOptions
from stringart.search.pipeline import Finished, Prepared, Searched
from stringart.studio.asked import board_of, command_line, order_of
from stringart.studio.develop import crop_of, developed_map_png, developed_png, is_plain, place_of
from stringart.studio.project import Project
from stringart.studio.worker import Message, lower_priority

MAX_PHOTO_PIXELS = 100_000_000
_SEND_EVERY_S = 0.04
_PREVIEW_PX = 1600

Job = Iterator[Message]


def work(connection: Connection, design: str) -> None:
    """Run jobs until the parent is gone: the main function of a working process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; it ends us
    lower_priority()
    todo: queue.SimpleQueue[tuple[int, str, dict[str, object]] | None] = queue.SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=_listen, args=(connection, todo, cancelled), daemon=True).start()
    studio = _Bench(design)
    while (item := todo.get()) is not None:
        number, job, arguments = item
        with contextlib.suppress(OSError):  # the parent went away meanwhile
            _run(connection, number, _JOBS[job](studio, **arguments), cancelled)


def _listen(connection: Connection, todo: "queue.SimpleQueue[Any]", cancelled: set[int]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            number, job, arguments = connection.recv()
            if job == "cancel":
                cancelled.add(number)
            else:
                todo.put((number, job, arguments))
    todo.put(None)


def _run(connection: Connection, number: int, job: Job, cancelled: set[int]) -> None:
    try:
        with contextlib.closing(job) as messages:  # type: ignore[type-var]
            for kind, payload in messages:
                if number in cancelled:
                    break
                connection.send((number, kind, payload))
        connection.send((number, "done", None))
    except StringartError as error:
        connection.send((number, "error", (str(error), error.hint)))
    except MemoryError:
        connection.send((number, "error", ("there is not enough memory for this", "choose a smaller size")))
    except OSError:
        raise
    except Exception as error:  # a defect of ours must not end the studio; it is shown, and told in full here
        traceback.print_exc(file=sys.stderr)
        connection.send((number, "error", (f"this failed: {error or type(error).__name__}", "see the terminal")))
    finally:
        cancelled.discard(number)


class _Bench:
    """What a working process keeps between jobs: the searching function and the last photo."""

    def __init__(self, design: str) -> None:
        self._design = design
        self._photo: tuple[tuple[str, str], Photo] | None = None

    @property
    def design(self) -> Callable[[Photo, DesignOptions], Iterator[object]]:
        """The function that searches."""
        module, _, name = self._design.partition(":")
        function: Callable[[Photo, DesignOptions], Iterator[object]] = getattr(importlib.import_module(module), name)
        return function

    def photo(self, path: str, name: str, background: str) -> Photo:
        """Load a photo, or take the one at hand."""
        key = (path, background)
        if self._photo is None or self._photo[0] != key:
            check_pixels(path, name)
            self._photo = key, load_photo(Path(path).read_bytes(), background, name)
        return self._photo[1]


def check_pixels(path: str, name: str) -> None:
    """Refuse a picture of more pixels than the studio takes, before a single one is unpacked.

    Raises
    ------
    PhotoError
    """
    try:
        with Image.open(path) as image:
            cols, rows = image.size
    except Image.DecompressionBombError as error:
        raise PhotoError(f"'{name}' has far more pixels than the {MAX_PHOTO_PIXELS:,} that the studio takes", "make it "
                         "smaller") from error  # fmt: skip
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        return  # load_photo says what is wrong with it, or reads what Pillow alone does not
    if cols * rows > MAX_PHOTO_PIXELS:
        raise PhotoError(
            f"'{name}' has {cols:,} x {rows:,} pixels; the studio takes at most {MAX_PHOTO_PIXELS:,}", "make it smaller"
        )


# --- the jobs ---


def _warm(bench: _Bench, photo: str, settings: dict[str, object]) -> Job:
    """Import and compile everything that a search needs, on a small piece; yields how much of it is compiled."""
    from stringart.studio.exports import watched

    yield "progress", (0, 0)
    yield from watched(lambda told: _compile(bench, photo, settings, told))
    yield "value", True


_COMPILED = 40
"""About so many functions are compiled on a first run."""


def _compile(bench: _Bench, photo: str, settings: dict[str, object], told: Callable[[int, int], None]) -> None:
    from numba.core import event

    class Counter(event.Listener):
        done = 0

        def on_start(self, event: object) -> None:
            """Nothing yet."""

        def on_end(self, event: object) -> None:
            self.done += 1
            told(self.done, _COMPILED)

    with event.install_listener("numba:compile", Counter()):
        _search_small(bench, photo, settings)


def _search_small(bench: _Bench, photo: str, settings: dict[str, object]) -> None:
    small = settings | {"lines": 200, "budget": "chords", "quality": "draft", "shape": "circle", "layers": ""}
    loaded = load_order(order_of(small))
    options, _ = options_for(shown := load_photo(photo, loaded.photo_background), loaded)
    for _ in bench.design(shown, options):
        pass


def _intake(bench: _Bench, path: str, name: str, background: str, preview: str) -> Job:
    """Look at an uploaded photo: is it one, how large, and a picture of it for the page."""
    photo = bench.photo(path, name, background)
    image = Image.fromarray(photo.srgb)
    image.thumbnail((_PREVIEW_PX, _PREVIEW_PX), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    Path(preview).write_bytes(file.getvalue())
    yield "value", {"size_px": photo.size_px, "notes": photo.notes, "spread": _spread(image)}


def _spread(image: Image.Image) -> float:
    """L* between the dark and the light tenth of a picture."""
    small = np.asarray(image.resize((96, 96)), np.float64) / 255
    lightness = light.lightness(light.luminance(light.to_linear(small)))
    dark, bright = np.percentile(lightness, (10, 90))
    return float(bright - dark)


def _design(bench: _Bench, path: str, name: str, settings: dict[str, Any], map_path: str | None, project: str) -> Job:
    """Search; yields ``placed`` and ``prepared`` once, ``chords`` often, ``plan`` and ``numbers`` at the end."""
    store = Project(Path(project))
    photo, kept, crop = _placed(bench, path, name, settings, store)
    yield "placed", place_of(crop, bench.photo(path, name, settings["board_color"]), photo, settings)
    loaded = load_order(_order(settings, store, map_path, crop))
    options, _ = options_for(photo, loaded)
    yield from _searching(bench, photo, replace(options, command=command_line(kept, loaded.order)))


def _judge(
    bench: _Bench, path: str, name: str, settings: dict[str, object], map_path: str | None, project: str, plan_path: str
) -> Job:
    """Compare a piece with its photo, and with other looks.

    Yields its ``score`` from near and from afar, 1 is the photo; then, where a look shows more of the photo, the
    ``advice`` to take that.
    """
    from stringart.studio.exports import watched

    store = Project(Path(project))
    photo, _, crop = _placed(bench, path, name, settings, store)
    painting = Painting(Plan.load(plan_path))
    scores = score_of(painting, photo)
    yield "score", [seen.ssim_fit for seen in scores]
    options, _ = options_for(photo, load_order(_order(settings, store, map_path, crop)))
    by_lightness = scores if len(painting.plan.threads) == 1 else ()
    found: list[str] = []
    yield from watched(
        lambda told: found.append(better_look(photo, painting, options, by_lightness, _followed(bench, told)))
    )
    if found[0]:
        yield "advice", found[0]


def _followed(bench: _Bench, told: Callable[[int, int], None]) -> Callable[[Photo, DesignOptions], Plan]:
    """A search that can be left at every chord."""

    def designed(photo: Photo, options: DesignOptions) -> Plan:
        plan: Plan | None = None
        for event in bench.design(photo, options):
            told(0, 0)
            if isinstance(event, Finished):
                plan = event.plan
        assert plan is not None
        return plan

    return designed


def _order(settings: dict[str, Any], store: Project, map_path: str | None, crop: Crop) -> Order:
    if map_path and settings["turn_deg"]:
        turned = developed_map_png(load_photo(map_path, "#000000"), settings["turn_deg"])
        map_path = str(store.map_path(store.add_map(turned)[0]))
    return order_of(settings, _outline_of(settings, store), map_path, crop)


def _outline_of(settings: dict[str, Any], store: Project) -> str:
    return str(store.outline_path(settings["outline"]["file"])) if settings["outline"] else ""


def _placed(bench: _Bench, path: str, name: str, settings: dict[str, Any], store: Project) -> tuple[Photo, str, Crop]:
    """Return the photo as it is developed, the file that holds it, and the part of it that the board shows."""
    original = bench.photo(path, name, settings["board_color"])
    photo, kept = original, path
    if not is_plain(settings):
        data = developed_png(original, settings)
        kept = str(store.photo_path(store.add_photo(data)))
        photo = load_photo(data, settings["board_color"], Path(name).stem + "-developed.png")
    return photo, kept, crop_of(original, photo, board_of(settings, _outline_of(settings, store)), settings)


def _searching(bench: _Bench, photo: Photo, options: DesignOptions) -> Job:
    batch = _Batch()
    with contextlib.closing(bench.design(photo, options)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Prepared):
                yield "prepared", {"plan": event.plan.to_bytes(), "notes": event.notes}
            elif isinstance(event, Searched):
                batch.add(event)
                if batch.is_due:
                    yield "chords", batch.take()
            elif isinstance(event, Finished):
                if batch.rows:
                    yield "chords", batch.take()
                yield "plan", {"plan": event.plan.to_bytes(), "notes": event.notes}
                yield "numbers", numbers_of(event.plan)


class _Batch:
    """Chords since the last message, so that the page gets at most 25 a second."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, Any]] = []
        self._last: Searched | None = None
        self._sent_s = 0.0

    def add(self, event: Searched) -> None:
        self.rows.append((np.asarray(event.removed, np.int16), np.asarray(event.added, np.int16)))
        self._last = event

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._sent_s >= _SEND_EVERY_S

    def take(self) -> dict[str, object]:
        assert self._last is not None
        pieces = [(removed.reshape(-1, 5), added.reshape(-1, 5)) for removed, added in self.rows]
        self.rows, self._sent_s = [], time.monotonic()
        last = self._last
        return {
            "parts": [(len(removed), len(added)) for removed, added in pieces],
            "rows": np.concatenate([side for piece in pieces for side in piece]).astype("<i2").tobytes(),
            "stage": last.stage, "done": last.done, "total": last.total,
        }  # fmt: skip


def numbers_of(plan: Plan) -> dict[str, object]:
    """Return the numbers that stand beside the picture."""
    counted, nails = materials_of(plan), nails_of(plan)
    return {
        "chords": plan.chords,
        "steps": counted.steps,
        "thread_mm": counted.total_mm,
        "threads": [
            {"mm": use.total_mm, "chords": use.chords, "layers": len(use.layers)} for use in counted.threads
        ],
        "layers": [{"mm": use.total_mm, "chords": use.chords} for use in counted.layers],
        "hand_s": counted.hand_s,
        "nail_mm": [nails.diameter_mm, nails.length_mm],
        "machine_s": counted.machine_s,
        "about": {
            "thread": counted.assumptions.about_thread,
            "hand": counted.assumptions.about_hand,
            "machine": counted.assumptions.about_machine,
            "nails": ". ".join(text for text in (nails.text, nails.setting, nails.load, nails.tight) if text),
        },
        "sha256": plan.sha256,
    }  # fmt: skip


def _numbers(bench: _Bench, plan_path: str) -> Job:
    yield "value", numbers_of(Plan.load(plan_path))


def _check_plan(bench: _Bench, data: bytes, name: str) -> Job:
    """Read a plan from elsewhere."""
    plan = Plan.from_bytes(data, name)
    yield "value", {"plan": plan.to_bytes(), "numbers": numbers_of(plan)}


def _check_map(bench: _Bench, path: str) -> Job:
    check_pixels(path, "the painted map")
    load_photo(path, "#000000")
    yield "value", True


def _check_outline(bench: _Bench, path: str) -> Job:
    yield "value", outline_of(path)


def outline_of(path: str) -> dict[str, object]:
    """Return a board's outline: its size, its points for the page, how many pins it gives."""
    board = boards.make_board(path)
    assert board.outline_mm is not None
    count = len(board.outline_mm)
    every = 1 if board.shape == "pins" else max(count // 400, 1)
    return {
        "width_mm": board.width_mm, "height_mm": board.height_mm, "pins": count if board.shape == "pins" else 0,
        "points_mm": np.round(board.outline_mm[::every], 3).tolist(),
    }  # fmt: skip


def _choose_threads(bench: _Bench, path: str, name: str, settings: dict[str, Any], project: str, text: str) -> Job:
    """Threads and a board's colour for a photo, as ``stringart palette`` proposes them."""
    from stringart.threads.palette import choose
    from stringart.threads.request import parse_palette

    store = Project(Path(project))
    photo, _, crop = _placed(bench, path, name, settings, store)
    request = parse_palette(text, settings["threads"][0]["diameter_mm"])
    choice = choose(request, photo, board_of(settings, _outline_of(settings, store)), crop=crop)
    yield "value", {"threads": [asdict(thread) for thread in choice.threads], "board_color": choice.board_color}


def _name_thread(bench: _Bench, name: str, before: str, color: str, others: list[str]) -> Job:
    """The name of a thread whose colour changed: that of the colour, where it was one of a colour or of no meaning."""
    from stringart.threads.color_names import describe
    from stringart.threads.request import PRESETS

    of_presets = {known for _, inks in PRESETS.values() for known, _ in inks}
    plain = name.rstrip(" 0123456789")
    is_ours = plain in {*of_presets, "thread", describe(before)} or name.startswith("#")
    fresh = describe(color) if is_ours else name
    taken = (f"{fresh} {number}" if number > 1 else fresh for number in range(1, len(others) + 3))
    yield "value", next(free for free in taken if free not in others)


def _reorder(bench: _Bench, plan_path: str, order: list[int]) -> Job:
    """The same plan with its layers in another order."""
    plan = Plan.load(plan_path)
    if sorted(order) != list(range(len(plan.layers))):
        raise StringartError("the new order does not name every layer once")
    moved = replace(plan, layers=tuple(plan.layers[k] for k in order))
    yield "value", {"plan": moved.to_bytes(), "numbers": numbers_of(moved)}


def _look(bench: _Bench, path: str, name: str, settings: dict[str, object], project: str, look: str) -> Job:
    """A small piece of the photo in a look."""
    from stringart.studio.look_trials import small_options, told_of

    store = Project(Path(project))
    photo, _, crop = _placed(bench, path, name, settings, store)
    options = small_options(photo, crop, board_of(settings, _outline_of(settings, store)), look)
    plan: Plan | None = None
    for event in bench.design(photo, options):
        if isinstance(event, Finished):
            plan = event.plan
        yield "found", None  # where it can be left
    assert plan is not None
    yield "value", told_of(plan, photo, look, options)


def _faces(bench: _Bench, path: str, name: str, settings: dict[str, Any]) -> Job:
    """Where faces are, as shares of the upright photo's width and height: left, top, right, bottom."""
    from stringart.picture.importance import find_faces

    photo = bench.photo(path, name, settings["board_color"])
    cols, rows = photo.size_px
    yield "value", [list(box) for box in find_faces(photo, (0, 0, cols, rows))]


def _export(bench: _Bench, plan_path: str, ending: str, options: dict[str, object], target: str) -> Job:
    """Write a plan in a format, as ``stringart export`` does."""
    from stringart.studio.exports import export_options, watched

    export = exporter_for(f"piece{ending}")
    made: list[bytes] = []
    chosen, plan = export_options(options), Plan.load(plan_path)
    yield from watched(lambda on_frame: made.append(export(plan, chosen.replaced(on_frame=on_frame))))
    from stringart.files import write_atomically

    write_atomically(target, made[0])
    yield "value", {"bytes": len(made[0])}


def _bundle(bench: _Bench, plan_path: str, name: str, target: str) -> Job:
    """Write all that is needed for winding by hand, as one ZIP."""
    from stringart.studio.exports import bundled

    for kind, payload in bundled(Plan.load(plan_path), name):
        if kind == "progress":
            yield kind, payload
        else:
            from stringart.files import write_atomically

            write_atomically(target, payload)
            yield "value", {"bytes": len(payload)}


def _thumbnail(bench: _Bench, plan_path: str, target: str, width_px: int, ending: str = ".png") -> Job:
    data = exporter_for(f"piece{ending}")(Plan.load(plan_path), ExportOptions(width_px=width_px))
    from stringart.files import write_atomically

    write_atomically(target, data)
    yield "value", True


def _machine_job(bench: _Bench, plan_path: str, profile: str, place: dict[str, Any] | None = None) -> Job:
    from stringart.machine.profile import BoardPlace
    from stringart.studio.machine_job import prepared_job

    yield "value", prepared_job(Plan.load(plan_path), profile, None if place is None else BoardPlace(**place))


_JOBS: dict[str, Callable[..., Job]] = {
    "warm": _warm,
    "intake": _intake,
    "design": _design,
    "numbers": _numbers,
    "judge": _judge,
    "check_plan": _check_plan,
    "check_map": _check_map,
    "check_outline": _check_outline,
    "choose_threads": _choose_threads,
    "reorder": _reorder,
    "name_thread": _name_thread,
    "look": _look,
    "faces": _faces,
    "export": _export,
    "bundle": _bundle,
    "thumbnail": _thumbnail,
    "machine_job": _machine_job,
}
