"""``stringart export`` and the human errors of ``stringart paint``, as a user runs them."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from command import stringart_text
from PIL import Image
from sample_plans import THREADS, random_plan

from stringart.export import EXPORTERS
from stringart.plan.model import Board

PLAN = random_plan(steps=(40, 50), threads=THREADS[3:])


def run(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return stringart_text(*arguments, cwd=cwd, env=env)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Планы für Ольга"
    place.mkdir()
    PLAN.save(place / "plan.json")
    return place


def one_line(ran: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in ran.stderr
    return ran.stderr


def test_several_formats_at_once_into_names_of_any_script(folder):
    films = ["фильм.gif", "película.webp", "影.apng"]
    names = [*films, "page.html", "steps.csv", "steps.TXT", "a b.jsonl", "x.shopping.txt"]
    outputs = [part for name in names for part in ("-o", name)]
    ran = run("export", "plan.json", *outputs, "--width", "80px", "--frames", "5", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.splitlines() == [f"wrote {name}" for name in names]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "plan.json"])
    with Image.open(folder / "фильм.gif") as film:
        assert (film.size, film.n_frames) == ((80, 80), 5)


def test_the_options_of_a_film(folder):
    Image.new("RGB", (50, 40), "red").save(folder / "Фото.png")
    options = ["--width", "70", "--frames", "4", "--seconds", "1", "--hold", "2", "--spacing", "chords"]
    options += ["--counter", "--photo", "Фото.png"]
    ran = run("export", "plan.json", "-o", "a.gif", *options, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    with Image.open(folder / "a.gif") as film:
        assert film.n_frames == 4
        assert film.size[0] > 140
        assert film.size[1] > 70
        red = film.convert("RGB").getpixel((film.size[0] - 10, 35))
    assert red[0] > 240
    assert red[1] < 10


def test_every_ending_is_listed_with_a_line(folder):
    ran = run("export", "--list", cwd=folder)
    assert ran.returncode == 0
    listed = dict(line.split(maxsplit=1) for line in ran.stdout.splitlines())
    assert listed.keys() == EXPORTERS.keys()
    assert all(10 < len(text) < 140 for text in listed.values())


def test_the_help_is_grouped(folder):
    words = run("export", "--help", cwd=folder).stdout
    assert words.index("Options:") < words.index("Films (") < words.index("--spacing") < words.index("shopping list:")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("piece.bmp", "no exporter for 'piece.bmp': the ending '.bmp' is not known"),
        ("piece", "no exporter for 'piece': its name has no ending"),
        ("nowhere/piece.gif", "cannot write 'nowhere/piece.gif': the folder does not exist"),
    ],
)
def test_outputs_that_are_refused(folder, name, said):
    ran = run("export", "plan.json", "-o", "good.csv", "-o", name, cwd=folder)
    assert ran.returncode == 1
    assert one_line(ran).splitlines()[0] == f"error: {said}"
    if "exporter" in said:
        assert all(ending in ran.stderr for ending in EXPORTERS)
    assert not (folder / "good.csv").exists()  # refused before anything is written


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(folder):
    folder.chmod(0o500)
    ran = run("export", "plan.json", "-o", "a.gif", cwd=folder)
    folder.chmod(0o700)
    assert ran.returncode == 1
    assert one_line(ran).startswith("error: cannot write 'a.gif'")


@pytest.mark.parametrize("ending", ["gif", "webp", "apng", "csv", "txt", "jsonl"])
def test_a_plan_without_chords_is_refused(folder, ending):
    PLAN.upto(0).save(folder / "empty.json")
    ran = run("export", "empty.json", "-o", f"a.{ending}", cwd=folder)
    assert ran.returncode == 1
    assert "the plan has no chords" in one_line(ran)
    assert not (folder / f"a.{ending}").exists()


def test_a_missing_extra_says_what_to_install(folder):
    (folder / "hidden").mkdir()
    (folder / "hidden" / "av.py").write_text("raise ImportError")
    ran = run("export", "plan.json", "-o", "a.mp4", cwd=folder, env={"PYTHONPATH": str(folder / "hidden")})
    assert ran.returncode == 1
    assert one_line(ran).splitlines() == [
        "error: an .mp4 film needs the optional packages of the extra 'video', which are not installed",
        'hint: pip install "stringart-studio[video]"',
    ]


def test_another_photo_is_shown_but_said(folder):
    document = json.loads((folder / "plan.json").read_text())
    document["photo"] = {"name": "other.jpg", "sha256": "0" * 64, "crop_px": [0, 0, 40, 40]}
    (folder / "plan.json").write_text(json.dumps(document))
    Image.new("RGB", (50, 40), "red").save(folder / "p.png")
    ran = run("export", "plan.json", "-o", "a.gif", "--width", "60", "--frames", "3", "--photo", "p.png", cwd=folder)
    assert ran.returncode == 0
    assert "warning: 'p.png' is not the file that the plan was made from ('other.jpg')" in ran.stderr


def test_human_error_is_painted_and_its_cost_said(folder):
    Image.linear_gradient("L").save(folder / "p.png")
    strip = Board(shape="rectangle", width_mm=600, height_mm=60)  # a small picture is painted soon
    random_plan(steps=(40, 50), board=strip).save(folder / "plan.json")
    errors = ["--pin-error", "0.5mm", "--missed", "10%", "--seed", "3"]
    first = run("paint", "plan.json", "-o", "a.png", "--width", "100", *errors, "--photo", "p.png", cwd=folder)
    again = run("paint", "plan.json", "-o", "b.png", "--width", "100", *errors, cwd=folder)
    run("paint", "plan.json", "-o", "c.png", "--width", "100", cwd=folder)
    assert first.returncode == 0, first.stderr
    assert first.stderr.startswith(again.stderr)
    pins, picture, *scores = first.stderr.splitlines()
    assert pins.endswith(" of 88 wraps are missed")
    assert picture.startswith("RMS L* ")
    assert len(scores) == 2
    a, b, c = ((folder / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert a == b != c


@pytest.mark.parametrize("wrong", [("--pin-error", "0.5"), ("--missed", "120%"), ("--missed", "some")])
def test_errors_that_cannot_be_read_are_usage_errors(folder, wrong):
    assert run("paint", "plan.json", "-o", "a.png", *wrong, cwd=folder).returncode == 2
