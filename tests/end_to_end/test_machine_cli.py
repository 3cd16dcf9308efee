import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import stringart_text
from machine_boards import plan_on
from machine_console import wait_for

from firmware_io import read_journal

COMMAND = [sys.executable, "-c", "from stringart.cli import main; main()"]


@pytest.fixture
def home(own_folder):
    plan_on("circle", (12, 6)).save("plan.json")
    return own_folder


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
    return stringart_text(*arguments, stdin=stdin)


def machine(*arguments: str, **more) -> subprocess.CompletedProcess:
    return run("machine", *arguments, **more)


def test_from_a_plan_to_a_finished_piece(home):
    assert run("export", "plan.json", "-o", "job.gcode", "--machine", "grbl").returncode == 0
    checked = machine("check", "job.gcode", "--plan", "plan.json", "-o", "path.png")
    assert checked.returncode == 0
    assert "proved" in checked.stdout
    assert (home / "path.png").read_bytes().startswith(b"\x89PNG")
    estimated = machine("estimate", "job.gcode")
    assert "motion:" in estimated.stdout
    assert "thread layer 1" in estimated.stdout
    sent = machine("send", "job.gcode", "--port", "sim://grbl?speed=max", "--yes")
    assert sent.returncode == 0, sent.stderr
    assert "finished: 20 wraps are on the board" in sent.stderr


def test_the_plan_itself_is_sent_and_the_simulator_is_said_clearly(home):
    sent = machine("send", "plan.json", "--machine", "marlin", "--port", "sim://marlin?speed=max", "--yes")
    assert sent.returncode == 0, sent.stderr
    status = machine("status")
    assert status.returncode == 0, status.stderr
    if "which port" not in status.stderr:
        assert "SIMULATED" in status.stderr
    assert "grbl" in status.stdout


def test_a_changed_line_is_found_and_the_job_is_not_sent(home):
    run("export", "plan.json", "-o", "job.gcode")
    lines = (home / "job.gcode").read_text().splitlines()
    k = next(k for k, line in enumerate(lines) if line.startswith("(wrap 5 "))
    del lines[k + 2]
    (home / "job.gcode").write_text("\n".join(lines) + "\n")
    checked = machine("check", "job.gcode")
    assert checked.returncode == 1
    assert "wrap 5" in checked.stdout or f"line {k + 3}" in checked.stderr
    sent = machine("send", "job.gcode", "--port", "sim://grbl?speed=max", "--yes")
    assert sent.returncode == 1
    assert sent.stderr.count("\n") <= 4
    assert "Traceback" not in sent.stderr


def test_the_board_is_located_and_a_job_for_the_old_place_is_refused(home):
    run("export", "plan.json", "-o", "job.gcode")
    located = machine(
        "locate", "plan.json", "--pin", "0=501,800", "--pin", "72=801,500", "--pin", "144=501,200.1", "--yes"
    )
    assert located.returncode == 0, located.stderr
    assert "pin 144" in located.stdout
    assert "root mean square" in located.stdout
    sent = machine("send", "job.gcode", "--port", "sim://grbl?speed=max", "--yes")
    assert sent.returncode == 1
    assert "make it again" in sent.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--pin", "0=nan,800"), "--pin 0=nan,800 cannot be read"), (("--pin", "0=5,8", "--surface", "inf"), "no height")],
)
def test_a_touch_that_is_no_number_writes_no_profile(home, options, said):
    located = machine("locate", "plan.json", *options, "--yes")
    assert located.returncode == 1
    assert said in located.stderr
    assert not (home / "config").exists()


def test_the_operator_is_asked_steps_back_and_goes_on(home):
    # after the first layer: look, what cannot be, a tour, one wrap again, then on
    answers = "go\nwhere\nbogus\nretouch 0\ntour 3 5\ny\nfeed 150\nback 1\ny\ngo\ngo\n"
    sent = machine("send", "plan.json", "--port", "sim://grbl?speed=60", stdin=answers)
    assert "put in the thread" in sent.stderr
    assert "nearest to pin" in sent.stderr
    assert "Take 1 wrap off the board" in sent.stderr
    assert "'bogus' is not known" in sent.stderr
    assert "300.0 mm away from pin 0" in sent.stderr
    assert "go over pins 3, 5" in sent.stderr
    assert sent.returncode == 0, sent.stderr


def test_at_the_end_of_input_the_job_stops_and_can_be_resumed(home):
    sent = machine("send", "plan.json", "--port", "sim://grbl?speed=max&name=a", stdin="")
    assert sent.returncode == 1
    assert "0 of 20 wraps" in sent.stderr
    assert "machine resume" in sent.stderr
    again = machine("send", "plan.json", "--port", "sim://grbl?speed=max&name=a", "--yes")
    assert again.returncode == 1
    assert "unfinished run" in again.stderr
    lost = machine("resume", "--yes")  # another process: the simulated controller was restarted
    assert lost.returncode == 1
    assert "hint: add --home, or --at X,Y,Z" in lost.stderr


