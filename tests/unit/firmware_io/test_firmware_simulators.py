"""The simulated controllers do what the real ones were seen to do; else a test against them proves nothing."""

from __future__ import annotations

import math

import pytest

from firmware_io import GrblProtocol, Job, JobState, Step
from firmware_io.path import PathModel, legs_of, locate
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine
from firmware_io.sim.motion import MotionLimits


class Wire:
    """A host without any manners."""

    def __init__(self, firmware: str = "grbl", **options: object) -> None:
        self.machine = SimulatedMachine(firmware, boot_s=0.0, **options)  # type: ignore[arg-type]
        self.machine.open()
        self.say(b"", 0.1)

    def say(self, data: bytes, wait_s: float = 1.0) -> str:
        if data:
            self.machine.write(data)
        self.machine.advance_to(self.machine.now + wait_s)
        return self.machine.read().decode("latin-1")


OK_LINES = """N10 G21|g1 x1 f500|/G1 X2 F9|(c)||G0|G4 P0|M3 S250|M2|M30|M1|M8|M9|T3|G28|G92 X0|G10 L20 P1 X0|G40|G49
G61|G80|G91.1|G93|G94""".replace("\n", "|").split("|")
# line, code
ERRORS = """%:1|O1000:20|G1:22|G1 Y1 F:2|G1 X1 X2 F9:25|G2 X1 Y1 I5 F9:33|G4:28|G4 S1:28|M7:20|M117:20|M84:20|M6:20
T1 M6:20|G64:20|G95:20|G43 H1:20|E1:20|A1:20|M400:23|M280:23|M600:23|G59.1:23|G17 G18:21""".replace("\n", "|").split(
    "|"
)


@pytest.mark.parametrize("line", OK_LINES)
def test_lines_that_grbl_takes(line: str) -> None:
    assert "ok" in Wire().say(line.encode() + b"\n", 0.1)


@pytest.mark.parametrize("case", [*ERRORS, f"G1X{1:090d}:11"])
def test_lines_that_grbl_refuses(case: str) -> None:
    line, _, code = case.partition(":")
    assert Wire().say(line.encode() + b"\n", 0.1) == f"error:{code}\r\n"


def test_overflow_is_silent() -> None:
    wire = Wire()
    sent = b"".join(b"G1 X%d.5 Y2.25 F100\n" % (i % 10) for i in range(60))
    said = wire.say(sent, 10_000.0)
    answers = said.count("ok") + said.count("error")
    assert 20 <= answers <= 30
    assert wire.machine.lost_bytes > 300


@pytest.mark.parametrize(("firmware", "count"), [("grbl", 2), ("grblhal", 1), ("fluidnc", 1)])
def test_crlf(firmware: str, count: int) -> None:
    assert Wire(firmware).say(b"G21\r\n").count("ok") == count


def test_only_grblhal_latches_errors() -> None:
    assert Wire("grbl").say(b"M6\nG21\n\nG21\n") == "error:20\r\nok\r\nok\r\nok\r\n"
    assert Wire("grblhal").say(b"G59.1\nG21\n\nG21\n") == "error:23\r\nerror:23\r\nok\r\nok\r\n"


def test_realtime_bytes_act_in_comments() -> None:
    wire = Wire()
    said = wire.say(b"G1 X1 F500 (ready? go!)\n")
    assert "MPos" in said
    assert "<Hold:0" in wire.say(b"?")
    assert "[MSG:Check Door]" in Wire().say("(Äußerer Ring)\n".encode())


def test_m0_withholds_its_ok() -> None:
    wire = Wire()
    assert "ok" not in wire.say(b"M0\n", 100.0)
    assert "Hold:0" in wire.say(b"?")
    assert "ok" in wire.say(b"~")


def test_resume_is_lost_while_it_brakes() -> None:
    wire = Wire()
    wire.say(b"G1 X100 F6000\n", 0.5)
    assert "Hold:1" in wire.say(b"!?~", 0.001)
    assert "Hold:0" in wire.say(b"", 1.0) + wire.say(b"?")
    wire.say(b"~", 5.0)
    assert wire.machine.position[0] == pytest.approx(100.0)


def test_ok_is_queued_and_dwell_is_done() -> None:
    wire = Wire()
    assert wire.say(b"G1 X100 F600\n", 0.01) == "ok\r\n"
    assert wire.machine.position[0] < 1.0
    assert wire.say(b"G4 P0.01\n", 9.0) == ""
    assert "ok" in wire.say(b"", 2.0)
    assert wire.machine.position[0] == pytest.approx(100.0)


