"""``stringart machine`` with Moonraker and OctoPrint: given, followed, asked about, and refused in a line."""

import pytest
from click.testing import CliRunner, Result
from machine_boards import plan_on
from print_hosts import KEY, Card, MoonrakerHandler, OctoPrintHandler, serving

from stringart.cli import _machine_host_run
from stringart.cli.machine import machine
from stringart.errors import StringartError
from stringart.machine.profile_files import user_folder
from stringart.runs.journals import journal_folder


@pytest.fixture(autouse=True)
def folder(own_folder, monkeypatch):
    monkeypatch.setattr(_machine_host_run, "_POLL_S", 0.0)
    plan_on("circle", (6,)).save("plan.json")
    return own_folder


def run(*arguments: str, key: str = KEY) -> Result:
    return CliRunner().invoke(machine, [*arguments], env={"STRINGART_KEY": key})


def error_of(result: Result) -> StringartError:
    assert isinstance(result.exception, StringartError), (result.output, result.exception)
    return result.exception


def test_a_piece_is_wound_by_klipper_and_its_journal_is_whole():
    card = Card(lines_a_request=40)
    with serving(MoonrakerHandler, card) as place:
        port = ("--port", f"moonraker://{place}")
        told = run("status", "--machine", "klipper", *port)
        assert "Moonraker at moonraker://" in told.output
        assert "work position: X0.000" in told.output
        done = run("send", "plan.json", "--machine", "klipper", *port, "--yes")
        assert done.exit_code == 0, (done.output, done.exception)
        assert "wraps are on the board" in done.output
    assert card.state == "complete"
    assert "no unfinished job" in str(error_of(run("resume")))


def test_nothing_moves_before_klipper_is_homed():
    card = Card(lines_a_request=40, homed="xy")
    with serving(MoonrakerHandler, card) as place:
        port = ("--machine", "klipper", "--port", f"moonraker://{place}")
        refused = error_of(run("send", "plan.json", *port, "--yes"))
        assert "it is not known where the tool is" in str(refused)
        assert refused.hint == "add --home"
        assert not card.by_hand
        assert not journal_folder().exists() or not list(journal_folder().glob("*.journal"))
        assert run("send", "plan.json", *port, "--yes", "--home").exit_code == 0
        assert card.by_hand == ["G28"]


def test_a_job_that_goes_on_unseen_is_followed_again():
    card = Card(lines_a_request=10)
    with serving(MoonrakerHandler, card) as place:
        port = ("--port", f"moonraker://{place}")
        assert "wants a key" in str(error_of(run("send", "plan.json", "--machine", "klipper", *port, "--yes", key="")))
        killed = killed_in_the_middle(port)
        assert isinstance(killed.exception, KeyError)
        starts = card.starts
        followed = run("resume", *port)
        assert followed.exit_code == 0, (followed.output, followed.exception)
        assert "it is followed from here" in followed.output
    assert card.starts == starts
    assert card.state == "complete"


def killed_in_the_middle(port: tuple[str, str]) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_machine_host_run.HostConsole, "_show", _die)
        return run("send", "plan.json", "--machine", "klipper", *port, "--yes")


def _die(console):
    if console.job.next_step > 3:
        raise KeyError


def test_wraps_that_nobody_followed_are_counted_by_the_owner():
    card = Card(lines_a_request=10)
    with serving(MoonrakerHandler, card) as place:
        port = ("--port", f"moonraker://{place}")
        killed_in_the_middle(port)
        card.state, card.file, card.done, card.lines = "standby", "", 0, []  # Klipper was restarted
        refused = error_of(run("resume", *port, "--home", "--yes"))
        assert "may have wound more" in str(refused)
        assert "--wraps N" in refused.hint
        assert "less than the" in str(error_of(run("resume", *port, "--home", "--yes", "--wraps", "0")))
        assert "no step begins after it" in str(error_of(run("resume", *port, "--home", "--yes", "--wraps", "99")))
        told = run("resume", *port, "--home", "--yes", "--wraps", "5", "--thread", "before")
        assert told.exit_code == 0, (told.output, told.exception)
        assert "7 wraps are on the board" in told.output


def test_after_an_accident_the_way_back_names_the_jobs_own_journal(folder):
    card = Card(lines_a_request=10, fails_at="M400")
    with serving(MoonrakerHandler, card) as place:
        port = ("--machine", "klipper", "--port", f"moonraker://{place}")
        own = folder / "own.journal"
        ended = error_of(run("send", "plan.json", *port, "--yes", "--journal", str(own)))
    assert "wraps are on the board" in str(ended)
    assert f"stringart machine resume --journal '{own}'" in ended.hint


def test_octoprint_is_told_where_the_tool_is():
    user_folder().mkdir(parents=True, exist_ok=True)
    (user_folder() / "mine.toml").write_text(f'inherits = "marlin"\n[machine]\napi_key = "{KEY}"\n')
    card = Card(lines_a_request=40, read_ahead=2)
    with serving(OctoPrintHandler, card) as place:
        port = ("--machine", "mine", "--port", f"octoprint://{place}")
        refused = error_of(run("send", "plan.json", *port, "--yes", key=""))
        assert "OctoPrint does not tell" in str(refused)
        done = run("send", "plan.json", *port, "--yes", "--at", "500,500,30", key="")
        assert done.exit_code == 0, (done.output, done.exception)
        assert card.by_hand == ["G92 X500.000 Y500.000 Z30.000"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("send", "plan.json", "--machine", "grbl"), "speaks the dialect of grbl"),
        (("jog", "X1", "--machine", "klipper"), "status, home, send and resume work"),
        (("test", "plan.json", "--machine", "klipper"), "status, home, send and resume work"),
    ],
)
def test_what_a_host_cannot_do_is_said(arguments, said):
    with serving(MoonrakerHandler, Card()) as place:
        assert said in str(error_of(run(*arguments, "--port", f"moonraker://{place}", "--yes")))
