"""Every state in which a controller may be left, met by every command: what it says, and the way out that works."""

import contextlib
import itertools
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from machine_boards import plan_on

from firmware_io import Job, JobState, Step, read_journal
from firmware_io.sim.host import SimulatedPort, forget_simulated_machines, port_for
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine
from stringart.cli._machine_resume import source_of
from stringart.cli.machine import machine
from stringart.errors import StringartError
from stringart.machine.estimate import time_of
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.settings import as_controlled
from stringart.plan.model import Plan
from stringart.units import format_duration

numbers = itertools.count()
HOMING = "&homing=1"
SLOWER = {1: 25, 110: 3000, 111: 3000, 120: 100, 121: 100}
"""Settings of a controller that is set slower than the profile."""


class Board:
    """A simulated controller that was in use before, and the commands of an owner."""

    def __init__(self, options: str = "", firmware: str = "grbl") -> None:
        self.firmware = firmware
        self.address = f"sim://{firmware}?name=state{next(numbers)}&reset=0&speed=50{options}"
        self.port: SimulatedPort = port_for(self.address)
        self.port.machine.openings = 1

    @property
    def machine(self) -> SimulatedMachine:
        return self.port.machine

    def left(self, *said: bytes) -> None:
        """Somebody else sent this, and went away."""
        for data in said:
            self.port.do(lambda machine, data=data: machine.controller.receive(data))
            self.port.do(lambda machine: machine.advance_to(machine.now + 2.0))

    def run(self, *arguments: str, answers: str = "") -> Result:
        profile = ("--machine", self.firmware) if self.firmware != "grbl" else ()
        return CliRunner().invoke(machine, [*arguments, "--port", self.address, *profile], input=answers)


def error_of(result: Result) -> StringartError:
    assert isinstance(result.exception, StringartError), (result.output, result.exception)
    return result.exception


@pytest.fixture(autouse=True)
def folder(own_folder, asks_often):
    plan_on("circle", (6,)).save("plan.json")
    yield own_folder
    forget_simulated_machines()


LEFT = {
    "Check": ("", (b"$C\n", b"G1 X5 F100\n")),
    "Hold": ("", (b"G1 X50 F600\n", b"!")),
    "Door": ("", (b"G1 X50 F600\n", b"\x84")),
    "Sleep": ("", (b"$SLP\n",)),
    "Alarm": (HOMING, ()),
    "ALARM:1": (HOMING, None),
    "ALARM:2": (HOMING, None),
}
COMMANDS = {
    "home": ("home", "--yes"),
    "unlock": ("unlock", "--yes"),
    "jog": ("jog", "X1"),
    "test": ("test", "plan.json", "--yes"),
    "locate": ("locate", "plan.json", "--yes"),
    "send": ("send", "plan.json", "--yes"),
}
#: What a command may do although the machine does not rest.
WORKS = {("Alarm", "home"), ("Alarm", "unlock")}


def board_in(state: str) -> Board:
    options, said = LEFT[state]
    board = Board(options)
    if said is None:
        board.port.do(lambda machine: machine.raise_alarm(int(state[-1])))
    else:
        board.left(*said)
    return board


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", [state for state in LEFT if state != "ALARM:2"])  # as silent as ALARM:1
def test_a_command_says_the_state_and_the_way_out(state: str, command: str) -> None:
    board = board_in(state)
    before = board.machine.position
    result = board.run(*COMMANDS[command])
    if (state, command) in WORKS:
        assert result.exit_code == 0, result.output
        return
    error = error_of(result)
    assert state.split(":")[0] in str(error) if not state.startswith("ALARM") else "says nothing" in str(error)
    assert "stringart machine " in error.hint
    assert board.machine.position == before  # nothing has moved


@pytest.mark.parametrize("state", LEFT)
def test_status_tells_it_and_our_own_commands_lead_out_of_it(state: str) -> None:
    board = board_in(state)
    error = error_of(board.run("status"))
    assert "stringart machine reset" in error.hint or "stringart machine home" in error.hint
    assert getattr(error, "exit_status", 1) == (3 if state == "Alarm" else 1)
    if state != "Alarm":
        assert board.run("reset", "--yes").exit_code == 0
    if LEFT[state][0]:
        assert board.run("home", "--yes").exit_code == 0
    elif state == "Sleep":
        assert board.run("unlock", "--yes").exit_code == 0
    told = board.run("status")
    assert told.exit_code == 0, told.output
    assert "Idle" in told.output
    lost = state in ("Sleep",)
    assert ("not known" in told.output) is lost
    moved = board.run("jog", "X1", "--yes")
    assert moved.exit_code == 0, moved.exception


