"""The plan file, version 1: JSON read with suspicion, written so that every number comes back bit for bit.

This file knows the format, not the classes: `decode` gives a checked document (dicts, lists, arrays) that `model`
builds on.
"""

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stringart.errors import PlanError

FORMAT, VERSION = "stringart-plan", 1
MAX_PINS, MAX_THREADS, MAX_LAYERS, MAX_STEPS = 20_000, 1_000, 10_000, 5_000_000
MIN_LENGTH_MM, MAX_LENGTH_MM = 1e-3, 1e9
Document = dict[str, Any]
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_COLOR = re.compile(r"#[0-9a-f]{6}")


def encode(document: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON of a document, one top-level field a line, the layers one a line."""
    fields = []
    for key, value in document.items():
        if key == "layers" and value:
            text = "[\n" + ",\n".join("    " + _compact(layer) for layer in value) + "\n  ]"
        else:
            text = _compact(value)
        fields.append(f"  {json.dumps(key)}: {text}")
    return ("{\n" + ",\n".join(fields) + "\n}\n").encode()


def _compact(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise PlanError("the plan holds a number that is not finite, which no plan file may hold") from None


def decode(data: bytes, name: str) -> Document:
    """Read and check the bytes of a plan file.

    Returns
    -------
    dict
        The fields of the format, with ``pins.xy_mm`` as (N, 2) float and each layer's ``pins`` as (S + 1,) int array.

    Raises
    ------
    PlanError
        With one line that begins with ``name`` and says where the file is wrong.
    """
    try:
        document = _parse(data)
        return _checked(document)
    except PlanError as error:
        raise PlanError(f"{name}: {error}", error.hint) from None


def _parse(data: bytes) -> Document:
    if not data.strip():
        raise PlanError("the file is empty", "make the plan again")
    try:
        document = json.loads(_text(data), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) - 1 or error.msg.startswith("Unterminated")
        what = "the file ends in the middle" if cut else f"not JSON at line {error.lineno}, column {error.colno}"
        raise PlanError(f"{what} ({error.msg})", "the file is damaged or not a plan; make it again") from None
    except RecursionError:
        raise PlanError("not a plan: it is nested too deeply") from None
    except ValueError:  # the one that is left: int() of more than 4,300 digits
        raise PlanError("not a plan: a number in it has thousands of digits") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format", "no format") if isinstance(document, dict) else type(document).__name__
        raise PlanError(
            f'this is not a stringart plan: "format" should be "{FORMAT}", found {_short(found)}',
            "stringart import reads lists of other programs",
        )
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise PlanError(
            f"the plan is of version {_short(version)}, this program reads version {VERSION}", "update the program"
        )
    return document


def _text(data: bytes) -> str:
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""  # an editor's; the plan is none the worse
    try:
        return data[len(mark) :].decode("utf-16" if data[:2] in _UTF_16 else "utf-8")
    except UnicodeDecodeError as error:
        raise PlanError(f"byte {error.start} is not UTF-8 text", "a plan is a JSON file; is this a picture?") from None


def _no_constant(text: str) -> float:
    raise PlanError(f"{text} is not a number that a plan may hold")


def _short(value: object) -> str:
    if isinstance(value, dict | list):  # its repr may be as large, or as deep, as the file
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value):,}"
    text = ascii(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _checked(document: Document) -> Document:
    pins = _pins(_field(document, "pins", dict))
    threads = [_thread(value, f"threads[{k}]") for k, value in enumerate(_many(document, "threads", MAX_THREADS))]
    layers = _many(document, "layers", MAX_LAYERS)
    out: Document = {
        "board": _board(_field(document, "board", dict)),
        "pins": pins,
        "threads": threads,
        "layers": [_layer(v, f"layers[{k}]", len(threads), len(pins["xy_mm"])) for k, v in enumerate(layers)],
    }
    steps = sum(len(layer["pins"]) for layer in out["layers"])
    if steps > MAX_STEPS:
        raise PlanError(f"the layers hold {steps:,} pins, more than the {MAX_STEPS:,} that are read")
    if document.get("photo") is not None:
        out["photo"] = _photo(_field(document, "photo", dict))
    if document.get("provenance") is not None:
        out["provenance"] = _provenance(_field(document, "provenance", dict))
    return out


def _field(owner: Mapping[str, Any], key: str, kind: type[Any], where: str = "") -> Any:
    path = f"{where}.{key}" if where else key
    if key not in owner:
        raise PlanError(f"{path} is missing")
    value = owner[key]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise PlanError(f"{path} should be {_KINDS[kind]}, found {_short(value)}")
    if kind is str and not value.isascii() and value.encode(errors="replace").decode() != value:
        raise PlanError(f"{path} holds half a character, found {_short(value)}")
    return value


_KINDS: dict[type[object], str] = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}


def _many(document: Mapping[str, object], key: str, most: int) -> list[object]:
    values: list[object] = _field(document, key, list)
    if len(values) > most:
        raise PlanError(f"{key} has {len(values):,} entries, more than the {most:,} that are read")
    return values


def _length(owner: Mapping[str, object], key: str, where: str) -> float:
    value: Any = owner.get(key)
    if type(value) not in (int, float) or not MIN_LENGTH_MM <= value <= MAX_LENGTH_MM:
        raise PlanError(
            f"{where}.{key} should be a number of millimetres from {MIN_LENGTH_MM:g} to {MAX_LENGTH_MM:g}, "
            f"found {_short(value)}"
        )
    return float(value)


def _color(owner: Mapping[str, object], key: str, where: str) -> str:
    value: str = _field(owner, key, str, where)
    if not _COLOR.fullmatch(value.lower()):
        raise PlanError(f'{where}.{key} should be a colour like "#c8501e", found {_short(value)}')
    return value.lower()


def _points(values: list[Any], where: str, most: int) -> NDArray[np.float64]:
    if len(values) > most:
        raise PlanError(f"{where} has {len(values):,} points, more than the {most:,} that are read")
    for number, point in enumerate(values):
        ok = isinstance(point, list) and len(point) == 2
        if not ok or not all(type(v) in (int, float) and abs(v) <= MAX_LENGTH_MM for v in point):
            raise PlanError(f"{where}[{number}] should be two numbers of millimetres, found {_short(point)}")
    return np.array(values, np.float64).reshape(-1, 2)


def _board(board: Mapping[str, object]) -> Document:
    outline = board.get("outline_mm")
    if outline is not None:
        outline = _points(_field(board, "outline_mm", list, "board"), "board.outline_mm", 1_000_000)
        if len(outline) < 3:
            raise PlanError(f"board.outline_mm has {len(outline)} corners; an outline needs at least 3")
    return {
        "shape": _field(board, "shape", str, "board"),
        "width_mm": _length(board, "width_mm", "board"),
        "height_mm": _length(board, "height_mm", "board"),
        "color": _color(board, "color", "board"),
        "outline_mm": outline,
    }


def _pins(pins: Mapping[str, object]) -> Document:
    xy_mm = _points(_field(pins, "xy_mm", list, "pins"), "pins.xy_mm", MAX_PINS)
    if len(xy_mm) < 3:
        raise PlanError(f"pins.xy_mm has {len(xy_mm)} pins; a ring needs at least 3")
    return {"diameter_mm": _length(pins, "diameter_mm", "pins"), "xy_mm": xy_mm}


def _thread(thread: object, where: str) -> Document:
    if not isinstance(thread, dict):
        raise PlanError(f"{where} should be an object, found {_short(thread)}")
    return {
        "name": _field(thread, "name", str, where),
        "color": _color(thread, "color", where),
        "diameter_mm": _length(thread, "diameter_mm", where),
    }


def _layer(layer: object, where: str, threads: int, pins: int) -> Document:
    if not isinstance(layer, dict):
        raise PlanError(f"{where} should be an object, found {_short(layer)}")
    thread = _field(layer, "thread", int, where)
    if not 0 <= thread < threads:
        raise PlanError(f"{where}.thread is {thread}, but the plan has {threads} threads (0 to {threads - 1})")
    winding: list[object] = _field(layer, "pins", list, where)
    for number, pin in enumerate(winding):
        if type(pin) is not int:
            raise PlanError(f"{where}.pins[{number}] should be a pin's number, found {_short(pin)}")
        if not 0 <= pin < pins:
            raise PlanError(f"{where}.pins[{number}] is {_short(pin)}, but the plan has {pins} pins (0 to {pins - 1})")
    return {"thread": thread, "pins": np.array(winding, np.int32)}


def _photo(photo: Mapping[str, object]) -> Document:
    crop: list[Any] = _field(photo, "crop_px", list, "photo")
    if len(crop) != 4 or not all(type(v) is int and abs(v) < 10**6 for v in crop):
        raise PlanError(f"photo.crop_px should be four whole numbers of pixels, found {_short(crop)}")
    left, top, right, bottom = crop
    if right <= left or bottom <= top:
        raise PlanError(f"photo.crop_px {crop} has no area")
    outside = photo.get("outside")
    return {
        "name": _field(photo, "name", str, "photo"),
        "sha256": _field(photo, "sha256", str, "photo"),
        "crop_px": (left, top, right, bottom),
        "outside": None if outside is None else _color(photo, "outside", "photo"),
    }


def _provenance(provenance: Mapping[str, Any]) -> Document:
    return {
        "version": _field(provenance, "version", str, "provenance"),
        "command": _field(provenance, "command", str, "provenance"),
        "seed": _field(provenance, "seed", int, "provenance"),
    }
