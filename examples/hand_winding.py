"""All that winding by hand needs: template, shopping list, book, the film to look forward to, and the steps themselves.

Writes into a folder ``by-hand`` beside you::

    python examples/hand_winding.py
"""

from pathlib import Path

import stringart
from stringart.export import ExportOptions, exporter_for
from stringart.look.film import FilmOptions

folder = Path("by-hand")
folder.mkdir(exist_ok=True)
plan = stringart.design(Path(__file__).parent / "chelsea.jpg", pins=200, lines=1500)
plan.save(folder / "cat.json")

# The ending picks the format; `stringart export --list` shows all.
options = ExportOptions(paper="A4", spool_mm=500_000, film=FilmOptions(width_px=400, frames=60, seconds=6))
for name in ("ring.template.pdf", "list.shopping.txt", "book.pdf", "film.gif", "player.html", "steps.csv"):
    (folder / name).write_bytes(exporter_for(name)(plan, options))
    print(f"{folder / name}: {(folder / name).stat().st_size // 1000} kB")

# The same steps for a program of your own. Pin 0 is at 12 o'clock, numbers rise clockwise.
for layer in plan.layers:
    first = " ".join(str(pin) for pin in layer.pins[:12])
    print(f"{plan.threads[layer.thread].name}: {layer.steps} steps, from pin {first} ...")
use = stringart.materials_of(plan)
print(f"{use.total_mm / 1000:.0f} m of thread, some {use.hand_s / 3600:.0f} hours")
print("now: stringart wind by-hand/cat.json")
