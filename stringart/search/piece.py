"""The search of a whole piece, as `pipeline` and `clips` see it: of one thread, or of several."""

from collections.abc import Iterator
from typing import Protocol

from stringart.plan.model import Indices
from stringart.search.events import Searched
from stringart.search.problem import Problem


class PieceSearch(Protocol):
    """The search of a piece."""

    def run(self) -> Iterator[Searched]:
        """Search to the end."""

    def sketch(self) -> float:
        """Search without seeing to it that it can be wound; return how well that draws the photo, 0..1."""

    def follow(self, problem: Problem, share: float) -> None:
        """Turn to the next frame of a clip: the ``share`` of the chords that matters least is searched anew."""

    def misplaced(self) -> float:
        """Share of the chords laid in whose place others would bring the piece nearer to the frame."""

    def layers(self) -> list[tuple[int, Indices]]:
        """Thread and chords (C, 4) of every layer, in winding order: pins and sides, as `winding.wind` takes them."""

    def shorten(self, over_mm: float, thread: int | None = None) -> None:
        """Take the weakest chords out, of one thread or of all: at least ``over_mm``."""

    def notes(self) -> tuple[str, ...]:
        """Things to tell the user."""
