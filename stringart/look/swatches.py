"""A card of threads as a picture: swatches with what is said of each, pictures above, strips of colours below."""

import io
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_FONTS = resources.files("stringart.look") / "fonts"
_PAPER, _INK, _GRAY, _EDGE = "#ffffff", "#202020", "#6a6a6a", "#b4b4b4"
_WIDTH, _MARGIN, _GAP = 1000, 40, 24  # all in thousandths of the card's width
_TITLE, _TEXT, _LINE = 30, 20, 27
_FINE = 4  # texts are measured so much larger: whole pixels are coarse
_SWATCH, _STRIP, _LABEL = (170, 96), 40, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Swatch:
    """One colour.

    Parameters
    ----------
    color : str
        sRGB ``#rrggbb``.
    title : str
    lines : tuple of str
        Said below the title.
    """

    color: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SwatchStrip:
    """Some colours in a row, each as wide as its share.

    Parameters
    ----------
    label : str
    colors : tuple of str
    shares : tuple of float
    """

    label: str
    colors: tuple[str, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """What is on the card, from top to bottom.

    Parameters
    ----------
    title : str
    about : tuple of str
    pictures : tuple of (str, (rows, cols, 3) uint8 array)
        Caption and picture, side by side.
    swatches : tuple of Swatch
    strips_title : str
    strips : tuple of SwatchStrip
    """

    title: str
    about: tuple[str, ...] = ()
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...] = ()
    swatches: tuple[Swatch, ...] = ()
    strips_title: str = ""
    strips: tuple[SwatchStrip, ...] = ()


class _CardDrawing:
    """A picture that is drawn from the top, in thousandths of its width."""

    def __init__(self, card: Card, width_px: int) -> None:
        self._scale = width_px / _WIDTH
        self._top = float(_MARGIN)
        self.image = Image.new("RGB", (width_px, round(_height(card) * self._scale)), _PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def _px(self, across: float, down: float) -> tuple[int, int]:
        return round(across * self._scale), round(down * self._scale)

    def _font(self, size: float, bold: bool) -> ImageFont.FreeTypeFont:
        return _font_of(max(round(size * self._scale), 1), bold)

    def _write(self, left: float, top: float, text: str, size: float = _TEXT, bold: bool = False) -> None:
        """Write a line; a title or a label without end is cut short at the right margin."""
        font, room = self._font(size, bold), (_WIDTH - _MARGIN - left) * self._scale
        shown = text
        while shown and font.getlength(shown) > room:
            shown = shown.rstrip("…")[:-1] + "…" if len(shown) > 1 else ""
        self._draw.text(self._px(left, top), shown, fill=_INK if bold else _GRAY, font=font)

    def heading(self, text: str, size: float) -> None:
        self._write(_MARGIN, self._top, text, size, bold=True)
        self._top += size * 1.4

    def line(self, text: str) -> None:
        self._write(_MARGIN, self._top, text)
        self._top += _LINE

    def gap(self) -> None:
        self._top += _GAP

    def pictures(self, pictures: tuple[tuple[str, NDArray[np.uint8]], ...]) -> None:
        left, (width, height) = float(_MARGIN), _picture_size(pictures)
        for caption, picture in pictures:
            shown = Image.fromarray(picture).resize(self._px(width, height), Image.Resampling.LANCZOS)
            self.image.paste(shown, self._px(left, self._top))
            self._write(left, self._top + height + 4, caption)
            left += width + _GAP
        self._top += height + _LINE + 4

    def swatch(self, swatch: Swatch) -> None:
        width, height = _SWATCH
        self._box(_MARGIN, width, height, swatch.color)
        left = _MARGIN + width + _GAP
        self._write(left, self._top, swatch.title, _TEXT + 2, bold=True)
        for number, text in enumerate(swatch.lines, 1):
            self._write(left, self._top + number * _LINE + 2, text)
        self._top += max(height, (len(swatch.lines) + 1) * _LINE) + _GAP / 2

    def strip(self, strip: SwatchStrip) -> None:
        self._write(_MARGIN, self._top + 7, strip.label)
        left, room = float(_MARGIN + _LABEL), _WIDTH - 2 * _MARGIN - _LABEL
        for color, share in zip(strip.colors, strip.shares, strict=True):
            self._box(left, share * room, _STRIP, color)
            left += share * room
        self._top += _STRIP + _GAP / 3

    def _box(self, left: float, width: float, height: float, color: str) -> None:
        corners = [self._px(left, self._top), self._px(left + width, self._top + height)]
        self._draw.rectangle(corners, fill=color, outline=_EDGE)


def _picture_size(pictures: tuple[tuple[str, NDArray[np.uint8]], ...]) -> tuple[float, float]:
    rows, cols = pictures[0][1].shape[:2]
    width = (_WIDTH - 2 * _MARGIN - _GAP * (len(pictures) - 1)) / len(pictures)
    return width, width * rows / cols


def _height(card: Card) -> float:
    height = 2 * _MARGIN + _TITLE * 1.4 + len(card.about) * _LINE + _GAP
    if card.pictures:
        height += _picture_size(card.pictures)[1] + _LINE + 4 + _GAP
    height += sum(max(_SWATCH[1], (len(s.lines) + 1) * _LINE) + _GAP / 2 for s in card.swatches)
    if card.strips:
        height += _GAP + (_TEXT + 2) * 1.4 + len(card.strips) * (_STRIP + _GAP / 3)
    return height


def draw(card: Card, width_px: int = _WIDTH) -> bytes:
    """Return the card as a PNG, ``width_px`` wide."""
    card = _wrapped(card)
    sheet = _CardDrawing(card, width_px)
    sheet.heading(card.title, _TITLE)
    for text in card.about:
        sheet.line(text)
    sheet.gap()
    if card.pictures:
        sheet.pictures(card.pictures)
        sheet.gap()
    for swatch in card.swatches:
        sheet.swatch(swatch)
    if card.strips:
        sheet.gap()
        sheet.heading(card.strips_title, _TEXT + 2)
        for strip in card.strips:
            sheet.strip(strip)
    file = io.BytesIO()
    sheet.image.save(file, "PNG", optimize=False)
    return file.getvalue()


def _font_of(size_px: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = f"DejaVuSansCondensed{'-Bold' if bold else ''}.ttf"
    with (_FONTS / name).open("rb") as file:
        return ImageFont.truetype(io.BytesIO(file.read()), size_px)


def _wrapped(card: Card) -> Card:
    """The card with its texts in lines that fit: nothing that is said is cut."""
    right = _WIDTH - _MARGIN
    left = _MARGIN + _SWATCH[0] + _GAP
    return replace(
        card,
        about=_lines(card.about, right - _MARGIN),
        swatches=tuple(replace(swatch, lines=_lines(swatch.lines, right - left)) for swatch in card.swatches),
    )


def _lines(texts: tuple[str, ...], room: float) -> tuple[str, ...]:
    font, lines = _font_of(_TEXT * _FINE, False), []
    for text in texts:
        line = ""
        for word in text.split():
            wider = f"{line} {word}".strip()
            if line and font.getlength(wider) > room * _FINE * 0.98:
                lines.append(line)
                wider = word
            line = wider
        lines.append(line)
    return tuple(lines)
