"""What a page may set, and what a project keeps."""

import pytest

from stringart.studio.settings import CONTROLS, Number, SettingError, changed, default_settings, restored


def test_a_change_is_a_new_value_within_its_range() -> None:
    before = default_settings()
    after = changed(before, {"pins": 200.4, "board_color": "#ABCDEF"})
    assert (after["pins"], after["board_color"]) == (200, "#abcdef")
    assert before["pins"] == 288


@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if isinstance(control, Number)])
def test_a_number_outside_its_range_is_refused_with_both_ends(name: str) -> None:
    control = CONTROLS[name]
    assert isinstance(control, Number)
    assert control.low <= control.default <= control.high
    with pytest.raises(SettingError, match=f"outside {control.low:g} to {control.high:g}"):
        changed(default_settings(), {name: control.high * 1.1 + 1})


@pytest.mark.parametrize(
    "patch",
    [{"pins": True}, {"pins": "288"}, {"pins": float("nan")}, {"nothing": 1}, {"shape": "star"}, {"board_color": "red"},
     {"threads": []}, {"threads": [{"name": "", "color": "#000000", "diameter_mm": 0.2}]}, {"crop": [0, 0]},
     {"crop": [0, 0, 0]}, {"map": "../x"}, {"threads": [{"name": "a\nb", "color": "#000000", "diameter_mm": 0.2}]}],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused(patch: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        changed(default_settings(), patch)


def test_settings_of_another_version_keep_what_is_known() -> None:
    found = restored({"pins": 100, "shape": "star", "gone": 3})
    assert found == default_settings() | {"pins": 100}
    assert restored("not even a table") == default_settings()
