"""Many pieces at once: a folder of photos, and one photo with many settings, compared on a contact sheet.

Writes ``plans`` and ``tried`` beside you; needs the extra ``batch``::

    python examples/many_pieces.py
"""

import subprocess
import sys
from pathlib import Path

PHOTOS = [Path(__file__).parent / name for name in ("astronaut.jpg", "chelsea.jpg", "coffee.jpg")]


def stringart(*words: str | Path) -> None:
    """Run a command; what is done and unchanged is not done again."""
    subprocess.run([Path(sys.executable).with_name("stringart"), *words], check=True)


if __name__ == "__main__":  # workers are processes of their own
    few = ("--lines", "800", "--pins", "160", "--quality", "draft")
    stringart("batch", *PHOTOS, "-o", "plans", *few, "--export", "png,shopping.txt")
    stringart("sweep", PHOTOS[0], "-o", "tried", "--pins", "120,200", "--lines", "800", "--quality", "draft")
    print(*sorted(path.name for path in Path("tried").glob("contact-sheet.*")))
