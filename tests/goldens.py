"""What must not change unseen: every text that is exported, the job of every profile and every ``--help``, as hashes.

    python tests/goldens.py

writes `goldens.json` anew; the difference belongs into the commit that makes it. Pictures are not here: their last bit
belongs to the processor.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from sample_plans import THREADS, random_plan

from stringart.cli._complete import fresh_context, load_command
from stringart.cli._table import COMMANDS
from stringart.export import EXPORTERS, ExportOptions, exporter_for
from stringart.machine.profile_files import bundled_names
from stringart.plan.model import Plan, Provenance

FILE = Path(__file__).with_name("goldens.json")
NOT_TEXT = (".apng", ".gif", ".mp4", ".webp", ".png", ".pdf", ".dxf", ".html", ".stl", ".3mf", ".bin")


def plans() -> dict[str, Plan]:
    """Return a plan of one thread and one of several."""
    said = Provenance(version="0", command="stringart design")
    several = random_plan((40, 30), THREADS[3:], pins=80)
    return {
        "one": replace(several, layers=several.layers[:1], provenance=said),
        "two": replace(several, provenance=said),
    }


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Yield the help of a command and of all below it."""
    yield f"help {name}", command.get_help(fresh_context(command, name))
    for child in getattr(command, "commands", {}).values():
        yield from helps(child, f"{name} {child.name}")


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text by its name."""
    for name, plan in plans().items():
        for ending in sorted(EXPORTERS):
            if not ending.endswith(NOT_TEXT):
                yield f"{name}{ending}", exporter_for(ending)(plan, ExportOptions()).decode()
        for profile in bundled_names():
            yield f"{name} {profile}", exporter_for(".gcode")(plan, ExportOptions(machine=profile)).decode()
    for name, entry in COMMANDS.items():
        yield from helps(load_command(entry.target), name)


def hashes() -> dict[str, str]:
    """Return what `goldens.json` should hold."""
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(hashes(), indent=1) + "\n", encoding="utf-8")
