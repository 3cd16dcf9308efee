"""One piece, made from bytes alone: what is sent to a worker, and what comes back.

A worker needs no disk: the photo, the order and a plan that was made before all travel with the task.
"""

import contextlib
import hashlib
import importlib.metadata
import io
import json
import platform
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from stringart._version import __version__
from stringart.errors import StringartError
from stringart.export import ExportOptions, exporter_for
from stringart.look.paint import Painting, paint_srgb
from stringart.look.score import score_of
from stringart.order.command import command_of
from stringart.order.loaded import LoadedOrder, options_for
from stringart.picture.photo import Photo, PhotoFile, load_photo
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.search.pipeline import Finished, design_events

_RESULTS_DEPEND_ON = ("numpy", "numba", "pillow", "scikit-image", "scipy", "shapely", "fpdf2", "segno", "svgelements")
_EXPORTS_DEPEND_ON = {".mp4": "av", ".dxf": "ezdxf"}  # extras: a worker that writes none of these does without them
SHOWN = ".shown.jpg"
"""The ending, among the exports of a task, of the small picture for the contact sheet."""
_SHOWN_PX = 400
_STDERR = threading.Lock()  # exporters warn on stderr, and a worker may have several threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece to be made.

    Parameters
    ----------
    name : str
        Of its files, without the ending; no other task has it.
    photo : PhotoFile
    loaded : LoadedOrder
    exports : tuple of str
        Endings to be written beside the plan.
    export_options : ExportOptions
    plan : bytes, optional
        A plan that is there already: only the exports are made.
    is_judged : bool
        Whether the score is wanted.
    versions : mapping of str to str
        Of what the result depends on, where the task was given.
    """

    name: str
    photo: PhotoFile
    loaded: LoadedOrder
    exports: tuple[str, ...] = ()
    export_options: ExportOptions = field(default_factory=ExportOptions)
    plan: bytes | None = None
    is_judged: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """SHA-256 of all that the plan depends on: photo, options, what files say, `versions`."""
        command = command_of(self.loaded.order, self.photo.name)
        photo = hashlib.sha256(self.photo.data).hexdigest()
        said = [sorted(self.versions.items()), photo, command, self.loaded.sha256, self.is_judged]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def export_key(self, plan_sha256: str, ending: str) -> str:
        """SHA-256 of all that an export depends on."""
        extra = _version_of(_EXPORTS_DEPEND_ON[ending]) if ending in _EXPORTS_DEPEND_ON else ""
        chosen = "" if ending == SHOWN else repr(self.export_options)
        said = [sorted(self.versions.items()), extra, plan_sha256, ending, chosen]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a piece takes of one thread.

    Parameters
    ----------
    name, color : str
    chords : int
    thread_mm, hand_s : float
    """

    name: str
    color: str
    chords: int
    thread_mm: float
    hand_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a plan takes and how close it comes.

    Parameters
    ----------
    chords, pins, threads, changes : int
    thread_mm, hand_s : float
    near, far : float, optional
        SSIM of L* after the best tone fit, 1 is the photo.
    delta_e : float, optional
        Mean colour difference from afar, CIEDE2000, 0 is the photo.
    machine_s : float
    used : tuple of Used
        By thread, those of which something is wound.
    """

    chords: int
    pins: int
    threads: int
    changes: int
    thread_mm: float
    hand_s: float
    near: float | None = None
    far: float | None = None
    delta_e: float | None = None
    machine_s: float = 0.0
    used: tuple[Used, ...] = ()

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "About":
        """Return what was recorded.

        Raises
        ------
        KeyError, TypeError
            If it is not whole.
        """
        return cls(**{**record, "used": tuple(Used(**one) for one in record["used"])})

    @property
    def closeness(self) -> float | None:
        """The mean of near and far, 1 is the photo; None if the piece was not judged."""
        return None if self.near is None or self.far is None else (self.near + self.far) / 2

    @property
    def closeness_in_color(self) -> float | None:
        """`closeness`, less a hundredth of itself for every dE00: it ranks pieces of which some are in colour."""
        in_shape = self.closeness
        return None if in_shape is None or self.delta_e is None else in_shape * (1 - min(self.delta_e, 100.0) / 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What comes back.

    Parameters
    ----------
    plan : bytes
    about : About
    exports : mapping of str to bytes
        By ending.
    failures : tuple of (ending, reason)
        Exports that cannot be.
    notes : tuple of str
    cpu_s : float
        What it cost.
    """

    plan: bytes
    about: About
    exports: Mapping[str, bytes]
    failures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A piece that cannot be made, and why; ``is_mismatch`` if the worker has other versions."""

    reason: str
    is_mismatch: bool = False


def versions() -> dict[str, str]:
    """Return the versions of all that a plan's bytes depend on."""
    found = {"stringart": __version__, "Python": ".".join(platform.python_version_tuple()[:2])}
    return found | {name: importlib.metadata.version(name) for name in _RESULTS_DEPEND_ON}


