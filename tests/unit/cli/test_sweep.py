"""Which pieces a sweep's contact sheet shows."""

from pathlib import Path

from stringart.cli.sweep import _shown
from stringart.many.batch import Outcome, Wanted
from stringart.many.work import About
from stringart.order.loaded import load_order
from stringart.order.order import Order

ABOUT = About(chords=1, pins=3, threads=1, changes=0, thread_mm=1.0, hand_s=1.0, near=0.5, far=0.5)


def test_an_older_picture_is_not_shown_with_the_numbers_of_a_new_plan(tmp_path: Path) -> None:
    loaded = load_order(Order())
    outcomes = [
        Outcome(
            wanted=Wanted(name=name, photo_file="cat.jpg", loaded=loaded, label=name),
            status="failed" if reasons else "made",
            about=ABOUT,
            reasons=reasons,
            not_written=not_written,
        )
        for name, reasons, not_written in (
            ("whole", (), ()),
            ("no-program", (".gcode: too large",), (".gcode",)),
            ("no-picture", (".png: too large",), (".png",)),
        )
    ]
    for one in outcomes:
        (tmp_path / f"{one.wanted.name}.png").write_bytes(b"a picture")
    assert [one.label for one in _shown(tmp_path, "cat.jpg", outcomes)] == ["whole", "no-program"]
