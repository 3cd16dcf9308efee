"""How a plan is shown and written from Python: what makes it stands above the plan and is announced by name.

This distribution announces the views as entry points of the group ``stringart.plan_views``.
"""

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from stringart.plan.steps import Instruction

_NOTEBOOK_PX = 600


class Shown:
    """What shows and writes a plan."""

    def instructions(self) -> "tuple[Instruction, ...]":
        """The winding as a person does it: every chord and every walk along the rim, with its direction and length.

        Examples
        --------
        >>> from stringart import Board, Layer, Plan, Thread, place_pins
        >>> black = Thread(name="black", color="black")
        >>> layer = Layer(thread=0, pins=[0, 4, 5, 6, 2])
        >>> plan = Plan(board=Board(), pins=place_pins(Board(), 8), threads=(black,), layers=(layer,))
        >>> [(step.kind.value, step.to_pin, step.direction, step.walk) for step in plan.instructions()]
        [('chord', 4, 1, 0), ('rim walk', 6, 1, 2), ('chord', 2, 0, 0)]
        """
        found: tuple[Instruction, ...] = _view("instructions")(self)
        return found

    def export(self, ending: str, **options: object) -> bytes:
        """The bytes of a file, as ``stringart export`` writes them.

        Parameters
        ----------
        ending : str
            Of the file: ``.gif``, ``.svg``, ``.template.pdf``, ``.book.pdf``, ``.shopping.csv`` .. , or its name.
        **options
            What the format lets one choose: ``width_px=800``, ``paper="Letter"``, ``machine="grbl"`` ..

        Raises
        ------
        OutputError
            If the ending is not known, or the plan cannot be written so.
        UnitError
            If the format has no such option.
        """
        return bytes(_view("export")(self, ending, **options))

    def gcode(self, machine: str | os.PathLike[str] = "grbl") -> str:
        """The program of a machine, checked before a line is written.

        Parameters
        ----------
        machine : str or path
            A profile's name (``stringart machine list``) or its TOML file.

        Raises
        ------
        MachineError
            If there is no such profile, or the machine cannot wind the plan.
        """
        return self.export(".gcode", machine=machine).decode("ascii")

    def player(self) -> object:
        """The winding with a slider, for a notebook: no widgets, no kernel, no network."""
        return _view("player")(self)

    def _repr_html_(self) -> str:
        """Picture, layers, length and hours, for notebooks."""
        return str(_view("html")(self))

    def _repr_png_(self) -> bytes:
        """The preview, for notebooks."""
        return bytes(_view("png")(self, _NOTEBOOK_PX))

    def _repr_svg_(self) -> str:
        """The SVG, for notebooks."""
        return str(_view("svg")(self))


def _view(name: str) -> Callable[..., Any]:
    """Return a view of a plan that this distribution announces."""
    (view,) = entry_points(group="stringart.plan_views", name=name)
    return cast("Callable[..., Any]", view.load())
