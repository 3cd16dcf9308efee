"""A profile of one's own: made from answers, changed value by value, refused where it cannot be."""

from dataclasses import replace

import pytest

from stringart.errors import MachineError
from stringart.machine.own_profile import ProfileAnswers, answers_of, keep_answers
from stringart.machine.profile_files import load_profile, user_folder

pytestmark = pytest.mark.usefixtures("own_folder")
ANSWERS = ProfileAnswers(
    name="gantry", base="grbl", x_mm=(0, 700), y_mm=(-10, 650), z_mm=(0, 60), tool_mm=1.6, pin_mm=18
)  # fmt: skip


def test_what_is_answered_is_in_the_profile() -> None:
    keep_answers(ANSWERS)
    made = load_profile("gantry")
    assert (made.limits.x_mm, made.limits.y_mm, made.limits.z_mm) == ((0, 700), (-10, 650), (0, 60))
    assert (made.tool.diameter_mm, made.height.pin_mm) == (1.6, 18)
    assert made.motion == load_profile("grbl").motion  # what was not asked
    assert answers_of(made)["x_mm"] == [0, 700]


def test_a_change_leaves_all_else_as_it_is() -> None:
    path = keep_answers(ANSWERS)
    path.write_text("# my machine\n" + path.read_text().replace("[tool]", "[motion]\nwrap_feed_mm_min = 900\n\n[tool]"))
    keep_answers(replace(ANSWERS, tool_mm=2.0))
    assert path.read_text().startswith("# my machine\n")
    assert load_profile("gantry").motion.wrap_feed_mm_min == 900
    assert load_profile("gantry").tool.diameter_mm == 2.0
    assert path.read_text().count("diameter_mm") == 1


def test_a_bundled_profile_gets_values_of_ones_own() -> None:
    keep_answers(replace(ANSWERS, name="grbl"))
    assert load_profile("grbl").limits.x_mm == (0, 700)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "../grbl"}, "no name"),
        ({"x_mm": (700, 0)}, "X goes from 700 to 0"),
        ({"tool_mm": float("nan")}, "tool's diameter"),
        ({"pin_mm": 0.1}, "first_wrap_mm"),  # its own rules refuse it, too
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(change: dict, said: str) -> None:
    with pytest.raises(MachineError, match=said):
        keep_answers(replace(ANSWERS, **change))
    assert not (user_folder() / "gantry.toml").exists()
