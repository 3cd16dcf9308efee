"""What real boards do while nobody streams: the simulated ones do the same; else a test against them proves nothing."""

from __future__ import annotations

import os
import select
import termios
import time

import pytest

from firmware_io.sim.host import PseudoTerminal, SimulatedPort
from firmware_io.sim.machine import SimulatedMachine


class Wire:
    """A host without any manners."""

    def __init__(self, firmware: str = "grbl", settings: dict[int, float] | None = None, **options: object) -> None:
        self.machine = SimulatedMachine(firmware, boot_s=0.0, **options)  # type: ignore[arg-type]
        self.machine.configure(settings or {})
        self.machine.open()
        self.say(b"", 0.1)

    def say(self, data: bytes, wait_s: float = 1.0) -> str:
        if data:
            self.machine.write(data)
        self.machine.advance_to(self.machine.now + wait_s)
        return self.machine.read().decode("latin-1")

    def open_again(self) -> str:
        self.machine.close()
        self.machine.open()
        return self.say(b"", 0.1)


# --- opening the port ---


def test_every_opening_restarts_a_board_whose_dtr_fell_and_the_position_is_zero_wherever_the_tool_stands() -> None:
    wire = Wire()
    wire.say(b"G1 X10 F600\n", 5.0)
    assert "Grbl 1.1h" in wire.open_again()
    assert "MPos:0.000" in wire.say(b"?")
    assert wire.machine.position[0] == pytest.approx(10.0)


def test_a_board_whose_dtr_was_left_up_is_not_restarted_again() -> None:
    wire = Wire()
    wire.machine.hangs_up = False
    wire.say(b"G1 X10 F600\n", 5.0)
    assert wire.open_again() == ""
    assert "MPos:10.000" in wire.say(b"?")


def test_a_cable_that_was_out_lets_dtr_fall() -> None:
    wire = Wire()
    wire.machine.hangs_up = False
    wire.machine.unplug()
    wire.machine.plug()
    assert "Grbl 1.1h" in wire.open_again()


def test_a_board_with_homing_is_locked_after_every_start() -> None:
    wire = Wire(homing=True)
    assert "<Alarm" in wire.say(b"?")
    assert wire.say(b"G1 X1 F100\n") == "error:9\r\n"
    assert wire.say(b"$J=X1F100\n") == "error:8\r\n"
    assert "ok" in wire.say(b"$X\n")
    assert "to unlock" in wire.open_again()


def until_said(descriptor: int, text: bytes, seconds: float = 300.0) -> bytes:
    said, end = b"", time.monotonic() + seconds
    while text not in said and time.monotonic() < end:
        if select.select([descriptor], [], [], 0.05)[0]:
            said += os.read(descriptor, 4096)
    return said


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_a_terminals_dtr_falls_with_its_last_reader_unless_hupcl_is_cleared() -> None:
    machine = SimulatedMachine("grbl", boot_s=0.0)
    terminal = PseudoTerminal(SimulatedPort(machine, speed=50.0))
    try:
        for hangs_up, restarts in ((True, True), (True, True), (False, True), (False, False)):
            descriptor = os.open(terminal.name, os.O_RDWR | os.O_NOCTTY)
            settings = termios.tcgetattr(descriptor)
            settings[2] = settings[2] | termios.HUPCL if hangs_up else settings[2] & ~termios.HUPCL
            termios.tcsetattr(descriptor, termios.TCSANOW, settings)
            os.write(descriptor, b"G1 X5 F6000\n$G\n")
            said = until_said(descriptor, b"[GC:")
            assert (b"Grbl 1.1h" in said) is restarts, said
            os.close(descriptor)
            end = time.monotonic() + 300.0
            while machine.is_open and time.monotonic() < end:  # the line falls
                terminal.port.do(lambda machine: None)
    finally:
        terminal.close()


# --- check mode ---


@pytest.mark.parametrize("line", ["$I", "$#", "$H", "$J=X1F100", "$N", "$110=5000"])
def test_check_mode_refuses_what_it_cannot_check(line: str) -> None:
    wire = Wire(homing=True)
    wire.say(b"$X\n$C\n")
    assert wire.say(line.encode() + b"\n") == "error:8\r\n"


