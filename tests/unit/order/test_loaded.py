"""From a piece to the options of a design: what is read from disk, which threads are chosen."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stringart.errors import PaletteError, PhotoError, ScheduleError
from stringart.order.loaded import load_order, load_orders, options_for
from stringart.order.order import Order
from stringart.picture.photo import Photo, PhotoFile, load_photo
from stringart.plan.model import Thread
from stringart.search.options import DesignOptions

ROWS, COLS = np.indices((80, 80)) / 79


def photo(background: str = "#ffffff") -> Photo:
    return load_photo(np.stack([ROWS, COLS, 1 - ROWS], axis=-1), background, "ramp.png")


def options(order: Order) -> DesignOptions:
    return options_for(photo(), load_order(order))[0]


def save_picture(path: Path) -> None:
    Image.fromarray((ROWS * 255).astype(np.uint8)).save(path)


def test_nothing_said_is_the_default_design() -> None:
    made, default = options(Order()), DesignOptions()
    rest = {"board": default.board, "command": "", "controls": default.controls, "crop_px": None}
    assert replace(made, **rest) == default
    assert made.command == "stringart design ramp.png -o ramp.json --no-defaults"
    assert (made.board.shape, made.board.width_mm, made.board.color) == ("circle", 600, "#ffffff")


def test_pieces_share_the_files_that_they_name(tmp_path: Path) -> None:
    name = str(tmp_path / "map.png")
    save_picture(tmp_path / "map.png")
    orders = [Order(pins=pins, palette=palette, importance=name) for pins in (60, 80) for palette in ("rgb", "cmy")]
    loaded_orders = load_orders(orders)
    assert [loaded.order for loaded in loaded_orders] == orders
    assert len({id(loaded.pictures[name]) for loaded in loaded_orders}) == 1
    assert [loaded.sha256 for loaded in loaded_orders] == [load_order(order).sha256 for order in orders]


def test_a_colour_piece_has_more_chords() -> None:
    assert options(Order(palette="black,white")).lines == 10_000
    assert options(Order(palette="black,white", lines=70)).lines == 70


def test_a_preset_brings_its_board_unless_one_is_given() -> None:
    assert options(Order(palette="rgb")).board.color == "#000000"
    assert options(Order(palette="rgb", background="#123456")).board.color == "#123456"


@pytest.mark.parametrize(
    ("order", "color"),
    [
        (Order(), "#ffffff"),
        (Order(background="#123456"), "#123456"),
        (Order(palette="white-on-black"), "#000000"),
        (Order(palette="white-on-black", background="#123456"), "#123456"),
        (Order(palette="auto:3", background="auto"), "#ffffff"),
    ],
)
def test_the_board_shows_through_a_transparent_photo(order: Order, color: str) -> None:
    loaded = load_order(order)
    assert loaded.photo_background == color
    clear = load_photo(np.zeros((80, 80, 4)), loaded.photo_background)
    assert order.background == "auto" or options_for(clear, loaded)[0].board.color == color


def test_a_board_chosen_for_one_thread_leaves_the_thread_as_it_is() -> None:
    thread = Thread(name="black", color="#000000", diameter_mm=0.4)
    made, notes = options_for(photo(), load_order(Order(thread=thread, background="auto")))
    assert made.threads == (thread,)
    assert notes[-1] == "threads: black #000000"


def test_threads_are_chosen_for_the_crop() -> None:
    picture = np.zeros((80, 160, 3))
    picture[:, :80, 0] = ROWS
    picture[:, 80:, 2] = ROWS
    wide = load_photo(picture, name="two.png")
    for crop, color in (((0, 0, 80, 80), 0), ((80, 0, 160, 80), 2)):
        made, _ = options_for(wide, load_order(Order(palette="black,auto:1", crop=crop)))
        code = made.threads[1].color
        parts = [int(code[k : k + 2], 16) for k in (1, 3, 5)]
        assert parts.index(max(parts)) == color
        assert made.crop_px == crop


def test_limits_layers_and_controls_find_their_threads(tmp_path: Path) -> None:
    for name in ("only.png", "own.png"):
        save_picture(tmp_path / name)
    (tmp_path / "k.csv").write_text("1,0\n0,1\n")
    order = Order(
        palette="black,white", limits_mm=(("white", 5000.0),), layers="white; black", stand_in=str(tmp_path / "k.csv"),
        only=(("black, white", str(tmp_path / "only.png")),), importance_for=(("white", str(tmp_path / "own.png")),),
    )  # fmt: skip
    made = options(order)
    assert made.thread_limits_mm == (None, 5000.0)
    assert made.schedule is not None
    assert [slot.thread for slot in made.schedule] == [1, 0]
    ((threads, picture),) = made.controls.regions
    assert threads == {0, 1}
    assert picture == PhotoFile(name="only.png", data=(tmp_path / "only.png").read_bytes())
    assert list(made.controls.importance) == [1]


def test_a_thread_that_is_not_there_is_named() -> None:
    with pytest.raises(ScheduleError, match="'red'"):
        options(Order(palette="black,white", limits_mm=(("red", 5.0),)))


def test_a_missing_file_is_named_before_any_photo_is_read() -> None:
    with pytest.raises(PhotoError, match=r"'nowhere\.png' does not exist"):
        load_order(Order(importance="nowhere.png"))
    with pytest.raises(PaletteError, match=r"nowhere\.csv"):
        load_order(Order(stand_in="nowhere.csv"))


def test_steering_needs_several_threads(tmp_path: Path) -> None:
    save_picture(tmp_path / "only.png")
    with pytest.raises(PaletteError, match="several threads"):
        options(Order(only=(("black", str(tmp_path / "only.png")),)))


def test_a_loaded_order_travels_without_the_disk(tmp_path: Path) -> None:
    save_picture(tmp_path / "map.png")
    (tmp_path / "pins.csv").write_text("".join(f"{np.sin(a):.3f},{np.cos(a):.3f}\n" for a in np.arange(0, 6.2, 0.3)))
    order = Order(importance=str(tmp_path / "map.png"), board=str(tmp_path / "pins.csv"), size_mm=(300.0, 300.0))
    packed = pickle.dumps(load_order(order))
    before = load_order(order).sha256
    for file in tmp_path.iterdir():
        file.unlink()
    loaded = pickle.loads(packed)
    made, _ = options_for(photo(), loaded)
    assert made.board.width_mm == pytest.approx(300, abs=1)
    assert loaded.sha256 == before


@pytest.mark.parametrize("file", ["map.png", "k.csv", "pins.csv", "threads.toml"])
def test_what_files_say_is_in_the_hash(tmp_path: Path, file: str) -> None:
    save_picture(tmp_path / "map.png")
    (tmp_path / "k.csv").write_text("1,0\n0,1\n")
    (tmp_path / "threads.toml").write_text('[[thread]]\nname = "a"\ncolor = "#000000"\ndiameter_mm = 0.2\n')
    (tmp_path / "pins.csv").write_text("".join(f"{np.sin(a):.3f},{np.cos(a):.3f}\n" for a in np.arange(0, 6.2, 0.3)))
    order = Order(
        importance=str(tmp_path / "map.png"), stand_in=str(tmp_path / "k.csv"), board=str(tmp_path / "pins.csv"),
        palette=f"{tmp_path / 'threads.toml'}",
    )  # fmt: skip
    before = load_order(order).sha256
    assert load_order(order).sha256 == before
    data = (tmp_path / file).read_bytes()
    changed = {"map.png": data + b"\0", "k.csv": b"1,0.5\n0,1\n", "pins.csv": data.replace(b"1", b"2")}
    (tmp_path / file).write_bytes(changed.get(file, data.replace(b"0.2", b"0.3")))
    assert load_order(order).sha256 != before


def test_threads_are_chosen_for_what_a_faded_backdrop_leaves(tmp_path: Path) -> None:
    is_thing = np.hypot(ROWS - 0.5, COLS - 0.5) < 0.3
    Image.fromarray(np.where(is_thing, 255, 0).astype(np.uint8)).save(tmp_path / "thing.png")
    shown = load_photo(np.where(is_thing[..., None], (230, 110, 20), (20, 120, 40)).astype(np.uint8))

    def chosen(backdrop: str) -> list[str]:
        order = Order(palette="auto:3", backdrop=backdrop)
        return [thread.color for thread in options_for(shown, load_order(order), with_rivals=False)[0].threads]

    [kept] = set(chosen("keep")) - {"#000000", "#ffffff"}
    [faded] = set(chosen(str(tmp_path / "thing.png"))) - {"#000000", "#ffffff"}
    assert int(kept[3:5], 16) > int(kept[1:3], 16)  # the green ground is most of the photo
    assert int(faded[1:3], 16) > int(faded[3:5], 16)
