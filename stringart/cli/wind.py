"""``stringart wind``: a guide on the terminal to wind by hand."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stringart.cli._params import LENGTH, Parsed, load_plan
from stringart.errors import StringartError, UnitError
from stringart.units import parse_duration_s
from stringart.words import LANGUAGES

if TYPE_CHECKING:
    from stringart.hand.guide_words import GuideWords

DURATION = Parsed(parse_duration_s, "duration")


@click.command()
@click.argument("plan_file", metavar="PLAN", required=False)
@click.option("--list", "show", is_flag=True, help="List the pieces in progress and end.")
@click.option("--piece", default="", metavar="NAME", help="Tell copies of the same plan apart.")
@click.option("--restart", is_flag=True, help="Begin again at the first step; the old progress is kept beside.")
@click.option("--step", type=click.IntRange(min=1), metavar="N", help="Go on at step N.")
@click.option("--spool", "spool_mm", type=LENGTH, help="Thread on a full spool, as in 500m: the guide counts it down.")
@click.option("--say", is_flag=True, help="Say each pin aloud (espeak-ng, or say on macOS).")
@click.option("--voice", default="", help="Voice or language of the speech, as the speaking program names it.")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), help="Language of the guide, as the terminal's by default.")
@click.option("--every", "every_s", type=DURATION, help="Go on by itself at this pace, as in 8s; p pauses.")
def wind(
    plan_file: str | None,
    show: bool,
    piece: str,
    restart: bool,
    step: int | None,
    spool_mm: float | None,
    say: bool,
    voice: str,
    lang: str | None,
    every_s: float | None,
) -> None:
    """Wind PLAN by hand, step by step; where you stopped is kept on every step and resumed.

    Keys: space, enter or right for the next step, b or left for back, j to jump, u to undo a jump, p to pause, s for a
    new spool, ? when something goes wrong, q to quit. On a terminal of plain lines (TERM=dumb) the same as words.
    """
    from stringart.hand.guide_words import GuideWords, language_of

    words = GuideWords(lang or language_of())
    if show:
        _list(words)
        return
    if plan_file is None:
        raise click.UsageError("which plan? Name it, or see the pieces in progress with --list")
    _check_pace(every_s, spool_mm)
    _wind(plan_file, piece, restart, step, spool_mm, every_s, (say, voice), words)


def _check_pace(every_s: float | None, spool_mm: float | None) -> None:
    if every_s is not None and not 0.5 <= every_s <= 600:
        raise UnitError(f"--every {every_s:g} s is outside 0.5 s to 10 min", "a practised hand takes 5 to 15 s a step")
    if spool_mm is not None and spool_mm <= 0:
        raise UnitError(f"a spool of {spool_mm:g} mm holds no thread", "write its length, as in 500m")


def _wind(
    plan_file: str,
    piece: str,
    restart: bool,
    step: int | None,
    spool_mm: float | None,
    every_s: float | None,
    speech: tuple[bool, str],
    words: "GuideWords",
) -> None:
    from stringart.cli._wind_lines import GuideInLines
    from stringart.cli._wind_screen import Screen
    from stringart.cli._wind_window import Window
    from stringart.hand.guide import Guide
    from stringart.hand.progress import ProgressStore
    from stringart.hand.speech import Speaker
    from stringart.plan.nails import nails_of

    if plan_file == "-":
        raise StringartError("the guide reads keys from the terminal, so PLAN cannot be -", "save the plan first")
    plan = load_plan(plan_file)
    Guide(plan)  # a plan without chords is refused before a journal is begun
    speaker = Speaker(speech[1], "" if words.language == "en" else words.language) if speech[0] else None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise StringartError("the guide needs a terminal", "run it in one, or export a winding book: -o book.pdf")
    path = str(Path(plan_file).resolve())
    with ProgressStore().open(plan, path, piece, restart=restart) as progress:
        guide = Guide(plan, progress.place, progress.recent_s, spool_mm)
        if step is not None:
            guide.jump(step, time.monotonic())
        if guide.place != progress.place:
            progress.record(guide.place)
        title = " ".join(text for text in (plan.photo.name if plan.photo else Path(plan_file).name, piece) if text)
        about = words.nails(nails_of(plan))
        screen = Screen(title=title, every_s=every_s, about=about, xy_mm=plan.pins.xy_mm, words=words)
        winder = GuideInLines if os.environ.get("TERM", "dumb") in ("", "dumb") and os.name != "nt" else Window
        place = winder(guide, progress, screen, speaker).run()
    command = f"stringart wind {plan_file}"
    click.echo(words("kept", n=place.done, total=len(guide.steps), command=command))


def _list(words: "GuideWords") -> None:
    from stringart.hand.progress import ProgressStore

    store = ProgressStore()
    pieces = store.pieces()
    if not pieces:
        click.echo(words("no_pieces"), err=True)
    for piece in pieces:
        share = words("steps_of", n=f"{words.count(piece.done):>7}", total=piece.total)
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(piece.at_s))
        name = f"  --piece {piece.name}" if piece.name else ""
        there = "" if Path(piece.plan_file).is_file() else f"  {words('plan_gone')}"
        click.echo(f"{day}  {share:24}  {piece.plan_sha256[:12]}  {piece.plan_file}{name}{there}")
