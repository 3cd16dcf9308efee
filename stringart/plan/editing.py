"""A plan with something changed: layers dropped, in another order or after those of another plan; a thread exchanged.

Each is a new plan; the photo and how it came to be are kept. Everything else is `dataclasses.replace`.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from stringart.arguments import told, whole
from stringart.errors import PlanError, StringartError

if TYPE_CHECKING:
    from stringart.plan.model import Board, Layer, Pins, Thread

_P = TypeVar("_P", bound="Editable")


class Editable:
    """What changes a plan."""

    board: "Board"
    pins: "Pins"
    threads: "tuple[Thread, ...]"
    layers: "tuple[Layer, ...]"

    def without_layers(self: _P, *numbers: int) -> _P:
        """The piece without these layers, counted from 1.

        Raises
        ------
        PlanError
            If there is no such layer.

        Examples
        --------
        >>> from stringart import Board, Layer, Pins, Plan, Thread
        >>> pins = Pins(diameter_mm=2, xy_mm=[[0, 300], [300, 0], [0, -300], [-300, 0]])
        >>> red, blue = Thread(name="red", color="red"), Thread(name="blue", color="blue")
        >>> plan = Plan(
        ...     board=Board(), pins=pins, threads=(red, blue),
        ...     layers=(Layer(thread=0, pins=[0, 2]), Layer(thread=1, pins=[1, 3]), Layer(thread=0, pins=[3, 0, 2])),
        ... )
        >>> plan.without_layers(1, 2).chords, plan.with_layers(3, 2).layers
        (1, (<Layer: 2 steps of thread 0>, <Layer: 1 steps of thread 1>))
        >>> plan.recolored("red", "navy").threads[0], (plan + plan).chords
        (Thread(name='navy', color='#000080', diameter_mm=0.25), 6)
        """
        left_out = set(self._layer_numbers(numbers))
        kept = tuple(layer for number, layer in enumerate(self.layers, 1) if number not in left_out)
        return self._with(layers=kept)

    def with_layers(self: _P, *numbers: int) -> _P:
        """The piece of these layers alone, counted from 1, the first on the board and the last on top.

        Raises
        ------
        PlanError
            If there is no such layer, or one is named twice.
        """
        order = self._layer_numbers(numbers)
        if len(set(order)) < len(order):
            raise PlanError(f"a layer is named twice in {told(list(order))}", "each can be wound once")
        return self._with(layers=tuple(self.layers[number - 1] for number in order))

    def recolored(self: _P, thread: "int | str | Thread", new: "str | Thread") -> _P:
        """The piece with another thread in place of one of its own.

        Parameters
        ----------
        thread : int, str or Thread
            The one that is replaced: its number, from 0, its name, or itself.
        new : str or Thread
            A colour (the thread is then called as it is written, and as wide as the one before), or a thread.

        Raises
        ------
        PlanError
            If there is no such thread or colour.
        """
        at = self._thread_number(thread)
        if isinstance(new, str):
            new = replace(self.threads[at], name=new, color=new)
        return self._with(threads=(*self.threads[:at], new, *self.threads[at + 1 :]))

    def __add__(self: _P, other: object) -> _P:
        """The piece, and over it the layers of another one on the same board and pins.

        Threads that both have are one; everything else is this plan's.
        """
        if not isinstance(other, Editable):
            return NotImplemented
        if other.board != self.board or other.pins != self.pins:
            raise PlanError(
                "the two plans are of different boards or pins", "design the second one on the first's board"
            )
        threads = list(self.threads)
        threads += [thread for thread in other.threads if thread not in threads]
        over = tuple(replace(layer, thread=threads.index(other.threads[layer.thread])) for layer in other.layers)
        return self._with(threads=tuple(threads), layers=(*self.layers, *over))

    def _with(self: _P, **changed: object) -> _P:
        made: _P = replace(self, **changed)  # type: ignore[type-var]
        return made

    def _layer_numbers(self, numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(self._layer_number(number) for number in numbers)

    def _layer_number(self, number: int) -> int:
        try:
            return whole(number, "the number of a layer", 1, len(self.layers))
        except StringartError:
            raise PlanError(
                f"there is no layer {told(number)}: the plan has {len(self.layers)}, counted from 1"
            ) from None

    def _thread_number(self, thread: object) -> int:
        names = [one.name for one in self.threads]
        if isinstance(thread, int | np.integer) and not isinstance(thread, bool) and 0 <= thread < len(names):
            return int(thread)
        found = [k for k, one in enumerate(self.threads) if thread in (one, one.name)]
        if len(found) != 1:
            many = f"{len(found)} threads" if found else "no thread"
            raise PlanError(
                f"there is {many} {told(thread)}: the plan has {', '.join(names)}", "or give its number, from 0"
            )
        return found[0]