def test_stray_ok_before_the_banner_after_a_soft_limit() -> None:
    wire = Wire()
    wire.say(b"$22=1\n")
    wire.say(b"$20=1\n")
    said = wire.say(b"G1 X5 F100\n")
    assert "ALARM:2" in said
    assert wire.say(b"$$\n?\nG21\n") == ""
    said = wire.say(b"\x18")
    assert said.index("ok") < said.index("Grbl 1.1h")
    assert "error:9" in wire.say(b"G21\n")


def test_reset_in_motion_is_alarm_3() -> None:
    wire = Wire()
    wire.say(b"G1 X100 F600\n", 1.0)
    assert "ALARM:3" in wire.say(b"\x18")
    assert "<Alarm" in wire.say(b"?")


def test_open_reboots_and_the_gantry_stays() -> None:
    wire = Wire()
    wire.say(b"G1 X10 F600\n", 5.0)
    wire.machine.close()
    wire.machine.open()
    assert "MPos:0.000" in wire.say(b"?")
    assert wire.machine.position[0] == pytest.approx(10.0)


def test_cable_out_and_the_controller_finishes() -> None:
    wire = Wire(resets_on_open=False)
    wire.machine.write(b"".join(b"G1 X%d F600\n" % i for i in range(1, 8)))
    wire.machine.unplug()
    with pytest.raises(OSError, match="input/output"):
        wire.machine.write(b"?")
    wire.machine.advance_to(wire.machine.now + 20.0)
    wire.machine.plug()
    wire.machine.open()
    assert "<Idle|MPos:7.000" in wire.say(b"?")


def test_check_mode_moves_nothing_and_restarts() -> None:
    wire = Wire()
    said = wire.say(b"$C\nG1 X50 F100\nG2 X1\nM0\n$C\n")
    assert said.count("ok") == 4
    assert "error:" in said
    assert said.rstrip().endswith("for help]")
    assert wire.machine.position[0] == 0.0


def test_tool_change_state_is_grblhals() -> None:
    wire = Wire("grblhal")
    wire.say(b"T1 M6\n")
    assert "<Tool" in wire.say(b"?")
    assert "ok" in wire.say(b"~")


def test_fluidnc_reports_by_itself() -> None:
    wire = Wire("fluidnc")
    wire.say(b"$Report/Interval=200\n")
    assert 8 <= wire.say(b"G1 X100 F600\n", 2.0).count("<Run") <= 11


def test_settings_make_it_deaf() -> None:
    wire = Wire()
    wire.machine.write(b"$110=5000\n")
    wire.machine.write(b"G1 X1 F100\n")
    assert wire.machine.lost_bytes == 11


def test_axis_limits_rule_the_time() -> None:
    """A trapezoid with a full stop at each end, by hand: 300 mm at 100 mm/s and 500 mm/s^2."""
    limits = MotionLimits(max_rate_mm_s=(100.0, 200.0, 10.0), acceleration_mm_s2=(500.0, 1000.0, 100.0))
    wire = Wire(limits=limits)
    begin = wire.machine.now
    wire.machine.write(b"G0 X300\nG4 P0\n")
    while wire.machine.controller.planner.busy:
        wire.machine.advance_to(wire.machine.next_event_s or 0.0)
    assert wire.machine.now - begin == pytest.approx(300 / 100 + 100 / 500, rel=1e-6)
    wire.machine.write(b"G0 X400 Y400\n")  # 100 mm of x, 400 mm of y: y rules, with 200 mm/s and 1000 mm/s^2
    begin = wire.machine.now
    while wire.machine.controller.planner.busy:
        wire.machine.advance_to(wire.machine.next_event_s or 0.0)
    assert wire.machine.now - begin == pytest.approx(400 / 200 + 200 / 1000, rel=1e-6)


def test_straight_corner_costs_nothing_and_a_right_angle_does() -> None:
    def seconds(lines: bytes) -> float:
        wire = Wire()
        begin = wire.machine.now
        wire.machine.write(lines)
        while wire.machine.controller.planner.busy:
            wire.machine.advance_to(wire.machine.next_event_s or 0.0)
        return wire.machine.now - begin

    whole = seconds(b"G1 X100 F6000\n")
    assert seconds(b"G1 X50 F6000\nG1 X100\n") == pytest.approx(whole, rel=1e-6)
    assert seconds(b"G1 X50 F6000\nG1 Y50\n") > whole + 0.1


