"""Clips: the frames of an animation, a video or a folder of pictures, one at a time, each as a photo with its duration.

Animations are read by Pillow, videos by PyAV (the extra "video"). A clip can be read again from its beginning; what is
held is one frame. imageio gives bare arrays, without the profile that says what their colours mean, and durations only
by opening the file anew for every frame: 100 frames of a GIF take 3.1 s in place of 0.15.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageSequence, UnidentifiedImageError

from stringart.errors import MissingExtraError, PhotoError
from stringart.picture.photo import Photo, load_photo

if TYPE_CHECKING:
    import av

FOLDER_FPS = 12.0
"""Frames a second of pictures in a folder, which have no timing of their own."""
MAX_FRAMES = 10_000
_NO_DURATION_S = 0.1  # what browsers make of an animation's frame without a duration
_SHORTEST_S = 0.011  # likewise of one that is shorter than the screen can show
_VIDEO_ENDINGS = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".webm")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFrame:
    """One frame of a clip.

    Parameters
    ----------
    photo : Photo
    duration_s : float
        How long it is shown.
    """

    photo: Photo
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A moving picture.

    Parameters
    ----------
    name : str
        Of its file or folder.
    frames : callable
        Returns its frames from the first one, as an iterator; may be called again.
    """

    name: str
    frames: Callable[[], Iterator[ClipFrame]]


def open_clip(source: str | os.PathLike[str], background: str = "#ffffff", fps: float | None = None) -> Clip:
    """Open a clip.

    Parameters
    ----------
    source : path
        An animation (GIF, WebP, animated PNG), a video (MP4 and what else PyAV reads), or a folder of pictures, whose
        names are sorted as people do: 2 before 10.
    background : str
        sRGB ``#rrggbb`` that shows through where a frame is transparent.
    fps : float, optional
        Of a folder: frames a second, 12 by default. Of a file: frames a second at most; the frames between are left
        out and those kept last longer.

    Raises
    ------
    PhotoError
        If it is not a clip of at least two frames; while it is read, if it is damaged.
    MissingExtraError
        If it is a video and PyAV is not installed.
    """
    path = Path(source)
    if fps is not None and not 0.01 <= fps <= 1000:
        raise PhotoError(f"{fps:g} frames a second are outside 0.01 to 1000", "choose another --fps")
    if os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises where a folder above may not be entered)
        return _folder(path, background, fps or FOLDER_FPS)
    frames = _animation(path, background) or _video(path, background)
    return Clip(name=path.name, frames=lambda: _limited(_thinned(frames(), fps), path.name))


def _folder(path: Path, background: str, fps: float) -> Clip:
    Image.init()
    try:
        pictures = sorted((p for p in path.iterdir() if p.suffix.lower() in Image.EXTENSION), key=_as_people_sort)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(pictures) < 2:
        raise PhotoError(
            f"the folder '{path}' holds {len(pictures)} pictures: a clip needs 2",
            "put its frames there, as in 0001.png, 0002.png",
        )

    def frames() -> Iterator[ClipFrame]:
        for picture in pictures:
            yield ClipFrame(photo=load_photo(picture, background), duration_s=1 / fps)

    return Clip(name=path.name or str(path), frames=lambda: _limited(frames(), str(path)))


