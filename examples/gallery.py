"""Eight pieces that one would hang up, each from a look in ``looks`` and a photo that ships or is drawn here.

Writes plans, pictures and a strip of them into a folder ``gallery`` beside you; a quick look with drafts::

    python examples/gallery.py --draft
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

import stringart
from stringart.order.loaded import load_order, options_for
from stringart.order.order import merged
from stringart.order.project_file import read_project_file
from stringart.search.pipeline import design

HERE = Path(__file__).parent
PIECES = {
    "portrait": "astronaut.jpg",
    "astronaut": "astronaut.jpg",
    "cameraman": "camera.png",
    "cat": "chelsea.jpg",
    "night-cat": "chelsea.jpg",
    "coffee": "coffee.jpg",
    "moon": "",
    "evening": "",
}
PICTURE_PX = 600


def moon() -> np.ndarray:
    """A full moon with its seas, (500, 500, 3) uint8."""
    rows, cols = (np.indices((500, 500)) - 250) / 150
    far = np.hypot(rows, cols)
    ball = np.sqrt(np.clip(1 - far**2, 0, 1)) ** 0.5
    seas = sum(
        depth * np.exp(-(((rows - y) / high) ** 2 + ((cols - x) / wide) ** 2) ** 2)
        for y, x, high, wide, depth in (
            (-0.35, -0.3, 0.28, 0.33, 0.5), (-0.3, 0.25, 0.22, 0.24, 0.45), (0.0, 0.38, 0.25, 0.22, 0.42),
            (0.1, -0.5, 0.42, 0.26, 0.42), (-0.12, 0.62, 0.16, 0.12, 0.35), (0.42, -0.2, 0.2, 0.25, 0.3),
        )
    )  # fmt: skip
    rays = 0.25 * np.exp(-((np.hypot(rows - 0.68, cols + 0.1) / 0.12) ** 2))
    shown = np.where(far < 1, np.clip(ball * (1 - np.minimum(seas, 0.6)) + rays, 0, 1), 0.03)
    return np.uint8(255 * shown[..., None] * np.array([1.0, 0.98, 0.92]))


def evening() -> np.ndarray:
    """A sun that sets behind hills, (500, 500, 3) uint8."""
    rows, cols = np.indices((500, 500)) / 500
    low, high = np.array([255, 170, 70]), np.array([60, 50, 120])
    sky = np.clip(rows[..., None] / 0.62, 0, 1)
    picture = high * (1 - sky) + low * sky
    picture[np.hypot(rows - 0.5, cols - 0.5) < 0.13] = (255, 235, 150)
    for base, wave, color in ((0.58, 7.0, (120, 60, 90)), (0.66, 11.0, (70, 40, 70)), (0.76, 5.0, (25, 20, 35))):
        picture[rows > base + 0.035 * np.sin(wave * cols + 9 * base)] = color
    return picture.astype(np.uint8)


def main(folder: Path, is_draft: bool) -> None:
    """Make every piece."""
    folder.mkdir(exist_ok=True)
    pictures = []
    for name, photo_name in PIECES.items():
        look = read_project_file(HERE / "looks" / f"{name}.toml")
        loaded = load_order(merged({"quality": "draft"} if is_draft else {}, look.said))
        drawn = {"moon": moon, "evening": evening}
        source = HERE / photo_name if photo_name else drawn[name]()
        photo = stringart.load_photo(source, loaded.photo_background, photo_name or f"{name}.png")
        options, _ = options_for(photo, loaded)
        plan = design(photo, replace(options, command=f"examples/gallery.py: {name}"))
        plan.save(folder / f"{name}.json")
        (folder / f"{name}.png").write_bytes(stringart.paint_png(plan, PICTURE_PX))
        use = stringart.materials_of(plan)
        threads = ", ".join(thread.name for thread in plan.threads)
        print(f"{look.title}: {use.hand_s / 3600:.0f} h by hand, {use.total_mm / 1000:.0f} m; {threads}")
        pictures.append(Image.open(folder / f"{name}.png"))
    strip = Image.new("RGB", (4 * PICTURE_PX, 2 * PICTURE_PX), "white")
    for number, picture in enumerate(pictures):
        corner = ((PICTURE_PX - picture.width) // 2, (PICTURE_PX - picture.height) // 2)
        strip.paste(picture, (number % 4 * PICTURE_PX + corner[0], number // 4 * PICTURE_PX + corner[1]))
    strip.save(folder / "strip.png")
    print(f"wrote {folder / 'strip.png'}")


if __name__ == "__main__":
    main(Path("gallery"), "--draft" in sys.argv)
