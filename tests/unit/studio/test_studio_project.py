"""A project on disk."""

from pathlib import Path

import pytest

from stringart.errors import OutputError, PhotoError, PlanError
from stringart.studio.project import Project, Variant, new_id


def test_a_photo_is_kept_once_by_its_hash(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first, second = project.add_photo(b"\x89PNG data"), project.add_photo(b"\x89PNG data")
    assert first == second
    assert [path.suffix for path in (tmp_path / "photos").iterdir()] == [".png"]
    assert project.photo_path(first).read_bytes() == b"\x89PNG data"


def test_a_photo_is_never_its_preview_whatever_the_folder_lists_first(tmp_path: Path, monkeypatch) -> None:
    project = Project(tmp_path)
    digest = project.add_photo(b"\x89PNG data")
    (tmp_path / "photos" / f"{digest}.preview.jpeg").write_bytes(b"smaller")
    for backwards in (False, True):
        glob = Path.glob
        monkeypatch.setattr(Path, "glob", lambda self, what, b=backwards, g=glob: sorted(g(self, what), reverse=b))
        assert project.photo_path(digest).read_bytes() == b"\x89PNG data"
        monkeypatch.undo()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "a..b", "x" * 200, "a\x00", "C:\\x"])
def test_a_plan_is_never_looked_for_outside(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path)
    with pytest.raises(PlanError):
        project.plan_path(name)
    with pytest.raises(PhotoError):
        project.photo_path(name)
    with pytest.raises(PhotoError):
        project.map_path(name)


def test_variants_come_back_and_plans_put_there_by_hand_join_them(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.plan_path("a").write_text("{}")
    project.store_variants([Variant(id="a", name="Größe ./..", starred=True, made_s=2e9)])
    project.plan_path("by-hand").write_text("{}")
    assert [(v.id, v.name, v.starred) for v in Project(tmp_path).variants()] == [
        ("a", "Größe ./..", True), ("by-hand", "by-hand", False),
    ]  # fmt: skip
    project.delete_plan("a")
    assert [v.id for v in project.variants()] == ["by-hand"]
    project.undelete_plan("a")
    assert len(project.variants()) == 2


def test_damaged_files_are_no_end(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "variants.json").write_text("[{]")
    (tmp_path / "project.json").write_bytes(b"\xff")
    assert project.variants() == []
    assert project.load("project") is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        Project(tmp_path / "file" / "project")


def test_ids_are_safe_and_differ() -> None:
    made = {new_id("../Größe \n") for _ in range(20)}
    assert len(made) == 20
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for one in made)
