"""``stringart calibrate`` as a person uses it: make the card, photograph it, fit, find the thread in the list."""

import sys
from pathlib import Path

import pytest
from card_photos import card_photo
from command import stringart_text
from PIL import Image

from stringart.plan.model import Plan
from stringart.threads.own_threads import load_threads

STRINGART = str(Path(sys.executable).with_name("stringart"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a card and a photo of it."""
    path = tmp_path_factory.mktemp("calibrate")
    ran = _run(path, "card", "-o", "card.pdf", "-o", "card.json", "-o", "card.png")
    assert ran.returncode == 0, ran.stderr
    photo, _ = card_photo(Plan.load(path / "card.json"), "#c8501e", 0.3)
    Image.fromarray(photo).save(path / "Foto – Übung.jpg", quality=95, subsampling=0)
    return path


def _run(folder, *arguments):
    env = {"STRINGART_CONFIG_DIR": str(folder / "config")}
    ran = stringart_text("calibrate", *arguments, env=env, cwd=folder)
    assert "Traceback" not in ran.stderr
    return ran


def test_a_photo_of_the_wound_card_becomes_a_thread_of_the_users_list(folder):
    fit = ("fit", "Foto – Übung.jpg", "--card", "card.json", "--name", "Nähgarn rost")
    ran = _run(folder, *fit)
    assert ran.returncode == 0, ran.stderr
    (thread,) = load_threads(folder / "config" / "threads.toml")
    assert thread.name == "Nähgarn rost"
    assert thread.diameter_mm == pytest.approx(0.3, rel=0.05)
    assert f"{thread.diameter_mm:.3f} mm wide" in ran.stdout
    assert thread.color in ran.stdout


def test_what_cannot_be_used_is_refused_in_one_line(folder):
    (folder / "empty.jpg").write_bytes(b"")
    Image.new("RGB", (400, 300), "white").save(folder / "white.png")
    name = ("--name", "x")
    for arguments, said in (
        (("fit", "none.jpg", "--card", "card.json", *name), "does not exist"),
        (("fit", "empty.jpg", "--card", "card.json", *name), "cannot be read as a photo"),
        (("fit", "white.png", "--card", "card.json", *name), "of the 4 corner marks"),
        (("fit", "white.png", "--card", "card.json", "--corners", "1,2 3,4", *name), "four corners"),
        (("fit", "white.png", "--card", "none.json", *name), "does not exist"),
        (("card", "-o", "nowhere/card.pdf"), "folder does not exist"),
        (("card", "-o", "card.xyz"), "not known"),
        (("card", "-o", "x.pdf", "--paper", "A5"), "too small"),
    ):
        ran = _run(folder, *arguments)
        assert ran.returncode in (1, 2)
        assert said in ran.stderr
