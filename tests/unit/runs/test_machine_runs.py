from pathlib import Path

import pytest
from machine_boards import plan_on

from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.runs.journals import journal_path, set_aside
from stringart.runs.prepared import seconds_after, to_firmware


@pytest.mark.parametrize("name", ["grbl", "grbl-servo"])
def test_a_run_has_one_journal_whether_the_page_or_the_terminal_sends_it(
    name: str, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STRINGART_STATE_DIR", str(tmp_path))
    profile = load_profile(name)
    job = read_job(program_text(make_job(plan_on("circle", (12,)), profile)))
    seconds = seconds_after(job, profile)
    terminal, page = to_firmware("some/plan.json", job, profile), to_firmware("plan.json", job, profile, seconds)
    assert journal_path("some/plan.json", terminal) == journal_path("plan.json", page)
    assert [step.meta["after_s"] for step in page.steps] == seconds == sorted(seconds)
    assert seconds[-1] > 10
    assert all("after_s" not in step.meta for step in terminal.steps)


def test_a_servo_that_lifts_the_tool_is_not_switched_off_at_the_end() -> None:
    plan = plan_on("circle", (12,))

    def lines_at_the_end(name: str) -> tuple[str, ...]:
        profile = load_profile(name)
        job = to_firmware("x", read_job(program_text(make_job(plan, profile))), profile)
        return job.steps[-1].lines

    assert not {"M2", "M30", "M5"} & set(lines_at_the_end("grbl-servo"))
    assert {"M2", "M30"} & set(lines_at_the_end("grbl"))


def test_an_old_journal_is_kept_under_a_free_name(tmp_path: Path) -> None:
    for text in ("first", "second"):
        (tmp_path / "a.journal").write_text(text)
        set_aside(tmp_path / "a.journal")
    assert (tmp_path / "a.1.journal").read_text() == "first"
    assert (tmp_path / "a.2.journal").read_text() == "second"
