"""Controllers that are files: what a job says to each, and that their answers are understood."""

import re

import pytest
from machine_boards import plan_on

from firmware_io import Job, JobState, MarlinProtocol, Step
from firmware_io.engine.engine import Engine
from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS, MAX_LINE, check_line, stop_line
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.runs.prepared import to_firmware

STOPS = {"klipper": "PAUSE", "reprap": 'M291 P"', "smoothie": "M600"}


@pytest.fixture(scope="module")
def two_threads():
    return plan_on("circle", (6, 7))


@pytest.mark.parametrize("name", sorted(STOPS))
def test_a_job_is_proved_and_its_stops_are_the_hosts_when_it_is_sent(name, two_threads):
    profile = load_profile(name)
    text = program_text(make_job(two_threads, profile))
    assert not prove(text, profile, two_threads).problems
    codes = [line for line in text.splitlines() if not line.startswith(";")]
    assert sum(line.startswith(STOPS[name]) for line in codes) == 2  # the first thread, and the other
    assert not any(re.match(r"M0\b|M2\b|M30\b|G54|G94", line) for line in codes)
    assert codes[-1] == "M400"
    steps = to_firmware("job", read_job(text), profile).steps
    assert sum(bool(step.prompt) for step in steps) == 2
    assert not any(line.startswith(STOPS[name]) for step in steps for line in step.lines)


def test_the_text_of_a_stop_is_cut_and_not_its_end():
    line = stop_line(DIALECTS["reprap"], 'take the thread "black M3 G4"! ' * 9)
    assert len(line) <= MAX_LINE
    assert line.endswith('" S2')
    assert line.count('"') == 2
    check_line(line, DIALECTS["reprap"], "reprap", "here")
    with pytest.raises(MachineError, match="does not know M3"):
        check_line("M3 S4", DIALECTS["reprap"], "reprap", "here")


class Controller:
    """Answers each line as a controller's documents say."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers, self.lines, self._said = answers, [], b""

    def take(self) -> bytes:
        data, self._said = self._said, b""
        return data

    def write(self, data: bytes) -> None:
        for raw in data.decode().splitlines():
            line = re.sub(r"^N\d+ |\*\d+$", "", raw)
            if not line:
                continue
            self.lines.append(line)
            self._said += (self.answers.get(line.split()[0], "ok") + "\n").encode()

    def close(self) -> None: ...


ANSWERS = {
    "klipper": {
        "M115": "ok FIRMWARE_NAME:Klipper FIRMWARE_VERSION:v0.12.0-85-gd785b396",
        "M114": "X:3.000 Y:4.000 Z:5.000 E:0.000\nok",
    },
    "reprap": {
        "M115": "FIRMWARE_NAME: RepRapFirmware for Duet 2 WiFi/Ethernet FIRMWARE_VERSION: 3.4.5\nok",
        "M114": "X:3.000 Y:4.000 Z:5.000 E:0.000 E0:0.0 Count 240 320 2000 Machine 3.000 4.000 5.000\nok",
    },
    "smoothie": {
        "M115": "FIRMWARE_NAME:Smoothieware, FIRMWARE_URL:http%3A//smoothieware.org, FIRMWARE_VERSION:edge-1, \nok",
        "M114": "ok C: X:3.0000 Y:4.0000 Z:5.0000 E:0.0000",
    },
}


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_job_runs_by_what_the_controller_answers(name):
    controller, now_s = Controller(ANSWERS[name]), 0.0
    engine = Engine(controller, MarlinProtocol(), name, lambda event: None)
    job = Job.from_steps("two", [Step(lines=("G21", "G90", "G1 X3 Y4 Z5 F600", "M400")), Step(lines=("M400",))])
    while not engine.connected and now_s < 30.0:
        now_s = max(engine.pump(now_s), now_s + 0.01)
    assert engine.connected
    engine.begin(job, None, None, now_s)
    while engine.runner.state is JobState.RUNNING and now_s < 60.0:
        now_s = max(engine.pump(now_s), now_s + 0.01)
    assert engine.runner.state is JobState.FINISHED, engine.runner.problem
    assert engine.status is not None
    assert engine.status.work_position[:3] == (3.0, 4.0, 5.0)
    sent = [line for line in controller.lines if not line.startswith(("M11", "M4 "))]
    assert sent[-5:] == ["G21", "G90", "G1 X3 Y4 Z5 F600", "M400", "M400"]