def test_a_job_is_not_resumed_on_a_board_that_was_located_anew(home):
    machine("send", "plan.json", "--port", "sim://grbl?speed=max", stdin="")
    assert machine("locate", "plan.json", "--pin", "0=501,800", "--pin", "144=501,200", "--yes").returncode == 0
    refused = machine("resume", "--home", "--yes")
    assert refused.returncode == 1
    assert "hint: put the profile 'grbl' back as it was; where the board itself was moved: " in refused.stderr


def test_a_place_that_lacks_an_axis_or_is_no_number_is_refused(home):
    machine("send", "plan.json", "--port", "sim://grbl?speed=max&name=b", stdin="")
    for place in ("100", "100,200,nan"):
        refused = machine("resume", "--at", place, "--yes")
        assert refused.returncode == 1
        assert f"--at {place} cannot be read" in refused.stderr
        assert "a number for each of X, Y, Z" in refused.stderr
    assert "no controller understands" in machine("jog", "X10", "Ynan", "--port", "sim://grbl?speed=max").stderr


def test_a_place_is_not_said_of_a_tool_that_is_homed_first(home):
    refused = machine("resume", "--home", "--at", "100,200,30", "--yes")
    assert refused.returncode == 2
    assert "--home and --at exclude each other" in refused.stderr


def test_the_copy_of_a_job_replaces_no_file_of_the_users(home):
    (home / "job.gcode").write_text("(my own)\n")
    for journal, said in (("job.journal", "holds something else"), ("run.gcode", "is no journal's name")):
        sent = machine("send", "plan.json", "--port", "sim://grbl?speed=max", "--journal", journal, "--yes")
        assert sent.returncode == 1
        assert said in sent.stderr
        assert not (home / journal).exists()
    assert (home / "job.gcode").read_text() == "(my own)\n"


def test_home_jog_test_and_tour_on_the_simulator(home):
    refused = machine("home", "--port", "sim://grbl?speed=max", "--yes")
    assert refused.returncode == 1
    assert "homing is not enabled ($22)" in refused.stderr
    assert "hint: a machine with limit switches homes after $22=1" in refused.stderr
    port = ("--port", "sim://grbl?speed=max&homing=1")
    assert machine("home", *port, "--yes").returncode == 0
    moved = machine("jog", "X10", "Y2.5", "--port", "sim://grbl?speed=max")
    assert moved.stdout.split() == ["X10.000", "Y2.500", "Z0.000"]
    tried = machine("test", "plan.json", "--pin", "17", "--yes", "--port", "sim://grbl?speed=max")
    assert tried.returncode == 0, tried.stderr
    toured = machine("test", "plan.json", "--tour", "0,72", "--yes", "--port", "sim://grbl?speed=max")
    assert "above the pins" in toured.stdout
    locked = machine("status", *port)
    assert locked.returncode == 3


def test_usage_and_errors_are_one_line(home):
    assert machine("check", "nothing.gcode").returncode == 1
    (home / "foreign.nc").write_text("G21 G90\nG1 X1 F100\n")
    for arguments in (("check", "foreign.nc"), ("send", "foreign.nc"), ("estimate", "plan.json", "--machine", "none")):
        failed = machine(*arguments)
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        assert len(failed.stderr.strip().splitlines()) <= 2
    assert "plan.json is a plan, not a job" in machine("check", "plan.json").stderr
    assert machine("bogus").returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_is_a_feed_hold_that_asks_and_keeps_the_position(home):
    plan_on("circle", (200,)).save("plan.json")  # nobody waits for its end
    with Path("said.txt").open("w") as file:
        job = subprocess.Popen(
            [*COMMAND, "machine", "send", "plan.json", "--port", "sim://grbl?speed=10", "--no-dry-run"],
            stdin=subprocess.PIPE, stdout=file, stderr=file, text=True,
        )  # fmt: skip
    assert job.stdin is not None
    for said, answer in (("put in the thread", "go"), ("", ""), ("the machine stands; the position is kept", "stop")):
        wait_for(lambda said=said: said in Path("said.txt").read_text())
        if not said:
            wait_for(lambda: wound_steps() >= 2)
            job.send_signal(signal.SIGINT)
            continue
        job.stdin.write(f"{answer}\n")
        job.stdin.flush()
    job.stdin.close()
    assert job.wait(timeout=300) in (1, 130)
    assert "machine resume" in Path("said.txt").read_text()


def wound_steps() -> int:
    return max((read_journal(path).next_step for path in Path("state/journals").glob("*.journal")), default=0)