def _as_people_sort(path: Path) -> list[tuple[int, str]]:
    """Sort numbers in a name by value."""
    parts = re.findall(r"\d+|\D+", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _animation(path: Path, background: str) -> Callable[[], Iterator[ClipFrame]] | None:
    """Return the frames of what Pillow reads, None where that is nothing."""
    try:
        with Image.open(path) as image:
            count = getattr(image, "n_frames", 1)
    except UnidentifiedImageError:
        return None
    except FileNotFoundError:
        raise PhotoError(f"'{path}' does not exist", "check the name and the folder") from None
    except Exception as error:  # the readers of damaged files raise whatever their parts raise
        if isinstance(error, OSError) and error.errno is not None:  # of the file system, not of the file's content
            raise _unreadable(path, error) from error
        raise _damaged(path, error) from error
    if count < 2:
        raise PhotoError(f"'{path}' holds one picture: a clip needs 2", "stringart design makes a plan of one photo")
    return lambda: _of_animation(path, background)


def _of_animation(path: Path, background: str) -> Iterator[ClipFrame]:
    with Image.open(path) as image:
        for number, frame in enumerate(_whole(ImageSequence.Iterator(image), path)):
            photo = load_photo(frame.copy(), background, _frame_name(path, number))
            stated_s = float(frame.info.get("duration") or 0) / 1000  # of a WebP it is known when the frame is read
            yield ClipFrame(photo=photo, duration_s=stated_s if stated_s >= _SHORTEST_S else _NO_DURATION_S)


def _video(path: Path, background: str) -> Callable[[], Iterator[ClipFrame]]:
    try:
        import av  # noqa: F401
    except ImportError:
        if path.suffix.lower() in _VIDEO_ENDINGS:
            raise MissingExtraError(f"reading the video '{path.name}'", "video") from None
        raise PhotoError(
            f"'{path}' is not an animation that can be read", 'pip install "stringart-studio[video]" reads videos'
        ) from None
    return lambda: _of_video(path, background)


def _of_video(path: Path, background: str) -> Iterator[ClipFrame]:
    """Yield the frames of a video; each is shown until the next one's time, the last as long as the one before."""
    import av

    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise PhotoError(f"'{path}' is not a clip that can be read", "give a GIF, an MP4 or a folder") from error
    with container:
        if not container.streams.video:
            raise PhotoError(f"'{path}' holds no picture, only sound", "choose a film")
        before: tuple[Photo, float] | None = None
        duration_s = _NO_DURATION_S
        for number, frame in enumerate(_whole(container.decode(container.streams.video[0]), path)):
            now_s = float(frame.time or 0.0)
            if before is not None:
                duration_s = max(now_s - before[1], _SHORTEST_S)
                yield ClipFrame(photo=before[0], duration_s=duration_s)
            before = load_photo(_upright(frame), background, _frame_name(path, number)), now_s
        if before is not None:
            yield ClipFrame(photo=before[0], duration_s=duration_s)


def _upright(frame: "av.VideoFrame") -> Image.Image:
    """Return the picture as it was held: phones store how it is to be turned."""
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    turn = round(getattr(frame, "rotation", 0) or 0) % 360
    return image.rotate(turn, expand=True) if turn else image


def _frame_name(path: Path, number: int) -> str:
    return f"{path.name} frame {number + 1}"


def _whole(frames: Any, path: Path) -> Iterator[Any]:
    """Yield frames; what the readers raise of a damaged file becomes one clear error."""
    frames = iter(frames)
    while True:
        try:
            frame = next(frames)
        except StopIteration:
            return
        except Exception as error:  # the readers of damaged files raise whatever their parts raise
            raise _damaged(path, error) from error
        yield frame


def _unreadable(path: Path, error: OSError) -> PhotoError:
    return PhotoError(f"'{path}' cannot be read: {error.strerror}", "check its permissions")


def _damaged(path: Path, error: Exception) -> PhotoError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return PhotoError(f"'{path}' is damaged or cut short: {reason}", "save it anew in a player or an editor")


def _thinned(frames: Iterator[ClipFrame], fps: float | None) -> Iterator[ClipFrame]:
    """Leave out frames that come sooner than ``fps`` allows; the frame before is shown for their time."""
    if fps is None:
        yield from frames
        return
    kept, shown_s = None, 0.0
    for frame in frames:
        if kept is not None and shown_s < 1 / fps - 1e-6:
            shown_s += frame.duration_s
            continue
        if kept is not None:
            yield ClipFrame(photo=kept.photo, duration_s=shown_s)
        kept, shown_s = frame, frame.duration_s
    if kept is not None:
        yield ClipFrame(photo=kept.photo, duration_s=shown_s)


def _limited(frames: Iterator[ClipFrame], name: str) -> Iterator[ClipFrame]:
    number = 0
    for number, frame in enumerate(frames, start=1):
        if number > MAX_FRAMES:
            raise PhotoError(f"'{name}' has more than {MAX_FRAMES:,} frames", "take fewer with --fps, or cut it")
        yield frame
    if number < 2:
        raise PhotoError(f"'{name}' gives {number} frame: a film needs 2", "raise --fps, or take a longer clip")
