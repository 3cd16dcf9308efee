"""Exports of the page: which formats there are, their options, and progress where frames are drawn one by one."""

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from stringart.errors import StringartError
from stringart.export import EXPORTERS, ExportOptions
from stringart.look import film
from stringart.look.film import FilmOptions
from stringart.studio.worker import Message

_RANGES = {
    "width_px": (16, 8000), "frames": (2, 2000), "seconds": (0.5, 600), "hold_s": (0, 60), "edge_mm": (0, 200),
    "spool_m": (1, 100_000),
}  # fmt: skip


def check_request(ending: str, options: Any) -> dict[str, Any]:
    """Return the options of an export that was asked for, checked.

    Raises
    ------
    StringartError
        If the format is not known or a number is outside its range.
    """
    if ending not in EXPORTERS:
        raise StringartError(f"the format '{str(ending)[:20]}' is not known", f"known: {' '.join(sorted(EXPORTERS))}")
    checked: dict[str, Any] = {}
    for name, value in (options if isinstance(options, dict) else {}).items():
        if name in _RANGES:
            low, high = _RANGES[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise StringartError(f"{name}: '{str(value)[:20]}' is outside {low:g} to {high:g}")
            checked[name] = value
        elif name == "counter":
            checked[name] = value is True
        elif name in ("paper", "machine") and isinstance(value, str) and len(value) <= 60 and "/" not in value:
            checked[name] = value
    return checked


def export_options(options: dict[str, Any]) -> ExportOptions:
    """Return what the exporters read; what is not given is as on the command line."""
    cut: dict[str, Any] = {name: options[name] for name in ("seconds", "hold_s", "counter") if name in options}
    chosen: dict[str, Any] = {name: options[name] for name in ("edge_mm", "paper", "machine") if name in options}
    if "frames" in options:
        cut["frames"] = int(options["frames"])
    if "width_px" in options:
        chosen["width_px"] = cut["width_px"] = int(options["width_px"])
    if "spool_m" in options:
        chosen["spool_mm"] = options["spool_m"] * 1000.0
    return ExportOptions(**chosen, film=FilmOptions(**cut))


def command_of(name: str, ending: str, options: dict[str, Any]) -> str:
    """Return the command that writes the same bytes."""
    flags = {
        "width_px": "--width {}px", "frames": "--frames {}", "seconds": "--seconds {}", "hold_s": "--hold {}",
        "paper": "--paper {}", "machine": "--machine {}", "edge_mm": "--edge {}mm", "spool_m": "--spool {}m",
    }  # fmt: skip
    words = [flags[key].format(f"{value:g}" if isinstance(value, int | float) else value)
             for key, value in options.items() if key in flags]  # fmt: skip
    return " ".join(["stringart export", f"{name}.json", "-o", f"{name}{ending}", *words])


class _StoppedError(Exception):
    """Nobody waits for this export any more."""


def watched(make: Callable[[], object]) -> Iterator[Message]:
    """Run ``make`` in a thread and yield ``("progress", (done, total))`` for the frames that it draws."""
    told: queue.SimpleQueue[Message | BaseException | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def frame_done(done: int, total: int) -> None:
        if stopped.is_set():
            raise _StoppedError
        told.put(("progress", (done, total)))

    def run() -> None:
        film.ON_FRAME.set(frame_done)
        try:
            make()
            told.put(None)
        except BaseException as error:  # handed to whoever waits
            told.put(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    try:
        while (message := told.get()) is not None:
            if isinstance(message, BaseException):
                raise message
            yield message
    finally:
        stopped.set()
        thread.join()
