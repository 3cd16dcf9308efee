"""What must hold for any bytes, any line lengths, any delays, any tear."""

from __future__ import annotations

import math
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_io import (
    Acknowledged,
    Garbled,
    GrblProtocol,
    Job,
    JobState,
    Journal,
    JournalError,
    Link,
    MarlinProtocol,
    Rejected,
    Step,
    read_journal,
)
from firmware_io.errors import JobError
from firmware_io.gcode import clean
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine

GRBL_TALK = rb"""ok
error:20
ALARM:1
Grbl 1.1h ['$' for help]
[MSG:'$H'|'$X' to unlock]
<Idle|MPos:1.000,2.000,3.000|FS:0,0|WCO:0.000,0.000,0.000>
<Hold:1|WPos:1,2,3|FS:0,0>
[VER:1.1h.x:]
[OPT:V,15,128]
$13=1
<Alarm|MPos:nan,1e999,--|FS:,>
error:
[OPT:,,]
$130=1.2.3
[G54:1,2]
[G92:]
[GC:G0 G54]
<Run|MPos:1,2|WCO:1|Ov:1,2>
""".splitlines(keepends=True)
MARLIN_TALK = rb"""ok
ok N3 P15 B3
Resend: 2
Resend: 99999999999999999999
rs 1
Error:checksum mismatch, Last Line: 1
Error:Printer halted. kill() called!
start
echo:busy: processing
echo:busy: paused for user
wait
X:1.00 Y:2.00 Z:3.00 E:0.00 Count X:80 Y:160 Z:1200
X: Y: Z:
//action:prompt_begin hello
//action:prompt_button a
//action:prompt_show
//action:prompt_end
FIRMWARE_NAME:Marlin x
echo:Unknown command: "G1 X1"
Cap:EMERGENCY_PARSER:1
ok X:1 Y:2 Z:3
""".splitlines(keepends=True)


