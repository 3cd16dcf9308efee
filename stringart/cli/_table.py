"""Every command, where it lives and its one line of help, so that ``--help`` imports none of them."""

from typing import NamedTuple


class Entry(NamedTuple):
    """Where a command lives (``module:function``) and its line in ``stringart --help``."""

    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "design": Entry("stringart.cli.design:design", "Turn a photo into a plan, with a preview."),
    "batch": Entry("stringart.cli.batch:batch", "Turn many photos into plans, on all cores or many computers."),
    "sweep": Entry("stringart.cli.sweep:sweep", "Try many settings on a photo, and compare them on one sheet."),
    "cluster": Entry(
        "stringart.cli.cluster:cluster", "Use many computers for batch and sweep: start one, others join."
    ),
    "looks": Entry("stringart.cli.looks:looks", "Show a photo in several looks, each with hours and command."),
    "palette": Entry("stringart.cli.palette:palette", "Propose threads and a board for a photo."),
    "import": Entry("stringart.cli.import_:import_", "Make a plan of another program's winding list."),
    "paint": Entry("stringart.cli.paint:paint", "Paint a plan as it will look: PNG or SVG."),
    "score": Entry("stringart.cli.score:score", "Compare a plan with its photo, as an eye sees them."),
    "export": Entry("stringart.cli.export:export", "Write a plan in any format; the file's ending picks it."),
    "film": Entry("stringart.cli.film:film", "Turn a clip into a film of string art on one board."),
    "wind": Entry("stringart.cli.wind:wind", "Wind a plan by hand, step by step, guided on the terminal."),
    "calibrate": Entry("stringart.cli.calibrate:calibrate", "Measure a thread: wind a test card, fit a photo of it."),
    "studio": Entry("stringart.cli.studio:studio", "Open the studio: a local web page, from the photo to the machine."),
    "machine": Entry("stringart.cli.machine:machine", "Wind by machine: check, send, resume, locate, jog, home."),
    "help": Entry("stringart.cli.help:help_", "Explain pins, photos, threads, machine and more, a screen each."),
    "completion": Entry("stringart.cli.completion:completion", "Let the shell complete commands: bash, zsh or fish."),
    "doctor": Entry("stringart.cli.doctor:doctor", "Check this installation and say what is missing."),
}