def test_grblhal_waiting_for_a_tool_is_told_and_reset() -> None:
    board = Board(firmware="grblhal")
    board.left(b"T1 M6\n")
    assert "waits for a change of tool" in str(error_of(board.run("status")))
    assert board.run("reset", "--yes").exit_code == 0
    assert "Idle" in board.run("status").output


def test_the_reset_says_what_it_costs_and_asks() -> None:
    board = board_in("Hold")
    refused = board.run("reset", answers="n\n")
    assert "the position is kept, the lines that it still has are thrown away" in refused.output
    assert "Hold" in str(error_of(board.run("status")))
    moving = Board()
    moving.left(b"G1 X900 F60\n")
    assert "It moves: steps are lost" in moving.run("reset", answers="n\n").output


def test_what_a_dry_run_finds_beyond_the_travel_names_line_axis_and_both_numbers() -> None:
    board = Board(HOMING)
    board.port.do(lambda machine: machine.configure({20: 1, 130: 700, 131: 1000, 132: 100}))
    assert board.run("home", "--yes").exit_code == 0
    board.left(b"G10 L2 P1 X-1000 Y-1000 Z-80\n")
    error = error_of(board.run("send", "plan.json", "--yes"))
    assert "the controller's travel ($130) is 700, the profile's limits.x_mm are 0 to 1000" in str(error)
    assert "X goes to" in str(error)
    assert "line " in str(error)
    assert error.exit_status == 3
    assert board.run("reset", "--yes").exit_code == 0
    assert board.run("unlock", "--yes").exit_code == 0
    assert board.machine.position[:3] == (0.0, 0.0, 0.0)


def test_a_jog_stops_at_the_profiles_limits() -> None:
    board = Board()
    assert board.run("jog", "X10", "Y10").exit_code == 0
    error = error_of(board.run("jog", "X-30"))
    assert str(error) == "X would go to -20.0 mm: the profile's limits.x_mm are 0 to 1000"
    assert board.run("jog", "--to", "X1000.5").exit_code == 1
    assert board.machine.position[:2] == (10.0, 10.0)


def test_a_typing_error_costs_no_touched_pin() -> None:
    board = Board()
    typed = "X10 Y310\n0\nX1O\nhello\n900\nX-500\nX300 Y-300\n72\n\n"
    result = board.run("locate", "plan.json", "--yes", answers=typed)
    assert result.exit_code == 0, (result.output, result.exception)
    assert "2 pins touched" in result.output
    for said in ("'X1O' is no motion", "there is no pin 900", "X would go to -490.0 mm"):
        assert said in result.output
    assert (Path("config") / "stringart").exists() or list(Path().rglob("grbl.toml"))


# --- position is known or nothing moves ---


@pytest.fixture
def uno() -> Board:
    """A board that restarts whenever DTR rises; somebody has moved its tool."""
    board = Board()
    board.machine.resets_on_open = True
    board.left(b"G1 X400 Y300 Z30 F9000\n", b"", b"", b"")
    return board


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("home", "unlock")])
def test_a_board_that_restarted_at_the_opening_is_not_driven(uno: Board, command: str) -> None:
    before = uno.machine.position
    for _ in range(2):  # the second opening does not restart it, and it is known no better
        result = uno.run(*COMMANDS[command], answers="n\n")
        assert "it is not known where the tool is" in (result.output + str(result.exception)).lower()
    assert uno.machine.position == before


def test_the_operators_word_lasts_until_the_next_restart_and_is_nowhere_stored(uno: Board) -> None:
    toured = uno.run("test", "plan.json", "--tour", "0", "--at", "400,300,30", "--yes")
    assert toured.exit_code == 0, toured.exception
    assert uno.machine.position[:2] == pytest.approx((500.0, 800.0), abs=0.02)
    assert uno.machine.controller.board.eeprom.offsets == {}  # G54 is as it was
    again = uno.run("test", "plan.json", "--tour", "72", "--yes")
    assert again.exit_code == 0, again.exception
    assert uno.machine.position[:2] == pytest.approx((800.0, 500.0), abs=0.02)
    uno.port.do(SimulatedMachine.reboot)
    uno.port.do(lambda machine: machine.advance_to(machine.now + 3.0))
    assert "restarted since" in str(error_of(uno.run("test", "plan.json", "--tour", "0", "--yes")))


