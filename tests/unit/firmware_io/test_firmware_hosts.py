"""Jobs that Moonraker and OctoPrint run from their own card: the journal says what they have proved, and no more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from print_hosts import KEY, Card, Handler, MoonrakerHandler, OctoPrintHandler, serving

from firmware_io import (
    Event,
    HostError,
    Job,
    JobError,
    JobState,
    Journal,
    MachineState,
    Noticed,
    PortError,
    Step,
    StepDone,
    continue_in_place,
    read_journal,
)
from firmware_io.facts import gather_facts
from firmware_io.hosts.addresses import host_at, is_host
from firmware_io.hosts.run import HostRun

KINDS: dict[str, type[Handler]] = {"moonraker": MoonrakerHandler, "octoprint": OctoPrintHandler}


def zigzag(steps: int, prompts: tuple[int, ...] = ()) -> Job:
    made = []
    for i in range(steps):
        lines = ("G21", "G90") if i == 0 else ()
        lines += tuple(f"G1 X{i + 0.1 * k:.3f} Y{(i * 7 + k) % 50:.3f} Z1.000 F6000" for k in range(3))
        made.append(Step(lines=(*lines, "M400"), label=f"zigzag {i}", prompt="next thread" if i in prompts else ""))
    return Job.from_steps("zigzag", made)


@dataclass
class Stand:
    """A host, its card, a job's run on it."""

    card: Card
    run: HostRun
    events: list[Event]
    journal: Journal
    address: str

    def claims_no_more_than_was_done(self) -> None:
        synced = sum(line == "M400" for line in self.card.executed)
        assert self.journal.state.next_step <= synced

    def follow(self, polls: int = 2000) -> JobState:
        """Poll until the job rests."""
        for _ in range(polls):
            self.run.poll()
            self.claims_no_more_than_was_done()
            if self.run.state in (JobState.PAUSED, JobState.HALTED, JobState.FINISHED):
                break
        return self.run.state

    def again(self) -> None:
        """Another process takes the job up."""
        path = self.journal.path
        self.journal.close()
        self.journal = Journal.open(path, self.run.job)
        self.run = HostRun(host_at(self.address, KEY), self.run.job, self.journal, self.events.append)


@contextmanager
def stand(kind: str, job: Job, folder: Path, cuts: dict[int, str] | None = None, lines: int = 3) -> Iterator[Stand]:
    card = Card(lines_a_request=lines, read_ahead=2 if kind == "octoprint" else 0)
    events: list[Event] = []
    with serving(KINDS[kind], card, cuts) as place:
        address = f"{kind}://{place}"
        run = HostRun(host_at(address, KEY), job, Journal.create(folder / "journal", job), events.append)
        made = Stand(card, run, events, run.journal, address)
        yield made
        made.journal.close()


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def moves(job: Job) -> list[str]:
    return [line for step in job.steps for line in step.lines if line.startswith("G1")]


def executed(card: Card) -> list[str]:
    return [line for line in card.executed if line.startswith("G1 X")]


def test_a_whole_job_with_fifty_disconnects_is_done_once(kind: str, tmp_path: Path) -> None:
    job, chance = zigzag(60), random.Random(5)
    cuts = {n: chance.choice(("before", "after", "half")) for n in chance.sample(range(4, 160), 50)}
    with stand(kind, job, tmp_path, cuts, lines=2) as it:
        it.run.begin()
        assert it.follow() is JobState.FINISHED, it.run.problem
        assert executed(it.card) == moves(job)
        assert it.card.starts == 1
    state = read_journal(tmp_path / "journal")
    assert state.finished
    assert state.next_step == 60
    assert [e.index for e in it.events if isinstance(e, StepDone)] == list(range(60))
    assert any(isinstance(e, Noticed) and "answers again" in e.text for e in it.events)


@pytest.mark.parametrize("cut", ["before", "after", "half"])
def test_a_start_whose_answer_was_lost_is_not_said_twice(kind: str, tmp_path: Path, cut: str) -> None:
    job = zigzag(8)
    with stand(kind, job, tmp_path, {4: cut}) as it:  # a report, the upload, a report, the start
        it.run.begin()
        assert it.follow() is JobState.FINISHED
        assert executed(it.card) == moves(job)


def test_the_follower_dies_and_the_job_goes_on_without_it(kind: str, tmp_path: Path) -> None:
    job, chance = zigzag(50), random.Random(2)
    with stand(kind, job, tmp_path, lines=1) as it:
        it.run.begin()
        for _ in range(12):
            for _ in range(chance.randrange(1, 25)):
                it.run.poll()
                it.claims_no_more_than_was_done()
            it.again()
            it.card.advance()
            if not it.run.attach():
                break
        it.follow()
        assert executed(it.card) == moves(job)
    assert read_journal(tmp_path / "journal").finished


