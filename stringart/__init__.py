"""String art from a photo: plan it, see it, wind it by hand or by machine.

Everything public is here and is imported when it is first used::

    plan = stringart.design("photo.jpg", palette="black")
    plan.save("plan.json")
    stringart.paint(plan, 2000)

Lengths are in mm, images are (row, col), the board is x right, y up, origin at its centre.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stringart.api import design, paint_png, paint_svg
    from stringart.boards import make_board, place_pins
    from stringart.errors import (
        BoardError,
        ConfigError,
        MachineError,
        MissingExtraError,
        OutputError,
        PaletteError,
        PhotoError,
        PlanError,
        ScheduleError,
        StringartError,
        UnitError,
    )
    from stringart.events import Event, Finished, Prepared, Searched
    from stringart.materials import materials_of
    from stringart.model import Board, Layer, PhotoRef, Pins, Plan, Provenance, Thread
    from stringart.options import DesignOptions
    from stringart.paint import paint
    from stringart.photo import Photo, load_photo
    from stringart.pipeline import design_events
    from stringart.score import Score, score

__version__ = "0.1.0"

__all__ = [
    "Board",
    "BoardError",
    "ConfigError",
    "DesignOptions",
    "Event",
    "Finished",
    "Layer",
    "MachineError",
    "MissingExtraError",
    "OutputError",
    "PaletteError",
    "Photo",
    "PhotoError",
    "PhotoRef",
    "Pins",
    "Plan",
    "PlanError",
    "Prepared",
    "Provenance",
    "ScheduleError",
    "Score",
    "Searched",
    "StringartError",
    "Thread",
    "UnitError",
    "__version__",
    "design",
    "design_events",
    "load_photo",
    "make_board",
    "materials_of",
    "paint",
    "paint_png",
    "paint_svg",
    "place_pins",
    "score",
]

_HOMES = {
    "api": ("design", "paint_png", "paint_svg"),
    "boards": ("make_board", "place_pins"),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
    "events": ("Event", "Finished", "Prepared", "Searched"),
    "materials": ("materials_of",),
    "model": ("Board", "Layer", "PhotoRef", "Pins", "Plan", "Provenance", "Thread"),
    "options": ("DesignOptions",),
    "paint": ("paint",),
    "photo": ("Photo", "load_photo"),
    "pipeline": ("design_events",),
    "score": ("Score", "score"),
}
_HOME_OF = {name: f"stringart.{home}" for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'stringart' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Face(ModuleType):
    """Keep ``stringart.paint`` and ``stringart.score`` functions, whoever first imports the modules of that name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _HOME_OF):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
