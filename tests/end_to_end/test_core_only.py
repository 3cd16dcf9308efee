"""Without any extra: every command of the core works, and where an extra is needed it is named."""

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import QUICK
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

    def run(self, *arguments: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        code = "from stringart.cli import main; main()"
        command = [str(self.python), "-P", "-c", code, *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, timeout=400)


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
    assert ended.returncode == 0, ended.stderr
    return folder


def test_the_wheel_is_small(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.stat().st_size < MOST_WHEEL_BYTES


def test_no_extra_is_there(core: Core, tmp_path: Path) -> None:
    code = f"import importlib.util as u; print([n for n in {sorted(EXTRAS)!r} if u.find_spec(n)])"
    assert subprocess.run([core.python, "-c", code], capture_output=True, text=True, cwd=tmp_path).stdout == "[]\n"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_its_help(core: Core, tmp_path: Path, command: str) -> None:
    ended = core.run(command, "--help", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        ("design", PHOTO, "-o", "again.json", "--config", "piece.toml"),
        ("design", PHOTO, "-o", "colour.json", *QUICK, "--palette", "auto:2,dmc:310", "--background", "auto"),
        ("palette", PHOTO, "--n", "3", "-o", "card.png"),
        ("paint", "plan.json", "-o", "painted.png", "--width", "300px"),
        ("score", "plan.json", PHOTO, "--json"),
        ("wind", "--list"),
        ("calibrate", "card", "-o", "card.pdf", "-o", "card.json"),
        ("doctor",),
        ("machine", "profiles"),
    ],
    ids=lambda words: f"{words[0]}-{words[-1]}",
)
def test_the_core_works(core: Core, made: Path, words: tuple[str | Path, ...]) -> None:
    ended = core.run(*words, cwd=made)
    assert ended.returncode == 0, ended.stderr


_OF_EXTRAS = (".mp4", ".dxf", ".ring.dxf", ".ring.stl", ".ring.3mf")


def test_every_format_of_the_core_is_written(core: Core, made: Path) -> None:
    listed = core.run("export", "plan.json", "-o", "x.png", "--list", cwd=made).stdout
    endings = [line.split()[0] for line in listed.splitlines()]
    outputs = [word for ending in endings if ending not in _OF_EXTRAS for word in ("-o", f"out{ending}")]
    ended = core.run("export", "plan.json", *outputs, "--frames", "5", "--width", "200px", cwd=made)
    assert ended.returncode == 0, ended.stderr
    assert len(outputs) > 40
    assert all((made / name).stat().st_size for name in outputs[1::2])
    assert core.run("machine", "check", "out.gcode", "--plan", "plan.json", *_MACHINE, cwd=made).returncode == 0


@pytest.mark.parametrize(
    ("words", "what", "extra"),
    [
        (("export", "plan.json", "-o", "x.mp4"), "an .mp4 film", "video"),
        (("export", "plan.json", "-o", "x.dxf"), "a DXF file", "dxf"),
        (("export", "plan.json", "-o", "x.ring.stl"), "a ring to print", "ring"),
        (("design", "x.heic", "-o", "x.json"), "reading HEIC photos", "heic"),
        (("studio",), "the studio", "studio"),
        (("batch", PHOTO, "-o", "many"), "making many pieces at once", "batch"),
        (("sweep", PHOTO, "-o", "many", "--pins", "60,80"), "making many pieces at once", "batch"),
    ],
)
def test_a_missing_extra_is_named(core: Core, made: Path, words: tuple[str | Path, ...], what: str, extra: str) -> None:
    (made / "x.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    ended = core.run(*words, cwd=made)
    assert ended.returncode == 1
    why = f"error: {what} needs the optional packages of the extra '{extra}', which are not installed"
    assert ended.stderr.splitlines() == [why, f'hint: pip install "stringart-studio[{extra}]"']
    assert not (made / "many").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("design", str(PHOTO), "-o", "plan.json", "-o", "seen.png", *QUICK, "--palette", "auto:2"),
        ("export", "plan.json", "-o", "x.gcode", "-o", "x.gif", "-o", "x.book.pdf", "--frames", "5"),
        ("score", "plan.json", str(PHOTO)),
    ],
)
def test_extras_that_are_there_are_not_imported(made: Path, words: tuple[str, ...]) -> None:
    code = (
        "import sys, json; from stringart.cli._main import run; status = run(sys.argv[1:]); "
        "print(json.dumps([status, sorted({name.partition('.')[0] for name in sys.modules})]))"
    )
    ended = subprocess.run([sys.executable, "-c", code, *words], cwd=made, capture_output=True, text=True)
    status, modules = json.loads(ended.stdout.splitlines()[-1])
    assert status == 0, ended.stderr
    assert "numba" in modules
    assert EXTRAS & set(modules) - {"cryptography"} == set()  # fpdf2 looks for that one by itself
    assert "pydantic" not in modules
