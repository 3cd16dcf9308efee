import re
from dataclasses import replace

import numpy as np
import pytest
from machine_boards import THREADS, pins_on, plan_on, random_winding

from stringart.board.boards import allowed_chords
from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS, ascii_text
from stringart.machine.estimate import time_of
from stringart.machine.height import WrapPile, stack_mm
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import bundled_names, load_profile, user_folder
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.plan.model import Board, Layer, Plan

GRBL = load_profile("grbl")


def part(profile, section, **values):
    return replace(profile, **{section: replace(getattr(profile, section), **values)})


def circle(winding, *, count=288, layers=1) -> Plan:
    return Plan(
        board=Board(), pins=pins_on("circle", count), threads=THREADS[:1],
        layers=tuple(Layer(thread=0, pins=winding) for _ in range(layers)),
    )  # fmt: skip


@pytest.mark.parametrize("name", bundled_names())
def test_only_words_that_the_dialect_knows_in_short_ascii_lines(name):
    profile = load_profile(name)
    text = program_text(make_job(plan_on("rectangle", (15, 10)), profile))
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
    assert not set("!?~") & set(text)
    words = {w for step in read_job(text).steps for line in step.lines for w in re.findall(r"[GM]\d+(?:\.\d+)?", line)}
    assert words <= set(DIALECTS[profile.machine.dialect].words)
    numbers = re.findall(r"[XYZIJ]-?\d+\.(\d+)", text)
    assert numbers
    assert max(map(len, numbers)) <= 3


def test_units_distance_mode_and_feed_come_before_the_first_move():
    lines = [line for step in make_job(plan_on("circle", (4,)), GRBL).steps for line in step.lines]
    assert lines[0] == "G21 G90"
    first = next(line for line in lines if "X" in line or "Z" in line)
    assert " F" in first


def test_every_wrap_is_a_step_that_ends_with_the_sync_dwell():
    for step in make_job(plan_on("star", (30, 20)), GRBL).steps[:-1]:
        assert step.lines[-1] == "G4 P0.01"


def test_the_same_plan_gives_the_same_bytes():
    assert program_text(make_job(plan_on("star"), GRBL)) == program_text(make_job(plan_on("star"), GRBL))


def test_a_gap_that_is_too_narrow_is_refused_with_pins_and_millimetres():
    with pytest.raises(MachineError, match=r"pins \d+ and \d+ leave a gap of 2\.\d\d mm.*2\.00 mm.*3\.00 mm"):
        make_job(circle([0, 200, 90], count=400), GRBL)


def test_travel_that_is_too_short_is_refused():
    with pytest.raises(MachineError, match=r"X would go to .* travel is 0 to 600"):
        make_job(plan_on("circle", (20,)), part(GRBL, "limits", x_mm=(0.0, 600.0)))


def test_an_axis_that_does_not_reach_over_the_pins_is_refused_with_what_helps():
    with pytest.raises(MachineError, match=r"Z would go to 30\.0 mm, but its travel is 0 to 15 mm") as caught:
        make_job(circle([0, 144, 20]), part(GRBL, "limits", z_mm=(0.0, 15.0)))
    assert "height.pin_mm" in caught.value.hint
    assert "board.center_mm" not in caught.value.hint


def test_height_runs_out_before_a_line_is_written_and_says_at_which_wrap():
    winding = [0, 144] * 60
    with pytest.raises(MachineError, match=r"Z runs out at wrap (\d+) .*the pins end at 12\.0 mm") as caught:
        make_job(circle(winding), part(GRBL, "height", pin_mm=12.0))
    wrap = int(re.search(r"at wrap (\d+)", str(caught.value))[1])
    job = make_job(circle(winding[: wrap - 1]), part(GRBL, "height", pin_mm=12.0 + 1.0))
    assert job.wraps == wrap - 1


@pytest.mark.parametrize("steps", [(1100,), (700, 600)])
def test_every_remedy_for_pins_that_are_too_short_is_enough_by_itself(steps):
    plan, short = plan_on("circle", steps), part(GRBL, "height", pin_mm=9.0)
    with pytest.raises(MachineError) as caught:
        make_job(plan, short)
    hint = caught.value.hint
    pins_mm = float(re.search(r"pins that end (\d+) mm", hint)[1])
    assert make_job(plan, part(GRBL, "height", pin_mm=pins_mm)).highest_mm > pins_mm - 1.0
    if len(steps) == 1:
        thin = float(re.search(r"thread of (0\.\d\d) mm in place of 0\.25 mm", hint)[1]) / 0.25
    else:
        thin = int(re.search(r"threads of (\d\d) % of their thickness", hint)[1]) / 100
    threads = tuple(replace(thread, diameter_mm=thread.diameter_mm * thin) for thread in plan.threads)
    make_job(replace(plan, threads=threads), short)
    wraps = int(re.search(r"up to (\d+) wraps fit", hint)[1])
    begins = (0, steps[0] + 1)[: len(steps)]
    taken = [layer.pins[: max(wraps - begin, 0)] for layer, begin in zip(plan.layers, begins, strict=True)]
    layers = tuple(replace(one, pins=pins) for one, pins in zip(plan.layers, taken, strict=True) if len(pins))
    assert make_job(replace(plan, layers=layers), short).wraps == wraps
    make_job(plan, part(short, "height", slanted=True))
    assert str(user_folder() / "grbl.toml") in hint


