"""The command that the page shows says what was chosen, to the last digit."""

import io
import shlex
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from stringart.cli._main import run
from stringart.order.look_files import find_look
from stringart.order.order import TABLE, Order, with_files
from stringart.picture.photo import Photo, load_photo
from stringart.plan.model import Plan
from stringart.search import pipeline
from stringart.search.options import DesignOptions
from stringart.search.pipeline import Finished, design_events
from stringart.studio.asked import board_of, command_line, order_of
from stringart.studio.desk import example_photo
from stringart.studio.jobs import _Bench, _design, _judge
from stringart.studio.look_trials import small_options
from stringart.studio.project import Project
from stringart.studio.settings import Values, changed, default_settings
from stringart.threads.request import parse_palette

CROP = (10, 20, 410, 420)
BLACK = {"name": "black", "color": "#000000", "diameter_mm": 0.25}
SNOW = {"name": "snow", "color": "#fdfdfd", "diameter_mm": 0.1234567}


def words_for(settings: Values, outline: str = "", map_path: str | None = None) -> dict[str, str]:
    words = shlex.split(command_line("a photo.jpg", order_of(settings, outline, map_path, CROP)))
    assert words[:6] == ["stringart", "design", "a photo.jpg", "-o", "plan.json", "--no-defaults"]
    return dict(zip(words[6::2], words[7::2], strict=True))


def read(words: dict[str, str], option: str) -> object:
    return next(word for word in TABLE.values() if f"--{word.key}" == option).read(words[option])


def test_a_miniature_of_one_thread_is_wound_as_the_piece_that_a_tap_makes() -> None:
    """Of several, which take longer to choose from, half as many twice as wide show what it will be."""
    photo = load_photo(example_photo("camera.png").read_bytes(), "#ffffff", "camera.png")
    board = board_of(default_settings(), "")
    for look, times in (("white-on-black", 1), ("black-on-white", 1), ("two-tone", 2)):
        piece, small = find_look(look).file.said, small_options(photo, (0, 0, 512, 512), board, look)
        assert small.lines == piece["lines"] // times
        assert {thread.diameter_mm for thread in small.threads} == {0.25 * times}


def test_no_length_loses_a_digit() -> None:
    chosen = {"shape": "rectangle", "width_mm": 1234.567, "height_mm": 800.125, "pin_diameter_mm": 1.2345678,
              "budget": "length", "thread_m": 1234.5678, "threads": [BLACK | {"diameter_mm": 0.1234567}]}  # fmt: skip
    settings = changed(default_settings(), chosen)
    words = words_for(settings)
    assert read(words, "--size") == (1234.567, 800.125)
    assert read(words, "--pin-diameter") == 1.2345678
    assert read(words, "--thread-length") == settings["thread_m"] * 1000
    assert read(words, "--thread").diameter_mm == 0.1234567


def test_a_palette_is_said_with_the_names_that_its_threads_have_on_the_page() -> None:
    odd = {"name": "rgb(253,0,0)", "color": "#fd0000", "diameter_mm": 0.3}
    file = {"name": 'my.toml, "the" = red', "color": "#c8501e", "diameter_mm": 0.3}
    settings = changed(default_settings(), {"threads": [SNOW, BLACK, odd, file], "layers": "snow:0.00002%; black x2"})
    words = words_for(settings)
    threads = parse_palette(words["--palette"]).threads
    assert [(t.name, t.color, t.diameter_mm) for t in threads] == [tuple(one.values()) for one in settings["threads"]]
    assert words["--layers"] == settings["layers"]
    assert "--cycles" not in words
    assert "--thread" not in words
    order = order_of(settings)
    assert with_files(order, lambda name: f"elsewhere/{name}") == order


NAMED = [
    {"name": "night, nearly black", "color": "#101018", "diameter_mm": 0.25},
    {"name": "DMC 321 Red", "color": "#c72b3b", "diameter_mm": 0.3},
]


