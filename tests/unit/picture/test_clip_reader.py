"""Clips written by other programs (Pillow, PyAV), read back: every frame, its time, and what is refused."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from stringart.errors import PhotoError
from stringart.picture.clip_reader import FOLDER_FPS, open_clip

COLORS = ("#ff0000", "#00ff00", "#0000ff", "#ffff00")


def pictures(size=(40, 30)) -> list[Image.Image]:
    return [Image.new("RGB", size, color) for color in COLORS]


def animation(path: Path, durations_ms) -> Path:
    first, *rest = pictures()
    first.save(path, save_all=True, append_images=rest, duration=durations_ms, lossless=True)
    return path


def video(path: Path, fps=25, frames=8, size=(64, 48)) -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            pixels = np.full((size[1], size[0], 3), 30 * (number % 8), np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
    return path


def means(clip) -> list[list[int]]:
    return [frame.photo.srgb.mean((0, 1)).round().astype(int).tolist() for frame in clip.frames()]


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_the_frames_of_an_animation_with_their_own_times(tmp_path, ending):
    clip = open_clip(animation(tmp_path / f"clip.{ending}", [40, 100, 250, 30]))
    expected = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]]
    assert means(clip) == expected
    assert [frame.duration_s for frame in clip.frames()] == [0.04, 0.1, 0.25, 0.03]
    assert means(clip) == expected  # it can be read again


def test_an_animation_without_times_runs_as_in_a_browser(tmp_path):
    clip = open_clip(animation(tmp_path / "clip.gif", 0))
    assert {frame.duration_s for frame in clip.frames()} == {0.1}


def test_the_frames_of_a_video(tmp_path):
    clip = open_clip(video(tmp_path / "clip.mp4"))
    frames = list(clip.frames())
    assert [round(frame.photo.srgb.mean() / 30) for frame in frames] == list(range(8))
    assert [frame.duration_s for frame in frames] == pytest.approx([0.04] * 8)


def test_a_folder_is_sorted_as_people_do(tmp_path):
    for name, picture in zip(("f1.png", "f10.png", "f2.png", "F3.PNG"), pictures(), strict=True):
        picture.save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a picture")
    clip = open_clip(tmp_path)
    assert [frame.photo.name for frame in clip.frames()] == ["f1.png", "f2.png", "F3.PNG", "f10.png"]
    assert {frame.duration_s for frame in clip.frames()} == {1 / FOLDER_FPS}
    assert {frame.duration_s for frame in open_clip(tmp_path, fps=5).frames()} == {0.2}


def test_digits_that_are_no_numbers_are_sorted_as_letters(tmp_path):
    for name, picture in zip(("1\u00b22.png", "1.png"), pictures(), strict=False):
        picture.save(tmp_path / name)
    assert [frame.photo.name for frame in open_clip(tmp_path).frames()] == ["1.png", "1\u00b22.png"]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user to whom permissions mean something."""
    user = os.geteuid()
    Image.init()  # what is imported later would be looked for as nobody
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_what_may_not_be_read_is_not_called_damaged():
    with tempfile.TemporaryDirectory() as top:
        animation(Path(top) / "secret.gif", 40).chmod(0)
        (Path(top) / "closed" / "inner").mkdir(parents=True)
        Path(top).chmod(0o755)
        (Path(top) / "closed").chmod(0)
        for name in ("secret.gif", "closed", "closed/inner", "closed/a.gif"):
            with as_nobody(), pytest.raises(PhotoError, match=f"{name}' cannot be read: Permission denied"):
                open_clip(Path(top) / name)
        (Path(top) / "closed").chmod(0o700)


def test_fewer_frames_a_second_last_as_long(tmp_path):
    path = video(tmp_path / "clip.mp4", fps=24, frames=24)
    frames = list(open_clip(path, fps=6).frames())
    assert len(frames) == 6
    assert sum(frame.duration_s for frame in frames) == pytest.approx(1.0, abs=0.01)


def test_a_broken_clip_gives_one_clear_error(tmp_path):
    whole = video(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 3])
    (tmp_path / "cut.gif").write_bytes(animation(tmp_path / "whole.gif", 40).read_bytes()[:60])
    (tmp_path / "text.gif").write_text("no")
    for name in ("cut.mp4", "cut.gif", "text.gif", "missing.gif"):
        with pytest.raises(PhotoError, match=name):
            list(open_clip(tmp_path / name).frames())


def test_one_picture_is_not_a_clip(tmp_path):
    pictures()[0].save(tmp_path / "one.png")
    with pytest.raises(PhotoError, match="holds one picture"):
        open_clip(tmp_path / "one.png")
    with pytest.raises(PhotoError, match="holds 1 pictures"):
        open_clip(tmp_path)
    with pytest.raises(PhotoError, match="outside"):
        open_clip(tmp_path, fps=0)
    with pytest.raises(PhotoError, match="gives 1 frame"):
        list(open_clip(video(tmp_path / "clip.mp4"), fps=1).frames())
