"""Without any extra: every command of the core works, and where an extra is needed it is named."""

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from command import QUICK, Ended
from compiled_kernels import share_kernels
from packaging.requirements import Requirement

from stringart.cli._table import COMMANDS

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "examples" / "camera.png"
MOST_WHEEL_BYTES = 5_000_000
EXTRAS = {
    "av", "bokeh", "cryptography", "dask", "distributed", "ezdxf", "pillow_heif", "starlette", "tornado", "uvicorn",
    "websockets",
}  # fmt: skip
_MACHINE = ("--machine", "grbl")


def core_packages() -> list[importlib.metadata.Distribution]:
    """Everything that the core requires, and what that requires."""
    found: dict[str, importlib.metadata.Distribution] = {}
    todo = ["stringart-studio"]
    while todo:
        distribution = importlib.metadata.distribution(todo.pop())
        for line in distribution.requires or ():
            wanted = Requirement(line)
            if (wanted.marker is None or wanted.marker.evaluate({"extra": ""})) and wanted.name not in found:
                found[wanted.name] = importlib.metadata.distribution(wanted.name)
                todo.append(wanted.name)
    return list(found.values())


class Core:
    """An environment with the wheel and what the core requires, and nothing else."""

    def __init__(self, place: Path, wheel: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
        self.python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
        (site,) = place.glob("lib/python*/site-packages")
        for distribution in core_packages():
            for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
                if not (site / top).exists():
                    (site / top).symlink_to(str(distribution.locate_file(top)))
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)]
        subprocess.run(pip, check=True, capture_output=True)
        self._env = os.environ | {"NUMBA_CACHE_DIR": str(place / "kernels")}
        share_kernels(ROOT / "stringart", site / "stringart", place / "kernels")

    def run(self, *arguments: str | Path, cwd: Path) -> Ended:
        """Run a command."""
        return self.run_all([arguments], cwd)[0]

    def run_all(self, commands: Sequence[Sequence[str | Path]], cwd: Path) -> list[Ended]:
        """Run commands one after the other in one process."""
        asked = json.dumps([[str(word) for word in words] for words in commands])
        done = subprocess.run(
            [self.python, "-P", "-c", RUN_ALL], env=self._env, input=asked, cwd=cwd, capture_output=True, text=True,
            timeout=400,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [Ended(status, out.encode(), err) for status, out, err in json.loads(done.stdout)]


RUN_ALL = """
import contextlib, io, json, sys
from stringart.cli._main import run
told = []
for words in json.load(sys.stdin):
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(words)
    told.append([status, out.buffer.getvalue().decode(), err.getvalue()])
json.dump(told, sys.stdout)
"""


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Core:
    (wheel,) = built.glob("*.whl")
    return Core(tmp_path_factory.mktemp("core") / "venv", wheel)


@pytest.fixture(scope="module")
def made(core: Core, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan."""
    folder = tmp_path_factory.mktemp("made")
    words = ("-o", "plan.json", "-o", "seen.png", "-o", "seen.svg", "--save-config", "piece.toml")
    ended = core.run("design", PHOTO, *words, *QUICK, cwd=folder)
    assert ended.status == 0, ended.err
    return folder


def test_the_wheel_is_small(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.stat().st_size < MOST_WHEEL_BYTES


def test_no_extra_is_there(core: Core, tmp_path: Path) -> None:
    code = f"import importlib.util as u; print([n for n in {sorted(EXTRAS)!r} if u.find_spec(n)])"
    assert subprocess.run([core.python, "-c", code], capture_output=True, text=True, cwd=tmp_path).stdout == "[]\n"


def test_what_runs_is_what_was_installed(core: Core, tmp_path: Path) -> None:
    code = "import stringart; print(stringart.__file__)"
    said = subprocess.run([core.python, "-P", "-c", code], capture_output=True, text=True, cwd=tmp_path).stdout
    assert Path(said.strip()).is_relative_to(core.python.parents[1])


WORK = (
    ("design", PHOTO, "-o", "again.json", "--config", "piece.toml"),
    ("design", PHOTO, "-o", "colour.json", *QUICK, "--palette", "auto:2,dmc:310", "--background", "auto"),
    ("palette", PHOTO, "--n", "3", "-o", "card.png"),
    ("paint", "plan.json", "-o", "painted.png", "--width", "300px"),
    ("score", "plan.json", PHOTO, "--json"),
    ("wind", "--list"),
    ("calibrate", "card", "-o", "card.pdf", "-o", "card.json"),
    ("doctor",),
    ("machine", "profiles"),
)


def test_every_command_has_its_help_and_works(core: Core, made: Path) -> None:
    helps = [(name, "--help") for name in sorted(COMMANDS)]
    commands = [*helps, *WORK]
    for words, ended in zip(commands, core.run_all(commands, made), strict=True):
        assert ended.status == 0, (words, ended.err)
        if words in helps:
            assert ended.out.startswith(b"Usage: stringart "), words
            assert ended.err == "", words


_OF_EXTRAS = (".mp4", ".dxf", ".ring.dxf", ".ring.stl", ".ring.3mf")


def test_every_format_of_the_core_is_written(core: Core, made: Path) -> None:
    listed = core.run("export", "plan.json", "-o", "x.png", "--list", cwd=made).out.decode()
    endings = [line.split()[0] for line in listed.splitlines()]
    outputs = [word for ending in endings if ending not in _OF_EXTRAS for word in ("-o", f"out{ending}")]
    export = ("export", "plan.json", *outputs, "--frames", "5", "--width", "200px")
    for ended in core.run_all([export, ("machine", "check", "out.gcode", "--plan", "plan.json", *_MACHINE)], made):
        assert ended.status == 0, ended.err
    assert len(outputs) > 40
    assert all((made / name).stat().st_size for name in outputs[1::2])


def test_a_missing_extra_is_named(core: Core, made: Path) -> None:
    (made / "x.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    for (words, what, extra), ended in zip(MISSING, core.run_all([case[0] for case in MISSING], made), strict=True):
        assert ended.status == 1, words
        why = f"error: {what} needs the optional packages of the extra '{extra}', which are not installed"
        assert ended.lines() == [why, f'hint: pip install "stringart-studio[{extra}]"']
    assert not (made / "many").exists()


MISSING = (
    (("export", "plan.json", "-o", "x.mp4"), "an .mp4 film", "video"),
    (("export", "plan.json", "-o", "x.dxf"), "a DXF file", "dxf"),
    (("export", "plan.json", "-o", "x.ring.stl"), "a ring to print", "ring"),
    (("design", "x.heic", "-o", "x.json"), "reading HEIC photos", "heic"),
    (("studio",), "the studio", "studio"),
    (("batch", PHOTO, "-o", "many"), "making many pieces at once", "batch"),
    (("cluster", "start"), "making many pieces at once", "batch"),
    (("sweep", PHOTO, "-o", "many", "--pins", "60,80"), "making many pieces at once", "batch"),
)


def test_extras_that_are_there_are_not_imported(made: Path) -> None:
    commands = [
        ("design", str(PHOTO), "-o", "plan.json", "-o", "seen.png", *QUICK, "--palette", "auto:2"),
        ("export", "plan.json", "-o", "x.gcode", "-o", "x.gif", "-o", "x.book.pdf", "--frames", "5"),
        ("score", "plan.json", str(PHOTO)),
    ]
    code = (
        "import sys, json; from stringart.cli._main import run; "
        f"status = [run(list(words)) for words in {commands!r}]; "
        "print(json.dumps([status, sorted({name.partition('.')[0] for name in sys.modules})]))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=made, capture_output=True, text=True)
    status, modules = json.loads(ended.stdout.splitlines()[-1])
    assert status == [0, 0, 0], ended.stderr
    assert "numba" in modules
    assert EXTRAS & set(modules) - {"cryptography"} == set()  # fpdf2 looks for that one by itself
    assert "pydantic" not in modules
