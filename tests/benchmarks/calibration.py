"""Calibration on painted photos of cards: how near to the truth it comes, and how often its ± covers it.

    python tests/benchmarks/calibration.py [TRIES [FIRST]]

prints a table and what follows from it; other tries than those that the fit was made with begin at 40. Widths of 0.15
to 0.45 mm, pins of 1 to 3 mm; perspective, uneven light, noise, blur and JPEG of every try are its own; every fourth
has soft shadows.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from card_photos import Camera, Shadows, card_photo
from skimage.color import deltaE_ciede2000, rgb2lab

from stringart.calibration.card import card_plan
from stringart.calibration.fiducials import find_marks
from stringart.calibration.fit import Fit, fit_card
from stringart.errors import PhotoError
from stringart.picture.light import to_linear
from stringart.plan.model import Thread

ON_WHITE = ("#101014", "#7a2030", "#c8501e", "#283c78", "#2f6b3a", "#8a4fa0", "#5a4632", "#d8b040", "#707478")
ON_BLACK = ("#e0ac8c", "#f0f0e8", "#e8d48a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What is photographed, and how."""

    ground: str
    color: str
    diameter_mm: float
    pin_mm: float
    camera: Camera
    shadows: Shadows | None


def drawn(number: int) -> Try:
    """The try of a number."""
    rng = np.random.default_rng(1000 + number)
    white = number % 5 != 4
    camera = Camera(
        width_px=int(rng.integers(1400, 2600)),
        lens_px=rng.uniform(0.5, 1.2),
        tilt=rng.uniform(0.005, 0.025),
        uneven=rng.uniform(0.05, 0.5),
        noise=rng.uniform(0.005, 0.03),
        jpeg=int(rng.integers(85, 97)),
        turn=int(rng.integers(4)),
    )
    turn, lean = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.0)
    shadows = Shadows(
        dark=rng.uniform(0.03, 0.15), lean=(lean * np.cos(turn), lean * np.sin(turn)), soft=rng.uniform(0.1, 0.4)
    )
    return Try(
        ground="#ffffff" if white else "#000000",
        color=str(rng.choice(ON_WHITE if white else ON_BLACK)),
        diameter_mm=round(rng.uniform(0.15, 0.45), 3),
        pin_mm=round(rng.uniform(1, 3), 2),
        camera=camera,
        shadows=shadows if number % 4 == 3 else None,
    )


def fitted(one: Try, seed: int) -> Fit:
    """Paint, find the marks, fit; the card is the one for 2 mm pins, whatever is driven in."""
    card = card_plan(Thread(name="to measure", color="#000000"), one.ground)
    photo, _ = card_photo(
        card, one.color, one.diameter_mm, pin_mm=one.pin_mm, seed=seed, camera=one.camera, shadows=one.shadows
    )
    marks = find_marks(photo.mean(2, dtype=np.float32) / 255, card)
    return fit_card(to_linear(photo / np.float32(255)).astype(np.float32), card, marks)


def difference(one: str, other: str) -> float:
    """CIEDE2000 of two colours."""
    lab = [rgb2lab(np.array([[[int(code[k : k + 2], 16) / 255 for k in (1, 3, 5)]]])) for code in (one, other)]
    return float(deltaE_ciede2000(*lab).item())


def main(tries: int, first: int = 0) -> None:
    """Print the table and its summary."""
    print(" no ground  thread   mm    pins  shadow |  fit      ±     off   dE00  pins   shadow left   cpu s")
    rows = []
    for number in range(first, first + tries):
        one = drawn(number)
        text = f"{number:3d} {one.ground} {one.color} {one.diameter_mm:.3f} {one.pin_mm:5.2f} "
        text += f"{one.shadows.dark if one.shadows else 0:7.2f} |"
        begun_s = time.process_time()
        try:
            found = fitted(one, number)
        except PhotoError as error:
            print(f"{text} refused: {error}", flush=True)
            continue
        off, color = found.diameter_mm / one.diameter_mm - 1, difference(found.color, one.color)
        rows.append((off, color, abs(found.diameter_mm - one.diameter_mm) <= found.error_mm))
        print(
            f"{text} {found.diameter_mm:.4f} {found.error_mm:.4f} {off:+6.1%} {color:5.1f} {found.pin_mm:6.2f} "
            f"{found.shadow:6.2f} {found.rms:6.2%} {time.process_time() - begun_s:5.1f}",
            flush=True,
        )
    off, color, covered = (np.array(column) for column in zip(*rows, strict=True))
    print(
        f"{len(rows)} of {tries} fitted; width within 3 %: {(np.abs(off) <= 0.03).mean():.0%}, worst "
        f"{np.abs(off).max():.1%}; colour within 3: {(color <= 3).mean():.0%}, worst {color.max():.1f}; "
        f"± covers the truth: {covered.mean():.0%}"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:] or ["40"]))
