"""Real processes and a real pseudo-terminal: pulled, renamed, and the sender killed by SIGKILL."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import firmware_sender
import pytest
from firmware_gap_model import expected_word, physical_word
from firmware_sender import make_job
from machine_console import SPEED, slow_when

from firmware_io import JobState, Journal, PortError, Session, SessionOptions, continue_in_place, read_journal
from firmware_io.sim.host import PseudoTerminal, SimulatedPort
from firmware_io.sim.machine import SimulatedMachine

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
KILLS = 200 if os.environ.get("STRINGART_ALL_ACCIDENTS") else 25
OPTIONS = SessionOptions(boot_wait_s=0.5, keep_awake=False)


@pytest.fixture(params=["grbl", "marlin"])
def terminal(request: pytest.FixtureRequest) -> Iterator[PseudoTerminal]:
    machine = SimulatedMachine(request.param, resets_on_open=False, boot_s=0.0)
    made = PseudoTerminal(SimulatedPort(machine, speed=SPEED))
    yield made
    made.close()


def test_job_over_a_pseudo_terminal_with_the_cable_pulled(terminal: PseudoTerminal, tmp_path: Path) -> None:
    """The device comes back under another name; reconnect waits for the user to say which, then it resumes."""
    machine = terminal.port.machine
    job = make_job(machine.firmware)
    with Session.open(terminal.name, options=OPTIONS) as session, Journal.create(tmp_path / "j", job) as journal:
        slow_when(terminal.port, lambda: journal.state.next_step >= 20)
        session.start(job, journal)
        while journal.state.next_step < 20:
            time.sleep(0.01)
        terminal.unplug()
        assert session.wait(120.0) is JobState.HALTED
        assert session.snapshot().problem_kind == "disconnected"
        with pytest.raises(PortError):
            session.status()
    name = terminal.plug()
    terminal.port.run_at(SPEED)
    with Session.open(name, options=OPTIONS) as session, Journal.open(tmp_path / "j", job) as journal:
        assert session.snapshot().position_kept
        session.wait_until_idle(300.0)
        session.start(job, journal, continue_in_place(session.recovery_info(job, journal)))
        assert session.wait(120.0) is JobState.FINISHED
    assert physical_word(machine.path) == expected_word(job)
    assert machine.lost_bytes == 0


def test_sender_killed_again_and_again(terminal: PseudoTerminal, tmp_path: Path) -> None:
    """SIGKILL at random moments until all kills are spent, on jobs that end well each time.

    200 with STRINGART_ALL_ACCIDENTS=1; the table in tests/unit is in virtual time: a third of its 200, or all of them.
    """
    machine = terminal.port.machine
    kills_left, chance, rounds = KILLS, random.Random(1), 0
    job = make_job(machine.firmware)
    wanted: list[tuple[int, int]] = []
    with subprocess.Popen(
        [sys.executable, firmware_sender.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        while kills_left:
            rounds += 1
            journal, code = tmp_path / f"journal{rounds}", -1
            while code != 0:
                code, killed = send_and_kill(
                    server, f"{journal} {terminal.name} {machine.firmware}", kills_left, chance, terminal.port
                )
                kills_left -= killed
                assert code in (0, -signal.SIGKILL), code
            assert read_journal(journal).finished
            wanted += expected_word(job)
    assert physical_word(machine.path) == wanted
    assert machine.lost_bytes == 0


def send_and_kill(
    server: subprocess.Popen[str], order: str, kills_left: int, chance: random.Random, port: SimulatedPort
) -> tuple[int, int]:
    """One sender; while there are kills left it is killed shortly after its first lines flow."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(order + "\n")
    server.stdin.flush()
    pid, killed = int(server.stdout.readline()), 0
    answer = server.stdout.readline()
    if answer.startswith("started"):
        if kills_left:
            moment_s = port.machine.now + port.speed * chance.uniform(0.0, 0.15)
            while port.machine.now < moment_s:
                port.wait(0.01)
            with contextlib.suppress(ProcessLookupError):  # it has just finished
                os.kill(pid, signal.SIGKILL)
                killed = 1
        answer = server.stdout.readline()
    return int(answer.split()[1]), killed
