"""What a piece of several threads would be with fewer of its layers, and with the lowest on top: told beside it."""

from stringart.plan.materials import DEFAULTS
from stringart.search.pile import Pile

_PACE = DEFAULTS.beginner
_TRADE = 6  # rows of the table of layers


def about_layers(pile: Pile) -> tuple[str, ...]:
    """What fewer layers would save and cost."""
    found = trade(pile)
    if len(found) < 2:
        return ()
    rows = "; ".join(f"{layers}: {hours:.0f} h, dE00 {error:.1f}" for layers, hours, error in found)
    return (f"layers, hours by hand, mean colour difference, were the least worthy left out: {rows}",)


def about_reverse(pile: Pile) -> tuple[str, ...]:
    """What the same layers would look like with the lowest on top."""
    if len(pile.runs()) < 2:
        return ()
    error = pile.error()
    pile.layers.reverse()
    reversed_ = pile.error()
    pile.layers.reverse()
    return (f"the same layers from the top down would be off by dE00 {reversed_:.1f} in place of {error:.1f}",)


def trade(pile: Pile) -> list[tuple[int, float, float]]:
    """Return layers, hours by hand and mean CIEDE2000 of the piece, and with ever fewer of its layers.

    Nothing is searched anew where a layer is left out, so that a piece of fewer layers can be better.
    """
    whole = list(pile.layers)
    found: list[tuple[int, float, float]] = []
    while len(runs := pile.runs()) > 1 and len(found) < _TRADE:
        found.append((len(runs), _PACE.time_s(pile.count, 0, len(runs)) / 3600, pile.error()))
        *costs, _ = pile.costs_without(runs)
        del pile.layers[runs[min(range(len(runs)), key=costs.__getitem__)]]
    pile.layers = whole
    return found