def talk(sentences: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Sentences of a firmware, whole, cut short, or noise instead."""
    sentence = st.sampled_from(sentences)
    cut = st.builds(lambda s, n: s[:n], sentence, st.integers(0, 20))
    return st.lists(st.one_of(sentence, cut, st.binary(max_size=30)), max_size=40)


def chop(data: bytes, sizes: list[int]) -> list[bytes]:
    """The same bytes in pieces of other sizes."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


@pytest.mark.parametrize(("make", "sentences"), [(GrblProtocol, GRBL_TALK), (MarlinProtocol, MARLIN_TALK)])
def test_no_bytes_make_a_core_raise_and_pieces_do_not_matter(make, sentences) -> None:
    @given(talk(sentences), st.lists(st.integers(1, 9), max_size=200))
    @settings(max_examples=200, deadline=None)
    def check(pieces: list[bytes], sizes: list[int]) -> None:
        whole, apart = make(), make()
        data = b"".join(pieces)
        first = whole.receive(data, 1.0)
        second = [e for piece in chop(data, sizes) for e in apart.receive(piece, 1.0)]
        assert first == second
        assert whole.link is apart.link
        whole.tick(1e6)

    check()


@given(talk(GRBL_TALK), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_grbl_counts_no_more_acknowledgements_than_were_said(pieces: list[bytes], sent: int) -> None:
    """Each line is acknowledged at most once, in order, and only by a line that is exactly ``ok``."""
    core = ready_grbl()
    lines = [core.send(f"G1 X{i}", 0.0, i) for i in range(sent)]
    data = b"".join(pieces)
    events = core.receive(data, 1.0)
    answered = [e.line for e in events if isinstance(e, Acknowledged | Rejected)]
    assert answered == lines[: len(answered)]
    oks = sum(line.strip(b"\r\x00 ") == b"ok" for line in data.split(b"\n")[:-1])
    assert sum(isinstance(e, Acknowledged) for e in events) <= oks
    assert core.bytes_in_flight == sum(len(line.text) + 1 for line in core.in_flight)


@given(talk(MARLIN_TALK))
@settings(max_examples=200, deadline=None)
def test_marlin_counts_no_more_acknowledgements_than_were_said(pieces: list[bytes]) -> None:
    core = ready_marlin()
    line = core.send("G1 X1", 0.0, "mine")
    data = b"".join(pieces)
    events = core.receive(data, 1.0)
    assert [e.line for e in events if isinstance(e, Acknowledged)] in ([], [line])
    answers = sum(part.strip(b"\r\x00 ").startswith((b"ok", b"Resend", b"rs")) for part in data.split(b"\n"))
    assert sum(isinstance(e, Acknowledged) for e in events) <= answers


def ready_grbl() -> GrblProtocol:
    """A core whose link is ready."""
    core = GrblProtocol()
    core.fence(0.0)
    core.receive(b"[VER:1.1h:]\r\n[OPT:V,15,128]\r\nok\r\n[GC:G0 G54]\r\nok\r\n", 0.0)
    core.data_to_send()
    assert core.link is Link.READY
    return core


def ready_marlin() -> MarlinProtocol:
    """A core whose link is ready."""
    core = MarlinProtocol()
    core.fence(0.0)
    core.receive(b"FIRMWARE_NAME:Marlin 2\nok\nok\n", 0.0)
    core.data_to_send()
    assert core.link is Link.READY
    return core


class Watched(SimulatedMachine):
    """Remembers how full the receive buffer got."""

    fullest = 0

    def write(self, data: bytes) -> int:
        count = super().write(data)
        waiting = self.controller.lines.waiting  # type: ignore[union-attr]
        self.fullest = max(self.fullest, waiting)
        return count


@given(
    st.lists(st.integers(0, 55), min_size=1, max_size=60),
    st.sampled_from([64, 128, 255, 1024]),
    st.floats(0.0, 0.2),
    st.floats(0.0, 0.05),
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_buffer_is_never_over_its_limit(
    paddings: list[int], rx_bytes: int, line_time_s: float, latency_s: float, seed: int
) -> None:
    """Random line lengths, buffer sizes, reading speeds and delays: not one byte is lost."""
    chance = random.Random(seed)
    machine = Watched("grbl", rx_bytes=rx_bytes, line_time_s=line_time_s, latency_s=latency_s, boot_s=0.0)
    longest = min(55, rx_bytes - 28)
    lines = [f"G1X{chance.random():.3f}F{6000 + i % 90}" + " " * min(p, longest) for i, p in enumerate(paddings)]
    steps = [Step(lines=tuple(lines[i : i + 12])) for i in range(0, len(lines), 12)]
    job = Job(name="random", steps=tuple(steps))
    bench = Bench(machine)
    bench.connect()
    bench.start(job)
    assert bench.run(limit_s=2000.0) is JobState.FINISHED
    assert machine.lost_bytes == 0
    assert machine.fullest < rx_bytes
    assert sum(isinstance(e, Acknowledged) for e in bench.events) == job.line_count + len(steps)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_what_is_clean_can_go_over_the_wire(text: str) -> None:
    try:
        line = clean(text)
    except JobError:
        return
    assert line.isascii()
    assert not set(line) & set("?!~\r\n\x18")
    assert all(" " <= c <= "~" for c in line)
    assert clean(line) == line


@given(st.integers(1, 30), st.integers(0, 10_000), st.binary(max_size=40))
@settings(max_examples=100, deadline=None)
def test_journal_survives_a_tear_anywhere(done: int, cut: int, rubbish: bytes) -> None:
    """Cut at any byte, with rubbish behind: what was flushed before the cut is there, and it can be written on."""
    job = Job.from_steps("torn", [Step(lines=(f"G1 X{i} F100", "G4 P0")) for i in range(40)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        ends = []
        with Journal.create(path, job) as journal:
            header = path.stat().st_size
            for i in range(done):
                journal.progress(1, 2, (float(i), 0.0, 0.0))
                journal.step_done(i, (float(i), 0.0, 0.0))
                ends.append(path.stat().st_size)
        whole = path.read_bytes()
        cut = header + cut % (len(whole) - header + 1)
        path.write_bytes(whole[:cut] + rubbish.replace(b"\n", b"") + (b"\n" if rubbish else b""))
        expected = sum(end <= cut for end in ends)
        assert read_journal(path).next_step in (expected, expected + (cut + 1 in ends and not rubbish))
        with Journal.open(path, job) as journal:
            journal.step_done(expected, None)
        assert read_journal(path).next_step == expected + 1


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_file_makes_the_journal_raise_anything_else(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(data)
        with pytest.raises(JournalError):
            read_journal(path)


@given(st.lists(st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(100, 9000)), min_size=1, max_size=25))
@settings(max_examples=50, deadline=None)
def test_simulated_motion_keeps_its_limits_and_arrives(moves: list[tuple[float, float, float]]) -> None:
    """Wherever it is sent, the tool arrives, in a time between the ideal and one with a full stop at each corner."""
    machine = SimulatedMachine("grbl", boot_s=0.0, resets_on_open=False, planner_blocks=100)
    machine.open()
    ideal_s = stopping_s = 0.0
    x = y = 0.0
    begin_s = machine.now
    for to_x, to_y, feed in moves:
        to_x, to_y, feed = round(to_x, 3), round(to_y, 3), round(feed)
        length, speed = math.hypot(to_x - x, to_y - y), feed / 60.0
        ideal_s += length / speed
        stopping_s += (
            length / speed + speed / 800.0 if length > speed * speed / 800.0 else 2 * math.sqrt(length / 800.0)
        )
        x, y = to_x, to_y
        machine.controller.receive(f"G1X{to_x}Y{to_y}F{feed}\n".encode())
    while machine.controller.planner.busy:
        machine.advance_to(machine.next_event_s or 0.0)
    took_s = machine.now - begin_s
    assert math.dist(machine.position[:2], (x, y)) < 1e-6
    assert took_s >= ideal_s * 0.999 - 1e-6
    assert took_s <= stopping_s * 1.001 + 1e-6


def test_garbled_is_never_an_acknowledgement() -> None:
    """Every single-bit error of ``ok``."""
    for byte in range(2):
        for bit in range(8):
            said = bytearray(b"ok\r\n")
            said[byte] ^= 1 << bit
            core = ready_grbl()
            core.send("G1 X1", 0.0)
            events = core.receive(bytes(said), 0.0)
            assert not any(isinstance(e, Acknowledged) for e in events)
            assert len(core.in_flight) == 1
            assert events == [] or any(isinstance(e, Garbled) or "Said" in type(e).__name__ for e in events)
