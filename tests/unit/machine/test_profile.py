import re
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from machine_boards import pins_on, plan_on

from stringart.errors import MachineError
from stringart.machine.job import make_job
from stringart.machine.jobfile import check_profile, read_job
from stringart.machine.own_profile import save_place
from stringart.machine.placement import fit_place, to_board, to_machine
from stringart.machine.profile import BoardPlace, Profile
from stringart.machine.profile_files import bundled_names, load_profile, own_values, user_folder
from stringart.machine.program import program_text
from stringart.machine.toml_records import check_table


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path))
    (tmp_path / "machines").mkdir()
    return tmp_path / "machines"


def test_the_bundled_profiles_are_what_they_say():
    assert bundled_names() == [
        "fluidnc",
        "grbl",
        "grbl-rotary",
        "grbl-servo",
        "grbl-turntable",
        "grblhal",
        "klipper",
        "linuxcnc",
        "marlin",
        "reprap",
        "smoothie",
    ]
    assert load_profile("grbl-rotary").rotary
    assert load_profile("grbl-servo").servo_lift
    for name in ("grbl", "grblhal", "fluidnc", "klipper", "marlin", "linuxcnc", "reprap", "smoothie"):
        assert load_profile(name).machine.dialect == name


def test_the_users_profile_stands_over_the_bundled_one_of_its_name(own):
    (own / "grbl.toml").write_text('inherits = "grbl"\n[tool]\ndiameter_mm = 1.5\n')
    (own / "big.toml").write_text('inherits = "grbl"\n[limits]\nx_mm = [0, 2000]\n')
    assert load_profile("grbl").tool.diameter_mm == 1.5
    assert load_profile("big").tool.diameter_mm == 1.5
    assert load_profile("big").limits.x_mm == (0.0, 2000.0)
    assert load_profile("grbl").sha256 != load_profile("big").sha256


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[tool]\ndiameter = 2", "'tool.diameter' is not known"),
        ("[tools]\ndiameter_mm = 2", "'tools' is not known"),
        ('[tool]\ndiameter_mm = "2"', "tool.diameter_mm should be a number, found '2'"),
        ("[tool]\ndiameter_mm = 0", "tool.diameter_mm should be above 0"),
        ("[tool]\ndiameter_mm = nan", "tool.diameter_mm should be a number"),
        ("[tool]\ndiameter_mm = true", "tool.diameter_mm should be a number"),
        ("[machine]\narcs = 1", "machine.arcs should be true or false"),
        ('[machine]\ndialect = "mach3"', "machine.dialect is 'mach3'"),
        ("[limits]\nx_mm = [5]", "limits.x_mm should be a list of 2"),
        ("[limits]\nx_mm = [5, 1]", "limits.x_mm should be [low, high]"),
        ("[thread]\nanchor_turns = 2.5", "thread.anchor_turns should be a whole number"),
        ("[snippets]\nstart = [1]", "snippets.start[0] should be a text"),
        ("[clearance]\npin_mm = -1", "clearance.pin_mm should be 0 or more"),
        ("tool = 3", "tool should be a table"),
        ("[tool]\ndiameter_mm = 1979-05-27", "tool.diameter_mm should be a number, found datetime.date"),
        ("[motion]\nmax_rate_mm_min = [1, 2]", "motion.max_rate_mm_min should be a list of 3, found [1, 2]"),
        ("[motion]\nsteps_per_mm = [80, 0, 400]", "motion.steps_per_mm[1] should be above 0, found 0"),
        ("[motion]\nsteps_per_mm = [80]", "motion.steps_per_mm should be a list of 0 or 3, found [80]"),
        ("[park]\nxy_mm = [1, 2, 3]", "park.xy_mm should be a list of 0 or 2"),
        ("[snippets]\nstart = 'M3'", "snippets.start should be a list of texts, found 'M3'"),
        ("[thread]\nspool_m = -1\n[machine]\narcs = 1", "thread.spool_m should be 0 or more, found -1"),  # the first
        ("[tool", "not TOML"),
        ('[axes]\nx = "Y"', "three different letters"),
        ('inherits = "nobody"', "'nobody' is not known"),
        ("inherits = 3", "inherits should be a profile's name"),
    ],
)
def test_a_wrong_profile_is_one_clear_line_with_file_and_key(own, text, why):
    (own / "mine.toml").write_text(text)
    with pytest.raises(MachineError) as caught:
        load_profile("mine")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    if "nobody" not in text:
        assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize("name", bundled_names())
def test_what_comes_with_the_program_is_held_to_the_same_model(name):
    tables = tomllib.loads((resources.files("stringart.machine") / "profiles" / f"{name}.toml").read_text("utf-8"))
    tables.pop("inherits", None)
    check_table(Profile, tables, name)


def test_profiles_that_inherit_in_a_circle_are_refused(own):
    (own / "a.toml").write_text('inherits = "b"')
    (own / "b.toml").write_text('inherits = "a"')
    with pytest.raises(MachineError, match="circle"):
        load_profile("a")


def test_the_board_is_fitted_to_touched_pins_by_least_squares():
    pins = pins_on("circle").xy_mm
    true = BoardPlace(center_mm=(512.3, 487.7), rotation_deg=3.21, scale=1.0021)
    touched = {k: tuple(to_machine(true, pins[[k]])[0]) for k in (0, 50, 101, 190, 240)}
    fit = fit_place(pins, touched, BoardPlace())
    assert fit.place.center_mm == pytest.approx(true.center_mm, abs=1e-9)
    assert fit.place.rotation_deg == pytest.approx(true.rotation_deg)
    assert fit.place.scale == pytest.approx(true.scale)
    assert fit.rms_mm < 1e-9
    np.testing.assert_allclose(to_board(true, to_machine(true, pins)), pins, atol=1e-9)


