"""The crew's workers, real processes; and schedulers that are not what they should be."""

import contextlib
import gc
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from two_computers import until

from stringart.errors import StringartError
from stringart.many.work import Failed, Made, Task, versions
from stringart.order.loaded import load_order, read_picture
from stringart.order.order import Order

crew = pytest.importorskip("stringart.many.crew", reason="many pieces need their extra")
local_workers = pytest.importorskip("stringart.many.local_workers", reason="many pieces need their extra")
distributed = pytest.importorskip("distributed", reason="many pieces need their extra")
CAMERA = Path(__file__).parents[3] / "examples" / "camera.png"
PIECE = Order(pins=60, lines=80, quality="draft", importance="none")
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def task(name: str, photo: Path = CAMERA) -> Task:
    return Task(name=name, photo=read_picture(str(photo)), loaded=load_order(PIECE))


def workers() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if _is_worker(p)]


def _is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):  # it ended meanwhile
        return "spawn_main" in " ".join(process.cmdline())
    return False


def photos_held() -> int:
    """Messages with a photo in them that something keeps: lists and tuples that hold as many bytes as it has."""
    least = CAMERA.stat().st_size
    held = [one for one in gc.get_objects() if issubclass(type(one), list | tuple)]  # not what a weak proxy has lost
    return sum(isinstance(item, bytes) and len(item) > least for one in held for item in one)


@posix
def test_workers_that_are_killed_as_they_begin_or_given_up_by_dask_are_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With all of them gone, a batch would wait for ever. Dask gives one up that dies twice within its patience."""
    monkeypatch.setitem(local_workers._SETTINGS, "distributed.deploy.lost-worker-timeout", "100ms")
    killed: list[int] = []

    def kill() -> None:
        for age_s in (0.05, 0.2, 0.5):  # before it is a worker: the start of the first, and of what comes after it
            while not (born := [p for p in workers() if p.pid not in killed]):
                time.sleep(0.01)
            time.sleep(max(born[0].create_time() + age_s - time.time(), 0))  # what is tested is this moment
            born[0].kill()
            killed.append(born[0].pid)

    with ThreadPoolExecutor(2) as pool:
        killing = pool.submit(kill)
        with crew.Crew(1, 2 * 10**9) as opened:
            killing.result(400)
            (worker,) = [p for p in workers() if p.pid not in killed]
            worker.send_signal(signal.SIGKILL)
            ((_, made),) = pool.submit(lambda: list(opened.run([task("camera")]))).result(400)
            until(lambda: not photos_held(), "Dask keeps the photos of pieces that are made: 500 large ones are GB")
    assert isinstance(made, Made)
    assert len(killed) == 3


@posix
def test_a_photo_that_ends_its_workers_takes_no_other_one_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(local_workers._SETTINGS, "distributed.scheduler.allowed-failures", 0)
    monkeypatch.setattr(crew, "LOST_AT_MOST", 0)
    rows, cols = np.indices((8000, 8000), np.uint16)
    Image.fromarray(((rows // 400 + cols // 400) % 2 * 255).astype(np.uint8)).save(
        tmp_path / "huge.png", compress_level=1
    )
    with crew.Crew(1, 350 * 10**6) as opened:
        tasks = [task("huge", tmp_path / "huge.png"), task("camera")]
        results = {one.name: result for one, result in opened.run(tasks)}
    assert isinstance(results["camera"], Made)
    assert isinstance(results["huge"], Failed)
    assert results["huge"].reason.startswith("2 workers ended while they made it: killed, or out of its 0.35 GB")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A scheduler and a worker, in this process."""
    with (
        local_workers.settled(60),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1",
            protocol="tcp",
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            worker_dashboard_address="127.0.0.1:0",
        ) as cluster,
    ):  # fmt: skip
        yield cluster.scheduler_address


def refused(address: str, patience_s: float = 60) -> StringartError:
    begin = time.monotonic()
    with pytest.raises(StringartError) as caught:
        crew.Crew(1, 10**9, address, patience_s=patience_s)
    assert "\n" not in str(caught.value) + caught.value.hint
    assert time.monotonic() - begin < patience_s + 30  # it ends; how soon is the computer's
    return caught.value


def test_a_worker_or_scheduler_of_other_versions_is_refused(elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = versions()
    monkeypatch.setattr("stringart.many.scheduler.versions", lambda: ours | {"stringart": "9.9"})
    error = refused(elsewhere)
    assert str(error) == f"the scheduler has other versions: stringart 9.9 here, {ours['stringart']} there"
    assert "install the same on all, the scheduler's computer too" in error.hint


def test_a_scheduler_without_stringart_is_refused(elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe() -> dict[str, str]:
        return {}  # what it says where the import fails

    monkeypatch.setattr("stringart.many.scheduler._probe", lambda: probe)
    assert str(refused(elsewhere)) == f"the scheduler of '{elsewhere}' has no stringart"


def test_what_a_probe_says_where_stringart_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from stringart.many.scheduler import _probe

    assert _probe()() == versions()
    monkeypatch.setitem(__import__("sys").modules, "stringart.many.work", None)
    assert _probe()() == {}


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_port_that_is_silent_or_another_programs_ends_in_one_line(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        open_ones = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                open_ones.append(connection)
                if answer:
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        error = refused(address, 0.5)
        assert str(error).startswith(f"the scheduler '{address}' cannot be reached: ")
        for connection in open_ones:
            connection.close()


def test_an_address_that_asks_for_a_certificate_gets_one_or_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path))
    error = refused("tls://127.0.0.1:9", 0.5)
    assert f"asks for its certificate, and '{tmp_path / 'cluster.pem'}' does not exist" in str(error)
    for text in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"):
        (tmp_path / "cluster.pem").write_text(text)
        assert "is not a cluster's certificate" in str(refused("tls://127.0.0.1:9", 0.5))


@pytest.mark.parametrize(
    ("address", "is_warned"),
    [("tcp://127.0.0.1:1", False), ("localhost:1", False), ("tcp://[::1]:1", False), ("tls://10.0.0.2:1", False),
     ("tcp://10.0.0.2:1", True), ("ws://10.0.0.2:1", True), ("tcp://127.evil.example:1", True)],
)  # fmt: skip
def test_only_open_addresses_of_other_computers_are_warned_about(
    address: str, is_warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    from stringart.cli._many import warn_of_open

    warn_of_open(address)
    assert capsys.readouterr().err.startswith(f"warning: {address} is open: ") == is_warned
