"""Photos in every look: how close, how long, how many layers, and how thin the thinnest is.

    python tests/benchmarks/looks.py [--draft] [--unmix] [PHOTO ...]

``--unmix`` has the ways of sharing a photo out to five threads in place of the looks. Photos are names of `PHOTOS` or
files; all of `PHOTOS` by default.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import skimage.data

from stringart.look.score import score
from stringart.order.loaded import load_order, options_for
from stringart.order.look_files import offered_looks
from stringart.order.order import Order, merged
from stringart.picture.photo import load_photo
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.search.pipeline import design
from stringart.threads.unmixings import UNMIXINGS

PHOTOS = ("astronaut", "camera", "chelsea", "coffee", "rocket")
COLORS = Order(palette="auto:5", background="auto", lines=10_000)
HEADINGS = ("photo", "look", "near", "far", "dE00", "hours", "chords", "layers", "thinnest")


def orders(is_draft: bool, unmix: bool) -> Iterator[tuple[str, Order]]:
    """Yield the names and orders that are compared."""
    said = {"quality": "draft"} if is_draft else {}
    if unmix:
        for way in (None, *UNMIXINGS):
            yield way or "the photo itself", replace(COLORS, unmix=way, **said)
        return
    for look in offered_looks():
        yield look.name, merged(said, look.file.said)


def thinnest(plan: Plan) -> float:
    """Return the share of the chords that the thinnest layer has."""
    chords = [use.chords for use in materials_of(plan).layers]
    return min(chords) / max(sum(chords), 1)


def main(words: list[str]) -> None:
    """Print the table, a row as soon as it is known."""
    named = [word for word in words if not word.startswith("--")]
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    for name in named or PHOTOS:
        source = name if Path(name).is_file() else getattr(skimage.data, name)()
        for look, order in orders("--draft" in words, "--unmix" in words):
            loaded = load_order(order)
            photo = load_photo(source, loaded.photo_background, Path(name).name)
            plan = design(photo, options_for(photo, loaded, with_rivals=False)[0])
            near, far = score(plan, photo, gray=False)
            hours = materials_of(plan).hand_s / 3600
            cells = (f"{near.ssim_fit:.3f}", f"{far.ssim_fit:.3f}", f"{far.delta_e:.1f}", f"{hours:.0f}",
                     f"{plan.chords}", f"{len(plan.layers)}", f"{thinnest(plan):.1%}")  # fmt: skip
            print("| " + " | ".join((Path(name).stem, look, *cells)) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