def test_the_tool_may_be_said_to_stand_over_a_pin(uno: Board) -> None:
    uno.port.do(lambda machine: machine.move_by_hand(800.0, 500.0, 25.0))
    assert uno.run("test", "plan.json", "--tour", "0", "--at", "over pin 72", "--yes").exit_code == 0
    assert uno.machine.position[:3] == pytest.approx((500.0, 800.0, 30.0), abs=0.02)
    error = error_of(uno.run("test", "plan.json", "--at", "over pin 999", "--yes"))
    assert "there is no pin 999" in str(error)


def test_a_word_that_contradicts_a_board_which_kept_its_position_is_refused() -> None:
    board = Board()
    assert board.run("jog", "X10").exit_code == 0
    error = error_of(board.run("test", "plan.json", "--at", "500,500,30", "--yes"))
    assert "--at says 500.0 500.0 30.0, but the controller kept its position and says 10.0 0.0 0.0" in str(error)


def test_homing_with_a_servo_lift_is_asked_about_in_true_words() -> None:
    board = Board(HOMING)
    result = CliRunner().invoke(machine, ["home", "--port", board.address, "--machine", "grbl-servo"], input="n\n")
    assert "The servo gets no pulses meanwhile: the tool falls to its rest" in result.output
    assert "lifts first" not in result.output


def test_click_knows_all_commands() -> None:
    assert isinstance(machine, click.Group)
    assert {"status", "home", "unlock", "reset", "jog", "locate", "test", "send", "resume"} <= set(machine.commands)


def test_the_time_that_is_told_is_the_controllers_own() -> None:
    """A controller that is set slower than the profile: what is told beforehand is what its clock says in the end."""
    board = Board("", "grbl")
    board.port.run_at(float("inf"))
    board.port.do(lambda machine: machine.configure(SLOWER))
    sent = board.run("send", "plan.json", "--yes", "--no-dry-run")
    assert sent.exit_code == 0, (sent.output, sent.exception)
    assert "note: $110 is 3000 and not 9000" in sent.output
    assert "note: $1 is 25: the motors are switched off" in sent.output
    plan = Plan.load("plan.json")
    profile = load_profile("grbl")
    slow = as_controlled(profile, board.machine.controller.settings)
    text = program_text(make_job(plan, profile))
    told_s, by_profile_s = time_of(text, slow).total_s, time_of(text, profile).total_s
    assert f"as the controller is set it takes {format_duration(told_s)}" in sent.output
    assert told_s > 1.5 * by_profile_s
    assert seconds_of(board.machine) > 0.97 * told_s  # where this computer is busy the machine waits for lines
    alike = SimulatedMachine("grbl")  # it is given each line in time
    alike.configure(SLOWER)
    bench = Bench(alike)
    bench.connect()
    bench.start(Job.from_steps("job", [Step(lines=step.lines) for step in read_job(text).steps]))
    assert bench.run() is JobState.FINISHED
    assert seconds_of(alike) == pytest.approx(told_s, rel=0.03)


def seconds_of(machine: SimulatedMachine) -> float:
    """From its first move to its last."""
    times = [vertex.time_s for vertex in machine.path]
    return max(times) - min(times)


@pytest.mark.parametrize(
    ("firmware", "baud", "restarts"), [("grbl", 57600, 0), ("grbl", 250000, 1), ("marlin", 250000, 1)]
)
def test_a_baud_rate_that_is_not_told_is_found(firmware: str, baud: int, restarts: int) -> None:
    board = Board(f"&baud={baud}", firmware)
    board.machine.resets_on_open = bool(restarts)
    told = board.run("status")
    assert told.exit_code == 0, (told.output, told.exception)
    assert f"the controller speaks at {baud} baud" in told.output
    (Path("config") / "machines").mkdir(parents=True)
    (Path("config") / "machines" / f"{firmware}.toml").write_text(
        f'inherits = "{firmware}"\n[machine]\nbaud = {baud}\n'
    )
    assert "speaks at" not in board.run("status").output


# --- a profile from the machine itself ---

ANSWERS = """my-winder
z
0 700
0 650
0 60
1.6
22
y
y
y
"""


