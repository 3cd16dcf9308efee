"""``stringart cluster`` as its help tells it: two computers, of which one starts, the other joins, and workers die."""

import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psutil
import pytest
from command import stringart
from in_process import Here, called
from PIL import Image
from two_computers import Computer, Running, two_computers, until

from stringart.many.certificates import make_certificate

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")
EXAMPLES = Path(__file__).parents[2] / "examples"
PIECE = ("--pins", "100", "--lines", "500", "--quality", "draft", "--importance", "none", "--crop", "centre")
PATIENT = ("--patience", "10")  # a handshake of a busy computer; so long a lost scheduler is looked for
AGES_S = (0.1, 0.3, 0.6, 1.0, 1.5)
if os.environ.get("STRINGART_ALL_ACCIDENTS"):
    AGES_S = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.5)


@dataclass
class Cluster:
    """What runs on two computers; the second one joins when it is first asked for."""

    first: Computer
    second: Computer
    start: Running
    line: str
    address: str

    @cached_property
    def join(self) -> Running:
        return self.second.begin(*self.line.split(), "--workers", "1", "--host", self.second.address, *PATIENT)

    def wait_for_the_second(self) -> None:
        assert self.join.process.poll() is None, self.join.said
        self.start.wait_for(rf"joined: tls://{re.escape(self.second.address)}:")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Set up by the two lines alone; what is copied by ssh there is copied here."""
    folder = tmp_path_factory.mktemp("cluster")
    with two_computers(folder) as (first, second):
        start = first.begin("cluster", "start", "--workers", "1", "--host", first.address, "--port", "0")
        line = start.wait_for(r"  scp \S+@\S+:(\S+) cluster.pem && stringart (cluster join (\S+) .*)")
        shutil.copy(line[1], second.folder / "cluster.pem")
        with Image.open(EXAMPLES / "camera.png") as image:
            for k in range(6):
                image.crop((20 * k, 10 * k, 20 * k + 120, 10 * k + 120)).save(first.folder / f"{k}.png")
        start.wait_for("joined: ")
        yield Cluster(first, second, start, line[2], line[3])


def photos(count: int) -> list[str]:
    return [f"{k}.png" for k in range(count)]


def plans(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("?.json")}


def test_a_computer_that_joins_late_gets_work_and_its_worker_killed_again_and_again_loses_nothing(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first 100 ms of its life on; the plans are the same bytes."""
    words = ("batch", *photos(6), *PIECE)
    batch = cluster.first.begin(*words, "-o", "there", "--scheduler", cluster.address, "--verbose")
    batch.wait_for("1 of 6")
    (early,) = cluster.start.workers()
    early.suspend()  # it keeps the piece that it has: the others can only be made by who joins now
    killed: set[int] = set()
    for age_s in AGES_S:
        until(lambda: {p.pid for p in cluster.join.workers()} - killed, f"no other worker\n{cluster.join.said}")
        worker = next(p for p in cluster.join.workers() if p.pid not in killed)
        time.sleep(max(worker.create_time() + age_s - time.time(), 0))  # what is tested is this moment
        worker.kill()
        killed.add(worker.pid)
    batch.wait_for("5 of 6")
    early.resume()
    assert batch.ended() == 0, batch.said
    cluster.wait_for_the_second()
    monkeypatch.setattr("stringart.cli._many.CrewOptions.open_crew", lambda options, pieces: Here().open(pieces))
    assert called(*words, "-o", "here", cwd=cluster.first.folder).status == 0
    assert plans(cluster.first.folder / "there") == plans(cluster.first.folder / "here")
    assert len(plans(cluster.first.folder / "here")) == 6


def test_what_is_said_is_a_line_each(cluster: Cluster) -> None:
    cluster.wait_for_the_second()
    said = cluster.start.said + cluster.join.said
    assert "Traceback" not in said
    assert "distributed." not in said
    assert (cluster.second.folder / "config" / "cluster.pem").stat().st_mode & 0o777 == 0o600
    assert (cluster.first.folder / "config" / "cluster.pem").stat().st_mode & 0o777 == 0o600


def test_who_has_another_certificate_stays_out(cluster: Cluster, tmp_path: Path) -> None:
    make_certificate(tmp_path / "cluster.pem")
    words = ("batch", "0.png", "-o", "out", *PIECE, "--scheduler", cluster.address, *PATIENT)
    running = cluster.first.begin(*words, env={"STRINGART_CONFIG_DIR": str(tmp_path)})
    assert running.ended() == 1
    error, hint = running.said.splitlines()
    assert error.startswith(f"error: the scheduler '{cluster.address}' cannot be reached: ")
    assert hint == "hint: is its certificate this one? copy it from there again, and name it: --certificate cluster.pem"


def test_a_scheduler_that_dies_is_told_in_one_line_by_all(cluster: Cluster) -> None:
    words = ("batch", *photos(6), *PIECE, "-o", "lost", "--scheduler", cluster.address, *PATIENT, "--verbose")
    cluster.wait_for_the_second()
    batch = cluster.first.begin(*words)
    batch.wait_for("1 of 6")
    workers = [*cluster.start.workers(), *cluster.join.workers()]
    psutil.Process(cluster.start.process.pid).send_signal(signal.SIGKILL)
    assert batch.ended() == 1
    *_, error, hint = batch.said.splitlines()
    assert error.startswith(f"error: the scheduler '{cluster.address}' was lost: ")
    assert hint == "hint: run the same command again: what is done is not done again"
    assert "Traceback" not in batch.said
    assert cluster.join.ended() == 1
    assert cluster.join.said.splitlines()[-2].startswith("error: the scheduler was lost: ")
    assert "Traceback" not in cluster.join.said + cluster.start.said
    until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in workers), "a worker is left")


def test_a_port_that_is_taken_is_named(own_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        words = ("cluster", "start", "--workers", "0", "--host", "127.0.0.1", "--port", port)
        ended = stringart(*words, cwd=own_folder)
    *_, error, hint = ended.lines()
    assert ended.status == 1
    assert error.startswith(f"error: no scheduler can listen at 127.0.0.1:{port}: ")
    assert hint.startswith("hint: another one is there?")


def test_a_cluster_that_is_not_there_cannot_be_joined(tmp_path: Path) -> None:
    ended = called("cluster", "join", "tcp://127.0.0.1:9", "--patience", "0.5", cwd=tmp_path)
    assert (ended.status, len(ended.lines())) == (1, 2)
    assert ended.lines()[0].startswith("error: the scheduler 'tcp://127.0.0.1:9' cannot be reached: ")
