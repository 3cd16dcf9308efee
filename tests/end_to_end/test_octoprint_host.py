"""A job that OctoPrint itself runs on its virtual printer: given, paused, asked about and followed to its end.

OctoPrint needs 15 s of a core to start, so this runs only where STRINGART_OCTOPRINT_SERVER says so; what it answers is
in ``print_hosts.py`` for every day.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_io import Event, FirmwareError, Job, JobPaused, JobState, Journal, Step
from firmware_io.hosts.addresses import host_at
from firmware_io.hosts.base import HostState
from firmware_io.hosts.octoprint import OctoPrintHost
from firmware_io.hosts.run import HostRun

USUAL = Path(tempfile.gettempdir()) / "stringart-octoprint" / "bin" / "python"  # where .ci/octoprint-venv puts it
PYTHON = os.environ.get("STRINGART_OCTOPRINT_PYTHON", str(USUAL))
WANTED = bool(os.environ.get("STRINGART_OCTOPRINT_SERVER"))
pytestmark = pytest.mark.skipif(
    not (WANTED and Path(PYTHON).exists()), reason="set STRINGART_OCTOPRINT_SERVER=1, and STRINGART_OCTOPRINT_PYTHON"
)
KEY = "4F7A000000000000000000000000000A"
CONFIG = f"""
api: {{enabled: true, key: {KEY}}}
accessControl: {{salt: abc}}
server:
  firstRun: false
  onlineCheck: {{enabled: false}}
  pluginBlacklist: {{enabled: false}}
plugins:
  virtual_printer: {{enabled: true, throttle: 0.0, sendBusy: true}}
  _disabled: [softwareupdate, announcements, tracking, discovery, errortracking, backup, pi_support, health_check]
serial: {{autoconnect: true, port: VIRTUAL, baudrate: 115200, log: true}}
"""


def wait_until(condition: Callable[[], bool], patience_s: float = 90.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another program's state can only be asked for


def is_ready(host: OctoPrintHost) -> bool:
    try:
        return host.report().state is HostState.READY
    except FirmwareError:
        return False


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.yaml").write_text(CONFIG)
    return tmp_path / "base"


@pytest.fixture
def host(base: Path) -> Iterator[OctoPrintHost]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = ("--host", "127.0.0.1", "--port", str(port), "--basedir", str(base))
    command = (PYTHON, "-m", "octoprint", "serve", "--iknowwhatimdoing", *place)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        found = host_at(f"octoprint://127.0.0.1:{port}", KEY)
        assert isinstance(found, OctoPrintHost)
        try:
            wait_until(lambda: is_ready(found))
            yield found
        finally:
            process.kill()


def test_octoprint_winds_a_job_and_is_believed_no_further_than_it_was_acknowledged(
    host: OctoPrintHost, base: Path, tmp_path: Path
) -> None:
    steps = [
        Step(lines=("G90", f"G1 X{i} Y{i % 7} F60000", "G4 P60", "M400"), prompt="thread 2" if i == 15 else "")
        for i in range(24)
    ]
    job, events, claims = Job.from_steps("24 steps", steps), list[Event](), list[tuple[int, int]]()
    log = base / "logs" / "serial.log"
    with Journal.create(tmp_path / "journal", job) as journal:
        run = HostRun(host, job, journal, events.append)
        run.begin()

        def rests() -> bool:
            run.poll()
            done = log.read_text("utf-8", "replace").count("Send: N") if log.exists() else 0
            claims.append((run.next_step, done))
            if run.next_step >= 5 and not any(isinstance(event, JobPaused) for event in events):
                run.pause()
            return run.state not in (JobState.RUNNING, JobState.PAUSING)

        while run.state is not JobState.FINISHED:
            wait_until(rests)
            assert run.state in (JobState.PAUSED, JobState.FINISHED), run.problem
            if run.state is JobState.PAUSED:
                run.resume()
    prompts = [event.prompt for event in events if isinstance(event, JobPaused)]
    assert prompts[-1] == "thread 2"
    assert journal.state.next_step == 24
    for step, sent in claims:  # four lines each, and of a line that was sent the one before is acknowledged
        assert 4 * step <= sent
    text = log.read_text("utf-8", "replace")
    assert [f"G1 X{i} Y{i % 7} F60000" in text for i in range(24)] == [True] * 24
    assert text.count("G1 X") == 24
