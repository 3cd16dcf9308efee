"""The crew's workers, real processes."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from stringart.many.work import Made, Task
from stringart.order.loaded import load_order, read_picture
from stringart.order.order import Order

crew = pytest.importorskip("stringart.many.crew", reason="many pieces need their extra")
CAMERA = Path(__file__).parents[3] / "examples" / "camera.png"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_dask_gives_up_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one is that dies twice within Dask's patience: with all of them gone, a batch would wait for ever."""
    monkeypatch.setitem(crew._SETTINGS, "distributed.deploy.lost-worker-timeout", "100ms")
    loaded = load_order(Order(pins=60, lines=80, quality="draft", importance="none"))
    task = Task(name="camera", photo=read_picture(str(CAMERA)), loaded=loaded)
    with crew.Crew(1, 2 * 10**9) as opened, ThreadPoolExecutor(1) as pool:
        (worker,) = [p for p in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
        worker.send_signal(signal.SIGKILL)
        ((_, made),) = pool.submit(lambda: list(opened.run([task]))).result(90)
    assert isinstance(made, Made)