def test_the_wrap_height_climbs_with_the_thread_on_the_pin():
    steps = [s for s in make_job(circle([0, 144] * 30), GRBL).steps if s.kind == "wrap"]
    at_144 = [s.wrap_mm for s in steps if s.pins == (144,)]
    assert at_144 == sorted(at_144)
    assert at_144[-1] - at_144[0] == pytest.approx(stack_mm(len(at_144) - 1, 0.25, 0.9), abs=0.35)
    slanted = make_job(circle([0, 144] * 30), part(GRBL, "height", slanted=True))
    assert len({s.wrap_mm for s in slanted.steps if s.kind == "wrap"}) == 1


def test_the_tool_travels_above_every_thread_it_crosses():
    plan = plan_on("circle", (300,))
    job = make_job(plan, GRBL)
    pile = WrapPile(plan.pins.xy_mm + 500.0, GRBL)
    pins = plan.layers[0].pins.tolist()
    wraps = 0
    for step in job.steps:
        if step.kind == "wrap":
            chord = plan.step_ends_mm[wraps - 1] + 500.0
            inner = chord[0] + (chord[1] - chord[0]) * np.array([[0.1], [0.9]])
            assert step.travel_mm >= pile.top_mm(inner) + GRBL.clearance.travel_mm - 1.0
        for pin in step.pins:
            pile.wrap(pin, 0.25)
            if wraps:
                pile.lay([pins[wraps - 1], pin], plan.step_ends_mm[[wraps - 1]] + 500.0, 0.25)
            wraps += 1
    assert wraps == len(pins)


def test_a_gantry_that_can_be_raised_by_hand_is_raised_at_planned_stops():
    low = part(part(GRBL, "limits", z_mm=(0.0, 9.0)), "height", raise_mm=5.0)
    job = make_job(circle([0, 144] * 25), low)
    raises = [s for s in job.steps if s.kind == "raise"]
    assert raises
    assert "Raise the gantry by 5 mm" in raises[0].prompt
    text = program_text(job)
    assert prove(text, low, circle([0, 144] * 25)).problems == ()


def test_layers_are_anchored_parked_and_the_operator_is_asked_for_the_colour():
    steps = make_job(plan_on("circle", (10, 8)), GRBL).steps
    kinds = [s.kind for s in steps]
    assert kinds == ["start", "anchor", *["wrap"] * kinds.count("wrap"), "tie", "end"] or kinds.count("park") == 1
    prompts = [s.prompt for s in steps if s.prompt]
    assert len(prompts) == 2
    assert "'black'" in prompts[0]
    text = program_text(make_job(plan_on("circle", (10, 8)), GRBL))
    assert "Layer 2 of 2" in text
    assert "'rose'" not in text
    assert ascii_text("Кармин rosé!").strip() == "rose"


def test_a_new_spool_is_planned_before_the_old_one_is_used_up():
    plan = circle(random_winding(pins_on("circle"), 80, 3))
    short = part(GRBL, "thread", spool_m=20.0, reserve_m=2.0)
    job = make_job(plan, short)
    spools = [s for s in job.steps if s.prompt.startswith("New spool")]
    assert spools
    stops, used, last = [], 0.0, 0.0
    for step in job.steps:
        if step.prompt.startswith("New spool"):
            stops.append(step.thread_mm - last)
            last = step.thread_mm
        used = step.thread_mm
    assert used > 20_000
    assert max(stops) < 20_000 - 1_000
    assert prove(program_text(job), short, plan).problems == ()


def test_snippets_are_filled_in_and_checked():
    good = part(GRBL, "snippets", start=("M3 S100",), layer=("G4 P0.5",), change=("M5",), end=("M9",))
    text = program_text(make_job(plan_on("circle", (6, 5)), good))
    assert "\nM3 S100\n" in text
    assert text.count("\nG4 P0.5\n") == 2
    for snippet, why in ((("M600",), "M600"), (("G1 X{nozzle}",), "nozzle"), (("G0 X1 ?",), "acts upon")):
        with pytest.raises(MachineError, match=why):
            make_job(plan_on("circle", (6,)), part(GRBL, "snippets", start=snippet))


@pytest.mark.parametrize("name", bundled_names())
def test_a_job_is_read_back_as_it_was_made(name):
    profile = load_profile(name)
    made = make_job(plan_on("ellipse", (20, 10)), profile)
    read = read_job(program_text(made))
    assert [(s.kind, s.lines, s.pins, s.first_wrap if s.pins else 0) for s in read.steps] == [
        (s.kind, s.lines, s.pins, s.first_wrap if s.pins else 0) for s in made.steps
    ]
    assert [bool(s.prompt) for s in read.steps] == [bool(s.prompt) for s in made.steps]
    assert read.wraps == made.wraps


