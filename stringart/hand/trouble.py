"""When it goes wrong: what people ask while they wind, and what to do; for guide, help and book alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One accident.

    Parameters
    ----------
    key : str
        The digit that asks for it in the guide.
    title : str
        As the person says it.
    advice : tuple of str
        What to do, a sentence or two each, in order.
    drawing : str
        Which drawing the book shows beside it, or nothing.
    """

    key: str
    title: str
    advice: tuple[str, ...]
    drawing: str = ""


TROUBLES = (
    Trouble(
        key="1",
        title="I missed a pin, or went round its wrong side",
        advice=(
            "One pin beside the right one is seen by nobody: go on from where you are, to the next pin that is named.",
            "Round the wrong side is no harm either: the thread lies one pin's width beside. Never pull it over a pin.",
        ),
        drawing="side",
    ),
    Trouble(
        key="2",
        title="I wound to a wrong pin some steps ago",
        advice=(
            "Unwind to that step, the last step first: the guide lists what to take off. Keep the thread taut.",
            "More than some twenty steps ago: leave it. Return to the pin that is named now, along the rim.",
        ),
    ),
    Trouble(
        key="3",
        title="The thread snapped",
        advice=(
            "Hold the end on the board. Unwind to the last pin at which you have 15 cm of it to tie with.",
            "Tie that end off there, tie the new end on at the same pin, and jump to the step that begins there.",
        ),
        drawing="join",
    ),
    Trouble(
        key="4",
        title="A knot slipped",
        advice=(
            "Hold the thread at the pin before with a peg, pull it taut, and tie two half hitches round the pin.",
            "A drop of wood glue or clear nail varnish on every knot; cut the tail when it is dry.",
        ),
        drawing="knot",
    ),
    Trouble(
        key="5",
        title="The thread is slack",
        advice=(
            "Follow it back to the first taut thread, unwind to there, and wind again, taut, not tight.",
            "One slack thread under many: hook it to the nearest pin of the same end and give it half a turn more.",
        ),
    ),
    Trouble(
        key="6",
        title="The spool ends in the middle of a layer",
        advice=(
            "Stop at a pin while 15 cm are left. Tie off there, glue the knot, tie the new spool on at the same pin.",
            "Never join by a knot on the way across the board: it is seen.",
        ),
        drawing="join",
    ),
    Trouble(
        key="7",
        title="I lost the place",
        advice=(
            "Look at the pin where the thread is now, and at the pin that its last piece comes from.",
            "The guide lists the steps that fit, the nearest first; in the book, look for the two pins in a row.",
        ),
    ),
)
"""All of them, in the order of their keys."""

HABITS = (
    ("Tie on", "Two half hitches round the pin, 15 cm of tail; a drop of glue; cut the tail when it is dry."),
    ("Tie off", "Two half hitches round the pin while the thread is taut, then cut it. Knot first, then cut."),
    ("Holder", "Feed the thread through an empty pen or a bent tube: it passes gaps that fingers do not, 4.5 mm too."),
    ("Spool", "Let it stand and run off its top. Other threads' spools may hang at the pin where they wait."),
    (
        "Numbers",
        "Write every tenth pin's number on the board's edge, or keep the template's outer strip when you tear.",
    ),
)
"""What makes all of it easier: a name and a sentence each."""
