"""The winding as one page that plays it: no network, no files beside it, opened from a disk in any browser."""

import json
import re
from base64 import b64encode
from html import escape
from importlib.resources import files
from typing import Any

from stringart.export import ExportOptions
from stringart.hand.trouble import TROUBLES
from stringart.look.paint import notes_of
from stringart.plan.model import Plan, Thread
from stringart.plan.steps import steps_of
from stringart.threads.catalogues import like
from stringart.words import LANGUAGES, table

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_IMPORT = re.compile(r'^import [^;]* from "\./(\w+\.js)";\n', re.M)
_EXPORT = re.compile(r"^export (?=async |class |const |function |let )", re.M)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the page, UTF-8."""
    text = {language: _text(language) | {"language": own} for language, own in LANGUAGES.items()}
    title = plan.photo.name if plan.photo else text["en"]["title"]
    parts = {
        "meta": _meta(plan),
        "title": escape(title),
        "style": _part("player.css").strip(),
        "text": _data(text),
        "plan": _data(_winding(plan, title)),
        "script": _script("player.js").strip(),
    }
    return _PLACE.sub(lambda place: parts[place[1]], _part("player.html")).encode()


def _text(language: str) -> dict[str, Any]:
    """The words of a language, and the accidents with their advice."""
    said = table(language, "options")
    accidents = [
        {
            "key": one.key,
            "title": said.get(f"trouble.{one.key}", one.title),
            "advice": [said.get(f"trouble.{one.key}.{k}", text) for k, text in enumerate(one.advice, 1)],
        }
        for one in TROUBLES
    ]
    return {**table(language, "player"), "accidents": accidents}


def _part(name: str) -> str:
    return (files("stringart.export") / "player" / name).read_text("utf-8")


def _script(name: str) -> str:
    """A module and those that it imports, each once and before who needs it, as one script.

    A page that is opened from a disk may not fetch modules.
    """
    joined: dict[str, str] = {}
    _join(name, joined)
    return '"use strict";\n' + "\n".join(joined.values())


def _join(name: str, joined: dict[str, str]) -> None:
    if name in joined:
        return
    text = _part(name)
    for needed in _IMPORT.findall(text):
        _join(needed, joined)
    joined[name] = _EXPORT.sub("", _IMPORT.sub("", text))


def _meta(plan: Plan) -> str:
    names = {"Software": "generator", "Plan": "plan-sha256", "Comment": "command"}
    lines = (f'<meta name="{names[key]}" content="{escape(text)}">' for key, text in notes_of(plan).items())
    return "\n".join(lines)


def _thread(thread: Thread) -> dict[str, object]:
    alike = like(thread.name, thread.color)
    return {"name": thread.name, "color": thread.color, "diameter_mm": thread.diameter_mm, "like": alike}


def _data(value: object) -> str:
    """JSON that cannot end the script element it stands in, whatever names a plan brings."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _winding(plan: Plan, title: str) -> dict[str, object]:
    """What the page draws: millimetres from the board's upper left corner, y down.

    ``ends`` are four little-endian 32-bit floats a step: x and y of its begin and of its end.
    """
    board, steps = plan.board, steps_of(plan)
    corner = [board.width_mm / 2, board.height_mm / 2]
    xy_mm, ends_mm = (plan.pins.xy_mm * [1, -1] + corner).round(4), plan.step_ends_mm * [1, -1] + corner
    return {
        "title": title,
        "board": {"shape": board.shape, "width_mm": board.width_mm, "height_mm": board.height_mm, "color": board.color},
        "pin_diameter_mm": plan.pins.diameter_mm,
        "pins": xy_mm.tolist(),
        "threads": [_thread(thread) for thread in plan.threads],
        "layers": [{"thread": layer.thread, "pins": layer.pins.tolist()} for layer in plan.layers],
        "steps": {
            "stops": [step.stop for step in steps],
            "ways": [step.direction for step in steps],
            "walks": [step.walk for step in steps],
        },
        "ends": b64encode(ends_mm.astype("<f4").tobytes()).decode(),
        "notes": notes_of(plan),
    }
