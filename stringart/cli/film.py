"""``stringart film``: a clip becomes a film of string art on one board."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import click

from stringart.cli._design_options import design_options
from stringart.cli._groups import GroupedCommand, in_group
from stringart.cli._params import PERCENT, PIXELS, check_folders, write_output
from stringart.cli._progress import steps_shown
from stringart.errors import OutputError
from stringart.export import film_writer_for
from stringart.look.clip_film import Flipbook
from stringart.look.film import OnFrame
from stringart.order.command import NO_DEFAULTS, argument_of, words_without_folders
from stringart.order.loaded import load_order, options_for
from stringart.order.order import Order
from stringart.picture.clip_reader import Clip, open_clip
from stringart.picture.photo import Photo
from stringart.search.clips import CHANGED, Planned, ghosts_note, plan_clip

_film = in_group("Film")


@click.command(cls=GroupedCommand)
@click.argument("clip_name", metavar="CLIP")
@click.option(
    "-o", "--output", "outputs", multiple=True, required=True, metavar="FILE",
    help="out.gif, .webp, .apng or .mp4; may be given again.",
)  # fmt: skip
@_film(
    "--changed", type=PERCENT, default=f"{CHANGED:.0%}", show_default=True, metavar="PERCENT",
    help="Share of the threads that may change from a frame to the next; more where ghosts would be left.",
)  # fmt: skip
@_film(
    "--keep-ghosts", is_flag=True,
    help="Never change more, even if threads of the frames before are still seen.",
)  # fmt: skip
@_film("--width", "width_px", type=PIXELS, default="600px", show_default=True, help="Width of the film.")
@_film(
    "--fps", type=float, metavar="N",
    help="Of a folder: frames a second.  [default: 12] Of a clip: at most, the frames between are left out.",
)  # fmt: skip
@_film("--plans", "plans_folder", metavar="FOLDER", help="Keep the plan of every frame there, as 0001.json ...")
@design_options
def film(
    clip_name: str,
    outputs: tuple[str, ...],
    changed: float,
    keep_ghosts: bool,
    width_px: int,
    fps: float | None,
    plans_folder: str | None,
    order: Order,
) -> None:
    """Turn CLIP into a film of string art on one board.

    CLIP is a GIF, WebP or APNG, a video, or a folder of pictures. Every frame starts from the last one's plan, so that
    threads do not flicker.
    """
    from stringart.export.gif import note_on_frames

    writers = {name: film_writer_for(name) for name in outputs}
    check_folders(outputs)
    loaded = load_order(order)
    if plans_folder is not None:
        _refuse_older_plans(Path(plans_folder))
    clip = open_clip(clip_name, loaded.photo_background, fps)
    options, notes = options_for(_middle_frame(clip), loaded)
    for note in notes:
        click.echo(note, err=True)
    options = replace(options, command=_command(clip.name, outputs, _pace(changed, keep_ghosts, fps), order))
    frames = plan_clip(clip, options, changed, keep_ghosts=keep_ghosts)
    planned = _plan_all(frames, plans_folder)
    plans, durations_s = [frame.plan for frame in planned], [frame.duration_s for frame in planned]
    for name, write in writers.items():
        with _drawing(Path(name).name) as on_frame:
            data = write(Flipbook(plans, durations_s, width_px, on_frame))
        write_output(name, data)
        if name.lower().endswith(".gif") and (note := note_on_frames(Flipbook(plans, durations_s, width_px))):
            click.echo(note, err=True)
    _summarise(planned, changed, outputs)


def _middle_frame(clip: Clip) -> Photo:
    """The frame that threads are chosen from where they are to be chosen: the first is often a title."""
    total = sum(1 for _ in clip.frames())
    return next(frame.photo for number, frame in enumerate(clip.frames()) if number == total // 2)


def _pace(changed: float, keep_ghosts: bool, fps: float | None) -> list[str]:
    """Return the words of a command that say how it changes from frame to frame."""
    ghosts = ["--keep-ghosts"] if keep_ghosts else []
    return ["--changed", f"{100 * changed:.12g}%", *ghosts, *([] if fps is None else ["--fps", f"{fps:.12g}"])]


def _command(name: str, outputs: tuple[str, ...], pace: list[str], order: Order) -> str:
    """Return the command that makes the plans, run where the clip and the piece's files are."""
    written = [word for output in outputs for word in ("-o", argument_of(Path(output).name))]
    words = words_without_folders(order, name)
    return shlex.join(["stringart", "film", argument_of(name), *written, *pace, NO_DEFAULTS, *words])


def _plan_all(frames: Iterator[Planned], folder: str | None) -> list[Planned]:
    """Plan every frame; each plan is on the disk before the next is begun."""
    kept = None if folder is None else _make_folder(folder)
    planned = []
    with steps_shown("plan") as shown:
        for frame in frames:
            planned.append(frame)
            if kept is not None:
                frame.plan.save(kept / f"{frame.number:04d}.json")
            shown(frame.number, frame.total, f"{frame.changed:.0%} of the threads changed")
    return planned


def _refuse_older_plans(folder: Path) -> None:
    """Keep two films' plans apart: of the longer one the end would be left behind the shorter one."""
    older = sorted(path.name for path in folder.glob("*.json") if re.fullmatch(r"[0-9]{4,}", path.stem))
    if older:
        raise OutputError(
            f"the folder '{folder}' holds the plans of a film already: {len(older)}, from {older[0]} to {older[-1]}",
            "move them away, or name another folder with --plans",
        )


def _make_folder(name: str) -> Path:
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder '{name}': {error.strerror}", "choose another --plans") from error
    return Path(name)


@contextmanager
def _drawing(name: str) -> Iterator[OnFrame]:
    with steps_shown("paint") as shown:
        yield lambda done, total: shown(done, total, name)


def _summarise(planned: list[Planned], changed: float, outputs: tuple[str, ...]) -> None:
    seconds = sum(frame.duration_s for frame in planned)
    shares = [frame.changed for frame in planned[1:]]
    if note := ghosts_note(planned, changed):
        click.echo(note, err=True)
    click.echo(f"frames: {len(planned)}, {seconds:.3g} s", err=True)
    click.echo(f"threads changed from a frame to the next: {fmean(shares):.1%}, {max(shares):.1%} at most", err=True)
    click.echo(f"wrote {', '.join(Path(name).name for name in outputs)}", err=True)