def _version_of(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def mismatch(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Return what differs, as "stringart 0.1.0 here, 0.0.9 there"; "" if nothing does."""
    other = [
        f"{name} {version} here, {found.get(name, 'none')} there"
        for name, version in wanted.items()
        if found.get(name) != version
    ]
    return "; ".join(other)


def reason_of(error: BaseException) -> str:
    """Return an error as one line, with what to do."""
    if isinstance(error, MemoryError):
        return "there is not enough memory; give workers more with --memory"
    if not isinstance(error, StringartError):
        return f"a defect of the program: {type(error).__name__}: {' '.join(str(error).split())}"
    return f"{error}; {error.hint}" if error.hint else str(error)


def make(task: Task) -> Made | Failed:
    """Make a piece: the plan of ``stringart design``, byte for byte, and its exports."""
    begin = time.process_time()
    differs = mismatch(task.versions, versions()) if task.versions else ""
    if differs:
        return Failed(reason=differs, is_mismatch=True)
    try:
        return _made(task, begin)
    except (StringartError, MemoryError) as error:
        return Failed(reason=reason_of(error))
    except Exception as error:  # a defect of ours with one photo must not take the others down; told in full here
        traceback.print_exc(file=sys.stderr)
        return Failed(reason=reason_of(error))


def _made(task: Task, begin: float) -> Made:
    photo = load_photo(task.photo, task.loaded.photo_background)
    notes: tuple[str, ...] = ()
    if task.plan is None:
        plan, notes = _planned(photo, task.loaded)
        data = plan.to_bytes()
    else:
        plan, data = Plan.from_bytes(task.plan, task.name), task.plan
    painting = Painting(plan)
    options = task.export_options.replaced(painting=painting)
    exports: dict[str, bytes] = {}
    failures: list[tuple[str, str]] = []
    for ending in task.exports:
        try:
            exports[ending], said = (thumbnail(painting), ()) if ending == SHOWN else _exported(plan, ending, options)
            notes += said
        except StringartError as error:
            failures.append((ending, reason_of(error)))
    return Made(
        plan=data, about=about(painting, photo if task.is_judged else None), exports=exports, failures=tuple(failures),
        notes=notes, cpu_s=time.process_time() - begin,
    )  # fmt: skip


def thumbnail(painting: Painting) -> bytes:
    """Return a small JPEG of the finished piece."""
    file = io.BytesIO()
    small = Image.fromarray(paint_srgb(painting))
    small.thumbnail((_SHOWN_PX, _SHOWN_PX), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=88)
    return file.getvalue()


def _planned(photo: Photo, loaded: LoadedOrder) -> tuple[Plan, tuple[str, ...]]:
    options, notes = options_for(photo, loaded)
    *_, last = design_events(photo, options)
    assert isinstance(last, Finished)
    return last.plan, (*notes, *last.notes)


def _exported(plan: Plan, ending: str, options: ExportOptions) -> tuple[bytes, tuple[str, ...]]:
    """Return a file, and what its exporter said."""
    with _STDERR, contextlib.redirect_stderr(io.StringIO()) as said:
        data = exporter_for(f"piece{ending}")(plan, options)
    return data, tuple(filter(None, said.getvalue().splitlines()))


def about(painting: Painting, photo: Photo | None = None) -> About:
    """Return the numbers of a plan; with its score, if there is a photo."""
    plan = painting.plan
    use = materials_of(plan)
    near, far = score_of(painting, photo, gray=False) if photo else (None, None)
    return About(
        chords=plan.chords,
        pins=len(plan.pins),
        threads=len(plan.threads),
        changes=max(len(plan.layers) - 1, 0),
        thread_mm=use.total_mm,
        hand_s=use.hand_s,
        near=None if near is None else round(near.ssim_fit, 6),
        far=None if far is None else round(far.ssim_fit, 6),
        delta_e=None if far is None else round(far.delta_e, 6),
        machine_s=use.machine_s,
        used=tuple(
            Used(
                name=thread.name, color=thread.color, chords=own.chords, thread_mm=own.total_mm,
                hand_s=own.hand_s(use.assumptions.beginner),
            )
            for thread, own in zip(plan.threads, use.threads, strict=True)
            if own.wraps
        ),
    )  # fmt: skip
