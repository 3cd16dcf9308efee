import pytest
from machine_boards import plan_on

from firmware_io import Job, JobState, Step
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine
from firmware_io.sim.motion import MotionLimits
from stringart.machine.estimate import time_of
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text


@pytest.mark.parametrize(
    "name", ["grbl", "grblhal", "fluidnc", "marlin", "grbl-servo", "grbl-rotary", "grbl-turntable"]
)
def test_the_estimate_is_within_3_percent_of_the_simulated_controllers_clock(name):
    profile = load_profile(name)
    text = program_text(make_job(plan_on("circle", (60,)), profile))
    motion = profile.motion
    machine = SimulatedMachine(
        profile.machine.dialect,
        limits=MotionLimits(
            max_rate_mm_s=(*(v / 60 for v in motion.max_rate_mm_min), 100.0),
            acceleration_mm_s2=(*motion.acceleration_mm_s2, 800.0),
            junction_deviation_mm=motion.junction_deviation_mm,
        ),
    )
    bench = Bench(machine)
    bench.connect()
    begin_s = machine.now
    bench.start(Job.from_steps("job", [Step(lines=s.lines) for s in read_job(text).steps]))
    assert bench.run() is JobState.FINISHED
    assert time_of(text, profile).total_s == pytest.approx(machine.now - begin_s, rel=0.03)


def test_a_trapezoid_is_what_the_textbook_says():
    profile = load_profile("grbl")
    text = "G21 G90\nG1 X0 Y0 Z0 F6000\nG1 X100 F6000\nG4 P0\n"
    # 100 mm/s with 800 mm/s2: 0.125 s and 6.25 mm up, the same down, 87.5 mm along
    assert time_of(text, profile).total_s == pytest.approx(0.25 + 0.875 + profile.dwell.host_s)


def test_a_corner_is_slower_than_going_straight_on():
    profile = load_profile("grbl")
    straight = time_of("G21 G90\nG1 X0 Y0 Z0 F6000\nG1 X50\nG1 X100\nG4 P0\n", profile).total_s
    corner = time_of("G21 G90\nG1 X0 Y0 Z0 F6000\nG1 X50\nG1 Y50\nG4 P0\n", profile).total_s
    back = time_of("G21 G90\nG1 X0 Y0 Z0 F6000\nG1 X50\nG1 X0\nG4 P0\n", profile).total_s
    assert straight < corner < back


def test_marlins_dwell_is_in_milliseconds():
    grbl = time_of("G21 G90\nG1 X1 Y0 Z0 F6000\nG4 P2\n", load_profile("grbl")).total_s
    marlin = time_of("G21\nG90\nG1 X1 Y0 Z0 F6000\nG4 P2000\n", load_profile("marlin")).total_s
    assert grbl == pytest.approx(marlin, abs=0.01)
