"""The picture at the top of the README, from real commands: photo, black thread, colour, the gantry's path.

Writes ``strip.webp`` beside you::

    python examples/strip.py
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import stringart

PHOTO = Path(__file__).parent / "astronaut.jpg"
CROP = (80, 0, 400, 320)
COMMANDS = """
stringart design {photo} -o black.json -o black.png --crop {crop} --lines 3000
stringart design {photo} -o color.json -o color.png --crop {crop} --palette auto:6 --background auto
stringart export black.json -o black.gcode --machine grbl
stringart machine check black.gcode --plan black.json -o path.png --width 1200px
"""
TILE_PX, GAP_PX, CAPTION_PX = 460, 16, 44


def run(command: str) -> None:
    """Run one of our commands and show what it says."""
    program, *words = command.split()
    print("$", command)
    subprocess.run([Path(sys.executable).with_name(program), *words], check=True)


def tile(picture: Image.Image, caption: str) -> Image.Image:
    """Return a picture with its caption below."""
    made = Image.new("RGB", (TILE_PX, TILE_PX + CAPTION_PX), "white")
    made.paste(picture.convert("RGB").resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS))
    pen = ImageDraw.Draw(made)
    pen.text((TILE_PX / 2, TILE_PX + CAPTION_PX / 2), caption, "#404048", ImageFont.load_default(18), anchor="mm")
    return made


def about(name: str) -> str:
    """Say in a few words what a plan takes."""
    plan = stringart.Plan.load(name)
    kilometres = stringart.materials_of(plan).total_mm / 1e6
    threads = f"{len(plan.threads)} threads" if len(plan.threads) > 1 else f"{plan.threads[0].name} thread"
    return f"{threads}, {plan.chords:,} chords, {kilometres:.1f} km"


def close_up(picture: Image.Image) -> Image.Image:
    """Return the right half of the picture of a path: some pins, and the tool's tip where it is nearest to one."""
    return picture.crop((picture.width // 2 + 4, 0, picture.width, picture.height - 4))


for line in COMMANDS.format(photo=PHOTO, crop=",".join(map(str, CROP))).strip().splitlines():
    run(line)
tiles = [
    tile(Image.open(PHOTO).crop(CROP), "the photo"),
    tile(Image.open("black.png"), about("black.json")),
    tile(Image.open("color.png"), about("color.json")),
    tile(close_up(Image.open("path.png")), "the gantry's path, read back and proved"),
]
strip = Image.new("RGB", (len(tiles) * (TILE_PX + GAP_PX) - GAP_PX, TILE_PX + CAPTION_PX), "white")
for number, one in enumerate(tiles):
    strip.paste(one, (number * (TILE_PX + GAP_PX), 0))
strip.save("strip.webp", quality=80, method=6)
print(f"strip.webp: {Path('strip.webp').stat().st_size // 1000} kB")
