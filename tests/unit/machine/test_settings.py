"""The controller's settings beside the profile: every contradiction one line, and the time that is left by them."""

from dataclasses import replace

import pytest

from stringart.machine.profile_files import load_profile
from stringart.machine.settings import as_controlled, contradictions, fluidnc_settings, marlin_settings

GRBL, SERVO, ROTARY = load_profile("grbl"), load_profile("grbl-servo"), load_profile("grbl-rotary")
STEPS = replace(GRBL, motion=replace(GRBL.motion, steps_per_mm=(80.0, 80.0, 400.0)))
SET_UP = {
    1: 255, 10: 1, 11: 0.01, 12: 0.002, 13: 0, 20: 0, 22: 0, 30: 1000, 31: 0, 32: 0, 100: 80, 101: 80, 102: 400,
    110: 9000, 111: 9000, 112: 3000, 120: 800, 121: 800, 122: 300, 130: 1000, 131: 1000, 132: 100,
}  # fmt: skip
CASES = {
    "motors": (
        GRBL,
        {1: 25},
        "$1 is 25: the motors are switched off 25 ms after every stop, so 4805 times in this job",
    ),
    "rate": (
        GRBL,
        {110: 3000},
        "$110 is 3000 and not 9000 mm/min as motion.max_rate_mm_min says; the machine is slower",
    ),
    "acceleration": (GRBL, {120: 100, 121: 100}, "$120 is 100 and not 800 mm/s2, $121 is 100 and not 800 mm/s2"),
    "travel": (GRBL, {130: 800}, "$130 lets X travel 800 mm, the profile's limits.x_mm 0 to 1000: nothing guards it"),
    "guarded travel": (
        GRBL,
        {132: 60, 20: 1, 22: 1},
        "$132 lets Z travel 60 mm, the profile's limits.z_mm 0 to 80: a move beyond",
    ),
    "corners": (GRBL, {11: 0.02}, "$11 is 0.02 and not 0.01 mm as motion.junction_deviation_mm says"),
    "arcs": (GRBL, {12: 0.1}, "$12 is 0.1 and not 0.002 mm as motion.arc_tolerance_mm says, more than a tenth"),
    "inches": (GRBL, {13: 1}, "$13 is 1: the controller tells its position in inches"),
    "work positions": (GRBL, {10: 2}, "$10 is 2: the controller tells work positions (they are read so)"),
    "end stops without homing": (GRBL, {21: 1}, "$21 is 1 and $22 is 0: the end stops end a job, and after a restart"),
    "soft limits without homing": (GRBL, {20: 1}, "$20 is 1 and $22 is 0: the soft limits count from where"),
    "steps": (STEPS, {101: 160}, "$101 is 160 and not 80 steps/mm as motion.steps_per_mm says: the piece comes out"),
    "laser": (SERVO, {32: 1}, "$32 is 1: every hold and every G0 takes the servo's pulses away, and the tool falls"),
    "servo range": (
        SERVO,
        {30: 255},
        "$30 is 255: the servo goes no further than S255, the profile's servo.high_s is 850",
    ),
    "servo rest": (SERVO, {31: 200}, "$31 is 200: the servo never gets less, the profile's servo.low_s is 150"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_contradiction_is_one_line(case):
    profile, changed, said = CASES[case]
    told = contradictions(SET_UP | changed, profile, wraps=4805)
    assert len(told) == 1
    assert told[0].startswith(said)


@pytest.mark.parametrize("profile", [GRBL, SERVO])
def test_a_controller_that_is_set_as_the_profile_says_is_told_nothing(profile):
    assert contradictions(SET_UP, profile, wraps=10) == []
    assert contradictions({}, profile) == []
    assert contradictions(SET_UP | {32: 1}, GRBL) == []  # a Z axis knows no pulses


def test_a_turning_board_has_no_travel():
    rotary = SET_UP | {111: 21600, 121: 720, 131: 10}
    assert contradictions(rotary, ROTARY) == []


def test_the_slower_of_both_rules():
    slow = as_controlled(GRBL, SET_UP | {110: 3000, 121: 100, 112: 9000, 11: 0.02})
    assert slow.motion.max_rate_mm_min == (3000, 9000, 3000)
    assert slow.motion.acceleration_mm_s2 == (800, 100, 300)
    assert slow.motion.junction_deviation_mm == 0.02
    assert as_controlled(GRBL, SET_UP) == GRBL


def test_what_marlin_says_is_read():
    said = [
        "echo:  G21    ; Units in mm (mm)",
        "echo:; Steps per unit:",
        "echo: M92 X80.00 Y80.00 Z400.00 E93.00",
        "echo:  M203 X50.00 Y50.00 Z5.00 E25.00",
        "echo:  M201 X1000.00 Y1000.00 Z100.00 E5000.00",
        "echo:  M204 P500.00 R500.00 T400.00",
        "echo:  M205 B20000.00 S0.00 T0.00 J0.013",
    ]
    found = marlin_settings(said)
    assert found == {
        100: 80, 101: 80, 102: 400, 110: 3000, 111: 3000, 112: 300, 120: 400, 121: 400, 122: 100, 11: 0.013,
    }  # fmt: skip
    told = contradictions(found, load_profile("marlin"), marlin=True)
    assert any(line.startswith("M203 X is 3000 and not") for line in told)
    assert marlin_settings(["ok", "echo:Unknown command", ""]) == {}


def test_fluidncs_configuration_is_read_into_grbls_numbers():
    lines = """name: winder
stepping:
  engine: I2S_STATIC
  idle_ms: 250
axes:
  shared_stepper_disable_pin: NO_PIN
  x:
    steps_per_mm: 80.000
    max_rate_mm_per_min: 3000.000
    acceleration_mm_per_sec2: 100.000
    max_travel_mm: 800.000
    soft_limits: true
    homing:
      cycle: 2
    motor0:
      hard_limits: true
  z:
    max_travel_mm: 60.000
junction_deviation_mm: 0.020
arc_tolerance_mm: 0.002
macros:
  startup_line0:""".splitlines()
    told = fluidnc_settings(lines)
    assert told == {
        1: 250, 100: 80, 110: 3000, 120: 100, 130: 800, 20: 1, 22: 1, 21: 1, 132: 60, 11: 0.02, 12: 0.002,
    }  # fmt: skip
    said = contradictions(told, GRBL, wraps=10)
    assert any("$110 is 3000" in line for line in said)
    assert any("$1 is 250" in line for line in said)