def test_residuals_say_which_pin_was_touched_badly():
    pins = pins_on("circle").xy_mm
    touched = {k: tuple(pins[k] + 500.0) for k in range(0, 288, 24)}
    touched[48] = (touched[48][0] + 2.0, touched[48][1])
    fit = fit_place(pins, touched, BoardPlace())
    assert fit.worst[0] == 48
    assert 1.0 < fit.worst[1] < 2.0
    others = fit_place(pins, {k: v for k, v in touched.items() if k != 48}, BoardPlace())
    assert others.worst[1] < 1e-9


def test_one_pin_moves_the_board_and_turns_nothing():
    pins = pins_on("circle").xy_mm
    before = BoardPlace(center_mm=(500.0, 500.0), rotation_deg=2.0)
    fit = fit_place(pins, {7: tuple(to_machine(before, pins[[7]])[0] + [1.0, -2.0])}, before)
    assert fit.place.center_mm == pytest.approx((501.0, 498.0))
    assert fit.place.rotation_deg == 2.0


def test_touches_that_cannot_be_are_refused():
    pins = pins_on("circle").xy_mm
    with pytest.raises(MachineError, match="no pin 288"):
        fit_place(pins, {288: (0.0, 0.0)}, BoardPlace())
    with pytest.raises(MachineError, match="times its size"):
        fit_place(pins, {0: (0.0, 0.0), 144: (0.0, -700.0)}, BoardPlace())
    with pytest.raises(MachineError, match="no pin was touched"):
        fit_place(pins, {}, BoardPlace())


def test_the_place_is_kept_in_the_users_profile_and_the_rest_stays(own):
    (own / "grbl.toml").write_text('inherits = "grbl"\n# my tube\n[tool]\ndiameter_mm = 1.5\n')
    place = replace(load_profile("grbl").board, center_mm=(433.25, 500.5), rotation_deg=-1.25)
    path = save_place("grbl", place)
    assert "# my tube" in path.read_text()
    assert load_profile("grbl").board.center_mm == (433.25, 500.5)
    assert load_profile("grbl").tool.diameter_mm == 1.5
    save_place("grbl", place)
    assert path.read_text().count("[board]") == 1
    assert user_folder() == own


@pytest.mark.parametrize(
    "written", ["board = { scale = 2.0 }\n", "board.scale = 2.0\n", "[board]\nscale = 2.0  # of the print\n[tool]\n"]
)
def test_the_place_is_kept_however_the_profile_is_written(own, written):
    (own / "grbl.toml").write_text('inherits = "grbl"\n' + written)
    save_place("grbl", replace(load_profile("grbl").board, center_mm=(433.25, 500.5)))
    assert load_profile("grbl").board.center_mm == (433.25, 500.5)
    assert load_profile("grbl").board.scale == 2.0
    assert ("# of the print" in (own / "grbl.toml").read_text()) == ("#" in written)


def test_the_place_is_kept_in_the_file_that_was_named(own, tmp_path, monkeypatch):
    """Kept elsewhere, the next command of the same words would wind beside the pins."""
    monkeypatch.chdir(tmp_path)
    Path("winder.toml").write_text('inherits = "grbl"\n# in the shed\n[board]\ncenter_mm = [150, 150]\n')
    path = save_place("winder.toml", replace(load_profile("winder.toml").board, center_mm=(158.0, 157.5)))
    assert load_profile("winder.toml").board.center_mm == (158.0, 157.5)
    assert "# in the shed" in path.read_text()
    assert list(own.iterdir()) == []


def test_what_is_said_of_a_profile_that_was_named_by_its_file_names_that_file(own, tmp_path, monkeypatch):
    """Not the one of the same name that comes with the program, nor the user's in the folder of profiles."""
    monkeypatch.chdir(tmp_path)
    Path("grbl.toml").write_text('inherits = "grbl"\n[tool]\ndiameter_mm = 1.0\n')
    job = read_job(program_text(make_job(plan_on("circle", (9,), 24), load_profile("grbl"))))
    with pytest.raises(MachineError, match=re.escape("'./grbl.toml' is now")) as caught:
        check_profile(job, load_profile("./grbl.toml"), "job.gcode")
    assert caught.value.hint.endswith("--machine ./grbl.toml")
    assert own_values(load_profile("./grbl.toml")) == "the profile is ./grbl.toml"
    assert own_values(load_profile("grbl")) == f"your own values go into {own / 'grbl.toml'}"


@pytest.mark.parametrize("name", ["my winder", "Träger (1)", "木工", "w" * 90])
def test_a_profile_winds_whatever_its_file_is_called(own, name):
    """The job's header names it and is read back."""
    (own / f"{name}.toml").write_text('inherits = "grbl"\n')
    for given in (name, str(own / f"{name}.toml")):
        profile = load_profile(given)
        job = read_job(program_text(make_job(plan_on("circle", (9,), 24), profile)))
        assert job.profile_sha == profile.sha256[:16]


@pytest.mark.parametrize("values", [{"center_mm": (float("nan"), 0.0)}, {"surface_z_mm": float("inf")}])
def test_a_place_that_is_no_number_does_not_replace_a_good_one(own, values):
    path = save_place("grbl", replace(load_profile("grbl").board, center_mm=(433.25, 500.5)))
    before = path.read_bytes()
    with pytest.raises(MachineError, match="is not kept"):
        save_place("grbl", replace(load_profile("grbl").board, **values))
    assert path.read_bytes() == before
