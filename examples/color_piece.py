"""A piece in colour: threads that suit a photo, or threads that you have, and what each is needed for.

Writes ``coffee.json`` and pictures beside you::

    python examples/color_piece.py
"""

from pathlib import Path

import stringart

photo = stringart.load_photo(Path(__file__).parent / "coffee.jpg")

# Five threads and a board, chosen for the photo.
plan = stringart.design(photo, palette="auto:5", background="auto", lines=4000, quality="draft")
plan.save("coffee.json")
Path("coffee.png").write_bytes(stringart.paint_png(plan, 1200))
for thread, use in zip(plan.threads, stringart.materials_of(plan).threads, strict=True):
    print(f"{thread.name:<24} {thread.color}  {use.chords:5} chords  {use.total_mm / 1000:6.0f} m")
print(f"{len(plan.layers)} layers on a board {plan.board.color}")

# Threads of your own, in an order of your own, on a black board.
own = stringart.design(
    photo,
    palette=["white", "#c8501e@0.3mm", "black"],
    background="black",
    layers="white; #c8501e; black",
    lines=3000,
    quality="draft",
)
for number in range(1, len(own.layers) + 1):
    Path(f"after-layer-{number}.png").write_bytes(stringart.paint_png(own.after_layer(number), 600))
near, far = stringart.score(own, photo)
print(f"in three layers: SSIM {near.ssim_fit:.2f} from near, {far.ssim_fit:.2f} from afar, dE00 {far.delta_e:.1f}")
