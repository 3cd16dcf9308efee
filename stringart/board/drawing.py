"""An SVG file made plain before its shapes are read: its size as editors show it, one outline chosen, no hidden parts.

Sizes follow SVG 2, 8.2 and CSS: 96 px an inch, units in either case, a style above an attribute, one side with the
aspect of the viewBox.
"""

import copy
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from stringart.errors import BoardError

_SVG, _INKSCAPE = "{http://www.w3.org/2000/svg}", "{http://www.inkscape.org/namespaces/inkscape}"
_PX_PER_UNIT = {"": 1.0, "px": 1.0, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "q": 96 / 101.6, "pt": 96 / 72,
                "pc": 16.0}  # fmt: skip
_PIXELS = ("", "px")
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z]*)\s*(?:!important\s*)?")
_NEVER_DRAWN = ("mask", "symbol", "marker", "pattern", "clipPath", "linearGradient", "radialGradient", "filter")
_DRAWN = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use", "text", "image")
_LENGTHS_OF_SHAPES = ("width", "height", "r", "rx", "ry", "x", "y", "cx", "cy", "x1", "x2", "y1", "y2")
_MAX_BYTES = 64 * 2**20
_LAST_OF_90_PX = (0, 92)
BOARD = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """An SVG file as it is read on.

    Parameters
    ----------
    data : bytes
        XML of which every shape counts, sized in pixels of 1/96 inch.
    is_physical : bool
        The file says how large it is: not in pixels alone.
    old_inkscape : str
        Version of an Inkscape that drew 90 px an inch, where the file's size depends on it; else empty.
    """

    data: bytes
    is_physical: bool
    old_inkscape: str


def plain_drawing(data: bytes, name: str, chosen: str | None = None) -> Drawing:
    """Return a drawing without what is not drawn, and with one outline if one is chosen.

    Parameters
    ----------
    data : bytes
        Of an .svg or .svgz file.
    name : str
        Said in errors.
    chosen : str, optional
        The id or Inkscape's label of a shape, a group or a layer; by default what is called ``board``, or everything.

    Raises
    ------
    BoardError
        If it is no SVG, or nothing in it is called so.
    """
    root = _root(data, name)
    shapes_parents = {child: parent for parent in root.iter() for child in parent}
    hidden = Element(f"{_namespace(root)}defs")
    for element in list(root.iter()):
        if _tag(element) in _NEVER_DRAWN and element in shapes_parents:
            _move(element, shapes_parents[element], hidden)
    _keep_only(root, _wanted(root, name, chosen), shapes_parents, hidden)
    root.append(hidden)
    is_physical, has_box = _resize(root)
    shapes = [element for element in root.iter() if _tag(element) in _DRAWN]
    if not is_physical and not has_box:
        units = {_unit(shape.get(key)) for shape in shapes for key in _LENGTHS_OF_SHAPES}
        is_physical = bool(units - {None, *_PIXELS})
    old = _old_inkscape(root) if is_physical and not has_box else ""
    return Drawing(data=ElementTree.tostring(root), is_physical=is_physical, old_inkscape=old)


def _root(data: bytes, name: str) -> Element:
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(_MAX_BYTES + 1)
            if len(data) > _MAX_BYTES:
                raise BoardError(
                    f"'{name}' unpacks to more than the {_MAX_BYTES:,} bytes that are read",
                    "a board needs one outline: delete the rest of the drawing",
                )
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, OSError, EOFError, zlib.error, ValueError, LookupError) as error:
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise BoardError(f"'{name}' is not an SVG file that can be read: {said}", "save the drawing as SVG") from None
    if _tag(root) != "svg":
        raise BoardError(f"'{name}' is not an SVG file: it begins with <{_tag(root)[:40]}>", "save the drawing as SVG")
    return root


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]  # a comment's tag is a function


def _namespace(root: Element) -> str:
    return _SVG if str(root.tag).startswith(_SVG) else ""


def _move(element: Element, parent: Element, where: Element) -> None:
    """Move an element to where it is not drawn and may still be referred to."""
    twin = copy.copy(element)
    twin.tail = None
    where.append(twin)
    parent.remove(element)


