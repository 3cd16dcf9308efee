"""The plan and its parts: what is wound, on what, with what. Everything else reads this.

The board's frame is in millimetres, origin at the board's centre, x right, y up, seen from the front. Pins are numbered
from 0 at 12 o'clock, clockwise. A plan is immutable; a change is ``dataclasses.replace``.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stringart import arguments
from stringart.arguments import told, whole
from stringart.errors import PlanError
from stringart.files import read_bytes, write_atomically
from stringart.plan import checks
from stringart.plan import file as planfile
from stringart.plan.editing import Editable
from stringart.plan.taut import pin_reach_mm, step_ends
from stringart.plan.views import Shown

MAX_PLAN_BYTES = 256 * 2**20
DEFAULT_WIDTH_MM = 0.25
"""Laid width of a thread where nobody says another."""
Array = NDArray[np.float64]
Indices = NDArray[np.int32]


def _frozen(values: ArrayLike, dtype: type[Any], shape_tail: tuple[int, ...] = ()) -> NDArray[Any]:
    array = np.array(values, dtype=dtype).reshape(-1, *shape_tail)
    array.flags.writeable = False
    return array


def _keep(owner: object, **values: object) -> None:
    """Set fields of a frozen value to what they are kept as."""
    for name, value in values.items():
        object.__setattr__(owner, name, value)


def _tuple(values: Iterable[Any], name: str) -> tuple[object, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise PlanError(f"the plan's {name} should be several, not {told(values)}", "as in (one, other)")
    return tuple(values)


def _rebuilt(kind: type[object], fields: dict[str, object]) -> object:
    return kind(**fields)


class _Value:
    """Equal where all fields are equal; copies of it, pickled ones too, are checked and read-only."""

    __slots__ = ()

    def _fields(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        theirs = other._fields()
        return all(_same(value, theirs[name]) for name, value in self._fields().items())

    def __hash__(self) -> int:
        return hash(tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in self._fields().values()))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self._fields())


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return type(one) is type(other) and one == other


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Board(_Value):
    """The physical thing that carries the pins.

    Parameters
    ----------
    shape : str
        ``circle``, ``ellipse``, ``rectangle``, ``outline`` (a free one) or ``pins`` (the ring of pins is the outline).
    width_mm, height_mm : float
        Of the box around the pins' centres.
    color : str
        sRGB ``#rrggbb``.
    outline_mm : (V, 2) float array, optional
        Corners of a free outline, clockwise from 12 o'clock; None for the plain shapes.
    """

    shape: str = "circle"
    width_mm: float = 600.0
    height_mm: float = 600.0
    color: str = "#ffffff"
    outline_mm: Array | None = None

    if TYPE_CHECKING:  # what is converted may be given as lists

        def __init__(
            self,
            *,
            shape: str = ...,
            width_mm: float = ...,
            height_mm: float = ...,
            color: str = ...,
            outline_mm: ArrayLike | None = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        _keep(
            self,
            shape=checks.text(self.shape, "the board's shape"),
            width_mm=checks.length_mm(self.width_mm, "the board's width_mm"),
            height_mm=checks.length_mm(self.height_mm, "the board's height_mm"),
            color=checks.color(self.color, "the board's color"),
        )
        if self.outline_mm is not None:
            _keep(self, outline_mm=checks.points_mm(self.outline_mm, "the board's outline_mm", 3))
            self._check_box(self.outline_mm)

    def _check_box(self, outline_mm: Array) -> None:
        """Refuse an outline that leaves the box: grids reach as far as the box."""
        reach = np.abs(outline_mm).max(0) * 2
        if (reach > np.array([self.width_mm, self.height_mm]) * (1 + 1e-6)).any():
            raise PlanError(
                f"the board's outline needs {reach[0]:.1f} x {reach[1]:.1f} mm round its centre, its width_mm and "
                f"height_mm are {self.width_mm:g} x {self.height_mm:g}",
                "make_board scales an outline; or give the outline with 0, 0 in the middle of its box",
            )

    def __repr__(self) -> str:
        outline = "" if self.outline_mm is None else f", {len(self.outline_mm)} corners"
        return f"<Board: {self.shape} {self.width_mm:g} x {self.height_mm:g} mm {self.color}{outline}>"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pins(_Value):
    """The ring of pins.

    Parameters
    ----------
    diameter_mm : float
    xy_mm : (N, 2) float array
        Centres in the board's frame, numbered from 12 o'clock, clockwise.
    """

    diameter_mm: float
    xy_mm: Array

    if TYPE_CHECKING:

        def __init__(self, *, diameter_mm: float, xy_mm: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        _keep(
            self,
            diameter_mm=checks.length_mm(self.diameter_mm, "the pins' diameter_mm"),
            xy_mm=checks.points_mm(self.xy_mm, "the pins' xy_mm", 3),
        )

    def __repr__(self) -> str:
        return f"<Pins: {len(self)} of {self.diameter_mm:g} mm>"

    def __len__(self) -> int:
        return len(self.xy_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One thread that can be bought.

    Parameters
    ----------
    name : str
        As it is printed on every output.
    color : str
        sRGB ``#rrggbb``.
    diameter_mm : float
        Effective width of the laid thread.
    """

    name: str
    color: str
    diameter_mm: float = DEFAULT_WIDTH_MM

    def __post_init__(self) -> None:
        name = checks.text(self.name, "a thread's name")
        _keep(
            self,
            name=name,
            color=checks.color(self.color, f"the color of the thread '{name}'"),
            diameter_mm=checks.length_mm(self.diameter_mm, f"the diameter_mm of the thread '{name}'"),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer(_Value):
    """One unbroken run of one thread.

    Parameters
    ----------
    thread : int
        Index into the plan's threads.
    pins : (S + 1,) int array
        Pins in the order of winding; S steps.
    """

    thread: int
    pins: Indices

    if TYPE_CHECKING:

        def __init__(self, *, thread: int, pins: ArrayLike | Iterable[int]) -> None: ...

    def __post_init__(self) -> None:
        _keep(
            self,
            thread=checks.whole(self.thread, "a layer's thread", 0),
            pins=checks.pin_numbers(self.pins, "a layer's pins"),
        )

    def __repr__(self) -> str:
        return f"<Layer: {self.steps} steps of thread {self.thread}>"

    @property
    def steps(self) -> int:
        """Number of straight pieces of thread, rim moves included."""
        return max(len(self.pins) - 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRef:
    """Which photo a plan shows, and which part of it.

    Parameters
    ----------
    name, sha256 : str
        Of the photo's file.
    crop_px : tuple of 4 int
        left, top, right, bottom in pixels after EXIF rotation.
    outside : str, optional
        sRGB ``#rrggbb`` that fills the crop where it reaches beyond the photo.
    """

    name: str
    sha256: str
    crop_px: tuple[int, int, int, int]
    outside: str | None = None

    def __post_init__(self) -> None:
        try:
            left, top, right, bottom = (checks.whole(edge, "an edge of the crop") for edge in self.crop_px)
        except (TypeError, ValueError):
            raise PlanError(f"crop_px should be left, top, right and bottom, not {told(self.crop_px)}") from None
        if right <= left or bottom <= top:
            raise PlanError(f"crop_px {(left, top, right, bottom)} has no area")
        _keep(
            self,
            crop_px=(left, top, right, bottom),
            name=checks.text(self.name, "the photo's name", one_line=False),
            sha256=checks.text(self.sha256, "the photo's sha256"),
        )
        if self.outside is not None:
            _keep(self, outside=checks.color(self.outside, "the colour outside the photo"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a plan came to be.

    Parameters
    ----------
    version : str
        Of this program.
    command : str
        What was typed.
    seed : int
    """

    version: str
    command: str
    seed: int = 0

    def __post_init__(self) -> None:
        _keep(
            self,
            version=checks.text(self.version, "the version"),
            command=checks.text(self.command, "the command", one_line=False),
            seed=checks.whole(self.seed, "the seed"),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan(Editable, Shown, _Value):
    """Board, pins, threads and the layers in the order of winding: the first lies on the board, the last is on top.

    Parameters
    ----------
    board : Board
    pins : Pins
    threads : tuple of Thread
    layers : tuple of Layer
    photo : PhotoRef, optional
    provenance : Provenance, optional

    Raises
    ------
    PlanError
        If a layer names a pin or a thread that the plan does not have.

    Examples
    --------
    >>> from stringart import Board, Layer, Pins, Plan, Thread
    >>> pins = Pins(diameter_mm=2, xy_mm=[[0, 300], [300, 0], [0, -300], [-300, 0]])
    >>> plan = Plan(
    ...     board=Board(), pins=pins, threads=(Thread(name="black", color="#000000"),),
    ...     layers=(Layer(thread=0, pins=[0, 2, 3, 1]),),
    ... )
    >>> plan.steps.tolist(), plan.is_rim.tolist()
    ([[0, 0, 2], [0, 2, 3], [0, 3, 1]], [False, True, False])
    >>> plan.upto(1).chords, Plan.from_bytes(plan.to_bytes()) == plan
    (1, True)
    """

    board: Board
    pins: Pins
    threads: tuple[Thread, ...]
    layers: tuple[Layer, ...]
    photo: PhotoRef | None = None
    provenance: Provenance | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            board: Board,
            pins: Pins,
            threads: Iterable[Thread],
            layers: Iterable[Layer],
            photo: PhotoRef | None = ...,
            provenance: Provenance | None = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        checks.instance(self.board, Board, "the plan's board")
        checks.instance(self.pins, Pins, "the plan's pins")
        _keep(self, threads=_tuple(self.threads, "threads"), layers=_tuple(self.layers, "layers"))
        for number, thread in enumerate(self.threads, 1):
            checks.instance(thread, Thread, f"thread {number}")
        for number, layer in enumerate(self.layers, 1):
            checks.instance(layer, Layer, f"layer {number}")
            self._check_names(layer, number)

    def _check_names(self, layer: Layer, number: int) -> None:
        """Refuse a layer of a thread or of pins that there are not; layers are counted from 1."""
        if layer.thread >= len(self.threads):
            raise PlanError(f"layer {number} names thread {layer.thread}, but there are {len(self.threads)}, from 0 on")
        if len(layer.pins) and layer.pins.max() >= len(self.pins):
            raise PlanError(
                f"layer {number} names pins {layer.pins.min()} to {layer.pins.max()}, "
                f"but they are numbered 0 to {len(self.pins) - 1}"
            )

    @cached_property
    def steps(self) -> Indices:
        """Every step in the order of winding, (S, 3): the numbers of layer, from pin, to pin; rim moves included.

        `instructions` tells kind and direction.
        """
        rows = [
            np.column_stack([np.full(layer.steps, number), layer.pins[:-1], layer.pins[1:]])
            for number, layer in enumerate(self.layers)
            if layer.steps
        ]
        return _frozen(np.concatenate(rows) if rows else np.empty((0, 3)), np.int32, (3,))

    @cached_property
    def is_rim(self) -> NDArray[np.bool_]:
        """For every step, (S,) bool: true where it only moves the thread along the rim to the next pin."""
        gap = np.abs(self.steps[:, 1] - self.steps[:, 2])
        return np.asarray((gap <= 1) | (gap == len(self.pins) - 1))

    @property
    def chords(self) -> int:
        """Number of steps across the board; rim moves apart."""
        return int((~self.is_rim).sum())

    @cached_property
    def step_ends_mm(self) -> Array:
        """Where every step lies, (S, 2, 2): the (x, y) in mm of its begin and end, on its pins' tangents."""
        ends = [
            step_ends(
                self.pins.xy_mm,
                layer.pins,
                pin_reach_mm(self.pins.diameter_mm, self.threads[layer.thread].diameter_mm),
            )
            for layer in self.layers
            if layer.steps
        ]
        return _frozen(np.concatenate(ends) if ends else np.empty((0, 2, 2)), np.float64, (2, 2))

    @cached_property
    def step_lengths_mm(self) -> Array:
        """Straight length of every step, (S,) in mm, from where thread leaves a pin to where it comes to the next."""
        return np.asarray(np.hypot(*(self.step_ends_mm[:, 1] - self.step_ends_mm[:, 0]).T))

    def upto(self, steps: int) -> "Plan":
        """The piece after its first ``steps`` steps; layers that are not begun are left out."""
        steps = whole(steps, "steps")
        layers = []
        for layer in self.layers:
            if steps <= 0:
                break
            layers.append(replace(layer, pins=layer.pins[: steps + 1]))
            steps -= layer.steps
        return replace(self, layers=tuple(layers))

    def after_layer(self, number: int) -> "Plan":
        """The piece after layer ``number``, counted from 1.

        Raises
        ------
        PlanError
            If there is no such layer.
        """
        return replace(self, layers=self.layers[: self._layer_number(number)])

    def only_layer(self, number: int) -> "Plan":
        """Layer ``number``, counted from 1, alone on the board.

        Raises
        ------
        PlanError
            If there is no such layer.
        """
        return replace(self, layers=(self.layers[self._layer_number(number) - 1],))

    def to_bytes(self) -> bytes:
        """The plan file, UTF-8 JSON; the same plan gives the same bytes."""
        return planfile.encode(self._document())

    def _document(self) -> planfile.Document:
        board = asdict(self.board)
        outline = board.pop("outline_mm")
        if outline is not None:
            board["outline_mm"] = outline.tolist()
        document: planfile.Document = {
            "format": planfile.FORMAT,
            "version": planfile.VERSION,
            "board": board,
            "pins": {"diameter_mm": self.pins.diameter_mm, "xy_mm": self.pins.xy_mm.tolist()},
            "threads": [asdict(thread) for thread in self.threads],
            "layers": [{"thread": layer.thread, "pins": layer.pins.tolist()} for layer in self.layers],
        }
        if self.photo is not None:
            document["photo"] = {key: value for key, value in asdict(self.photo).items() if value is not None}
        if self.provenance is not None:
            document["provenance"] = asdict(self.provenance)
        return document

    @cached_property
    def sha256(self) -> str:
        """Hash of what is wound: board, pins, threads and layers, whatever the photo and the provenance."""
        document = self._document()
        for aside in ("photo", "provenance"):
            document.pop(aside, None)
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan file; never half of it.

        Raises
        ------
        OutputError
            If it cannot be written.
        UnitError
            If it is no path.
        """
        write_atomically(arguments.path(path, "path", "Plan.to_bytes gives the bytes"), self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "plan") -> "Plan":
        """Read the bytes of a plan file; ``name`` is said in errors.

        Raises
        ------
        PlanError
            If it is not a plan of a version that is known, whole and consistent.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise PlanError(f"data should be the bytes of a plan file, not {arguments.told(data)}", "see Plan.load")
        document = planfile.decode(bytes(data), arguments.text(name, "name"))
        try:
            return cls._of(document)
        except PlanError as error:
            raise PlanError(f"{name}: {error}", error.hint) from None

    @classmethod
    def _of(cls, document: planfile.Document) -> "Plan":
        photo, provenance = document.get("photo"), document.get("provenance")
        return cls(
            board=Board(**document["board"]),
            pins=Pins(**document["pins"]),
            threads=tuple(Thread(**thread) for thread in document["threads"]),
            layers=tuple(Layer(**layer) for layer in document["layers"]),
            photo=None if photo is None else PhotoRef(**photo),
            provenance=None if provenance is None else Provenance(**provenance),
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Plan":
        """Read a plan file.

        Raises
        ------
        PlanError
            If it is missing or not a plan.
        UnitError
            If it is no path.
        """
        path = arguments.path(path, "path", "Plan.from_bytes reads bytes")
        return cls.from_bytes(read_bytes(path, PlanError, MAX_PLAN_BYTES), path)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        board = f"{self.board.shape} {self.board.width_mm:g} x {self.board.height_mm:g} mm"
        threads = ", ".join(thread.name for thread in self.threads)
        layers = f"{len(self.layers)} layer{'' if len(self.layers) == 1 else 's'}"
        return f"<Plan: {board}, {len(self.pins)} pins, {self.chords} chords in {layers} of {threads}>"
