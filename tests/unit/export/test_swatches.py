"""The card of a plan's threads."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFont
from sample_plans import THREADS, random_plan

from stringart.errors import UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.export.swatches import card_of
from stringart.look.swatches import _FONTS, Card, Swatch, _wrapped, draw
from stringart.plan.materials import materials_of

PLAN = random_plan(steps=(40, 60, 30, 20), threads=THREADS[:4])
UNUSED = random_plan(steps=(40, 60), threads=THREADS)


def picture(plan, **options):
    data = exporter_for("x.swatches.png")(plan, ExportOptions(**options))
    return np.asarray(Image.open(io.BytesIO(data)))


def test_every_thread_is_there_with_its_figures():
    card, found = card_of(PLAN, 5_000.0), materials_of(PLAN)
    assert [swatch.title for swatch in card.swatches] == [thread.name for thread in THREADS[:4]]
    for swatch, use, thread in zip(card.swatches, found.threads, THREADS, strict=False):
        said = " ".join(swatch.lines)
        assert swatch.color == thread.color
        assert f"{thread.color}, like DMC " in said
        assert f"{use.chords:,} chords in 1 layer: put on 1 time" in said
        assert f"{use.spools(5_000.0)} spool" in said
    assert "4 layers, 3 changes of thread" in card.about[0]


def test_times_of_the_threads_are_those_of_the_plan():
    from stringart.export import swatches

    found = materials_of(PLAN)
    used = [use for use in found.threads if use.wraps]
    assert sum(use.hand_s(found.assumptions.beginner) for use in used) == pytest.approx(found.hand_s)
    assert sum(swatches._machine_s(use, found.assumptions) for use in used) == pytest.approx(found.machine_s)


def test_a_thread_that_is_not_used_is_left_out():
    assert [swatch.title for swatch in card_of(UNUSED, 5e5).swatches] == ["white", "sand"]


@pytest.mark.parametrize("width_px", [400, 1000])
def test_the_swatches_have_the_threads_colours(width_px):
    image = picture(PLAN, width_px=width_px)
    assert image.shape[1] == width_px
    column = image[:, round(0.1 * width_px)]
    for thread in THREADS[:4]:
        color = [int(thread.color[k : k + 2], 16) for k in (1, 3, 5)]
        assert (column == color).all(1).sum() > 0.08 * width_px


def test_the_same_bytes_every_time():
    export = exporter_for("x.swatches.png")
    assert export(PLAN, ExportOptions()) == export(PLAN, ExportOptions())


def test_a_spool_without_thread_is_refused():
    with pytest.raises(UnitError, match="holds no thread"):
        picture(PLAN, spool_mm=0.0)


def test_no_line_of_the_card_is_cut():
    """Long texts go on in the next line: what is drawn are the words, all of them."""
    words = " ".join(f"word{k}" for k in range(80))
    card = Card(title="x", about=(words,), swatches=(Swatch(color="#ff0000", title="red", lines=(words, "short")),))
    drawn = _wrapped(card)
    assert " ".join(drawn.about) == words
    assert " ".join(drawn.swatches[0].lines) == f"{words} short"
    assert drawn.swatches[0].lines[-1] == "short"
    font = ImageFont.truetype(str(_FONTS / "DejaVuSansCondensed.ttf"), 20)
    assert max(font.getlength(line) for line in drawn.swatches[0].lines) <= 1000 - 40 - 234
    assert np.asarray(Image.open(io.BytesIO(draw(card)))).shape[0] > 300
