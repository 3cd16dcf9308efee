"""``paint``, ``score`` and ``doctor`` as a user runs them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import measured, stringart
from PIL import Image
from sample_plans import THREADS, random_plan

from stringart.plan.model import Plan
from stringart.plan.steps import steps_of


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    made = random_plan((40, 60), THREADS[3:5])
    made.save(tmp_path / "plan.json")
    return made


def test_upto_paints_the_first_steps_only(tmp_path: Path, plan: Plan) -> None:
    for name, extra in (("none", ("--upto", "0")), ("part", ("--upto", "50")), ("whole", ())):
        assert stringart("paint", "plan.json", "-o", f"{name}.png", "--width", "200", *extra, cwd=tmp_path).status == 0
    plan.upto(steps_of(plan)[49].stop).save(tmp_path / "part.json")
    stringart("paint", "part.json", "-o", "same.png", "--width", "200", cwd=tmp_path)
    tones = {}
    for name in ("none", "part", "same", "whole"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            tones[name] = picture.convert("L").tobytes()
    assert tones["part"] == tones["same"]
    assert sum(tones["none"]) > sum(tones["part"]) > sum(tones["whole"])
    assert len(set(tones["none"])) == 1


def test_eight_thousand_pixels_in_bounded_memory(tmp_path: Path) -> None:
    random_plan((300,), THREADS[2:3], pins=288).save(tmp_path / "plan.json")
    status, _, small_mb = measured(["paint", "plan.json", "-o", "small.png", "--width", "200px"], tmp_path)
    assert status == 0
    status, _, large_mb = measured(["paint", "plan.json", "-o", "large.png", "--width", "8000px"], tmp_path)
    assert status == 0
    picture_mb = 8000 * 8000 * 3 / 2**20
    assert large_mb - small_mb < 4 * picture_mb  # the picture, its copy in the writer, the file and the bands
    with Image.open(tmp_path / "large.png") as picture:
        assert picture.size == (8000, 8000)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("paint", "plan.json", "-o", "x.png", "--width", "8001"), 1, "8000"),
        (("paint", "plan.json", "-o", "x.png", "--width", "0"), 2, "positive"),
        (("paint", "plan.json", "-o", "x.xyz"), 1, ".xyz"),
        (("paint", "missing.json", "-o", "x.png"), 1, "does not exist"),
        (("paint", "future.json", "-o", "x.png"), 1, "version 2"),
        (("paint", "cut.json", "-o", "x.png"), 1, "cut.json"),
        (("paint", "other.json", "-o", "x.png"), 1, "other.json"),
        (("paint", "pins.json", "-o", "x.png"), 1, "pin"),
        (("score", "plan.json", "plan.json"), 1, "is not a picture"),
        (("score", "plan.json", "missing.jpg"), 1, "does not exist"),
        (("score", "plan.json"), 2, "Missing argument"),
        (("pant",), 2, "pant"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, plan: Plan, arguments: tuple[str, ...], status: int, words: str
) -> None:
    whole = plan.to_bytes()
    document = json.loads(whole)
    (tmp_path / "future.json").write_text(json.dumps({**document, "version": 2}))
    (tmp_path / "cut.json").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "other.json").write_text('{"lines": [[0, 1]], "version": 1}')
    (tmp_path / "pins.json").write_text(json.dumps({**document, "layers": [{"thread": 0, "pins": [0, 999]}]}))
    ended = stringart(*arguments, cwd=tmp_path)
    assert ended.status == status
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert len([line for line in ended.lines() if line.lower().startswith("error")]) == 1
    assert not (tmp_path / "x.png").exists()


def test_very_verbose_adds_the_traceback(tmp_path: Path) -> None:
    ended = stringart("-vv", "paint", "missing.json", "-o", "x.png", cwd=tmp_path)
    assert ended.status == 1
    assert "PlanError" in ended.err
    assert "Traceback" in ended.err


def test_score_says_when_the_photo_is_another(tmp_path: Path, plan: Plan) -> None:
    examples = Path(__file__).parents[2] / "examples"
    made = stringart(
        "design", examples / "camera.png", "-o", "camera.json", "--pins", "60", "--lines", "100", "--quality", "draft",
        cwd=tmp_path,
    )  # fmt: skip
    assert made.status == 0
    right = stringart("score", "camera.json", examples / "camera.png", cwd=tmp_path)
    wrong = stringart("score", "camera.json", examples / "coffee.jpg", cwd=tmp_path)
    assert "warning" not in right.err
    assert "coffee.jpg' is not the file that the plan was made from ('camera.png')" in wrong.err
    assert right.out.decode().count("SSIM") == 2


def test_doctor_finds_this_installation_whole(tmp_path: Path) -> None:
    places = {"STRINGART_CONFIG_DIR": str(tmp_path / "own"), "STRINGART_STATE_DIR": str(tmp_path / "state")}
    ended = stringart("doctor", cwd=tmp_path, env={"NUMBA_CACHE_DIR": str(tmp_path / "kernels"), **places})
    assert ended.status == 0, ended.err
    said = ended.out.decode()
    assert f"compiled code is kept in {tmp_path / 'kernels'}" in said
    for name in ("numpy", "numba", "scikit-image", "shapely"):
        assert re.search(rf"^{name} \d", said, re.M)
    assert re.search(
        r"^extra dxf: (ezdxf \d|not installed \(ezdxf\); pip install \"stringart-studio\[dxf\]\")", said, re.M
    )
    assert "face classifier: there" in said
    assert f"machine profiles, the certificate of a cluster: {tmp_path / 'own'}\n" in said
    assert f"wound by hand, journals of machine jobs: {tmp_path / 'state'}\n" in said


def test_doctor_names_what_is_missing() -> None:
    code = (
        "import importlib.metadata as m, sys\n"
        "real = m.version\n"
        "def version(name):\n"
        "    if name in ('shapely', 'ezdxf'): raise m.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "m.version = version\n"
        "from stringart.cli._main import run\n"
        "sys.exit(run(['doctor']))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "error: missing: shapely" in ended.stderr
    assert 'extra dxf: not installed (ezdxf); pip install "stringart-studio[dxf]"' in ended.stdout