def test_window_is_used_to_the_full() -> None:
    """Character counting that never filled the buffer would be no flow control."""
    fullest = 0

    class Watch(GrblProtocol):
        def send(self, text, now_s, token=None):
            nonlocal fullest
            line = super().send(text, now_s, token)
            fullest = max(fullest, self.bytes_in_flight)
            return line

    bench = Bench(SimulatedMachine("grbl", line_time_s=0.05, boot_s=0.0))
    bench.connect()
    bench.engine.core.__class__ = Watch
    lines = tuple(f"G1 X{i % 7}.{i:03d} Y{i % 5}.125 F6000" for i in range(60))
    bench.start(Job.from_steps("dense", [Step(lines=lines)]))
    assert bench.run() is JobState.FINISHED
    assert 115 <= fullest <= 127
    assert bench.machine.lost_bytes == 0


def test_host_and_simulator_agree_on_arcs() -> None:
    lines = (
        "G90 G21 G17",
        "G1 X10 Y0 F1000",
        "G3 X0 Y10 I-10 J0",
        "G2 X10 Y0 R-10",
        "G91",
        "G2 X5 Y5 I5 J0",
        "G90 G0 X0",
    )
    wire = Wire()
    wire.say(("\n".join(lines) + "\n").encode(), 100.0)
    legs = legs_of(lines, PathModel(position=(0.0, 0.0, 0.0)))
    for vertex in wire.machine.path:
        assert any(p.distance_mm < 0.02 for p in locate(legs, vertex.position, 0.1)), vertex
    assert math.dist(legs[-1].points[-1], wire.machine.position) < 1e-6


def test_hours_of_motion_do_not_stall_the_clock() -> None:
    """Phases shorter than what a clock of many hours can tell apart are over at once."""
    wire = Wire(resets_on_open=False)
    wire.machine.advance_to(1e6)
    for i in range(200):
        wire.machine.controller.receive(b"G1 X%d.%03d Y%d F9000\n" % (i % 13, i, i % 7))
        while wire.machine.controller.planner.busy:
            wire.machine.advance_to(wire.machine.next_event_s or 0.0)
    assert wire.machine.position[:2] == pytest.approx((199 % 13 + 0.199, 199 % 7))


#: What grbl 1.1h's own code answered, run beside the simulator on the same transcripts: line, answer.
TRANSCRIPT = """G61.1:error:20|G43.1X1:error:37|G43.1Z1:ok|G90.1:error:20|G256:error:23|G28.1X1:ok|G10L2X1:ok
G10P1X1:error:20|G10L2P7X1:error:29|G4P-1:error:4|T300:error:38|G0G43.1Z1:error:24|G80G10L2P1X1:error:31|G93G1X5:error:22
G93G1X5F60:ok|$1=abc:error:2|$Z:error:2|$1:error:3|$J=:error:22|$J=X1:error:22|$J=G91X1F100S5:error:36|$J=G0X1F100:error:16|$J:error:3
$N2=G21:ok|$N0=G99:error:20|$I=hello:ok|$RST:error:3|$RST=x:error:3|$SLP1:error:3|$H:error:5|$#1:error:3|$G1:error:3
$0=1:error:6|$20=1:error:10|$100=-1:error:4|$256=1:error:3|$999=1:error:3|$33=1:error:3""".replace("\n", "|").split("|")


@pytest.mark.parametrize("case", TRANSCRIPT)
def test_answers_that_grbl_itself_gave(case: str) -> None:
    line, _, answer = case.partition(":")
    assert Wire().say(line.encode() + b"\n", 0.1) == f"{answer}\r\n"


def test_settings_are_told_with_the_decimals_of_grbl() -> None:
    wire = Wire()
    for line in (b"$1=255\n", b"$27=2\n", b"$13=7\n", b"$30=900.4\n", b"$100=80\n"):
        assert wire.say(line) == "ok\r\n"
    told = wire.say(b"$$\n").splitlines()
    assert {"$1=255", "$27=2.000", "$13=1", "$30=900", "$100=80.000"} <= set(told)


def test_homing_switched_off_takes_the_soft_limits_with_it() -> None:
    wire = Wire(homing=True)
    assert [wire.say(line)[-4:] for line in (b"$X\n", b"$20=1\n", b"$22=0\n")] == ["ok\r\n"] * 3
    assert "$20=0" in wire.say(b"$$\n").splitlines()


def test_start_lines_are_run_after_a_start_that_is_not_locked() -> None:
    wire = Wire()
    wire.say(b"$N0=G20\n")
    assert wire.say(b"\x18").endswith(">G20:ok\r\n")
    assert "G20" in wire.say(b"$G\n")


def test_restoring_the_offsets_clears_them_and_restarts() -> None:
    wire = Wire()
    wire.say(b"G10 L2 P1 X5\n")
    wire.say(b"$1=255\n")
    assert wire.say(b"$RST=#\n").startswith("[MSG:Restoring defaults]\r\nok\r\n\r\nGrbl 1.1h")
    assert "[G54:0.000,0.000,0.000]" in wire.say(b"$#\n")
    assert "$1=255" in wire.say(b"$$\n")


