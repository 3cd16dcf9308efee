"""Looks: project files with a title, bundled and the user's own."""

from pathlib import Path

import pytest

from stringart.errors import ConfigError
from stringart.order.look_files import find_look, look_paths, looks_folder, offered_looks
from stringart.order.order import merged


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path))
    looks_folder().mkdir()
    return looks_folder()


def test_every_bundled_look_can_be_read_and_has_a_title() -> None:
    for name in look_paths():
        look = find_look(name)
        assert look.file.title == look.title != ""
        assert merged(look.file.said).quality == "normal"
    assert 6 <= len(offered_looks()) <= 8


def test_a_look_of_the_users_own_is_offered_and_takes_the_place_of_a_bundled_one(folder: Path) -> None:
    (folder / "rust.toml").write_text('title = "Rust"\nthread = "rust=#a03010@0.3mm"\n')
    (folder / "dmc.toml").write_text('title = "Mine"\npalette = "dmc:auto:3"\n')
    offered = {look.name: look for look in offered_looks()}
    assert offered["rust"].file.said["thread"].name == "rust"
    assert offered["dmc"].title == "Mine"
    assert find_look(str(folder / "rust.toml")).title == "Rust"


def test_a_look_that_is_not_there_is_named_with_those_near() -> None:
    with pytest.raises(ConfigError, match="there is no look 'two-tones'") as caught:
        find_look("two-tones")
    assert "two-tone" in caught.value.hint


def test_a_title_is_a_text(folder: Path) -> None:
    (folder / "bad.toml").write_text("title = 3\n")
    with pytest.raises(ConfigError, match="title = 3: should be a text in quotes"):
        find_look("bad")
