"""``stringart design`` as a user runs it: what it writes, what it reads, what it refuses."""

import io
import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from command import QUICK, stringart
from PIL import Image

from stringart.plan.materials import materials_of
from stringart.plan.model import Plan

EXAMPLES = Path(__file__).parents[2] / "examples"
SVG = "{http://www.w3.org/2000/svg}"
STAR = "M50,0 L61,35 98,35 68,57 79,91 50,70 21,91 32,57 2,35 39,35 Z"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A bright disc on a dark ground, small."""
    disc().save(tmp_path / "disc.png")
    return tmp_path / "disc.png"


def disc() -> Image.Image:
    rows, cols = np.indices((90, 120)) - np.array([45, 60]).reshape(2, 1, 1)
    near = np.hypot(rows, cols) < 30
    return Image.fromarray(np.where(near[..., None], (240, 200, 60), (30, 60, 90)).astype(np.uint8))


def test_plan_png_and_svg_exist_and_agree(tmp_path: Path, photo: Path) -> None:
    ended = stringart("design", photo, "-o", "plan.json", "-o", "seen.png", "-o", "seen.svg", *QUICK, cwd=tmp_path)
    assert (ended.status, ended.out) == (0, b"")
    plan = Plan.load(tmp_path / "plan.json")
    assert 100 < plan.chords <= 150
    assert stringart("paint", "plan.json", "-o", "again.png", cwd=tmp_path).status == 0
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "seen.png").read_bytes()
    paths = ElementTree.parse(tmp_path / "seen.svg").getroot().findall(f".//{SVG}path")
    drawn = [path.get("d", "") for path in paths]
    assert [data.count("L") for data in drawn] == [layer.steps for layer in plan.layers]
    first = plan.pins.xy_mm[plan.layers[0].pins[0]]
    assert drawn[0].startswith(f"M{first[0] + 300:.3f},{300 - first[1]:.3f}L")
    assert not list(tmp_path.glob(".stringart-*"))


def test_the_summary_says_what_it_takes(tmp_path: Path, photo: Path) -> None:
    said = stringart("design", photo, "-o", "plan.json", *QUICK, cwd=tmp_path).err
    plan = Plan.load(tmp_path / "plan.json")
    assert f"chords: {plan.chords}," in said
    assert f"thread: {materials_of(plan).total_mm / 1000:.0f} m (pin to pin" in said
    for words in (r"by hand: .+ \d+ s a chord", r"by machine: .+ m/min", r"score: SSIM 0\.\d+", r"tone: contrast"):
        assert re.search(words, said), words


def test_two_processes_write_the_same_bytes(tmp_path: Path, photo: Path) -> None:
    kept = []
    for seed in ("1", "2"):
        arguments = ("-o", "plan.json", "-o", "seen.png", "--pins", "60", "--lines", "300", "--importance", "none")
        assert stringart("design", photo, *arguments, cwd=tmp_path, env={"PYTHONHASHSEED": seed}).status == 0
        kept.append([(tmp_path / name).read_bytes() for name in ("plan.json", "seen.png")])
    assert kept[0] == kept[1]


def test_a_dash_is_stdin_and_stdout(tmp_path: Path, photo: Path) -> None:
    piped = stringart("design", "-", "-o", "-", *QUICK, cwd=tmp_path, stdin=photo.read_bytes())
    assert piped.status == 0
    plan = Plan.from_bytes(piped.out)
    assert plan.chords > 100
    painted = stringart("paint", "-", "-o", "-", "--width", "300px", cwd=tmp_path, stdin=piped.out)
    assert painted.status == 0
    with Image.open(io.BytesIO(painted.out)) as picture:
        assert picture.size == (300, 300)
    scored = stringart("score", "-", photo, "--json", cwd=tmp_path, stdin=piped.out)
    assert json.loads(scored.out)["chords"] == plan.chords
    assert 0 < json.loads(scored.out)["scores"][1]["ssim_fit"] < 1


@pytest.mark.parametrize("option", ["--size", "--pin-diameter", "--thread-length"])
def test_a_bare_number_is_asked_for_its_unit(tmp_path: Path, photo: Path, option: str) -> None:
    ended = stringart("design", photo, "-o", "plan.json", option, "600", cwd=tmp_path)
    assert ended.status == 2
    assert "'600': which unit?" in ended.err
    assert not (tmp_path / "plan.json").exists()


def test_a_bare_thread_width_is_asked_for_its_unit(tmp_path: Path, photo: Path) -> None:
    ended = stringart("design", photo, "-o", "plan.json", "--thread", "black@0.25", cwd=tmp_path)
    assert ended.status == 2
    assert "'0.25': which unit?" in ended.err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("missing.jpg",), 1, "'missing.jpg' does not exist"),
        (("broken.jpg",), 1, "is damaged or cut short"),
        (("text.jpg",), 1, "is not a picture"),
        (("empty.jpg",), 1, "'empty.jpg' is empty"),
        (("flat.png",), 1, "has no contrast"),
        (("disc.png", "--pins", "7"), 2, "7 is out of range; choose 8 to 5000"),
        (("disc.png", "--pins", "2000"), 1, "2000 pins of 2 mm stand only"),
        (("disc.png", "--thread", "black@9mm"), 1, "9 mm"),
        (("disc.png", "--board", "triangle"), 1, "the board 'triangle' is not known"),
        (("disc.png", "--board", "circle", "--size", "800x600mm"), 1, "a circle cannot be 800 x 600 mm"),
        (("disc.png", "--size", "-5mm"), 2, "-5"),
        (("disc.png", "--background", "black"), 1, "nothing would be seen"),
        (("disc.png", "--thread", "blakc"), 2, "'blakc' is not known"),
        (("disc.png", "--lines", "10", "--thread-length", "1km"), 2, "exclude each other"),
        (("disc.png", "--importance", "missing.png"), 1, "'missing.png' does not exist"),
        (("disc.png", "-o", "plan.xyz"), 1, "the ending '.xyz' is not known"),
        (("disc.png", "-o", "nowhere/plan.json"), 1, "the folder does not exist"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, photo: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    (tmp_path / "broken.jpg").write_bytes((EXAMPLES / "astronaut.jpg").read_bytes()[:5000])
    (tmp_path / "text.jpg").write_text("not a photo")
    (tmp_path / "empty.jpg").touch()
    Image.new("RGB", (50, 50), "gray").save(tmp_path / "flat.png")
    before = sorted(tmp_path.iterdir())
    ended = stringart("design", "-o", "plan.json", *arguments, cwd=tmp_path)
    assert ended.status == status
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert len([line for line in ended.lines() if line.lower().startswith("error")]) == 1
    assert sorted(tmp_path.iterdir()) == before


def photos() -> dict[str, tuple[Image.Image, dict[str, object]]]:
    """Photos of every kind that Pillow opens, all of the same disc: name -> picture, how it is saved."""
    color = disc()
    clear = color.convert("RGBA")
    clear.putalpha(color.convert("L").point(lambda v: 0 if v > 100 else 255))
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(np.asarray(color.convert("L")).astype(np.uint16) * 257)
    return {
        "16-bit.png": (deep, {}),
        "16-bit.tif": (deep, {}),
        "alpha.png": (clear, {}),
        "animated.gif": (color.convert("P"), {"save_all": True, "append_images": [Image.new("P", color.size)]}),
        "cmyk.jpg": (color.convert("CMYK"), {}),
        "grey.jpg": (color.convert("L"), {}),
        "one-bit.png": (color.convert("1"), {}),
        "palette.png": (color.convert("P", palette=Image.Palette.ADAPTIVE), {}),
        "turned.jpg": (color.rotate(90, expand=True), {"exif": exif}),
        "web.webp": (color, {"lossless": True}),
    }


@pytest.mark.parametrize("name", sorted(photos()))
def test_photos_of_every_kind_give_the_same_picture(tmp_path: Path, name: str) -> None:
    picture, how = photos()[name]
    picture.save(tmp_path / name, **how)
    arguments = ("-o", "plan.json", "-o", "seen.png", "--thread", "black@1.5mm", *QUICK)
    ended = stringart("design", name, *arguments, cwd=tmp_path)
    assert ended.status == 0, ended.err
    assert ("holds 2 frames; only the first is used" in ended.err) == (name == "animated.gif")
    plan = Plan.load(tmp_path / "plan.json")
    assert plan.photo is not None
    assert plan.photo.crop_px == (15, 0, 105, 90)  # turned upright first
    with Image.open(tmp_path / "seen.png") as seen:
        tones = np.asarray(seen.convert("L"), float)
    assert tones[400:600, 400:600].mean() > tones[100:900, 200:240].mean() + 30


@pytest.mark.parametrize(
    ("arguments", "shape", "size_mm"),
    [
        (("--board", "ellipse", "--size", "80x60cm"), "ellipse", (800, 600)),
        (("--board", "rectangle", "--size", "24in"), "rectangle", (609.6, 609.6)),
        (("--board", "star.svg", "--size", "0.5m"), "outline", (500, 473.958)),
        (
            (
                "--board",
                "pins.csv",
            ),
            "pins",
            (400, 200),
        ),
    ],
)
def test_boards_of_every_shape(
    tmp_path: Path, photo: Path, arguments: tuple[str, ...], shape: str, size_mm: tuple[float, float]
) -> None:
    (tmp_path / "star.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><path d="{STAR}"/></svg>')
    turn = 2 * np.pi * np.arange(60) / 60
    rows = [f"{200 * np.sin(a):.6f},{100 * np.cos(a):.6f}" for a in turn]
    (tmp_path / "pins.csv").write_text("x_mm,y_mm\n" + "\n".join(rows) + "\n")
    ended = stringart("design", photo, "-o", "plan.json", *QUICK, *arguments, cwd=tmp_path)
    assert ended.status == 0, ended.err
    plan = Plan.load(tmp_path / "plan.json")
    assert plan.board.shape == shape
    assert (plan.board.width_mm, plan.board.height_mm) == pytest.approx(size_mm, abs=0.01)
    assert len(plan.pins) == 60
    assert plan.pins.xy_mm[0, 1] > 0.8 * plan.board.height_mm / 2
    assert plan.pins.xy_mm[1, 0] > plan.pins.xy_mm[0, 0]  # clockwise
    assert plan.chords > 50


def test_thread_length_stops_at_the_length(tmp_path: Path, photo: Path) -> None:
    quick = ("--pins", "60", "--quality", "draft", "--importance", "none")
    assert stringart("design", photo, "-o", "plan.json", "--thread-length", "50m", *quick, cwd=tmp_path).status == 0
    assert 48_000 < materials_of(Plan.load(tmp_path / "plan.json")).total_mm <= 50_000


def test_white_thread_on_a_black_board(tmp_path: Path, photo: Path) -> None:
    arguments = ("-o", "plan.json", "-o", "seen.png", "--thread", "white@0.3mm", "--background", "black")
    assert stringart("design", photo, *arguments, *QUICK, cwd=tmp_path).status == 0
    with Image.open(tmp_path / "seen.png") as seen:
        tones = np.asarray(seen.convert("L"), float)
    assert tones[400:600, 400:600].mean() > tones[:, 200:240].mean() + 10


def test_the_plan_says_how_it_was_made(tmp_path: Path, photo: Path) -> None:
    assert stringart("design", photo, "-o", "plan.json", "--seed", "5", *QUICK, cwd=tmp_path).status == 0
    document = json.loads((tmp_path / "plan.json").read_text())
    assert document["provenance"]["seed"] == 5
    said = (
        "stringart design disc.png -o disc.json --no-defaults --quality draft --seed 5 --crop centre --pins 60 --lines"
    )
    assert document["provenance"]["command"] == f"{said} 150 --importance none"
    assert document["photo"]["name"] == "disc.png"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--crop", "-10,-20,100,90", "--board", "ellipse", "--size", "40.5x40.5cm", "--pin-diameter", "1.7mm"),
        ("--palette", "auto:2,black", "--background", "auto", "--lines", "200", "--change-minutes", "2.5"),
        ("--thread", "navy @ 0.3mm", "--thread-length", "60.25m", "--importance", "maps/disc.png"),
        ("--palette", "maps/threads.toml", "--limit", "Пряжа=20m", "--layers", "Пряжа; black,Пряжа:10% x2",
         "--lines", "400"),
        ("--palette", "black,white", "--only", "black=maps/disc.png", "--importance-for", "white=maps/other.png",
         "--stand-in", "k.csv", "--cycles", "2", "--separation", "white=maps/other.png", "--lines", "400"),
    ],
)  # fmt: skip
def test_the_command_in_the_plan_gives_the_same_plan(tmp_path: Path, photo: Path, arguments: tuple[str, ...]) -> None:
    maps, elsewhere = tmp_path / "maps", tmp_path / "elsewhere"
    for folder in (maps, elsewhere):
        folder.mkdir()
    for name in ("disc.png", "other.png"):
        (maps / name).write_bytes(photo.read_bytes())
    threads = (("Пряжа", "#c0c0c0", 0.3), ("black", "#000000", 0.2))
    blocks = [f'[[thread]]\nname = "{name}"\ncolor = "{color}"\ndiameter_mm = {mm}\n' for name, color, mm in threads]
    (maps / "threads.toml").write_text("".join(blocks), "utf-8")
    (tmp_path / "k.csv").write_text("1,0.2\n0.1,1\n")
    quick = ("--pins", "60", "--quality", "draft")
    ended = stringart("design", photo, "-o", "elsewhere/plan.json", *quick, *arguments, cwd=tmp_path)
    assert ended.status == 0, ended.err
    plan = (tmp_path / "elsewhere" / "plan.json").read_bytes()
    command = json.loads(plan)["provenance"]["command"]
    for file in (*maps.iterdir(), tmp_path / "k.csv"):
        if file.name != "disc.png":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    words = shlex.split(command)
    assert words[:2] == ["stringart", "design"]
    ended = stringart(*words[1:], cwd=tmp_path)
    assert ended.status == 0, ended.err
    assert (tmp_path / "disc.json").read_bytes() == plan


def test_a_piped_photo_is_piped_again(tmp_path: Path, photo: Path) -> None:
    first = stringart("design", "-", "-o", "-", *QUICK, cwd=tmp_path, stdin=photo.read_bytes())
    words = shlex.split(json.loads(first.out)["provenance"]["command"])
    assert stringart(*words[1:], cwd=tmp_path, stdin=photo.read_bytes()).out == first.out


def test_a_photo_alone_is_enough_and_nothing_is_written_over(tmp_path: Path, photo: Path) -> None:
    before = photo.read_bytes()
    assert stringart("design", photo, *QUICK, cwd=tmp_path).status == 0
    plan = Plan.load(tmp_path / "disc.plan.json")
    assert plan.photo is not None
    with Image.open(tmp_path / "disc.thread.png") as seen:
        assert seen.size == (1024, 1024)
    (tmp_path / "disc.plan.json").write_text("mine")
    again = stringart("design", photo, *QUICK, cwd=tmp_path)
    assert again.status == 1
    assert "disc.plan.json' is there already; it is kept" in again.err
    assert (tmp_path / "disc.plan.json").read_text() == "mine"
    assert photo.read_bytes() == before


def test_a_photo_is_placed_as_it_is_asked_for(tmp_path: Path, photo: Path) -> None:
    for words, crop in (
        (("--crop", "centre"), (15, 0, 105, 90)),
        (("--crop", "whole"), (-15, -30, 135, 120)),
        (("--crop", "centre", "--zoom", "200%", "--move", "10%,0%"), (33, 22, 78, 67)),
    ):
        assert stringart("design", photo, "-o", "plan.json", *QUICK, *words, cwd=tmp_path).status == 0
        made = Plan.load(tmp_path / "plan.json")
        assert made.photo is not None
        assert made.photo.crop_px == crop
        assert " ".join(words[:2]) in made.provenance.command


def test_a_look_says_what_flags_do_not(tmp_path: Path, photo: Path) -> None:
    for name, words in (("a.json", ("--look", "two-tone")), ("b.json", ("--palette", "two-tone"))):
        assert stringart("design", photo, "-o", name, *words, *QUICK, cwd=tmp_path).status == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    auto = stringart("design", photo, "-o", "c.json", "--look", "auto", "--hours", "20", *QUICK, cwd=tmp_path)
    assert auto.status == 0
    assert re.search(r"look: [\w-]+, the closest to the photo of the \d that take 20 hours at most", auto.err)
    wrong = stringart("design", photo, "-o", "c.json", "--hours", "20", *QUICK, cwd=tmp_path)
    assert (wrong.status, "write --look auto with it" in wrong.err) == (2, True)


def test_a_crop_is_the_part_that_is_wound(tmp_path: Path, photo: Path) -> None:
    assert stringart("design", photo, "-o", "plan.json", *QUICK, "--crop", "20,5,100,85", cwd=tmp_path).status == 0
    made = Plan.load(tmp_path / "plan.json").photo
    assert made is not None
    assert made.crop_px == (20, 5, 100, 85)
    wrong = stringart("design", photo, "-o", "plan.json", *QUICK, "--crop", "20,5,100,65", cwd=tmp_path)
    assert wrong.status == 1
    assert "80 x 60 px has the aspect 1.333, the board 1.000" in wrong.err
