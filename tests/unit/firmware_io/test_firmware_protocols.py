"""The protocol cores: what is counted, what is not, and what each sentence of a controller does."""

from __future__ import annotations

import pytest

import firmware_io
from firmware_io import (
    Acknowledged,
    AcknowledgementOverdue,
    AlarmRaised,
    Booted,
    GrblProtocol,
    JobError,
    Link,
    MachineState,
    MarlinProtocol,
    Prompted,
    Rejected,
    ResendAsked,
    StatusReported,
    StrayAcknowledgement,
)
from firmware_io.errors import ProtocolFaultError
from firmware_io.gcode import dwell_s
from firmware_io.protocol.base import TRANSITIONS, Signal, follow
from firmware_io.protocol.numbered_lines import numbered

BANNER = b"\r\nGrbl 1.1h ['$' for help]\r\n"
MODES = b"[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]\r\nok\r\n"
BUILD = b"[VER:1.1h.20190830:]\r\n[OPT:V,15,128]\r\nok\r\n" + MODES


@pytest.fixture
def grbl() -> GrblProtocol:
    core = GrblProtocol()
    core.receive(BANNER, 0.0)
    core.fence(0.0)
    core.receive(b"error:1\r\nok\r\nok\r\n" + BUILD, 0.0)
    core.data_to_send()
    assert core.link is Link.READY
    return core


@pytest.fixture
def marlin() -> MarlinProtocol:
    core = MarlinProtocol()
    core.fence(0.0)
    core.receive(b"ok\nFIRMWARE_NAME:Marlin 2.1 x\nCap:EMERGENCY_PARSER:1\nok\n", 0.0)
    core.receive(b"ok\n", 0.0)
    core.data_to_send()
    assert core.link is Link.READY
    return core


