"""The README's recipes for adding to the code, followed by the letter in a copy of it: one new file each."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sample_plans import THREADS, random_plan

ROOT = Path(__file__).parents[2]
KERNELS = ROOT / "stringart" / "_kernels.py"
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPE = re.compile(r"^\*\*([\w ]+)\*\*: .*?`(stringart/[\w./]+)`.*?^```(\w+)\n(.*?)^```", re.M | re.S)
RECIPES = {what: (path, text) for what, path, _, text in RECIPE.findall(README.partition("## Adding to it")[2])}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, with every file that the README tells to add."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("stringart", "firmware_io"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in RECIPES.values():
        assert not (folder / path).exists()
        (folder / path).write_text(text, encoding="utf-8")
    random_plan((40, 30), THREADS[3:], pins=80).save(folder / "plan.json")
    return folder


def run(folder: Path, code: str) -> str:
    """Run code with the copied package in front; its kernels are those that are compiled already, of the same file."""
    begin = (
        "import stringart, pathlib; assert pathlib.Path(stringart.__file__).parents[1] == pathlib.Path.cwd()\n"
        "import importlib.util, sys, stringart._numba_cache\n"
        f"spec = importlib.util.spec_from_file_location('stringart._kernels', {str(KERNELS)!r})\n"
        "sys.modules['stringart._kernels'] = stringart._kernels = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(stringart._kernels)\n"
    )
    done = subprocess.run([sys.executable, "-c", begin + code], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(folder: Path, *commands: tuple[str, ...]) -> str:
    """Run commands one after the other, as long as they succeed, in one process: it is the files that are tested."""
    return run(
        folder, f"from stringart.cli._main import run; raise SystemExit(any(map(run, {[*map(list, commands)]!r})))"
    )


HERE = (
    "from contextlib import contextmanager\n"
    "from stringart.cli._main import run\n"
    "from stringart.cli._many import CrewOptions\n"
    "from stringart.many.work import make\n"
    "class Here:\n"
    "    def run(self, tasks): return ((task, make(task)) for task in tasks)\n"
    "CrewOptions.open_crew = contextmanager(lambda options, pieces: iter([Here()]))\n"
)
"""A crew of this process: workers would compile the kernels of the copy."""


def test_there_are_four_and_each_is_short() -> None:
    assert list(RECIPES) == ["An exporter", "A board shape", "A dialect", "A palette catalogue"]
    assert [what for what, (_, text) in RECIPES.items() if len(text.strip().splitlines()) >= 10] == []


def test_the_exporter_writes_its_ending_and_is_listed(copied: Path) -> None:
    said = command(copied, ("export", "plan.json", "-o", "out.count.txt"), ("export", "--list", "x"))
    assert (copied / "out.count.txt").read_text() == "40 of navy\n30 of black\n"
    assert re.search(r"^\.count\.txt +How many steps each layer has$", said, re.M)


OPTION = '''
"""The name of each layer's thread, once for each line that is wished for."""

from stringart.export import ExportOption, ExportOptions
from stringart.export._options import read_whole
from stringart.plan.model import Plan

TIMES = ExportOption(
    name="times", key="times", default=1, title="Times", about="How often each stands there.", read=read_whole,
    metavar="N", low=1, high=9,
)
OPTIONS = (TIMES,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    return "".join(f"{plan.threads[layer.thread].name} " * options[TIMES] for layer in plan.layers).encode()
'''


def test_a_new_exporter_with_an_option_is_one_new_file(copied: Path) -> None:
    new = copied / "stringart" / "export" / "names_txt.py"
    new.write_text(OPTION.lstrip(), encoding="utf-8")
    try:
        photo = str(ROOT / "stringart" / "studio" / "page" / "examples" / "camera.png")
        few = ("--pins", "40", "--lines", "30", "--quality", "draft", "--workers", "1")
        export = ["export", "plan.json", "-o", "a.names.txt", "-o", "a.count.txt", "--times", "2"]
        batch = ["batch", photo, "-o", "many", "--export", "names.txt", "--times", "3", *few]
        told = run(copied, f"{HERE}assert run({export!r}) == 0\nassert run({batch!r}) == 0\n"
                           "from stringart.studio.exports import *\n"
                           "mine = next(one for one in offered() if one['ending'] == '.names.txt')\n"
                           "print([(one['name'], one['low'], one['high']) for one in mine['options']])\n"
                           "chosen = check_request('.names.txt', {'times': 4})\n"
                           "print(export_options(chosen), command_of('a', '.names.txt', chosen))")  # fmt: skip
        assert (copied / "a.names.txt").read_text() == "navy navy black black "
        assert (copied / "many" / "camera.names.txt").read_text() == "black black black "
        assert told == "[('times', 1, 9)]\nExportOptions(times=4) stringart export a.json -o a.names.txt --times 4\n"
    finally:
        new.unlink()


def test_the_board_shape_has_pins_and_is_offered(copied: Path) -> None:
    told = run(copied, "import stringart.board.boards\n"
                       "board = stringart.make_board('drop')\n"
                       "pins = stringart.place_pins(board, 100)\n"
                       "print(board.width_mm, board.height_mm, pins.xy_mm[0].round(3).tolist())\n"
                       "stringart.board.boards.check_thread(stringart.place_pins(board, 288), 0.25)")  # fmt: skip
    assert told == "400.0 600.0 [0.0, 300.0]\n"
    assert "hexagon|FILE" in (offered := command(copied, ("design", "--help")).replace("\n", ""))
    assert re.search(r"circle\|ellipse\|rectangle\|drop\|heart\|", re.sub(r"\s", "", offered))


def test_the_dialect_writes_a_program_that_is_proved(copied: Path) -> None:
    (copied / "mine.toml").write_text('inherits = "grbl"\n[machine]\ndialect = "own"\n')
    said = command(
        copied,
        ("export", "plan.json", "-o", "job.gcode", "--machine", "mine.toml"),
        ("machine", "check", "job.gcode", "--plan", "plan.json", "--machine", "mine.toml"),
    )
    program = (copied / "job.gcode").read_text()
    assert "M400" in program
    words = set(re.findall(r"^[GM]\d+", re.sub(r"\(.*?\)", "", program), re.M))
    assert words <= {"G0", "G1", "G2", "G3", "G4", "G17", "G21", "M0", "M400", "M5"}
    assert "proved" in said


def test_the_catalogue_can_be_bought_from(copied: Path) -> None:
    told = run(copied, "from stringart.threads.request import parse_palette\n"
                       "print([(t.name, t.color) for t in parse_palette('shop:7,shop:Rose').threads])\n"
                       "print(parse_palette('shop:auto:2').count)")  # fmt: skip
    assert "#14161c" in told
    assert "#d8576b" in told
    assert told.endswith("\n2\n")
