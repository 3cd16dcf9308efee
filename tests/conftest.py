"""Settings for all tests."""

import gc
import itertools
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

gc.disable()  # until all is imported and collected, which makes few cycles: a fifth of its time

os.environ["STRINGART_NO_DEFAULTS"] = "1"  # a tester's own defaults are no part of a test

# Some hundred commands are started: each that may not keep what it compiled takes 2.8 s to its first work, not 1.2 s.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Before numpy is imported, here and in what is started: threads that wait for each other double what a matrix costs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What is wound is synced at every step, some ten thousand times in all tests: a disk takes 1 to 10 ms for each.
_MEMORY = Path("/dev/shm")
if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
    _room = os.statvfs(_MEMORY)
    if _room.f_bavail * _room.f_frsize > 4 << 30 and not _room.f_flag & os.ST_NOEXEC:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# How long an example takes depends on who shares the machine. The same examples every time: a test that turns red does
# so by what was changed. ``--hypothesis-profile search`` looks for others, and has found faults.
settings.register_profile("stringart", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("stringart")

# Started with SIGINT ignored, as by nohup and some CI, every command that a test starts would ignore Ctrl-C too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SLOW = (
    "end_to_end", "property",  # processes, browsers, machines in real time; hundreds of examples
    "unit/calibration/test_fit.py", "unit/cli/test_machine_states.py", "unit/firmware_io/test_firmware_faults.py",
    "unit/firmware_io/test_firmware_sessions.py", "unit/machine/test_mutants.py", "unit/many/test_batch.py",
    "unit/many/test_crew.py", "unit/many/test_trials.py", "unit/search/test_clips.py",
    "unit/search/test_many_threads.py", "unit/search/test_pipeline.py", "unit/test_api.py", "unit/test_examples.py",
)  # fmt: skip
"""What ``-m "not slow"`` leaves out."""

_MOST_WORKERS = 6  # each may drive a browser, and a machine in real time that must not starve


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Say what ``-n auto`` means: five on two cores, since more than half of their time tests wait for a machine."""
    return min(2 * (os.cpu_count() or 1) + 1, _MOST_WORKERS)


def pytest_configure(config: pytest.Config) -> None:
    """Let each worker begin to collect at another file: what one has compiled the others find, and need not compile."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        files = sorted(map(str, Path(__file__).parent.rglob("test_*.py")))
        first = int(worker.removeprefix("gw")) * len(files) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        config.args = files[first:] + files[:first]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = mixed(items)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare what all tests of a process need, once."""
    if session.config.option.collectonly:
        return
    gc.enable()
    if "PYTEST_XDIST_WORKER" in os.environ:
        from compiled_kernels import compile_once

        compile_once()
    gc.freeze()  # some million things that live as long as the process: they are not looked through any more, ...
    gc.set_threshold(50_000, 20, 100)  # ... and what a test makes less often: 6 % of the units' time


LONGEST = ("test_readme_commands.py", "studio", "test_batch.py", "test_firmware_pty.py", "test_machine_visits.py")
"""Of what waits; it begins first, so that no worker is left alone with it at the end."""


def mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Put files that wait, for browsers and machines, in turn with files that compute: all workers find both."""
    files = sorted({item.path for item in items})
    waiting = [path for path in files if "end_to_end" in path.parts]
    waiting.sort(key=lambda path: next((k for k, name in enumerate(LONGEST) if name in path.parts), len(LONGEST)))
    computing = sorted(
        (path for path in files if "end_to_end" not in path.parts), key=lambda path: "benchmarks" in path.parts
    )
    pairs = itertools.zip_longest(waiting, computing)
    place = {path: number for number, path in enumerate(itertools.chain.from_iterable(pairs))}
    return sorted(items, key=lambda item: place[item.path])


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with settings and journals of its own."""
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("STRINGART_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller is asked where the tool is as soon as anybody wants to know, not five times a second at most."""
    monkeypatch.setattr("firmware_io.engine.polling._QUERIES_PER_SECOND", 100)
