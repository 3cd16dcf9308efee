"""What a piece of several threads would be with fewer of its layers, and with the lowest on top: told beside it."""

import copy

from stringart.plan.materials import DEFAULTS
from stringart.search.laid_layers import LaidLayers

_PACE = DEFAULTS.beginner
_TRADE = 6  # rows of the table of layers


def about_layers(laid: LaidLayers) -> tuple[str, ...]:
    """What fewer layers would save and cost."""
    found = trade(laid)
    if len(found) < 2:
        return ()
    rows = "; ".join(f"{layers}: {hours:.0f} h, dE00 {error:.1f}" for layers, hours, error in found)
    return (f"layers, hours by hand, mean colour difference, were the least worthy left out: {rows}",)


def about_reverse(laid: LaidLayers) -> tuple[str, ...]:
    """What the same layers would look like with the lowest on top."""
    if len(laid.runs()) < 2:
        return ()
    error, turned = laid.error(), laid.error(laid.layers[::-1])
    return (f"the same layers from the top down would be off by dE00 {turned:.1f} in place of {error:.1f}",)


def trade(laid: LaidLayers) -> list[tuple[int, float, float]]:
    """Return layers, hours by hand and mean CIEDE2000 of the piece, and with ever fewer of its layers.

    Nothing is searched anew where a layer is left out, so that a piece of fewer layers can be better.
    """
    part = copy.copy(laid)
    part.layers = list(laid.layers)
    found: list[tuple[int, float, float]] = []
    while len(runs := part.runs()) > 1 and len(found) < _TRADE:
        found.append((len(runs), _PACE.time_s(part.count, 0, len(runs)) / 3600, part.error()))
        *costs, _ = part.costs_without(runs)
        del part.layers[runs[min(range(len(runs)), key=costs.__getitem__)]]
    return found