def test_a_job_that_was_cut_off_is_refused():
    text = program_text(make_job(plan_on("circle", (6,)), GRBL))
    with pytest.raises(MachineError, match="cut off"):
        read_job(text[: len(text) * 3 // 4])
    with pytest.raises(MachineError, match="not a job of stringart"):
        read_job("G21\nG0 X1\n")


def test_a_job_that_counts_its_layers_from_0_is_refused():
    text = program_text(make_job(plan_on("circle", (6, 4)), GRBL))
    assert "layer 1 thread" in text
    assert "layer 2 thread" in text
    older = text.replace("layer 1 thread", "layer 0 thread").replace("layer 2 thread", "layer 1 thread")
    with pytest.raises(MachineError, match="counts its layers from 0") as refused:
        read_job(older, "old.gcode")
    assert "export it again" in refused.value.hint


def test_a_chord_that_leaves_the_board_is_refused_before_there_is_a_line():
    """Over the L's bay, from one arm to the other; only a plan for another board has such a chord."""
    plan = plan_on("ell", (4, 3))
    xy = plan.pins.xy_mm
    up, right = (int(np.argmin(np.hypot(*(xy - place).T))) for place in ((0.0, 250.0), (250.0, 0.0)))
    inside = int(np.argmin(np.hypot(*(xy - [-300.0, 100.0]).T)))
    layers = (plan.layers[0], Layer(thread=0, pins=[up, inside, up, right, up]))
    wrap = len(plan.layers[0].pins) + 4
    with pytest.raises(
        MachineError, match=rf"wrap {wrap}: the chord from pin {up} to pin {right} leaves the board by 1"
    ):
        make_job(replace(plan, layers=layers), GRBL)


@pytest.mark.parametrize("shape", ["star", "ell"])
def test_no_chord_that_a_board_allows_is_refused(shape):
    """Not even the shortest ones, which skim the bays."""
    pins, board = pins_on(shape), plan_on(shape, (2,)).board
    allowed = allowed_chords(board, pins)
    shortest = allowed[np.argsort(np.hypot(*(pins.xy_mm[allowed[:, 0]] - pins.xy_mm[allowed[:, 1]]).T))[:2000:50]]
    for a, b in shortest.tolist():
        plan = Plan(board=board, pins=pins, threads=THREADS, layers=(Layer(thread=0, pins=[a, b, a]),))
        assert make_job(plan, GRBL).wraps == 3


def test_the_header_says_what_the_job_is():
    plan = plan_on("circle", (6,))
    text = program_text(make_job(plan, GRBL))
    for needed in (
        "units mm",
        "dialect grbl",
        "profile grbl",
        plan.sha256,
        "limit x 0 to 1000",
        "estimate",
        "thread layer 1",
    ):
        assert needed in text
    assert f"estimate {time_of(text, GRBL).total_s:.0f} s" in text


@pytest.mark.parametrize(("name", "center"), [("grbl", (480.0, 512.5)), ("grbl-rotary", (3.0, -2.0))])
def test_a_board_that_is_turned_scaled_and_off_centre_is_wound_the_same(name, center):
    placed = part(load_profile(name), "board", center_mm=center, rotation_deg=12.34, scale=1.01)
    plan = plan_on("star", (30, 10))
    text = program_text(make_job(plan, placed))
    assert prove(text, placed, plan).problems == ()
    assert prove(text, placed).problems == ()


def test_a_servo_that_lifts_the_tool_follows_the_height_and_is_not_switched_off():
    servo = load_profile("grbl-servo")
    lines = [line for step in make_job(plan_on("circle", (60,)), servo).steps for line in step.lines]
    values = [int(line.split("S")[1]) for line in lines if line.startswith("M3 S")]
    assert max(values) <= 850
    assert len(set(values)) > 4
    assert "M5" not in lines
    assert not any("Z" in line for line in lines)
    short = part(servo, "servo", high_mm=20.0)
    with pytest.raises(MachineError, match=r"servo lifts it from 0 to 20 mm"):
        make_job(plan_on("circle", (60,)), short)


def test_without_arcs_round_moves_are_short_lines_that_keep_as_clear():
    straight = part(GRBL, "machine", arcs=False)
    plan = plan_on("circle", (20,))
    text = program_text(make_job(plan, straight))
    assert not re.search(r"^G[23] ", text, re.M)
    proof = prove(text, straight, plan)
    assert proof.problems == ()
    assert proof.clearance_mm > 1.2


def test_a_rotary_axis_of_its_own_has_its_own_letter():
    rotary = load_profile("grbl-rotary")
    turned = replace(part(rotary, "axes", y="A"), machine=replace(rotary.machine, dialect="grblhal"))
    plan = plan_on("ellipse", (15,))
    text = program_text(make_job(plan, turned))
    assert re.search(r"^G1 X\S+ A\S+", text, re.M)
    assert not re.search(r"^G1 .*Y", text, re.M)
    assert prove(text, turned, plan).problems == ()