def test_check_mode_answers_the_rest_and_lasts() -> None:
    wire = Wire(resets_on_open=False)
    assert "[MSG:Enabled]" in wire.say(b"$C\n")
    for line, answer in ((b"$$\n", "$110="), (b"$G\n", "[GC:"), (b"?", "<Check"), (b"G1 X5 F100\n", "ok")):
        assert answer in wire.say(line)
    wire.open_again()
    assert "<Check" in wire.say(b"?")


def test_a_reset_leaves_check_mode_and_nothing_has_moved() -> None:
    wire = Wire()
    wire.say(b"G1 X7 F600\n", 5.0)
    wire.say(b"$C\nG1 X50 F100\nG91 G1 X9\n")
    assert "<Check|MPos:7.000" in wire.say(b"?")
    assert "Grbl 1.1h" in wire.say(b"\x18")
    assert "<Idle|MPos:7.000" in wire.say(b"?")
    assert wire.machine.position[0] == pytest.approx(7.0)


def test_leaving_check_mode_is_a_soft_reset_that_clears_g92_and_brings_g54_back() -> None:
    wire = Wire()
    wire.say(b"G10 L2 P2 X100\nG55\nG92 Y30\n")
    wire.say(b"$C\n")
    assert "Grbl 1.1h" in wire.say(b"$C\n")
    assert "[GC:G0 G54 " in wire.say(b"$G\n")
    assert "[G92:0.000,0.000,0.000]" in wire.say(b"$#\n")


def test_a_dry_run_beyond_the_travel_ends_in_alarm_2_and_answers_nothing_any_more() -> None:
    wire = Wire(settings={20: 1, 22: 1, 130: 800})
    wire.say(b"$X\n")
    said = wire.say(b"$C\nG1 X-300 F100\nG1 X-900\nG1 X-10\n")
    assert said.count("ok") == 2
    assert "ALARM:2" in said
    assert wire.say(b"?$X\n$C\n$I\n", 5.0) == ""
    assert "to unlock" in wire.say(b"\x18")
    assert "ok" in wire.say(b"$X\n")


@pytest.mark.parametrize("code", [1, 2])
def test_a_limit_alarm_lets_nothing_through_but_a_reset(code: int) -> None:
    wire = Wire()
    wire.machine.raise_alarm(code)
    assert f"ALARM:{code}" in wire.say(b"")
    assert wire.say(b"?$X\n$H\n~!", 5.0) == ""
    assert "to unlock" in wire.say(b"\x18")


# --- offsets ---


def test_g10_l20_p0_is_for_good_and_g92_is_gone_at_the_next_reset() -> None:
    wire = Wire()
    wire.say(b"G10 L20 P0 X-50\n")
    wire.say(b"G92 Y20\n")
    wire.open_again()
    said = wire.say(b"$#\n")
    assert "[G54:50.000,0.000,0.000]" in said
    assert "[G92:0.000,0.000,0.000]" in said


def test_after_a_reset_the_first_report_tells_the_work_offset_in_a_hold_too() -> None:
    wire = Wire()
    wire.say(b"G1 X50 F600\n", 1.0)
    wire.say(b"!", 1.0)
    assert "<Hold:0" in wire.say(b"?")
    wire.say(b"\x18")
    assert ["WCO" in wire.say(b"?", 0.2) for _ in range(11)] == [True, *[False] * 9, True]


def test_in_hold_the_work_offset_comes_with_every_thirtieth_report() -> None:
    wire = Wire()
    wire.say(b"M0\n")
    told = [k for k in range(60) if "WCO" in wire.say(b"?", 0.2)]
    assert told[1] - told[0] == 30


# --- servo and motors ---


