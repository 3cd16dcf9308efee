"""What the guide shows in windows of every size."""

import pytest
from sample_plans import THREADS, random_plan, rim_plan
from wcwidth import wcswidth

from stringart.cli._wind_ring import ring_picture
from stringart.cli._wind_screen import SMALLEST, Screen, compose
from stringart.hand.guide import Guide, Standing
from stringart.hand.guide_words import GuideWords
from stringart.plan.model import Thread
from stringart.plan.steps import steps_of

WIDE = Thread(name="深紅の糸 – très long nom de fil à broder nº 25", color="#c8501e", diameter_mm=0.25)
PLACES = [
    Standing(),
    Standing(done=1, tied=True),
    Standing(done=40, tied=False),
    Standing(done=99, tied=True),
    Standing(done=100),
]


def _text(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "size", [(80, 24), (50, 14), (60, 16), (132, 43), (300, 90), (40, 14), (40, 12), (20, 5), (3, 2), (1, 1)]
)
def test_no_line_is_wider_and_no_screen_higher_than_the_window(place, size):
    guide = Guide(random_plan((40, 60), (WIDE, THREADS[3])), place, spool_mm=5000.0)
    lines = compose(guide.view(), Screen(title="Übung 深紅.jpg" * 9, message="x" * 200), *size)
    assert len(lines) <= size[1]
    assert all(sum(max(wcswidth(text), 0) for text, _ in line) <= size[0] for line in lines)


def test_the_step_is_shown_in_digits_of_five_rows_with_its_side():
    plan = random_plan((40, 60))
    guide = Guide(plan, Standing(done=1, tied=True))
    step = guide.view().step
    text = _text(compose(guide.view(), Screen(title="piece"), 80, 24))
    rows = [line for line in text.splitlines() if "█" in line[:50] and "layer" not in line]
    assert len(rows) == 5
    assert ("clockwise" if step.direction > 0 else "counter-clockwise") in text
    assert f"{plan.steps[2, 1]} → {plan.steps[2, 2]}" in " ".join(text.split())


def test_too_small_a_window_says_so_and_still_names_the_step():
    guide = Guide(random_plan((40, 60)), Standing(done=1, tied=True))
    step = guide.view().step
    text = _text(compose(guide.view(), Screen(title="piece"), 40, 13))
    assert "window too small" in text
    assert f"{SMALLEST[0]} x {SMALLEST[1]}" in text
    assert f"{step.from_pin} → {step.to_pin}" in text


def test_a_terminal_without_unicode_gets_ascii():
    guide = Guide(random_plan((40, 60), (WIDE, THREADS[3])), Standing(done=1, tied=True))
    text = _text(compose(guide.view(), Screen(title="Übung", unicode=False), 80, 24))
    assert text.isascii()
    assert "#####" in text


def test_a_change_of_thread_names_thread_pin_and_length():
    guide = Guide(random_plan((40, 60), THREADS[1:3]), Standing(done=40))
    text = _text(compose(guide.view(), Screen(title="piece"), 80, 24))
    assert "rust" in text
    assert f"pin {guide.view().step.from_pin}" in text
    assert "Knot the thread it hangs on, then cut it." in text


@pytest.mark.parametrize("size", [(80, 24), (40, 14)])
@pytest.mark.parametrize("done", range(0, 26))
def test_nothing_is_cut_in_the_usual_window_and_in_the_smallest(size, done):
    plan = rim_plan(pins=300)
    guide = Guide(plan, Standing(done=done, tied=done > 0), spool_mm=5e5)
    lines = _text(compose(guide.view(), Screen(title="fish.jpg", xy_mm=plan.pins.xy_mm), *size)).splitlines()
    assert "…" not in "".join(lines)
    if done:
        assert str(guide.view().step.from_pin) in "\n".join(lines)


@pytest.mark.parametrize("language", ["de", "fr", "es"])
@pytest.mark.parametrize("size", [(80, 24), (40, 14), (39, 9)])
def test_in_every_language_nothing_is_cut_and_nothing_is_english(size, language):
    plan, words = rim_plan(pins=300), GuideWords(language)
    for done in (0, 1, 2, 3, 11, 12, 24, 25):
        guide = Guide(plan, Standing(done=done, tied=done % 12 > 0), spool_mm=5e5)
        screen = Screen(title="fish.jpg", xy_mm=plan.pins.xy_mm, words=words)
        text = _text(compose(guide.view(), screen, *size))
        assert "…" not in text
        assert not {"step", "of", "pin", "layer", "left", "spool", "next", "wound", "from"} & set(text.split())


def test_a_terminal_without_unicode_gets_german_in_plain_letters():
    guide = Guide(random_plan((40, 60)), Standing(done=1, tied=True))
    text = _text(compose(guide.view(), Screen(title="piece", unicode=False, words=GuideWords("de")), 80, 24))
    assert text.isascii()
    assert "zurueck" in text


def test_steps_before_and_after_are_seen_and_the_present_one_is_marked():
    guide = Guide(rim_plan(), Standing(done=9, tied=True))
    text = _text(compose(guide.view(), Screen(title="piece"), 80, 30))
    numbers = [int(row[1:].split()[0]) for row in text.splitlines() if "→" in row]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[0] < 9 < 10 < numbers[-1]
    assert next(row for row in text.splitlines() if row.startswith("▶")).split()[1] == "10"


def test_the_ring_shows_the_chord_from_pin_to_pin():
    plan = rim_plan()
    for step in steps_of(plan)[:6]:
        picture = ring_picture(plan.pins.xy_mm, step, 10)
        assert [sum(len(text) for text, _ in line) for line in picture] == [20] * 10
        for pin in (step.from_pin, step.to_pin):
            x, y = plan.pins.xy_mm[pin] / 600 + 0.5
            line = picture[min(int((1 - y) * 10), 9)]
            styles = "".join(style[0] * len(text) for text, style in line)
            assert "w" in styles[max(int(x * 20) - 1, 0) : int(x * 20) + 2]  # lit near the pin
