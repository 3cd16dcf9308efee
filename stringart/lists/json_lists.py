"""Winding lists in the JSON of web programs: a bare list, or one beside the nails, their places and the threads."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stringart.lists.found import FoundList, Run, refuse, walked, whole

_STEPS = (
    "sequence", "order", "steps", "path", "winding", "lines", "connections", "nailsequence", "pegorder", "pinorder",
    "nailorder", "threadorder", "nailpath", "pinsequence", "pegsequence", "pattern", "list", "route", "thread",
    "result", "nails", "pins", "pegs",
)  # fmt: skip
_NAILS = ("nails", "pins", "pegs", "points", "coordinates", "coords", "nailcoords", "pincoords", "nailpositions",
          "pinpositions", "pegpositions", "positions")  # fmt: skip
_COUNT = re.compile(r"(?:num|number|count|total|n|nr)?(?:of)?(?:nails?|pins?|pegs?)(?:count|total|number|num)?")
_LAYERS = ("layers", "threads", "colors", "colours", "strings", "palette")
_AT = ("nailindex", "nail", "pin", "peg", "index", "to", "end", "pinindex", "pegindex", "number", "point")
_TO = ("to", "end", "topin", "tonail", "topeg")
_FROM = ("from", "start", "source", "fromnail", "frompin", "frompeg")
_WORD = re.compile(r"[^a-z]")
_DIRECTIONS = {"cw": "cw", "clockwise": "cw", "ccw": "ccw", "counterclockwise": "ccw", "anticlockwise": "ccw"}
_PLACES = ("top", "right", "bottom", "left", "top-right", "top-left", "bottom-right", "bottom-left")
_DEEPEST = 4


def read_json(text: str, name: str) -> FoundList:
    """Read the winding of a JSON file.

    Raises
    ------
    PlanError
        If there is none, or it is a plan of ours.

    Examples
    --------
    >>> read_json('{"nailCount": 200, "steps": [{"nailIndex": 0}, {"nailIndex": 105}]}', "a.json").pins
    200
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if (lines := _objects(text)) is not None:
            return _of_lines(lines, name)
        raise refuse(name, None, f"is not JSON: {' '.join(str(error).split())[:80]}") from None
    if isinstance(document, list):
        return FoundList(runs=(Run(numbers=_numbers(document, name)),), kind="JSON list")
    if not isinstance(document, dict):
        raise refuse(name, None, "holds no list")
    if document.get("format") == "stringart-plan":
        raise refuse(name, None, "is a plan already", f"use it as it is: stringart paint {name} -o preview.png")
    told = _flat(document)
    runs = _layers(document, name) or [Run(numbers=_numbers(_steps(document, name), name))]
    places = _places(document)
    return FoundList(
        runs=tuple(runs),
        kind="JSON",
        pins=len(places) or _count(told),
        first=0 if places else _first(told),
        start=_start(told),
        direction=_direction(told),
        places=places,
        y_axis=next((axis for axis in ("up", "down") if _key(told.get("yaxis", "")) == axis), None),
        is_mm=_key(told.get("unit", "")) in ("mm", "millimeter", "millimetre"),
    )


def _objects(text: str) -> list[dict[str, object]] | None:
    """Objects of a file that has one a line."""
    try:
        objects = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    return objects if len(objects) > 1 and all(isinstance(one, dict) for one in objects) else None


def _of_lines(objects: list[dict[str, object]], name: str) -> FoundList:
    """Read steps, one an object; a first one that is none tells of the rest."""
    head = objects.pop(0) if _of(objects[0], _AT[:3] + _TO) is None else {}
    groups: list[tuple[tuple[Any, ...], list[dict[str, object]]]] = []
    for one in objects:
        key = tuple(one.get(part) for part in ("layer", "thread", "color"))
        if not str(one.get("kind", "")).startswith("tie "):
            if not groups or groups[-1][0] != key:
                groups.append((key, []))
            groups[-1][1].append(one)
    runs = tuple(
        Run(
            numbers=_numbers(steps, name),
            thread=thread if isinstance(thread, str) else "",
            color=color if isinstance(color, str) and re.fullmatch(r"#[0-9a-f]{6}", color) else None,
        )
        for (_, thread, color), steps in groups
    )
    if not runs:
        raise refuse(name, None, "holds no steps")
    is_ours = "12 o'clock" in str(head.get("pin_numbers"))
    return FoundList(
        runs=runs, kind="JSON steps", pins=_count(_flat(head)), first=0 if is_ours else None,
        start="top" if is_ours else None, direction="cw" if is_ours else None,
    )  # fmt: skip


def _key(key: object) -> str:
    return _WORD.sub("", str(key).lower())


def _flat(document: Mapping[str, object], depth: int = 0) -> dict[str, object]:
    """Plain values of an object and of the objects in it, by their keys' letters."""
    flat: dict[str, object] = {}
    for key, value in document.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            flat |= {k: v for k, v in _flat(value, depth + 1).items() if k not in flat}
        elif not isinstance(value, list | dict):
            flat[_key(key)] = value
    return flat


def _count(told: Mapping[str, object]) -> int | None:
    found = {v for k, v in told.items() if _COUNT.fullmatch(k) and type(v) is int and v > 2}
    return found.pop() if len(found) == 1 else None


def _first(told: Mapping[str, object]) -> int | None:
    value = told.get("first", told.get("firstnumber", told.get("indexbase")))
    return value if type(value) is int and value in (0, 1) else None