@pytest.mark.parametrize("threads", [NAMED[:1], NAMED])
def test_the_command_that_the_page_prints_makes_the_plan_of_the_page(threads, tmp_path, monkeypatch) -> None:
    store = Project(tmp_path / "project")
    photo = store.photo_path(store.add_photo(example_photo("camera.png").read_bytes()))
    few = {"threads": threads, "lines": 200, "pins": 60, "quality": "draft", "board_color": "#f0e8d8", "turn_deg": 90}
    settings = changed(default_settings(), few)
    bench = _Bench("stringart.search.pipeline:design_events")
    told = dict(_design(bench, str(photo), "camera.png", settings, None, str(store.folder)))
    of_page = Plan.from_bytes(told["plan"]["plan"], "plan")
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(of_page.provenance.command)
    assert (program, run(words)) == ("stringart", 0)
    assert [thread.name for thread in of_page.threads] == [thread["name"] for thread in threads]
    assert Plan.load("plan.json").sha256 == of_page.sha256


def test_another_look_is_named_after_the_plan_is_there_and_not_before(tmp_path, monkeypatch) -> None:
    """A dot on white in white thread on black: the plan comes first, then what drafts say of it, which can be left."""
    rows, cols = np.indices((120, 120)) / 60 - 1
    file = io.BytesIO()
    Image.fromarray(np.where(np.hypot(rows, cols) < 0.05, 0, 255).astype(np.uint8)).save(file, "PNG")
    store = Project(tmp_path / "project")
    white = {"name": "white", "color": "#ffffff", "diameter_mm": 0.25}
    few = {"threads": [white], "board_color": "#000000", "lines": 600, "pins": 80, "quality": "draft"}
    asked = {"path": str(store.photo_path(store.add_photo(file.getvalue()))), "name": "dot.png",
             "settings": changed(default_settings(), few), "map_path": None, "project": str(store.folder)}  # fmt: skip
    bench = _Bench("stringart.search.pipeline:design_events")
    told = dict(_design(bench, **asked))
    assert "--look" not in " ".join(told["plan"]["notes"])
    plan = tmp_path / "plan.json"
    plan.write_bytes(told["plan"]["plan"])
    judged = [(kind, said) for kind, said in _judge(bench, plan_path=str(plan), **asked) if kind != "progress"]
    assert [kind for kind, _ in judged] == ["score", "advice"]
    assert "--look two-tone shows more" in judged[1][1]

    drafts: list[bool] = []

    def counted(photo: Photo, options: DesignOptions) -> Iterator[object]:
        drafts.append(False)
        for event in design_events(photo, options):
            yield event
            drafts[-1] = isinstance(event, Finished)

    monkeypatch.setattr(pipeline, "design_events", counted)
    left = _judge(bench, plan_path=str(plan), **asked)
    assert next(kind for kind, _ in left if kind != "score") == "progress"
    left.close()  # a newer plan is there
    assert drafts == [False]


@pytest.mark.parametrize("threads", [[BLACK], [SNOW, BLACK]])
def test_cycles_are_said_where_there_are_threads_to_take_turns(threads: list[dict[str, object]]) -> None:
    words = words_for(changed(default_settings(), {"threads": threads, "cycles": 3}))
    assert words.get("--cycles") == (None if len(threads) == 1 else "3")


@pytest.mark.parametrize("threads", [[BLACK], [SNOW, BLACK]])
def test_a_faded_backdrop_is_said_and_unmixing_where_there_are_threads_to_mix(threads: list[dict[str, object]]) -> None:
    chosen = {"threads": threads, "backdrop": "fade", "unmix": "dither"}
    words = words_for(changed(default_settings(), chosen))
    assert words["--backdrop"] == "fade"
    assert words.get("--unmix") == (None if len(threads) == 1 else "dither")


def test_what_is_not_said_is_the_default_of_the_command_line() -> None:
    words = words_for(default_settings(), map_path="map.png")
    assert words == {"--crop": "10,20,410,420", "--size": "600mm", "--pins": "288", "--background": "#ffffff",
                     "--thread": "black@0.25mm", "--lines": "4000", "--importance": "map.png"}  # fmt: skip
    assert (Order().quality, Order().seed, Order().board) == ("normal", 0, board_of(default_settings(), "").shape)
