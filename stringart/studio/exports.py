"""Exports of the page: which formats there are, their options, and progress where frames are drawn one by one."""

import io
import queue
import shlex
import threading
import zipfile
from collections.abc import Callable, Iterator

from stringart.errors import StringartError
from stringart.export import EXPORTERS, ExportOption, ExportOptions, exporter_for, known_endings, options_of
from stringart.look.film import OnFrame
from stringart.plan.model import Plan
from stringart.studio.worker import Message

_MOST_LETTERS = 60
BUNDLE = ".zip"
BUNDLED = (".png", ".html", ".book.pdf", ".template.pdf", ".shopping.txt", ".txt")
"""All that one needs to wind by hand, in one file: what it looks like, how it goes, the sheets, what to buy."""
_WRITTEN = (1980, 1, 1, 0, 0, 0)  # of every file in the bundle: the same piece gives the same bytes


def offered() -> list[dict[str, object]]:
    """Return every ending with what it writes and what can be chosen, as JSON for the page."""
    told = known_endings()
    return [
        {"ending": ending, "about": told[ending], "options": [_told(o) for o in options_of(ending) if _is_offered(o)]}
        for ending in sorted(EXPORTERS)
    ]


def _is_offered(option: ExportOption[object]) -> bool:
    return bool(option.key) and not option.is_photo


def _told(option: ExportOption[object]) -> dict[str, object]:
    plain = isinstance(option.default, bool | int | float)
    default = option.default if plain else "" if option.default is None else option.write(option.default)
    return {"name": option.name, "title": option.title, "help": option.about, "default": default, "low": option.low,
            "high": option.high, "choices": option.choices or option.offers, "kind": _kind(option)}  # fmt: skip


def _kind(option: ExportOption[object]) -> str:
    if option.is_flag:
        return "flag"
    return "number" if isinstance(option.default, int | float) else "words" if option.choices else "text"


def check_request(ending: str, options: object) -> dict[str, object]:
    """Return the options of an export that was asked for, checked.

    Raises
    ------
    StringartError
        If the format is not known, has no such option, or a value is outside its range.
    """
    if ending == BUNDLE:
        return {}
    if ending not in EXPORTERS:
        raise StringartError(f"the format '{str(ending)[:20]}' is not known", f"known: {' '.join(sorted(EXPORTERS))}")
    known = {one.name: one for one in options_of(ending) if _is_offered(one)}
    checked: dict[str, object] = {}
    for name, value in (options if isinstance(options, dict) else {}).items():
        if name not in known:
            raise StringartError(f"{ending} has no option '{str(name)[:20]}'", f"it has: {', '.join(known) or 'none'}")
        checked[name] = _checked(known[name], value)
    return checked


def _checked(option: ExportOption[object], value: object) -> object:
    kind, shown = _kind(option), str(value)[:20]
    if kind == "flag":
        return value is True
    if kind == "number":
        low, high = option.low or 0, option.high or 1e9
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise StringartError(f"{option.name}: '{shown}' is outside {low:g} to {high:g}")
        return int(value) if isinstance(option.default, int) else float(value)
    if not isinstance(value, str) or len(value) > _MOST_LETTERS or "/" in value or "\\" in value:
        raise StringartError(f"{option.name}: '{shown}' cannot be used", f"write {_MOST_LETTERS} letters at most, no /")
    if option.choices and value not in option.choices:
        raise StringartError(
            f"{option.name}: '{shown}' is not one of {', '.join(option.choices)}", "choose one of them"
        )
    return option.read(value)


def export_options(options: dict[str, object]) -> ExportOptions:
    """Return what the exporters read; what is not given is as on the command line."""
    return ExportOptions(**options)


def command_of(name: str, ending: str, options: dict[str, object]) -> str:
    """Return the command that writes the same bytes."""
    if ending == BUNDLE:
        files = [word for one in BUNDLED for word in ("-o", f"{name}{one}")]
        return shlex.join(["stringart", "export", f"{name}.json", *files])
    known = {one.name: one for one in options_of(ending)}
    words = ["stringart", "export", f"{name}.json", "-o", f"{name}{ending}"]
    for key, value in options.items():
        option = known[key]
        if not option.is_flag:
            words += [f"--{option.key}", option.write(value)]
        elif value:
            words.append(f"--{option.key}")
    return shlex.join(words)


def bundled(plan: Plan, name: str) -> Iterator[Message]:
    """Export a plan in every format of the bundle; yields the progress, then the ZIP as ``("made", bytes)``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, ending in enumerate(BUNDLED):
            yield "progress", (number, len(BUNDLED))
            made = exporter_for(f"{name}{ending}")(plan, ExportOptions())
            archive.writestr(zipfile.ZipInfo(f"{name}{ending}", _WRITTEN), made, zipfile.ZIP_DEFLATED)
    yield "made", file.getvalue()


class _StoppedError(Exception):
    """Nobody waits for this export any more."""


def watched(make: Callable[[OnFrame], object]) -> Iterator[Message]:
    """Run ``make`` in a thread and yield ``("progress", (done, total))`` for the frames that it is told of."""
    told: queue.SimpleQueue[Message | BaseException | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def frame_done(done: int, total: int) -> None:
        if stopped.is_set():
            raise _StoppedError
        told.put(("progress", (done, total)))

    def run() -> None:
        try:
            make(frame_done)
            told.put(None)
        except BaseException as error:  # handed to whoever waits
            told.put(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while (message := told.get()) is not None:
            if isinstance(message, BaseException):
                raise message
            yield message
    finally:
        stopped.set()
        thread.join()
