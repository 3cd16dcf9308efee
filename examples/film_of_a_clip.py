"""A clip becomes a film of string art: every frame starts from the last one's plan, so that threads do not flicker.

Writes ``cat.gif`` beside you::

    python examples/film_of_a_clip.py
"""

from pathlib import Path

from PIL import Image

import stringart
from stringart.export import film_writer_for
from stringart.look.clip_film import Flipbook
from stringart.picture.clip_reader import open_clip
from stringart.search.clips import plan_clip

# A clip: the view glides over a photo. Yours may be a GIF, a video or a folder of pictures.
with Image.open(Path(__file__).parent / "chelsea.jpg") as photo:
    side = min(photo.size) * 3 // 4
    frames = [photo.crop((x, x // 2, x + side, x // 2 + side)).resize((240, 240)) for x in range(0, 48, 3)]
frames[0].save("clip.gif", save_all=True, append_images=frames[1:], duration=80)

options = stringart.DesignOptions(pin_count=180, lines=1800, importance="none")
plans, durations_s = [], []
for frame in plan_clip(open_clip("clip.gif"), options, changed=0.15):
    print(f"frame {frame.number} of {frame.total}: {frame.changed:.0%} of the threads changed")
    plans.append(frame.plan)
    durations_s.append(frame.duration_s)
Path("cat.gif").write_bytes(film_writer_for("cat.gif")(Flipbook(plans, durations_s, width_px=360)))
