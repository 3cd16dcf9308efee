"""Eight pieces that one would hang up, each from a look in ``looks`` and a photo that ships or is drawn here.

Writes plans, pictures and a strip of them, ``gallery.webp``, into a folder ``gallery`` beside you; the strip in the
README is made so. A quick look, with drafts of fewer chords::

    python examples/gallery.py --draft
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

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
PICTURE_PX = 1200
TILE_PX, GAP_PX, CAPTION_PX = 320, 14, 42


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


def tile(picture: Image.Image, title: str, about: str) -> Image.Image:
    """Return a piece with its title, hours and threads below."""
    made = Image.new("RGB", (TILE_PX, TILE_PX + CAPTION_PX), "white")
    small = picture.convert("RGB").resize(
        (TILE_PX, round(TILE_PX * picture.height / picture.width)), Image.Resampling.LANCZOS
    )
    made.paste(small, (0, (TILE_PX - small.height) // 2))
    pen = ImageDraw.Draw(made)
    for text, size, y, color in ((title, 17, 12, "#202024"), (about, 13, 32, "#606068")):
        pen.text((TILE_PX / 2, TILE_PX + y), text, color, ImageFont.load_default(size), anchor="mm")
    return made


def main(folder: Path, is_draft: bool) -> None:
    """Make every piece; of a draft, a third of its chords."""
    folder.mkdir(exist_ok=True)
    tiles = []
    for name, photo_name in PIECES.items():
        look = read_project_file(HERE / "looks" / f"{name}.toml")
        quick = {"quality": "draft", "lines": look.said["lines"] // 3} if is_draft else {}
        loaded = load_order(merged(quick, look.said))
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
        count = f"{len(plan.threads)} threads" if len(plan.threads) > 1 else f"{plan.threads[0].name} thread"
        about = f"{count}, {plan.chords:,} chords, {use.hand_s / 3600:.0f} h"
        tiles.append(tile(Image.open(folder / f"{name}.png"), look.title, about))
    step = TILE_PX + GAP_PX, TILE_PX + CAPTION_PX + GAP_PX
    strip = Image.new("RGB", (4 * step[0] - GAP_PX, 2 * step[1] - GAP_PX), "white")
    for number, one in enumerate(tiles):
        strip.paste(one, (number % 4 * step[0], number // 4 * step[1]))
    strip.save(folder / "gallery.webp", quality=80, method=6)
    print(f"wrote {folder / 'gallery.webp'}")


if __name__ == "__main__":
    main(Path("gallery"), "--draft" in sys.argv)