def _wanted(root: Element, name: str, chosen: str | None) -> list[Element] | None:
    """Elements of which the outline is one; None if all of them are."""
    called = BOARD if chosen is None else chosen
    for key in ("id", f"{_INKSCAPE}label"):
        found = [element for element in root.iter() if element.get(key) == called and element is not root]
        if found:
            return found
    if chosen is not None:
        known = [n for element in root.iter() for n in (element.get("id"), element.get(f"{_INKSCAPE}label")) if n]
        hint = f"it has {', '.join(dict.fromkeys(known))}"[:200] if known else "nothing in it has an id or a label"
        raise BoardError(f"'{name}' has nothing of the id or label '{chosen}'", hint)
    return None


def _keep_only(root: Element, wanted: list[Element] | None, parents: dict[Element, Element], hidden: Element) -> None:
    if wanted is None:
        return
    kept = {inner for element in wanted for inner in element.iter()}
    undrawn = {inner for element in root.iter() if _tag(element) == "defs" for inner in element.iter()}
    for element in list(root.iter()):
        if _tag(element) in _DRAWN and element not in kept and element not in undrawn:
            parent = parents[element]
            if element in list(parent):
                _move(element, parent, hidden)


# --- sizes ---


def _resize(root: Element) -> tuple[bool, bool]:
    """Give the root its sides in pixels; whether they are said in a unit of length, and whether there is a viewBox."""
    said = {side: _styled(root, side) for side in ("width", "height")}
    sides = {side: _px(text) for side, text in said.items()}
    is_physical = any(_unit(text) not in (None, *_PIXELS) for text in said.values())
    box = _view_box(root)
    if box is not None:
        width, height = sides["width"], sides["height"]
        if width is None and height is not None:
            sides["width"] = height * box[0] / box[1]
        elif height is None and width is not None:
            sides["height"] = width * box[1] / box[0]
    for side, px in sides.items():
        root.attrib.pop(side, None)
        if px is not None:
            root.set(side, repr(px))
    root.attrib.pop("style", None)
    return is_physical, box is not None


def _styled(root: Element, side: str) -> str | None:
    style = [part.split(":", 1) for part in root.get("style", "").split(";") if ":" in part]
    return next((value for key, value in reversed(style) if key.strip().lower() == side), root.get(side))


def _parts(text: str | None) -> tuple[float, str] | None:
    match = _LENGTH.fullmatch(text or "")
    if match is None or match[2].lower() not in _PX_PER_UNIT:
        return None
    return float(match[1]), match[2].lower()


def _unit(text: str | None) -> str | None:
    parts = _parts(text)
    return None if parts is None else parts[1]


def _px(text: str | None) -> float | None:
    parts = _parts(text)
    px = None if parts is None else parts[0] * _PX_PER_UNIT[parts[1]]
    return px if px is not None and 0 < px < 1e9 else None


def _view_box(root: Element) -> tuple[float, float] | None:
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        _, _, width, height = (float(number) for number in numbers)
    except ValueError:
        return None
    return (width, height) if 0 < width < 1e9 and 0 < height < 1e9 else None


def _old_inkscape(root: Element) -> str:
    said = root.get(f"{_INKSCAPE}version", "")
    match = re.match(r"(\d+)\.(\d+)", said)
    return match[0] if match and (int(match[1]), int(match[2])) < _LAST_OF_90_PX else ""


# --- pieces of an outline ---


def joined(pieces: list[list[complex]], slack: float) -> Iterator[list[complex]]:
    """Join runs of corners that end where another begins, either way round.

    Parameters
    ----------
    pieces : list of lists of complex
        Corners, x + y j.
    slack : float
        How far apart two ends may lie.
    """
    left = [list(piece) for piece in pieces]
    while left:
        run = left.pop(0)
        while abs(run[0] - run[-1]) > slack or len(run) < 3:
            gaps = [min(abs(one[0] - run[-1]), abs(one[-1] - run[-1])) for one in left]
            place = next((k for k, gap in enumerate(gaps) if gap <= slack), None)
            if place is None:
                break
            after = left.pop(place)
            run += (after if abs(after[0] - run[-1]) <= abs(after[-1] - run[-1]) else after[::-1])[1:]
        yield run
