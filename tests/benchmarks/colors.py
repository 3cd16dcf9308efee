"""How good colour pieces are, what each part of the search brings, and whether every layer helps.

    python tests/benchmarks/colors.py [--lines 10000] [--quality normal] [--ablation] [--removals] [-o FOLDER]

Three photos of scikit-image on a black board with five threads each, and with threads and board of the program's own
choice. Prints SSIM of L* after the best tone fit and mean CIEDE2000 (`stringart.look.score`). ``--ablation`` prints the
search part by part; ``--removals`` takes single layers out of the finished pieces and asks which of them it harms.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import skimage.data

import stringart
import stringart.search.pipeline
from stringart.picture.light import linear_color
from stringart.search import many_threads as polychrome
from stringart.search import quality
from stringart.search.color_objective import ColorObjective
from stringart.search.events import Searched
from stringart.search.options import DesignOptions
from stringart.threads.request import parse_palette
from stringart.threads.schedule import Slot, default_schedule
from stringart.threads.unmixing import unmix

WARM = "white,#e6b46e,#aa5a28,#5a2814,black"
PALETTES = {"astronaut": "white,#e0ac8c,#c8501e,#283c78,black", "coffee": WARM, "chelsea": WARM}


def photo_of(name: str) -> stringart.Photo:
    """Return one of scikit-image's photos."""
    return stringart.load_photo(getattr(skimage.data, name)(), name=name)


def options_of(name: str, lines: int, quality: str) -> DesignOptions:
    """Return the options of a piece on a black board."""
    threads = parse_palette(PALETTES[name]).threads
    board = stringart.make_board("circle", None, "#000000")
    return DesignOptions(board=board, threads=threads, lines=lines, quality=quality, importance="none")


class Independent(polychrome.ManyThreads):
    """Every thread searched alone, as black on white, on its share of the photo; what many programs do."""

    def run(self) -> Iterator[Searched]:
        """Search each thread, then deal its chords to its layers, the first found on top."""
        threads = self._frame.plan.threads
        ground = linear_color(self._frame.plan.board.color)
        colors = np.array([ground, *(linear_color(t.color) for t in threads)])
        shares = unmix(self._frame.target, colors)[1:]
        total = shares.sum()
        for number in range(len(threads)):
            gray = np.repeat((1 - shares[number])[..., None], 3, axis=-1).astype(np.float32)
            cost = ColorObjective(self._frame.grid, gray, 0.015)
            layers = [layer for layer in self._laid.layers if layer.thread == number]
            search = layers[0].search
            search.cost = cost
            cost.look_at(np.zeros((3, *gray.shape[:2]), np.float32), np.ones((3, *gray.shape[:2]), np.float32))
            for _ in search.fill(round(self._budget * shares[number].sum() / total)):
                pass
            parts = np.array_split(np.array(search.laid, np.int32), len(layers))
            for layer, part in zip(reversed(layers), parts, strict=True):
                layer.search.laid = part.tolist()
        yield from ()


def judged(photo: stringart.Photo, plan: stringart.Plan) -> str:
    """Return the scores of a plan in one line."""
    near, far = stringart.score(plan, photo, gray=False)
    layers = len(plan.layers)
    return f"{near.ssim_fit:6.3f} {far.ssim_fit:6.3f} {far.delta_e:6.1f} {plan.chords:7d} {layers:7d}"


def designed(photo: stringart.Photo, options: DesignOptions, sweeps: int | None = None, work: type | None = None):
    """Design with another number of sweeps, or another search."""
    usual = quality.QUALITY["normal"], polychrome.ManyThreads
    try:
        quality.QUALITY["normal"] = usual[0] if sweeps is None else replace(usual[0], sweeps=sweeps)
        stringart.search.pipeline.ManyThreads = work or usual[1]
        return stringart.search.pipeline.design(photo, options)
    finally:
        quality.QUALITY["normal"], stringart.search.pipeline.ManyThreads = usual


def variants(options: DesignOptions) -> Iterator[tuple[str, DesignOptions, int | None, type | None]]:
    """Yield the search part by part: name, options, sweeps, search."""
    usual = default_schedule(options.threads)
    even = replace(options, schedule=tuple(Slot(thread=slot.thread, share=1 / len(usual)) for slot in usual))
    yield "independent colours", options, None, Independent
    yield "occlusion, no sweep", even, 0, None
    for sweeps in (1, 2, 4):
        yield f"+ {sweeps} sweeps", even, sweeps, None
    yield "+ automatic counts (the default)", options, None, None
    yield "+ automatic schedule (10 min a change)", replace(options, change_minutes=10.0), None, None


def print_ablation(lines: int) -> None:
    """Print what each part of the search brings."""
    for name in PALETTES:
        photo = photo_of(name)
        for title, options, sweeps, work in variants(options_of(name, lines, "normal")):
            print(f"{name:<10} {title:<44} {judged(photo, designed(photo, options, sweeps, work))}", flush=True)


def print_removals(lines: int) -> None:
    """Print what the finished pieces lose with each of their layers."""
    for name in PALETTES:
        photo = photo_of(name)
        plan = stringart.search.pipeline.design(photo, options_of(name, lines, "normal"))
        whole = stringart.score(plan, photo)[1]
        for number in range(len(plan.layers)):
            less = stringart.score(replace(plan, layers=plan.layers[:number] + plan.layers[number + 1 :]), photo)[1]
            ssim, color = less.ssim_fit - whole.ssim_fit, less.delta_e - whole.delta_e
            verdict = "helps" if ssim < 0 and color > 0 else "helps in part" if ssim < 0 or color > 0 else "HARMS"
            thread = plan.threads[plan.layers[number].thread].name
            print(
                f"{name:<10} without layer {number + 1:2d} {thread:<8} {ssim:+.4f} dE {color:+.3f} {verdict}",
                flush=True,
            )


def print_pictures(lines: int, quality: str, folder: Path | None) -> None:
    """Design, score and print."""
    for name, palette in PALETTES.items():
        for threads, board in ((palette, "black"), ("auto:5", "auto")):
            photo, begin = photo_of(name), time.process_time()
            plan = stringart.design(
                photo, palette=threads, background=board, lines=lines, quality=quality, importance="none"
            )
            spent_s = time.process_time() - begin
            title = "auto:5" if board == "auto" else "as given"
            print(f"{name:<10} {title:<10} {judged(photo, plan)} {spent_s:6.2f}", flush=True)
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
                plan.save(folder / f"{name}-{title[:4]}.json")
                (folder / f"{name}-{title[:4]}.png").write_bytes(stringart.paint_png(plan))


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--quality", default="normal")
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--removals", action="store_true")
    parser.add_argument("-o", dest="folder", type=Path)
    wanted = parser.parse_args()
    if wanted.ablation:
        print_ablation(wanted.lines)
    elif wanted.removals:
        print_removals(wanted.lines)
    else:
        print_pictures(wanted.lines, wanted.quality, wanted.folder)


if __name__ == "__main__":
    main()