RESTORED = {"$": "settings", "#": "offsets", "*": "settings offsets start info"}


@pytest.mark.parametrize("what", RESTORED)
def test_restoring_brings_back_what_it_is_asked_for_and_leaves_the_rest(what: str) -> None:
    """``$`` the settings, speeds and travel too, ``#`` the offsets; start lines and what $I= wrote only by ``*``."""
    wire = Wire()
    planner = wire.machine.controller.planner
    limits = planner.limits
    told = {
        "settings": lambda: wire.say(b"$$\n"), "offsets": lambda: wire.say(b"$#\n"),
        "start": lambda: wire.say(b"$N\n"), "info": lambda: wire.say(b"$I\n"),
    }  # fmt: skip
    before = {name: ask() for name, ask in told.items()}
    for line in (b"$1=255", b"$110=1234", b"$11=0.5", b"$130=77", b"G10 L2 P2 X5", b"$N1=G20", b"$I=mine"):
        assert "ok" in wire.say(line + b"\n"), line
    wire.say(b"$RST=" + what.encode() + b"\n")
    assert {name for name, ask in told.items() if ask() == before[name]} == set(RESTORED[what].split())
    assert (planner.limits == limits) == ("settings" in RESTORED[what])  # by which it moves


def test_sleep_is_told_after_its_ok_and_ends_in_the_lock() -> None:
    wire = Wire()
    assert wire.say(b"$SLP\n") == "ok\r\n[MSG:Sleeping]\r\n"
    assert wire.say(b"\x18").endswith("[MSG:'$H'|'$X' to unlock]\r\n")


def test_accessories_are_told_with_the_overrides_and_the_spindle_within_its_limits() -> None:
    wire = Wire()
    wire.say(b"?")
    wire.say(b"M3 S5000 M8\n")
    assert wire.say(b"?") == "<Idle|MPos:0.000,0.000,0.000|FS:0,1000|Ov:100,100,100|A:SF>\r\n"
    wire.say(b"\x9b")  # spindle override, ten less
    wire.say(b"S500\n")
    assert "FS:0,450|Ov:100,100,90|A:SF" in wire.say(b"?")
    wire.say(b"$C\nM9\n")  # only the parser's
    assert wire.say(b"\xa0?").startswith("<Check|")
    wire.say(b"\x18")
    assert "A:" not in wire.say(b"?") + wire.say(b"?")


def test_an_override_that_changes_nothing_is_not_told() -> None:
    wire = Wire()
    wire.say(b"?")
    wire.say(b"?")
    assert "Ov" not in wire.say(b"\x90?")
    assert "Ov:110" in wire.say(b"\x91?")


def test_a_tool_length_is_part_of_the_work_offset_until_it_is_cancelled() -> None:
    wire = Wire()
    wire.say(b"?")
    wire.say(b"G43.1 Z2\n")
    assert "WCO:0.000,0.000,2.000" in wire.say(b"?")
    assert "[TLO:2.000]" in wire.say(b"$#\n")
    wire.say(b"G0 Z3\n", 20.0)
    assert "MPos:0.000,0.000,5.000" in wire.say(b"?")
    wire.say(b"G49\n")
    assert "WCO:0.000,0.000,0.000" in wire.say(b"?")


@pytest.mark.parametrize("line", [b"G93 G1 X10 F30\n", b"G20 G93 G1 X0.3937 F30\n"])
def test_inverse_time_is_moves_in_a_minute_in_inches_too(line: bytes) -> None:
    wire = Wire()
    begun_s = wire.machine.now
    wire.machine.write(line)  # two seconds
    while "Idle" not in wire.say(b"?", 0.1):
        assert wire.machine.now < begun_s + 10.0
    assert wire.machine.now - begun_s == pytest.approx(2.0, abs=0.4)
    assert "G93" in wire.say(b"$G\n")


def test_g28_moves_only_the_axes_that_it_names() -> None:
    wire = Wire()
    wire.say(b"G0 X5 Y7\n", 20.0)
    wire.say(b"G28 X2\n", 20.0)
    assert "MPos:0.000,7.000,0.000" in wire.say(b"?")


def test_a_report_asked_for_while_it_homes_comes_once_it_is_homed() -> None:
    wire = Wire(homing=True)
    wire.machine.configure({25: 3000.0})
    wire.say(b"$X\nG0 X-20\n", 20.0)
    said = wire.say(b"$H\n?", 60.0)
    assert said.count("<") == 1
    assert "<Idle" in said or "<Home" in said
