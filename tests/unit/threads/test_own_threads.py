"""The user's threads: kept, replaced, refused."""

import pytest

from stringart.errors import PaletteError
from stringart.plan.model import Thread
from stringart.threads.own_threads import forget_thread, list_path, load_threads, save_thread

INK = Thread(name='Nähgarn "120" \\ schwarz – 黒', color="#1a1a1c", diameter_mm=0.231)
RED = Thread(name="red", color="#c8501e", diameter_mm=0.3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "threads.toml"


def test_threads_come_back_as_they_were_saved(path):
    save_thread(INK, path)
    save_thread(RED, path)
    assert load_threads(path) == (INK, RED)


def test_no_file_is_no_threads(path):
    assert load_threads(path) == ()


def test_the_folder_is_the_users_or_the_environments(monkeypatch, tmp_path):
    monkeypatch.setenv("STRINGART_CONFIG_DIR", str(tmp_path))
    assert list_path() == tmp_path / "threads.toml"
    assert save_thread(RED).exists()
    monkeypatch.delenv("STRINGART_CONFIG_DIR")
    assert list_path().name == "threads.toml"


def test_replacing_keeps_the_comments_and_the_other_threads(path):
    path.parent.mkdir()
    path.write_text(
        '# mine\n[[thread]]\nname = "red"\ncolor = "red" # bright\nshop = "Ida"\ncount = "27tex"\n\n# the good one\n'
        '[[thread]]\nname = "blue"\ncolor = "#00f"\ndiameter_mm = 0.2\n'
    )
    save_thread(RED, path, replace=True)
    text = path.read_text()
    assert [t.name for t in load_threads(path)] == ["red", "blue"]
    assert load_threads(path)[0] == RED
    assert text.startswith("# mine\n")
    assert "# the good one" in text
    assert "# bright" in text
    assert 'shop = "Ida"' in text
    assert load_threads(path)[1].color == "#0000ff"


@pytest.mark.parametrize("written", ["thread = []", 'thread = [{name = "blue", color = "#00f", diameter_mm = 0.2}]'])
def test_a_list_in_one_line_is_added_to(path, written):
    path.parent.mkdir()
    path.write_text(written)
    before = load_threads(path)
    save_thread(RED, path)
    assert load_threads(path) == (*before, RED)


def test_a_name_that_is_taken_is_refused(path):
    save_thread(RED, path)
    before = path.read_bytes()
    with pytest.raises(PaletteError, match="already"):
        save_thread(RED, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[thread]\n", "not TOML"),
        ('[[thread]]\ncolor = "red"\ndiameter_mm = 1', "thread 1 has no name"),
        ('[[thread]]\nname = "a"\ndiameter_mm = 1', "has no color"),
        ('[[thread]]\nname = "a"\ncolor = "reddish"\ndiameter_mm = 1', "reddish"),
        ('[[thread]]\nname = "a"\ncolor = "red"\ndiameter_mm = 0', "diameter_mm"),
        ('[[thread]]\nname = "a"\ncolor = "red"\ndiameter_mm = true', "diameter_mm"),
        ("thread = 3", "two brackets"),
    ],
)
def test_a_damaged_list_is_refused_with_the_place(path, text, said):
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(PaletteError, match=said):
        load_threads(path)


def test_a_thread_is_taken_off_the_list_and_the_rest_stays(tmp_path):
    path = tmp_path / "threads.toml"
    for name in ("red", "blue", "green"):
        save_thread(Thread(name=name, color="#102030", diameter_mm=0.3), path)
    path.write_text("# mine\n" + path.read_text())
    forget_thread("blue", path)
    assert [thread.name for thread in load_threads(path)] == ["red", "green"]
    assert path.read_text().startswith("# mine\n")
    with pytest.raises(PaletteError, match="no thread 'blue'"):
        forget_thread("blue", path)
