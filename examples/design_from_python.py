"""From a photo to a plan in Python, with progress, and the plan as a picture. Writes beside you.

Run it anywhere::

    python examples/design_from_python.py
"""

from pathlib import Path

import stringart

photo = stringart.load_photo(Path(__file__).parent / "chelsea.jpg")

# In one call, with words and numbers.
plan = stringart.design(
    photo, board="ellipse", size_mm=(800, 600), pins=240, palette="navy", lines=1500, quality="draft"
)
plan.save("cat.json")
Path("cat.svg").write_text(stringart.paint_svg(plan))
near, far = stringart.score(plan, photo)
print(plan)
print(f"{stringart.materials_of(plan).total_mm / 1000:.0f} m of thread, SSIM {far.ssim_fit:.2f} from afar")

# The same job as events: a bar of your own, or stop when you like.
options = stringart.DesignOptions(board=stringart.make_board("circle", (400, 400)), lines=500, importance="none")
for event in stringart.design_events(photo, options):
    if isinstance(event, stringart.Searched):
        print(f"{event.stage}: {event.done} of {event.total}")
    elif isinstance(event, stringart.Finished):
        event.plan.save("small.json")
