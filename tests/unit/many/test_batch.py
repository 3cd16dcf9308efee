"""What a batch makes and what it leaves, with a crew that works here and now."""

import importlib.metadata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from in_process import Here
from PIL import Image

from stringart.errors import OutputError
from stringart.export import ExportOptions, exporter_for
from stringart.many.batch import Batch, Outcome, Wanted, failures_of
from stringart.many.folder import RECORD, BatchFolder, Entry
from stringart.many.work import Failed, Task, make, mismatch, versions
from stringart.order.loaded import load_order, options_for, read_picture
from stringart.order.order import Order
from stringart.picture.photo import PhotoFile, load_photo
from stringart.plan.model import Plan
from stringart.search.pipeline import design

PIECE = Order(pins=30, lines=40, quality="draft", importance="none")


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    for k in range(3):
        rows, cols = np.indices((40, 40)) / 39
        Image.fromarray((255 * (rows * (k + 1) + cols) / (k + 2)).astype(np.uint8)).save(tmp_path / f"{k}.png")
    return [str(tmp_path / f"{k}.png") for k in range(3)]


def run(
    out: Path, photos: list[str], order: Order = PIECE, exports: tuple[str, ...] = (), judged: bool = False,
    options: ExportOptions | None = None,
) -> tuple[list[Outcome], list[str]]:  # fmt: skip
    """Run a batch; return its outcomes and the names of what was made."""
    crew, loaded = Here(), load_order(order)
    wanted = [Wanted(name=Path(photo).stem, photo_file=photo, loaded=loaded) for photo in photos]
    with BatchFolder(out) as folder:
        outcomes = list(Batch(folder, wanted, exports, options, judged).run(crew.open))  # type: ignore[arg-type]
    return outcomes, crew.made


def test_plans_are_those_of_single_designs(tmp_path: Path, photos: list[str]) -> None:
    outcomes, made = run(tmp_path / "out", photos, exports=(".png",))
    assert made == ["0", "1", "2"]
    assert [one.status for one in outcomes] == ["made"] * 3
    for photo in photos:
        loaded = load_photo(photo)
        plan = design(loaded, options_for(loaded, load_order(PIECE))[0])
        assert (tmp_path / "out" / f"{Path(photo).stem}.json").read_bytes() == plan.to_bytes()
        painted = exporter_for("x.png")(plan, ExportOptions())
        assert (tmp_path / "out" / f"{Path(photo).stem}.png").read_bytes() == painted


def test_what_is_unchanged_is_not_made_again(tmp_path: Path, photos: list[str]) -> None:
    first, _ = run(tmp_path / "out", photos, judged=True)
    second, made = run(tmp_path / "out", photos, judged=True)
    assert made == []
    assert [one.status for one in second] == ["unchanged"] * 3
    assert [one.about for one in second] == [one.about for one in first]
    assert first[0].about is not None
    assert 0 < (first[0].about.near or 0) < 1


def test_what_changed_is_made_again(tmp_path: Path, photos: list[str]) -> None:
    run(tmp_path / "out", photos)
    Image.fromarray(np.eye(40, dtype=np.uint8) * 200).save(photos[1])
    assert run(tmp_path / "out", photos)[1] == ["1"]
    assert run(tmp_path / "out", photos, replace(PIECE, seed=1))[1] == ["0", "1", "2"]
    (tmp_path / "out" / "2.json").write_bytes(b"{}")
    outcomes, made = run(tmp_path / "out", photos, replace(PIECE, seed=1))
    assert made == ["2"]
    assert outcomes[-1].kept_aside == ("the '2.json' that was there is kept as '2.json.old'",)
    (tmp_path / "out" / RECORD).unlink()
    assert run(tmp_path / "out", photos, replace(PIECE, seed=1))[1] == ["0", "1", "2"]
    assert len(list((tmp_path / "out").glob("*.old*"))) == 1


def test_what_another_version_of_a_library_made_is_made_again(
    tmp_path: Path, photos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "out", photos[:1], exports=(".png",))
    assert run(tmp_path / "out", photos[:1], exports=(".png",))[1] == []
    theirs = importlib.metadata.version
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.9" if name == "pillow" else theirs(name))
    assert run(tmp_path / "out", photos[:1], exports=(".png",))[1] == ["0"]
    task = Task(name="0", photo=read_picture(photos[0]), loaded=load_order(PIECE), versions=versions())
    before = task.export_key("plan", ".png"), task.export_key("plan", ".dxf")
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.8" if name == "ezdxf" else theirs(name))
    assert replace(task, versions=versions()).export_key("plan", ".png") != before[0]
    assert task.export_key("plan", ".png") == before[0]
    assert task.export_key("plan", ".dxf") != before[1]


def test_a_picture_of_importance_that_changed_counts(tmp_path: Path, photos: list[str]) -> None:
    order = replace(PIECE, importance=str(tmp_path / "map.png"))
    for expected in (["0"], []):
        if expected:
            Image.fromarray(np.eye(40, dtype=np.uint8) * 255).save(tmp_path / "map.png")
        assert run(tmp_path / "out", photos[:1], order)[1] == expected
    Image.fromarray(255 - np.eye(40, dtype=np.uint8) * 255).save(tmp_path / "map.png")
    assert run(tmp_path / "out", photos[:1], order)[1] == ["0"]


