"""What a design tells while it runs: frozen events, read by the command line's bar, the studio and the tests alike."""

from dataclasses import dataclass

from stringart.plan.model import Indices, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The first event: what is fixed before the search.

    Parameters
    ----------
    plan : Plan
        Board, pins, threads and photo; no layers yet.
    notes : tuple of str
        Things to tell the user.
    """

    plan: Plan
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searched:
    """Some more chords are found, or taken out to be found anew.

    Parameters
    ----------
    stage : str
        ``search``, ``refine`` or ``sweep``, for people.
    added, removed : (n, 5) int array
        Rows of thread, pin, pin (pins in rising order), and the side on which the thread passes either: 1 on its left,
        seen from it towards the other, -1 on its right, 0 where the search does not tell. Applied in order they give
        the chords held now; the order of painting is settled only in the plan.
    done, total : int
        Progress of the whole job, in steps of equal work.
    """

    stage: str
    added: Indices
    removed: Indices
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event.

    Parameters
    ----------
    plan : Plan
    notes : tuple of str
        What the tone fit did, threads that were dropped and the like.
    """

    plan: Plan
    notes: tuple[str, ...] = ()


Event = Prepared | Searched | Finished
