"""What all printed sheets share: fonts, metadata, the small diagram that says where pin 0 is, scale bars, pictures."""

import io
from datetime import UTC, datetime
from importlib import resources

import numpy as np
from fpdf import FPDF, ViewerPreferences
from PIL import Image

from stringart._version import __version__
from stringart.look.paint import Picture, notes_of
from stringart.picture.light import to_bytes
from stringart.plan.model import Plan

INK, GREY, PALE, ACCENT = (20, 20, 20), (120, 120, 120), (214, 214, 214), (200, 60, 30)
_FIXED_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # the same plan gives the same bytes on every day
_POINT_MM = 25.4 / 72
Rgb = tuple[int, int, int]


class Sheet(FPDF):
    """A PDF in millimetres with our fonts, nothing on it that we did not place.

    Parameters
    ----------
    size_mm : (float, float)
        Of a page.
    plan : Plan
        Named in the metadata.
    title : str
    """

    def __init__(self, size_mm: tuple[float, float], plan: Plan, title: str) -> None:
        super().__init__(unit="mm", format=size_mm)
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.set_creation_date(_FIXED_DATE)
        self.set_title(title)
        self.set_creator(f"stringart {__version__}")
        self.set_producer(f"stringart {__version__}")
        notes = notes_of(plan)
        self.set_subject(f"Plan {plan.sha256}; made by {notes['Software']}")
        self.set_keywords(notes.get("Comment", ""))
        self.viewer_preferences = ViewerPreferences(print_scaling="None")  # a viewer's print dialogue offers 100 %
        fonts = resources.files("stringart.look") / "fonts"
        for style, name in (("", "DejaVuSansCondensed"), ("B", "DejaVuSansCondensed-Bold")):
            with resources.as_file(fonts / f"{name}.ttf") as path:
                self.add_font("sheet", style, path)
        self._known = frozenset(self.fonts["sheet"].cmap)  # type: ignore[union-attr]
        self.set_line_width(0.2)

    def printable(self, text: str) -> str:
        """Write every character that the fonts do not have as its code, so that names stay distinct."""
        return "".join(char if ord(char) in self._known else f"<{ord(char):X}>" for char in text)

    def put(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        size_pt: float = 9,
        *,
        bold: bool = False,
        color: Rgb = INK,
        align: str = "L",
        room_mm: float | None = None,
    ) -> None:
        """Write one line with its baseline at ``y_mm``; cut short with an ellipsis if it is longer than ``room_mm``."""
        self.set_font("sheet", "B" if bold else "", size_pt)
        self.set_text_color(*color)
        text = self.printable(text)
        if room_mm is not None:
            text = self._clipped(text, room_mm)
        if align != "L":
            x_mm -= self.get_string_width(text) * (1.0 if align == "R" else 0.5)
        self.text(x_mm, y_mm, text)

    def _clipped(self, text: str, room_mm: float) -> str:
        if self.get_string_width(text) <= room_mm:
            return text
        while text and self.get_string_width(text + "…") > room_mm:
            text = text[:-1]
        return text.rstrip() + "…"

    def paragraph(self, x_mm: float, y_mm: float, width_mm: float, text: str, size_pt: float = 9) -> float:
        """Write a text in lines of ``width_mm`` from the baseline ``y_mm``; return the next baseline."""
        for line in self.wrapped(text, width_mm, size_pt):
            self.put(x_mm, y_mm, line, size_pt)
            y_mm += line_mm(size_pt)
        return y_mm

    def wrapped(self, text: str, width_mm: float, size_pt: float = 9) -> list[str]:
        """Lines of a text, none wider than ``width_mm``; a word that is wider by itself is broken."""
        self.set_font("sheet", "", size_pt)
        lines = [""]
        for word in self.printable(text).split():
            wider = f"{lines[-1]} {word}".strip()
            if self.get_string_width(wider) <= width_mm:
                lines[-1] = wider
                continue
            pieces = self._broken(word, width_mm)
            lines = [*([] if lines == [""] else lines), *pieces]
        return [line for line in lines if line]

    def _broken(self, word: str, width_mm: float) -> list[str]:
        pieces = [""]
        for char in word:
            if pieces[-1] and self.get_string_width(pieces[-1] + char) > width_mm:
                pieces.append("")
            pieces[-1] += char
        return pieces

    def ink(self, color: Rgb = INK, width_mm: float = 0.2, fill: Rgb | None = None) -> None:
        """Set the colour and width of lines, and the fill."""
        self.set_draw_color(*color)
        self.set_line_width(width_mm)
        if fill is not None:
            self.set_fill_color(*fill)

    def swatch(self, x_mm: float, y_mm: float, size_mm: float, color: str) -> None:
        """Draw a square of a thread's colour, outlined so that white shows on paper."""
        self.ink(GREY, 0.15, rgb(color))
        self.rect(x_mm, y_mm, size_mm, size_mm, style="DF")

    def picture(self, linear: Picture, box_mm: tuple[float, float, float, float], quality: int = 82) -> None:
        """Place a picture in linear light, as large as fits in x, y, width, height, centred."""
        pixels = to_bytes(linear)
        grey = bool((pixels[..., :1] == pixels).all())
        file = io.BytesIO()
        Image.fromarray(pixels[..., 0] if grey else pixels).save(file, "JPEG", quality=quality, subsampling=0)
        x, y, width, height = box_mm
        scale = min(width / pixels.shape[1], height / pixels.shape[0])
        wide, high = pixels.shape[1] * scale, pixels.shape[0] * scale
        left, top = x + (width - wide) / 2, y + (height - high) / 2
        self.image(file, left, top, wide, high)
        self.ink(PALE, 0.15)
        self.rect(left, top, wide, high)

    def pin_diagram(self, plan: Plan, box_mm: tuple[float, float, float], *, numbers: bool = True) -> None:
        """Draw where pin 0 is and which way the numbers run, in a square of x, y, side."""
        x, y, side = box_mm
        xy = plan.pins.xy_mm
        low, high = xy.min(0), xy.max(0)
        small = side <= 24
        text_pt = 5.0 if small else 6.5
        inner = side - 2 * (text_pt * _POINT_MM + 2.0 if numbers else 1.5)
        scale = inner / max(high - low)
        middle = np.array([x + side / 2, y + side / 2])
        points = (xy - (low + high) / 2) * [scale, -scale] + middle
        self.ink(GREY, 0.2)
        self.polygon([tuple(p) for p in points], style="D")
        step = max(len(points) // 72, 1)
        self.set_fill_color(*GREY)
        for px, py in points[::step]:
            self.circle(px, py, 0.28, style="F")
        self.set_fill_color(*ACCENT)
        self.circle(float(points[0, 0]), float(points[0, 1]), 0.9, style="F")
        self._arrow(points, middle)
        self.put(middle[0], middle[1] + 0.4, "front", text_pt, color=GREY, align="C")
        self.put(middle[0], middle[1] + 0.4 + text_pt * 0.4, "view", text_pt, color=GREY, align="C")
        if numbers:
            self._quarters(points, middle, text_pt)

    def _arrow(self, points: np.ndarray, middle: np.ndarray) -> None:
        """Draw an arrow inside the ring from near pin 0, clockwise."""
        share = np.linspace(0.03, 0.2, 14)
        ring = points[(share * len(points)).astype(int) % len(points)]
        path = middle + (ring - middle) * 0.72
        path = path[np.r_[True, np.hypot(*np.diff(path, axis=0).T) > 1e-6]]
        if len(path) < 2:
            return
        self.ink(ACCENT, 0.35, ACCENT)
        self.polyline([tuple(p) for p in path])
        along = path[-1] - path[-2]
        along = along / np.hypot(*along)
        across = np.array([-along[1], along[0]])
        head = [path[-1] + along * 1.6, path[-1] + across * 0.8, path[-1] - across * 0.8]
        self.polygon([tuple(p) for p in head], style="F")

    def _quarters(self, points: np.ndarray, middle: np.ndarray, size_pt: float) -> None:
        high = size_pt * _POINT_MM
        for k in range(4):
            number = k * len(points) // 4
            outward = points[number] - middle
            outward = outward / max(np.hypot(*outward), 1e-9)
            self.set_font("sheet", "B", size_pt)
            wide = self.get_string_width(str(number))
            at = points[number] + outward * (1.3 + np.abs(outward) @ [wide, high * 0.7] / 2)
            color = ACCENT if number == 0 else INK
            self.put(at[0], at[1] + high * 0.35, str(number), size_pt, bold=True, color=color, align="C")

    def scale_bar(self, x_mm: float, y_mm: float, length_mm: float, *, vertical: bool = False) -> None:
        """Draw a bar of ``length_mm`` with a tick every 10 mm, to be measured on the print."""
        self.ink(INK, 0.25)
        for k in range(round(length_mm / 10) + 1):
            tick = 3.0 if k * 10 in (0, length_mm) else 1.6
            if vertical:
                self.line(x_mm, y_mm + 10 * k, x_mm + tick, y_mm + 10 * k)
            else:
                self.line(x_mm + 10 * k, y_mm - tick, x_mm + 10 * k, y_mm)
        end = (x_mm, y_mm + length_mm) if vertical else (x_mm + length_mm, y_mm)
        self.line(x_mm, y_mm, *end)
        if vertical:
            with self.rotation(90, x_mm - 1.2, y_mm + length_mm / 2):
                self.put(x_mm - 1.2, y_mm + length_mm / 2, f"{length_mm:g} mm", 7, align="C")
        else:
            self.put(x_mm + length_mm / 2, y_mm + 3.2, f"{length_mm:g} mm", 7, align="C")

    def finish(self) -> bytes:
        """Return the file."""
        return bytes(self.output())


def line_mm(size_pt: float) -> float:
    """From one line of a paragraph to the next."""
    return size_pt * _POINT_MM * 1.35


def rgb(code: str) -> Rgb:
    """Red, green and blue of ``#rrggbb``."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def made_of(plan: Plan) -> str:
    """What stands at the foot of a sheet: the program, and which plan it shows."""
    return f"stringart {__version__} · plan {plan.sha256[:12]}"


def title_of(plan: Plan) -> str:
    """The name of the piece: of its photo, without the ending."""
    name = plan.photo.name if plan.photo else ""
    return name.rsplit(".", 1)[0] or name or "String art"