def test_exports_are_made_from_the_plan_that_is_there(tmp_path: Path, photos: list[str]) -> None:
    run(tmp_path / "out", photos[:1])
    before = (tmp_path / "out" / "0.json").stat().st_mtime_ns
    for exports, options, made in (
        ((".png",), None, ["0"]),
        ((".png",), None, []),
        ((".png", ".txt"), None, ["0"]),
        ((".png",), ExportOptions(width_px=200), ["0"]),
    ):
        assert run(tmp_path / "out", photos[:1], exports=exports, options=options)[1] == made
    assert (tmp_path / "out" / "0.json").stat().st_mtime_ns == before
    with Image.open(tmp_path / "out" / "0.png") as picture:
        assert picture.width == 200


def test_an_unchanged_photo_is_read_once(tmp_path: Path, photos: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path / "out", photos)
    read: list[str] = []

    def counted(path: str) -> PhotoFile:
        read.append(path)
        return read_picture(path)

    monkeypatch.setattr("stringart.many.batch.read_picture", counted)
    assert run(tmp_path / "out", photos)[1] == []
    assert read == photos


def test_a_plan_that_goes_while_it_is_looked_at_is_made_again(
    tmp_path: Path, photos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "out", photos)
    look = BatchFolder.entry

    def looked(folder: BatchFolder, name: str, key: str) -> Entry | None:
        entry = look(folder, name, key)
        if name == "1.png":  # its plan is asked for before
            (tmp_path / "out" / "1.json").unlink(missing_ok=True)
        return entry

    monkeypatch.setattr(BatchFolder, "entry", looked)
    outcomes, made = run(tmp_path / "out", photos, exports=(".png",))
    assert made == ["0", "1", "2"]
    assert [one.status for one in outcomes] == ["made"] * 3
    assert sorted(path.name for path in (tmp_path / "out").glob("1.*")) == ["1.json", "1.png"]


def test_a_broken_photo_stops_nothing(tmp_path: Path, photos: list[str]) -> None:
    Path(photos[1]).write_bytes(b"not a photo")
    outcomes, _ = run(tmp_path / "out", [*photos, str(tmp_path / "nowhere.png")])
    status = {one.wanted.name: one.status for one in outcomes}
    assert status == {"0": "made", "1": "failed", "2": "made", "nowhere": "failed"}
    reasons = {one.wanted.name: one.reasons for one in outcomes}
    assert "'1.png' is not a picture" in reasons["1"][0]
    assert "does not exist" in reasons["nowhere"][0]
    error = failures_of(outcomes)
    assert "2 of 4 pieces failed" in str(error)
    assert failures_of([one for one in outcomes if one.status == "made"]) is None
    assert run(tmp_path / "out", photos)[1] == ["1"]


def test_an_export_that_cannot_be_leaves_the_plan(tmp_path: Path, photos: list[str]) -> None:
    order = replace(PIECE, size_mm=(2500.0, 2500.0))
    outcomes, _ = run(tmp_path / "out", photos[:1], order, exports=(".gcode",))
    assert outcomes[0].status == "failed"
    assert outcomes[0].reasons[0].startswith(".gcode: ")
    assert outcomes[0].not_written == (".gcode",)
    assert Plan.load(tmp_path / "out" / "0.json").chords > 10
    assert not (tmp_path / "out" / "0.gcode").exists()


def test_files_of_one_name_are_refused(tmp_path: Path, photos: list[str]) -> None:
    loaded = load_order(PIECE)
    wanted = [Wanted(name=name, photo_file=photos[0], loaded=loaded) for name in ("a.pins", "a")]
    with BatchFolder(tmp_path) as folder, pytest.raises(OutputError, match=r"a\.pins\.csv"):
        Batch(folder, wanted, (".csv", ".pins.csv"))


def test_other_versions_are_named(photos: list[str]) -> None:
    found = versions()
    assert mismatch(found, found) == ""
    assert mismatch(found, found | {"numpy": "0.1"}) == f"numpy {found['numpy']} here, 0.1 there"
    task = Task(
        name="x", photo=load_task_photo(photos[0]), loaded=load_order(PIECE), versions=found | {"stringart": "9.9"}
    )
    result = make(task)
    assert isinstance(result, Failed)
    assert result.is_mismatch
    assert result.reason == f"stringart 9.9 here, {found['stringart']} there"


def load_task_photo(path: str):  # type: ignore[no-untyped-def]
    from stringart.order.loaded import read_picture

    return read_picture(path)


def test_a_defect_with_one_photo_is_its_own(photos: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    loaded = replace(load_order(PIECE), board=None)  # type: ignore[arg-type]
    result = make(Task(name="x", photo=load_task_photo(photos[0]), loaded=loaded))
    assert isinstance(result, Failed)
    assert "a defect of the program" in result.reason
    assert "Traceback" in capsys.readouterr().err