def test_the_operator_is_asked_between_the_parts_and_nothing_moves_before_he_answers(kind: str, tmp_path: Path) -> None:
    job = zigzag(9, prompts=(3, 6))
    with stand(kind, job, tmp_path) as it:
        it.run.begin()
        for done in (3, 6):
            assert it.follow() is JobState.PAUSED
            assert it.run.prompt == "next thread"
            assert it.journal.state.next_step == done
            for _ in range(5):
                it.run.poll()
            assert executed(it.card) == moves(job)[: 3 * done]
            it.run.resume()
        assert it.follow() is JobState.FINISHED
        assert executed(it.card) == moves(job)


def test_pause_and_resume(kind: str, tmp_path: Path) -> None:
    job = zigzag(20)
    with stand(kind, job, tmp_path) as it:
        it.run.begin()
        for _ in range(6):
            it.run.poll()
        it.run.pause()
        assert it.follow() is JobState.PAUSED
        done = len(it.card.executed)
        for _ in range(4):
            it.run.poll()
        assert len(it.card.executed) == done
        it.run.resume()
        assert it.follow() is JobState.FINISHED
        assert executed(it.card) == moves(job)


def test_after_a_stop_klipper_goes_on_from_where_the_tool_stands(tmp_path: Path) -> None:
    job, chance = zigzag(30), random.Random(7)
    with stand("moonraker", job, tmp_path, lines=1) as it:
        it.run.begin()
        for _ in range(8):
            for _ in range(chance.randrange(1, 14)):
                it.run.poll()
            it.run.stop()
            if it.follow() is JobState.FINISHED:
                break
            assert it.journal.state.kind == "stopped"
            it.again()
            assert not it.run.attach()
            report = it.run.host.report()
            info = gather_facts(
                job, it.journal.state, machine_state=MachineState.IDLE, position=report.position, position_kept=True,
                marlin=True,
            )  # fmt: skip
            it.run.begin(continue_in_place(info))
        assert it.follow() is JobState.FINISHED
        path = [line.split(" F")[0] for line in executed(it.card)]
        assert list(dict.fromkeys(path)) == [line.split(" F")[0] for line in moves(job)]


def test_a_stop_at_octoprint_costs_the_position_because_it_switches_the_motors_off(tmp_path: Path) -> None:
    with stand("octoprint", zigzag(20), tmp_path) as it:
        it.run.begin()
        for _ in range(5):
            it.run.poll()
        it.run.stop()
        assert it.follow() is JobState.HALTED
        assert it.journal.state.position_lost


def test_a_line_that_klipper_refuses_ends_the_job_and_is_named(tmp_path: Path) -> None:
    job = zigzag(10)
    with stand("moonraker", job, tmp_path) as it:
        it.card.fails_at = job.steps[5].lines[1]
        it.run.begin()
        assert it.follow() is JobState.HALTED
        assert job.steps[5].lines[1] in it.run.problem
        assert it.journal.state.next_step == 5
        assert not it.journal.state.position_lost


def test_a_host_that_restarts_ends_the_job_and_the_position_is_lost(kind: str, tmp_path: Path) -> None:
    with stand(kind, zigzag(20), tmp_path) as it:
        it.run.begin()
        for _ in range(5):
            it.run.poll()
        it.card.ready, it.card.state = False, "standby"
        assert it.follow(50) is JobState.HALTED
        assert it.journal.state.position_lost


def test_a_job_of_somebody_else_is_left_alone(kind: str, tmp_path: Path) -> None:
    with stand(kind, zigzag(5), tmp_path) as it:
        it.card.files["vase.gcode"] = b"G1 X1\n" * 100
        it.card.start("vase.gcode")
        with pytest.raises(JobError, match=r"runs 'vase\.gcode'"):
            it.run.begin()
        assert not it.run.attach()
        assert not it.journal.state.begun


def test_a_wrong_key_is_told_with_the_places_where_it_can_be_written(kind: str, tmp_path: Path) -> None:
    with stand(kind, zigzag(5), tmp_path) as it:
        with pytest.raises(HostError, match="wants a key") as caught:
            host_at(it.address, "").report()
        assert "--key" in caught.value.hint
        assert "STRINGART_KEY" in caught.value.hint


def test_addresses() -> None:
    assert is_host("moonraker://pi")
    assert not is_host("/dev/ttyUSB0")
    for address in ("moonraker://", "octoprint://pi:port"):
        with pytest.raises(PortError):
            host_at(address)
    with pytest.raises(PortError, match="does not answer"):
        host_at("moonraker://127.0.0.1:1").report()