def test_the_setup_asks_the_board_and_its_owner_tours_the_limits_and_writes_a_profile() -> None:
    board = Board(HOMING + "&baud=57600")
    board.port.do(lambda machine: machine.configure({110: 5000, 111: 4000, 121: 150, 130: 700, 131: 650, 132: 60}))
    done = board.run("setup", answers=ANSWERS)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "grbl 1.1h" in done.output
    profile = load_profile("my-winder")
    assert (profile.machine.dialect, profile.machine.baud, profile.machine.lift) == ("grbl", 57600, "z")
    assert (profile.limits.x_mm, profile.limits.y_mm, profile.limits.z_mm) == ((0, 700), (0, 650), (0, 60))
    assert profile.motion.max_rate_mm_min == (5000, 4000, 3000)
    assert profile.motion.acceleration_mm_s2 == (800, 150, 300)
    assert profile.motion.travel_feed_mm_min == 4000
    assert (profile.tool.diameter_mm, profile.height.pin_mm) == (1.6, 22)
    corners = {tuple(round(v) for v in vertex.position[:2]) for vertex in board.machine.path}
    assert {(0, 0), (700, 0), (700, 650), (0, 650)} <= corners  # the limits were toured
    told = board.run("status", "--machine", "my-winder")
    assert told.exit_code == 0, told.output
    again = board.run("setup", answers=ANSWERS)
    assert "there is a profile 'my-winder' already" in str(error_of(again))


def test_a_setup_without_a_known_position_moves_nothing_and_writes_the_profile_all_the_same(uno: Board) -> None:
    before = uno.machine.position
    done = uno.run("setup", answers="other\nservo\n0 500\n0 500\n2\n20\ny\n")
    assert done.exit_code == 0, (done.output, done.exception)
    assert load_profile("other").servo_lift
    assert uno.machine.position == before
    assert "the limits are not toured" in done.output


def test_the_setup_knows_a_turntable_whose_second_axis_is_in_degrees(uno: Board) -> None:
    done = uno.run("setup", answers="my-table\nturntable\n250 330\n0 60\n1.6\n22\ny\n")
    assert done.exit_code == 0, (done.output, done.exception)
    profile = load_profile("my-table")
    assert (profile.turntable, profile.machine.lift, profile.machine.dialect) == (True, "z", "grbl")
    assert (profile.limits.x_mm, profile.limits.z_mm) == ((250, 330), (0, 60))
    assert profile.board.center_mm == (0, 0)
    assert make_job(Plan.load("plan.json"), profile).wraps


def test_a_job_that_was_sent_with_a_profiles_file_finds_it_again_from_any_folder(tmp_path: Path) -> None:
    Path("grbl.toml").write_text('inherits = "grbl"\n[tool]\ndiameter_mm = 1.2\n')
    plan_on("circle", (1,), 12).save("small.json")
    port = f"sim://grbl?name=file{next(numbers)}&speed=max"
    words = ["send", "small.json", "--machine", "./grbl.toml", "--journal", "one.journal", "--no-dry-run", "--yes"]
    sent = CliRunner().invoke(machine, [*words, "--port", port])
    assert sent.exit_code == 0, (sent.output, sent.exception)
    journal, elsewhere = Path("one.journal").resolve(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    with contextlib.chdir(elsewhere):
        source = source_of(journal, str(read_journal(journal).meta["machine"]))
    assert source.profile.tool.diameter_mm == 1.2


def test_one_connection_serves_a_whole_visit(uno: Board) -> None:
    typed = [
        "status", "jog X10", "n", "nonsense", "jog --to X300 Y300 Z40 --at 400,300,30", "status", "jog Xo",
        "test plan.json --tour 0,72 --yes", "help jog", "send plan.json --yes --no-dry-run", "quit",
    ]  # fmt: skip
    done = uno.run("console", answers="\n".join(typed) + "\n")
    assert done.exit_code == 0, (done.output, done.exception)
    assert uno.machine.openings == 2  # one before this visit, one for all of it
    for said in (
        "the position is not known: the controller restarted as the port was opened", "It is not known where",
        "X300.000 Y300.000 Z40.000", "error: 'Xo' is no motion", "above the pins", "not by these",
        "finished: 7 wraps",
    ):  # fmt: skip
        assert said in done.output, said


def test_a_visit_goes_on_after_the_cable_was_out() -> None:
    board = Board()
    machine = board.machine

    def out_as_soon_as_it_winds() -> None:
        if sum(1 for _ in machine.path) < 30:
            return machine.at(machine.now + 0.5, out_as_soon_as_it_winds)
        machine.unplug()
        return machine.at(machine.now + 1.0, machine.plug)

    board.port.do(lambda machine: machine.at(machine.now + 0.5, out_as_soon_as_it_winds))
    typed = ["status", "send plan.json --yes --no-dry-run", "status", "quit"]
    done = board.run("console", answers="\n".join(typed) + "\n")
    assert "is gone" in done.output
    assert done.exit_code == 0, (done.output, done.exception)


def test_a_simulated_controller_that_is_not_the_profiles_is_named() -> None:
    result = CliRunner().invoke(machine, ["status", "--port", "sim://marlin", "--machine", "grbl"])
    assert isinstance(result.exception, StringartError)
    assert "marlin" in str(result.exception)
