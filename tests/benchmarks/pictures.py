"""How good the pictures are: six photos, 288 pins, 600 mm, 0.25 mm black thread, 4,000 chords.

    python tests/benchmarks/pictures.py [PHOTO ...] [--lines 4000] [--quality normal] [-o FOLDER]

Photos are scikit-image's. Prints SSIM of L* after the best tone fit at two viewing distances
(`stringart.look.score`), the RMS error of L*, and the CPU seconds of search and winding; then the SSIM of the walk that
most programs use (`fan_greedy`) with the same pins and as many lines. ``-o`` keeps plans and previews.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import skimage.data
from fan_greedy import plan_of

import stringart
from stringart.search.pipeline import empty_plan
from stringart.search.problem import pose

PHOTOS = ("astronaut", "camera", "chelsea", "coffee", "rocket", "face")


def photo_of(name: str) -> stringart.Photo:
    """Return a photo by its name; ``face`` is the astronaut's."""
    if name == "face":
        return stringart.load_photo(np.ascontiguousarray(skimage.data.astronaut()[0:240, 104:344]), name=name)
    return stringart.load_photo(getattr(skimage.data, name)(), name=name)


def of_fan_greedy(photo: stringart.Photo, lines: int) -> list[float]:
    """Return SSIM from near and from afar of the plain walk."""
    options = stringart.DesignOptions(importance="none")
    frame = pose(empty_plan(photo, options), photo, options)
    return [seen.ssim_fit for seen in stringart.score(plan_of(frame, lines), photo)]


def main() -> None:
    """Design, score and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", nargs="*", metavar="PHOTO", help=f"of {', '.join(PHOTOS)}; all six by default")
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--quality", default="normal")
    parser.add_argument("-o", dest="folder", type=Path)
    wanted = parser.parse_args()
    print(f"{'photo':<10} {'near':>6} {'far':>6} {'RMS L*':>7} {'chords':>7} {'CPU s':>6}   fan greedy: near    far")
    stringart.design(photo_of("camera"), lines=100, importance="none")  # loads the kernels
    rows = []
    for name in wanted.photos or PHOTOS:
        photo, begin = photo_of(name), time.process_time()
        plan = stringart.design(photo, lines=wanted.lines, quality=wanted.quality, importance="none")
        spent_s = time.process_time() - begin
        near, far = stringart.score(plan, photo)
        fan = of_fan_greedy(photo, wanted.lines)
        rows.append((near.ssim_fit, far.ssim_fit, far.rmse_lightness, *fan))
        tones = " ".join(f"{value:6.3f}" for value in (near.ssim_fit, far.ssim_fit))
        ours = f"{name:<10} {tones} {far.rmse_lightness:7.2f} {plan.chords:7d} {spent_s:6.2f}"
        print(f"{ours}            {fan[0]:6.3f} {fan[1]:6.3f}", flush=True)
        if wanted.folder:
            wanted.folder.mkdir(parents=True, exist_ok=True)
            plan.save(wanted.folder / f"{name}.json")
            (wanted.folder / f"{name}.png").write_bytes(stringart.paint_png(plan))
    if wanted.photos:
        return  # the mean is that of all six
    near_mean, far_mean, rms_mean, *fan = np.mean(rows, axis=0)
    print(f"{'mean':<10} {near_mean:6.3f} {far_mean:6.3f} {rms_mean:7.2f}{fan[0]:33.3f} {fan[1]:6.3f}")


if __name__ == "__main__":
    main()
