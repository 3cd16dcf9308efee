"""The plan and its parts."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from stringart.errors import PlanError
from stringart.plan.model import Board, Layer, PhotoRef, Pins, Plan, Provenance, Thread

BLACK = Thread(name="black", color="#000000")
RED = Thread(name="red", color="#ff0000", diameter_mm=0.4)


def square_plan(**fields: object) -> Plan:
    """Eight pins on a square of 200 mm; two layers."""
    xy_mm = [[0, 100], [100, 100], [100, 0], [100, -100], [0, -100], [-100, -100], [-100, 0], [-100, 100]]
    layers = (Layer(thread=0, pins=[0, 4, 5, 1, 0, 7, 3]), Layer(thread=1, pins=[2, 6]))
    plan = Plan(
        board=Board(shape="rectangle", width_mm=200, height_mm=200),
        pins=Pins(diameter_mm=2, xy_mm=xy_mm),
        threads=(BLACK, RED),
        layers=layers,
    )
    return dataclasses.replace(plan, **fields)


def test_steps_list_every_step_in_winding_order() -> None:
    assert square_plan().steps.tolist() == [
        [0, 0, 4], [0, 4, 5], [0, 5, 1], [0, 1, 0], [0, 0, 7], [0, 7, 3], [1, 2, 6],
    ]  # fmt: skip


def test_rim_moves_are_told_from_chords_across_the_seam_too() -> None:
    assert square_plan().is_rim.tolist() == [False, True, False, True, True, False, False]
    assert square_plan().chords == 4


def test_step_lengths_are_those_of_the_tangents() -> None:
    lengths = square_plan().step_lengths_mm
    diagonal = 200 * 2**0.5
    assert np.allclose(lengths, [200, 100, diagonal, 100, 100, diagonal, 200], atol=0.01)
    assert (lengths <= [200, 100, diagonal, 100, 100, diagonal, 200]).all()
    assert lengths[0] == pytest.approx((200**2 - 1.125**2) ** 0.5)  # half a pin and half a thread aside


@pytest.mark.parametrize("steps", range(9))
def test_upto_keeps_the_first_steps_and_drops_layers_not_begun(steps: int) -> None:
    part = square_plan().upto(steps)
    assert part.steps.tolist() == square_plan().steps[:steps].tolist()
    assert len(part.layers) == (0 if steps == 0 else 1 if steps <= 6 else 2)


def test_layers_alone_and_up_to_one() -> None:
    plan = square_plan()
    assert plan.after_layer(1).layers == plan.layers[:1]
    assert plan.only_layer(2).layers == plan.layers[1:]
    for number in (0, 3):
        with pytest.raises(PlanError, match="counted from 1"):
            plan.only_layer(number)
        with pytest.raises(PlanError, match="counted from 1"):
            plan.after_layer(number)


def test_a_layer_that_names_what_is_not_there_is_refused() -> None:
    with pytest.raises(PlanError, match="names thread 2, but there are 2"):
        square_plan(layers=(Layer(thread=2, pins=[0, 1]),))
    with pytest.raises(PlanError, match="names pins 0 to 8, but they are numbered 0 to 7"):
        square_plan(layers=(Layer(thread=0, pins=[0, 8]),))
    with pytest.raises(PlanError, match="names pins -1 to 3"):
        square_plan(layers=(Layer(thread=0, pins=[3, -1]),))


def test_arrays_are_read_only_and_their_own() -> None:
    xy_mm = np.zeros((8, 2))
    pins = Pins(diameter_mm=2.0, xy_mm=xy_mm)
    xy_mm[0, 0] = 5
    assert pins.xy_mm[0, 0] == 0
    for array in (pins.xy_mm, square_plan().layers[0].pins, square_plan().steps):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_plain_and_numpy_numbers_make_the_same_plan() -> None:
    whole = square_plan(board=Board(width_mm=200, height_mm=200), photo=ref(1, 2, 3, 4), provenance=made(3))
    numpy = square_plan(
        board=Board(width_mm=np.float32(200), height_mm=np.int64(200)),
        photo=ref(*np.array([1, 2, 3, 4])),
        provenance=made(np.int64(3)),
    )
    assert whole.to_bytes() == numpy.to_bytes()
    assert Plan.from_bytes(whole.to_bytes()) == whole
    assert Plan.from_bytes(whole.to_bytes()).sha256 == whole.sha256


def ref(*crop_px: int) -> PhotoRef:
    return PhotoRef(name="a.png", sha256="0", crop_px=crop_px)  # type: ignore[arg-type]


def made(seed: int) -> Provenance:
    return Provenance(version="0.1.0", command="stringart design", seed=seed)


def test_the_hash_is_of_what_is_wound_alone() -> None:
    plan = square_plan()
    assert plan.sha256 == square_plan(provenance=made(1), photo=ref(0, 0, 5, 5)).sha256
    assert plan.sha256 != square_plan(threads=(RED, BLACK)).sha256
    assert plan.sha256 != plan.upto(6).sha256
    assert hash(plan) == hash(square_plan())


def test_a_plan_that_holds_nan_is_not_written(tmp_path: Path) -> None:
    xy_mm = square_plan().pins.xy_mm.copy()
    xy_mm[3, 0] = np.nan
    with pytest.raises(PlanError, match="not finite"):
        square_plan(pins=Pins(diameter_mm=2, xy_mm=xy_mm)).save(tmp_path / "plan.json")
    assert list(tmp_path.iterdir()) == []


def test_save_and_load(tmp_path: Path) -> None:
    square_plan().save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == square_plan()
    with pytest.raises(PlanError, match="does not exist"):
        Plan.load(tmp_path / "no.json")


def test_repr_says_what_it_is() -> None:
    assert repr(square_plan()) == "<Plan: rectangle 200 x 200 mm, 8 pins, 4 chords in 2 layers of black, red>"