def test_a_servo_is_at_rest_while_it_homes_and_comes_back_with_the_next_motion() -> None:
    wire = Wire(homing=True, settings={25: 5000})
    wire.say(b"$X\nM3 S250\nG1 X20 F600\n", 5.0)
    assert wire.machine.gantry.spindle == 250.0
    wire.machine.write(b"$H\n")
    assert wire.machine.gantry.spindle == 0.0
    wire.say(b"", 30.0)
    assert wire.machine.gantry.spindle == 0.0
    wire.say(b"G1 X5 F600\n", 5.0)
    assert wire.machine.gantry.spindle == 250.0


@pytest.mark.parametrize(("laser", "held"), [(0, 250.0), (1, 0.0)])
def test_a_hold_takes_a_servos_pulses_away_in_laser_mode(laser: int, held: float) -> None:
    wire = Wire(settings={32: laser})
    wire.say(b"M3 S250\nG1 X20 F600\n", 0.5)
    wire.say(b"!", 2.0)
    assert wire.machine.gantry.spindle == held
    wire.say(b"~", 5.0)
    assert wire.machine.gantry.spindle == 250.0


def test_a_laser_goes_on_with_the_strength_that_it_had_before_the_hold() -> None:
    """With the override, and not above $30: not with what S said."""
    wire = Wire(settings={30: 1000, 32: 1})
    wire.say(b"\x9b\x9bM3 S500\nG1 X40 F600\n", 0.5)  # 80 %
    for before in (400.0, 1000.0):
        assert wire.machine.gantry.spindle == before
        wire.say(b"!", 2.0)
        wire.say(b"~", 0.5)
        assert wire.machine.gantry.spindle == before
        wire.say(b"S5000\nG1 X80\n", 5.0)


@pytest.mark.parametrize(("delay", "releases"), [(25, 3), (255, 0)])
def test_the_motors_are_switched_off_after_every_stop_unless_1_is_255(delay: int, releases: int) -> None:
    wire = Wire(settings={1: delay})
    wire.say(b"G1 X1 F600\nG4 P0.05\nG1 X2\nG4 P0.05\nG1 X3\n", 10.0)
    assert wire.machine.controller.motor_releases == releases


def test_no_axis_is_faster_than_its_settings_whatever_f_says() -> None:
    def seconds(settings: dict[int, float]) -> float:
        wire = Wire(settings=settings)
        begin = wire.machine.now
        wire.machine.write(b"G1 X300 F10000\n")
        while wire.machine.controller.planner.busy:
            wire.machine.advance_to(wire.machine.next_event_s or 0.0)
        return wire.machine.now - begin

    slow = seconds({110: 3000, 120: 100})
    assert slow == pytest.approx(300 / 50 + 50 / 100, rel=1e-6)
    assert slow > 2 * seconds({110: 10000, 120: 800})


# --- buttons, stops, rates ---


def test_the_machines_own_buttons_act_without_a_byte_of_ours() -> None:
    wire = Wire()
    wire.say(b"G1 X50 F600\n", 1.0)
    wire.machine.press("hold")
    wire.say(b"", 1.0)
    assert "<Hold:0" in wire.say(b"?")
    wire.machine.press("start")
    assert "<Run" in wire.say(b"?")
    wire.machine.press("abort")
    said = wire.say(b"")
    assert "ALARM:3" in said
    assert "to unlock" in said


def test_an_end_stop_stalls_the_motor_and_is_on_record() -> None:
    wire = Wire()
    wire.machine.gantry.ends = ((0.0, 100.0), (0.0, 100.0), (-50.0, 0.0))
    wire.say(b"G1 X130 F6000\nG1 X30\n", 10.0)
    assert wire.machine.stalled_mm == pytest.approx(30.0)
    assert wire.machine.position[0] == pytest.approx(0.0)


def test_another_baud_rate_is_noise_both_ways() -> None:
    machine = SimulatedMachine("grbl", boot_s=0.0, baud=250_000)
    machine.host_baud = 115_200
    machine.open()
    machine.advance_to(1.0)
    assert b"Grbl" not in machine.read()
    machine.host_baud = 250_000
    machine.write(b"?")
    machine.advance_to(2.0)
    assert b"<Idle" in machine.read()