def kinds(events: list[firmware_io.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_all_is_true() -> None:
    assert sorted(firmware_io.__all__) == firmware_io.__all__
    assert all(hasattr(firmware_io, name) for name in firmware_io.__all__)
    for name in firmware_io.__all__:
        if name not in ("Position", "RecoveryPlanner"):  # names of types
            assert getattr(firmware_io, name).__doc__, name


def test_the_table_of_transitions_is_closed() -> None:
    assert {state for state, _ in TRANSITIONS} <= set(Link)
    assert {signal for _, signal in TRANSITIONS} == set(Signal)
    assert all(TRANSITIONS[state, Signal.BANNER] is Link.LISTENING for state in Link)


def test_what_a_controller_may_say_has_a_place_in_every_state_and_a_fault_of_ours_is_called_so() -> None:
    for signal in (
        Signal.BANNER,
        Signal.ALARM,
        Signal.CRITICAL_ALARM,
        Signal.LOCK_SEEN,
        Signal.UNLOCKED,
        Signal.KILLED,
    ):
        assert all((state, signal) in TRANSITIONS for state in Link)
    with pytest.raises(ProtocolFaultError, match="'fence passed' cannot come while the link is ready"):
        follow(Link.READY, Signal.FENCE_PASSED)
    core = GrblProtocol()
    core.receive(b"ALARM:1\r\n", 0.0)
    with pytest.raises(ProtocolFaultError, match="'fence sent' cannot come while the link is critical"):
        core.fence(0.0)


def test_window_is_one_byte_under_the_reported_buffer(grbl: GrblProtocol) -> None:
    text = "G1 X100.000 Y100.000"  # 21 bytes with its end
    count = 0
    while grbl.fits(text):
        grbl.send(text, 0.0)
        grbl.ask_status(0.0)  # real-time bytes are not counted
        count += 1
    assert count == 6
    assert grbl.bytes_in_flight == 126
    assert not grbl.fits("G")
    with pytest.raises(JobError, match="does not fit"):
        grbl.send(text, 0.0)
    grbl.receive(b"ok\r\n", 0.0)
    assert grbl.fits(text)


def test_buffer_size_is_learned() -> None:
    core = GrblProtocol()
    core.fence(0.0)
    core.receive(b"[VER:1.1f.2024:]\r\n[OPT:VNMSL,100,1024,4,0]\r\n[FIRMWARE:grblHAL]\r\nok\r\n" + MODES, 0.0)
    assert (core.buffer_bytes, core.planner_blocks, core.firmware) == (1024, 100, "grblhal")


def test_old_acknowledgements_before_the_fence_count_for_nothing() -> None:
    core = GrblProtocol()
    core.fence(0.0)
    events = core.receive(b"ok\r\nok\r\nerror:20\r\nerror:1\r\nok\r\n", 0.0)
    assert all(isinstance(e, StrayAcknowledgement) for e in events)
    assert core.link is Link.FENCING
    core.receive(BUILD, 0.0)
    assert core.link is Link.READY


def test_slow_controller_that_answers_two_fences() -> None:
    """The answer to the first fence must not let the second's error pass for an answer to a line."""
    core = GrblProtocol()
    core.fence(0.0)
    core.tick(3.0)
    assert core.link is Link.LISTENING
    core.fence(3.0)
    core.receive(b"error:1\r\n" + BUILD, 3.1)
    assert core.link is Link.FENCING
    core.receive(b"error:1\r\n" + BUILD, 3.2)
    assert core.link is Link.READY


def test_error_names_the_line_and_halts(grbl: GrblProtocol) -> None:
    lines = [grbl.send(text, 0.0) for text in ("G1 X1 F100", "G2 X1", "G1 X3")]
    events = grbl.receive(b"ok\r\nerror:33\r\n", 0.0)
    assert isinstance(events[0], Acknowledged)
    rejected = events[1]
    assert isinstance(rejected, Rejected)
    assert rejected.line == lines[1]
    assert "arc" in rejected.meaning
    assert not grbl.fits("G0")
    assert kinds(grbl.receive(b"ok\r\n", 0.0)) == ["Acknowledged"]


def test_alarm_empties_the_ledger_and_the_stray_ok_is_stray(grbl: GrblProtocol) -> None:
    grbl.send("G1 X999 F100", 0.0)
    events = grbl.receive(b"ALARM:2\r\n[MSG:Reset to continue]\r\n", 0.0)
    assert isinstance(events[0], AlarmRaised)
    assert len(events[0].lost_lines) == 1
    assert grbl.link is Link.CRITICAL
    grbl.reset(1.0)
    assert grbl.data_to_send().endswith(b"\x18")
    assert kinds(grbl.receive(b"ok\r\n" + BANNER, 1.0))[:2] == ["StrayAcknowledgement", "Booted"]


def test_banner_in_mid_job_is_a_reboot(grbl: GrblProtocol) -> None:
    grbl.send("G1 X1 F100", 0.0)
    booted = grbl.receive(BANNER, 0.0)[0]
    assert isinstance(booted, Booted)
    assert not booted.asked_for
    assert len(booted.lost_lines) == 1
    assert grbl.bytes_in_flight == 0


def test_overdue_only_while_idle(grbl: GrblProtocol) -> None:
    grbl.send("M0", 0.0)
    for moment in range(1, 1000):
        grbl.receive(b"<Hold:0|MPos:0.000,0.000,0.000|FS:0,0>\r\n", float(moment))
        assert grbl.tick(float(moment)) == []
    grbl.receive(b"<Idle|MPos:0.000,0.000,0.000|FS:0,0>\r\n", 1000.0)
    assert grbl.tick(1004.0) == []
    assert kinds(grbl.tick(1005.5)) == ["AcknowledgementOverdue"]
    assert grbl.link is Link.SILENT


def test_dwell_lengthens_patience(grbl: GrblProtocol) -> None:
    grbl.send("G4 P60", 0.0)
    grbl.receive(b"<Idle|MPos:0.000,0.000,0.000|FS:0,0>\r\n", 0.0)
    assert grbl.tick(60.0) == []
    assert isinstance(grbl.tick(66.0)[0], AcknowledgementOverdue)
    assert dwell_s("G4 P1500", 0.001) == 1.5
    assert dwell_s("G4 S2", 0.001) == 2.0
    assert dwell_s("G1 P3") == 0.0


def test_positions_with_offset_either_way_and_in_inches(grbl: GrblProtocol) -> None:
    report = grbl.receive(b"<Run|MPos:10.000,5.000,1.000|FS:600,90|WCO:1.000,2.000,3.000|Ov:110,50,100>\r\n", 0.0)[0]
    assert isinstance(report, StatusReported)
    assert report.work_position == (9.0, 3.0, -2.0)
    assert (report.feed_mm_min, report.spindle) == (600.0, 90.0)
    report = grbl.receive(b"<Hold:1|WPos:1.000,1.000,1.000|FS:0,0>\r\n", 0.0)[0]
    assert isinstance(report, StatusReported)
    assert report.machine_position == (2.0, 3.0, 4.0)
    assert report.state is MachineState.HOLDING
    grbl.receive(b"$13=1\r\n", 0.0)
    report = grbl.receive(b"<Idle|MPos:1.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>\r\n", 0.0)[0]
    assert isinstance(report, StatusReported)
    assert report.machine_position == (25.4, 0.0, 0.0)


def test_overrides_are_the_fewest_bytes(grbl: GrblProtocol) -> None:
    grbl.override("feed", 132)
    assert grbl.data_to_send() == b"\x91\x91\x91\x93\x93"
    grbl.override("rapid", 25)
    assert grbl.data_to_send() == b"\x97"
    with pytest.raises(JobError, match="25, 50 or 100"):
        grbl.override("rapid", 60)


@pytest.mark.parametrize("line", ["G1 X1 ?", "M0 !", "G1 X1 (Ä)", "G1\n", "G1 X" + "1" * 80])
def test_lines_that_must_not_go_out(grbl: GrblProtocol, line: str) -> None:
    with pytest.raises(JobError):
        grbl.send(line, 0.0)


def test_marlin_numbers_and_checksums(marlin: MarlinProtocol) -> None:
    assert numbered(3, "T0") == b"N3 T0*57\n"
    marlin.send("G1 X1", 0.0)
    assert marlin.data_to_send() == numbered(1, "G1 X1")
    assert not marlin.fits("G1 X2")


def test_marlin_resends_once_after_a_pause(marlin: MarlinProtocol) -> None:
    marlin.send("G1 X1", 0.0)
    marlin.data_to_send()
    events = marlin.receive(b"Error:checksum mismatch, Last Line: 0\nResend: 1\nok\n", 1.0)
    assert any(isinstance(e, ResendAsked) for e in events)
    assert marlin.data_to_send() == b""
    marlin.tick(1.2)
    assert marlin.data_to_send() == numbered(1, "G1 X1")
    assert kinds(marlin.receive(b"ok\n", 1.3)) == ["Acknowledged"]


def test_marlin_lost_ok_costs_a_barrier_and_nothing_else(marlin: MarlinProtocol) -> None:
    """M400 sent again is answered at once though the motion still runs: that is no proof."""
    marlin.send("M400", 0.0)
    marlin.data_to_send()
    marlin.tick(5.5)
    assert marlin.data_to_send() == numbered(1, "M400")
    answer = b"Error:Line Number is not Last Line Number+1, Last Line: 1\nResend: 2\nok\n"
    assert kinds(marlin.receive(answer, 5.6)) == ["Said", "ResendAsked"]
    assert marlin.data_to_send() == b"\nM115\n"
    assert kinds(marlin.receive(b"ok\n", 9.0)) == []
    events = marlin.receive(b"FIRMWARE_NAME:Marlin 2.1\nok\n", 9.1)
    assert "Acknowledged" in kinds(events)
    assert marlin.fits("G1 X1")


def test_marlin_forgets_the_ok_after_resend(marlin: MarlinProtocol) -> None:
    marlin.send("G1 X1", 0.0)
    marlin.receive(b"Error:checksum mismatch, Last Line: 0\nResend: 1\n", 1.0)
    marlin.tick(1.2)
    assert kinds(marlin.receive(b"ok\n", 1.3)) == []  # might be the forgotten one
    marlin.tick(7.0)
    marlin.receive(b"Error:Line Number is not Last Line Number+1, Last Line: 1\nResend: 2\n", 7.1)
    assert kinds(marlin.receive(b"FIRMWARE_NAME:Marlin 2.1\nok\n", 7.2))[-1] == "Acknowledged"


def test_marlin_busy_is_patience_and_unknown_is_refusal(marlin: MarlinProtocol) -> None:
    marlin.send("M999 X1", 0.0)
    for moment in range(2, 400, 2):
        marlin.receive(b"echo:busy: processing\n", float(moment))
        assert marlin.tick(moment + 1.9) == []
    events = marlin.receive(b'echo:Unknown command: "M999 X1"\nok\n', 400.0)
    assert isinstance(events[-1], Rejected)
    assert marlin.link is Link.HALTED


def test_marlin_prompt_and_answer(marlin: MarlinProtocol) -> None:
    marlin.send("M0 change", 0.0)
    marlin.data_to_send()
    said = b"//action:prompt_begin change\n//action:prompt_button Continue\n//action:prompt_show\n"
    prompted = next(e for e in marlin.receive(said, 1.0) if isinstance(e, Prompted))
    assert (prompted.text, prompted.choices) == ("change", ("Continue",))
    assert marlin.machine_state is MachineState.WAITING
    assert marlin.tick(1e6) == []
    marlin.release()
    assert marlin.data_to_send() == b"M876 S0\n"
    marlin.receive(b"//action:prompt_end\n", 2.0)
    assert kinds(marlin.receive(b"ok\nok\n", 2.0)).count("Acknowledged") == 1
    assert marlin.fits("G1 X1")


def test_marlin_killed(marlin: MarlinProtocol) -> None:
    marlin.send("G1 X1", 0.0)
    event = marlin.receive(b"Error:Printer halted. kill() called!\n", 0.0)[0]
    assert isinstance(event, AlarmRaised)
    assert len(event.lost_lines) == 1
    assert marlin.link is Link.DEAD