def _start(told: Mapping[str, object]) -> str | None:
    value = str(told.get("start", told.get("startposition", ""))).lower().replace("_", "-").replace(" ", "-")
    return value if value in _PLACES else None


def _direction(told: Mapping[str, object]) -> str | None:
    value = told.get("direction", told.get("numbering", told.get("naildirection")))
    if isinstance(told.get("clockwise"), bool):
        return "cw" if told["clockwise"] else "ccw"
    return _DIRECTIONS.get(_key(value)) if isinstance(value, str) else None


def _lists(document: Mapping[str, object], depth: int = 0) -> list[tuple[str, list[object]]]:
    found = [(_key(key), value) for key, value in document.items() if isinstance(value, list)]
    if depth < _DEEPEST:
        found += [one for value in document.values() if isinstance(value, dict) for one in _lists(value, depth + 1)]
    return found


def _is_place(value: object) -> bool:
    if isinstance(value, dict):
        keys = {_key(key) for key in value}
        return {"x", "y"} <= keys and not keys & set(_AT[:4])
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, int | float) for v in value)


def _numbers_of(place: object) -> list[float]:
    """Both numbers of a place, x first; fewer where one is none, or is beyond all boards."""
    if isinstance(place, dict):
        place = [v for k, v in sorted(place.items(), key=lambda kv: str(kv[0]).lower()) if _key(k) in ("x", "y")]
    numbers = place if isinstance(place, list) else []
    return [float(v) for v in numbers if isinstance(v, int | float) and abs(v) < 1e9]


def _places(document: Mapping[str, object]) -> tuple[tuple[float, float], ...]:
    for key, values in _lists(document):
        if key in _NAILS and len(values) > 2 and all(_is_place(value) for value in values):
            places = [_numbers_of(value) for value in values]
            if all(len(place) == 2 for place in places):
                return tuple((x, y) for x, y in places)
    return ()


def _steps(document: Mapping[str, object], name: str) -> list[object]:
    lists = [
        (key, values)
        for key, values in _lists(document)
        if values and not all(_is_place(v) and isinstance(v, dict) for v in values)
    ]
    for wanted in _STEPS:
        for key, values in lists:
            if key == wanted and (key not in _NAILS or all(isinstance(v, int) for v in values)):
                return values
    raise refuse(
        name, None, f"holds no list of steps; its keys are {', '.join(map(str, document))[:80]}",
        'as in {"sequence": [0, 105, 57], "pins": 200}',
    )  # fmt: skip


def _layers(document: Mapping[str, object], name: str) -> list[Run]:
    """Runs of a file that has a list a thread."""
    for key, value in document.items():
        if _key(key) in _LAYERS and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            if not all(_lists(one) for one in value):
                continue
            return [_layer(one, name) for one in value]
    return []


def _layer(layer: Mapping[str, object], name: str) -> Run:
    told = {_key(key): value for key, value in layer.items()}
    color = next((v for k in ("color", "colour", "hex") if isinstance(v := told.get(k), str)), "")
    title = next((v for k in ("name", "thread", "label") if isinstance(v := told.get(k), str)), "")
    is_code = re.fullmatch(r"#[0-9a-fA-F]{6}", color) is not None
    return Run(
        numbers=_numbers(_steps(layer, name), name),
        thread=title or ("" if is_code else color),
        color=color.lower() if is_code else None,
    )


def _numbers(values: Sequence[Any], name: str) -> tuple[int, ...]:
    if values and all(isinstance(v, list) and len(v) == 2 for v in values):
        return _chained([(_number(a, name, k), _number(b, name, k)) for k, (a, b) in enumerate(values)], name)
    if values and all(isinstance(v, dict) for v in values):
        starts = [_of(value, _FROM) for value in values]
        ends = [_of(value, _TO + _AT) for value in values]
        if all(v is not None for v in starts) and all(v is not None for v in ends):
            both = enumerate(zip(starts, ends, strict=True))
            pairs = [(_number(a, name, k), _number(b, name, k)) for k, (a, b) in both]
            walks = [walk if isinstance(walk := value.get("rim_pins"), int) else 0 for value in values]
            chain = _chained(pairs, name)
            steps = [walked(*pair, walk) for pair, walk in zip(pairs, walks, strict=True)]
            return (chain[0], *(pin for step in steps for pin in step))
        return tuple(_number(end, name, k) for k, end in enumerate(ends))
    return tuple(_number(value, name, k) for k, value in enumerate(values))


def _of(value: Mapping[str, object], keys: Sequence[str]) -> object:
    told = {_key(key): inner for key, inner in value.items()}
    return next((told[key] for key in keys if key in told), None)


def _number(value: object, name: str, place: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse(name, None, f"step {place + 1} is {json.dumps(value)[:40]}, not the number of a pin")
    return whole(f"{value:.6f}" if isinstance(value, float) else str(value), None, name)


def _chained(pairs: Sequence[tuple[int, int]], name: str) -> tuple[int, ...]:
    for k in range(1, len(pairs)):
        if pairs[k][0] != pairs[k - 1][1]:
            raise refuse(
                name, None, f"step {k + 1} begins at pin {pairs[k][0]}, but step {k} ends at {pairs[k - 1][1]}",
                "a winding goes on where it was",
            )  # fmt: skip
    return (pairs[0][0], *(end for _, end in pairs))
