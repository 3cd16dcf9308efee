import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from machine_boards import SHAPES, THREADS, pins_on, random_winding
from machine_judge import wraps_of

from stringart.machine.estimate import reader_for
from stringart.machine.job import make_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.machine.reader import Motion, points_along
from stringart.plan.model import Board, Layer, Plan

RINGS = {shape: pins_on(shape, 160) for shape in SHAPES}
PROFILES = {name: load_profile(name) for name in ("grbl", "marlin", "grbl-servo", "grbl-rotary")}


@settings(max_examples=40, deadline=None)
@given(
    shape=st.sampled_from(SHAPES),
    name=st.sampled_from(sorted(PROFILES)),
    seed=st.integers(0, 10**6),
    steps=st.integers(1, 12),
    rim=st.sampled_from([0.0, 0.1, 0.6]),
    repeat=st.booleans(),
)
@example(shape="circle", name="grbl", seed=2, steps=4, rim=0.6, repeat=True)  # back along the rim
@example(shape="ell", name="grbl", seed=9710, steps=1, rim=0.6, repeat=False)  # round a corner that points inwards
@example(shape="rectangle", name="grbl-servo", seed=450, steps=4, rim=0.6, repeat=True)
def test_a_wrap_always_encloses_exactly_its_pin(shape, name, seed, steps, rim, repeat):
    pins, profile = RINGS[shape], PROFILES[name]
    winding = random_winding(pins, steps, seed, rim=rim)
    if repeat and len(winding) > 4:
        winding.insert(3, winding[2])
    width, height = np.ptp(pins.xy_mm, axis=0)
    plan = Plan(
        board=Board(shape="outline", width_mm=float(width), height_mm=float(height)),
        pins=pins,
        threads=THREADS[:1],
        layers=(Layer(thread=0, pins=winding),),
    )
    text = program_text(make_job(plan, profile))
    proof = prove(text, profile, plan)
    assert proof.problems == ()
    if not profile.rotary:
        path = []
        for action in reader_for(profile).read(text):
            if isinstance(action, Motion) and not np.isnan(action.end[0]):
                path += points_along(action, 0.01)
        turns = profile.thread.anchor_turns
        expected = [winding[0]] * turns + winding + [winding[-1]] * turns
        found = wraps_of(path, pins.xy_mm + np.array(profile.board.center_mm))
        assert [pin for pin, _ in found] == expected
