"""The contact sheet: every piece as it will look, with how close it comes and what it takes.

That of a sweep has the closest first; that of a batch goes by its photos, and many pieces stand small on its picture.
"""

import base64
import html
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

from stringart.many.work import About
from stringart.units import format_duration

_FONTS = resources.files("stringart.look") / "fonts"
_PAPER, _CARD, _INK, _GRAY, _EDGE, _BEST = "#f4f3f0", "#ffffff", "#202020", "#6a6a6a", "#d8d6d0", "#1d6b45"
_THUMB, _PAD, _GAP, _MARGIN, _LINE = 300, 16, 22, 44, 24
_MOST_ON_PNG = 60
_SMALL, _SMALL_GAP, _SMALL_COLUMNS = 140, 12, 20
_ABOUT_SCORE = "Score: SSIM of lightness after the best tone fit, the mean of near and far; 1 is the photo. "
_ABOUT_COLOR = "Some are in colour: a hundredth is taken off for every dE00 of colour. "
_ABOUT_HAND = "By hand: without rests."


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPiece:
    """One piece on the sheet.

    Parameters
    ----------
    label : str
        What tells it from the others.
    file : str
        Of its plan.
    about : About
        With its score.
    picture : bytes
        A picture of the piece.
    picture_file : str
        Where it lies beside the page; by default it is part of the page.
    """

    label: str
    file: str
    about: About
    picture: bytes
    picture_file: str = ""

    @property
    def closeness(self) -> str:
        """The score in words."""
        about = self.about
        colors = "" if about.delta_e is None or about.threads == 1 else f", colour dE {about.delta_e:.1f}"
        return f"near {about.near or 0:.3f}, far {about.far or 0:.3f}{colors}"

    @property
    def cost(self) -> tuple[str, str]:
        """What it takes, in two lines."""
        about = self.about
        changes = "" if about.threads == 1 else f", {about.changes} changes"
        first = f"{about.thread_mm / 1000:,.0f} m of thread, {format_duration(about.hand_s)} by hand"
        return first, f"{about.pins} pins, {about.chords:,} chords{changes}"


def are_in_color(pieces: Sequence[ShownPiece]) -> bool:
    """Tell whether some have several threads: then colour counts in all scores."""
    return any(one.about.threads > 1 for one in pieces)


def score_of(one: ShownPiece, in_color: bool) -> float:
    """Return how close a piece comes, 1 is the photo; in colour, if that counts."""
    return (one.about.closeness_in_color if in_color else one.about.closeness) or 0.0


def ordered(pieces: Sequence[ShownPiece]) -> list[ShownPiece]:
    """Return the pieces, the best first; of equals, the one that takes less thread."""
    in_color = are_in_color(pieces)
    return sorted(pieces, key=lambda one: (-round(score_of(one, in_color), 4), one.about.thread_mm, one.file))


def _about(pieces: Sequence[ShownPiece]) -> str:
    return _ABOUT_SCORE + (_ABOUT_COLOR if are_in_color(pieces) else "") + _ABOUT_HAND


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = f"DejaVuSansCondensed{'-Bold' if bold else ''}.ttf"
    return ImageFont.truetype(io.BytesIO((_FONTS / name).read_bytes()), size)


def _thumbnail(picture: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(picture)) as image:
        small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def sheet_png(title: str, photo: bytes, pieces: Sequence[ShownPiece]) -> bytes:
    """Return the sheet as a PNG: the best sixty, if there are more.

    Parameters
    ----------
    title : str
    photo : bytes
        A picture of the photo, shown first.
    pieces : sequence of ShownPiece
    """
    best, in_color = ordered(pieces)[:_MOST_ON_PNG], are_in_color(pieces)
    cells = len(best) + 1
    columns = min(max(math.ceil(math.sqrt(cells * 1.3)), 3), 8, cells)
    label_lines = max((len(_wrapped(one.label, 17, True)) for one in best), default=1)
    width, height = _THUMB + 2 * _PAD, _THUMB + 3 * _PAD + (5 + label_lines) * _LINE
    head = 92
    size = (
        max(2 * _MARGIN + columns * width + (columns - 1) * _GAP, 760),
        2 * _MARGIN + head + math.ceil(cells / columns) * (height + _GAP) - _GAP,
    )
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN - 6), title, _INK, _font(30, True))
    more = "" if len(best) == len(pieces) else f" The best {len(best)} of {len(pieces)} are shown."
    for row, line in enumerate(_wrapped(_about(pieces) + more, 16, False, size[0] - 2 * _MARGIN)[:2]):
        draw.text((_MARGIN, _MARGIN + 38 + 20 * row), line, _GRAY, _font(16))
    _draw_picture(sheet, photo, (_MARGIN + _PAD, _MARGIN + head + _PAD))
    draw.text((_MARGIN + _PAD, _MARGIN + head + _THUMB + 2 * _PAD), "the photo", _GRAY, _font(20, True))
    for number, one in enumerate(best, 1):
        left = _MARGIN + number % columns * (width + _GAP)
        top = _MARGIN + head + number // columns * (height + _GAP)
        _draw_card(sheet, one, (number, score_of(one, in_color)), (left, top, left + width, top + height))
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def overview_png(title: str, lines: Sequence[str], pieces: Sequence[ShownPiece]) -> bytes:
    """Return all pieces of a batch as a PNG, small, in their order, each with its name and score.

    Parameters
    ----------
    title : str
    lines : sequence of str
        What is said of all, below the title.
    pieces : sequence of ShownPiece
    """
    in_color, cell = are_in_color(pieces), (_SMALL + _SMALL_GAP, _SMALL + 40 + _SMALL_GAP)
    columns = max(min(_SMALL_COLUMNS, math.ceil(math.sqrt(len(pieces) * 1.6))), 6)
    width = 2 * _MARGIN + columns * cell[0] - _SMALL_GAP
    told = [row for line in [*lines, _about(pieces)] for row in _wrapped(line, 16, False, width - 2 * _MARGIN)]
    head = 40 + 22 * len(told) + 20
    sheet = Image.new("RGB", (width, 2 * _MARGIN + head + math.ceil(len(pieces) / columns) * cell[1]), _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN - 6), _fitted(title, 30, True, width - 2 * _MARGIN), _INK, _font(30, True))
    for row, line in enumerate(told):
        draw.text((_MARGIN, _MARGIN + 38 + 22 * row), line, _GRAY, _font(16))
    for number, one in enumerate(pieces):
        x, y = _MARGIN + number % columns * cell[0], _MARGIN + head + number // columns * cell[1]
        _draw_picture(sheet, one.picture, (x, y), _SMALL)
        score = f"{score_of(one, in_color):.3f}"
        draw.text((x, y + _SMALL + 2), _fitted(one.label, 13, True, _SMALL), _INK, _font(13, True))
        draw.text((x, y + _SMALL + 18), f"{score}  {one.about.thread_mm / 1000:,.0f} m", _GRAY, _font(13))
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_picture(sheet: Image.Image, data: bytes, corner: tuple[int, int], side: int = _THUMB) -> None:
    picture = _thumbnail(data, side)
    sheet.paste(picture, (corner[0] + (side - picture.width) // 2, corner[1] + (side - picture.height) // 2))


def _draw_card(sheet: Image.Image, one: ShownPiece, ranked: tuple[int, float], box: tuple[int, int, int, int]) -> None:
    draw, (rank, close), (left, top, right, bottom) = ImageDraw.Draw(sheet), ranked, box
    color = _BEST if rank == 1 else _INK
    draw.rounded_rectangle((left, top, right, bottom), 8, _CARD, _BEST if rank == 1 else _EDGE, 3 if rank == 1 else 1)
    _draw_picture(sheet, one.picture, (left + _PAD, top + _PAD))
    x, y = left + _PAD, top + _THUMB + 2 * _PAD
    draw.text((x, y), f"{rank}.", color, _font(20, True))
    score = f"{close:.3f}"
    draw.text((right - _PAD - draw.textlength(score, _font(20, True)), y), score, color, _font(20, True))
    y += 4
    for line in _wrapped(one.label, 17, True):
        y += _LINE
        draw.text((x, y), line, _INK, _font(17, True))
    for line in (one.closeness, *one.cost):
        y += _LINE
        draw.text((x, y), _fitted(line), _GRAY, _font(16))
    draw.text((x, y + _LINE), _fitted(one.file, 13), _GRAY, _font(13))


def _wrapped(text: str, size: int, bold: bool, width: float = _THUMB) -> list[str]:
    """Break a text where it is too wide, at blanks; a word that is too wide alone is cut."""
    font, lines = _font(size, bold), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(_fitted(word, size, bold, width))
        else:
            lines[-1] = _fitted(longer, size, bold, width)
    return lines


def _fitted(text: str, size: int = 16, bold: bool = False, width: float = _THUMB) -> str:
    font = _font(size, bold)
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"


# --- the same as a page ---

_STYLE = """
:root{color-scheme:light dark;--paper:#f4f3f0;--card:#fff;--ink:#202020;--gray:#5c5c5c;--edge:#d8d6d0;--best:#1d6b45}
@media(prefers-color-scheme:dark){:root{--paper:#191a1b;--card:#242628;--ink:#eee;--gray:#b4b4b4;--edge:#3b3d40;--best:#6fd3a0}}
*{box-sizing:border-box}
body{margin:0;padding:2rem clamp(1rem,4vw,3rem);background:var(--paper);color:var(--ink);
font:16px/1.45 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}
header{display:flex;gap:1.25rem;align-items:center;flex-wrap:wrap}
header img{width:8rem;border-radius:.4rem}
header div{flex:1 1 20rem}
header p{color:var(--gray);margin:.1rem 0;max-width:60rem;overflow-wrap:anywhere}
nav{margin:1.25rem 0;display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
button{font:inherit;padding:.3rem .8rem;border:1px solid var(--edge);border-radius:999px;background:var(--card);
color:var(--ink);cursor:pointer}
button[aria-pressed=true]{border-color:var(--best);color:var(--best);font-weight:600}
button:focus-visible,a:focus-visible{outline:2px solid var(--best);outline-offset:2px}
ol{list-style:none;margin:0;padding:0;display:grid;gap:1.25rem;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr))}
li{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1rem}
li.best{border:2px solid var(--best)}
img{display:block;width:100%;aspect-ratio:1;object-fit:contain}
h2{display:flex;justify-content:space-between;font-size:1.15rem;margin:.8rem 0 .2rem;font-variant-numeric:tabular-nums}
li.best h2{color:var(--best)}
.label{font-weight:600;overflow-wrap:anywhere}
.cost,.file{color:var(--gray);margin:.15rem 0 0;font-variant-numeric:tabular-nums}
.file{font-size:.85rem;overflow-wrap:anywhere}
a{color:inherit}
@media print{nav{display:none}li{break-inside:avoid}}
"""
_SCRIPT = """
const list=document.querySelector('ol'),buttons=[...document.querySelectorAll('button')];
buttons.forEach(button=>button.addEventListener('click',()=>{
const key=button.dataset.key,sign=key==='score'?-1:1;
[...list.children].sort((a,b)=>sign*(a.dataset[key]-b.dataset[key])||a.dataset.rank-b.dataset.rank)
.forEach(item=>list.append(item));
buttons.forEach(other=>other.setAttribute('aria-pressed',other===button));}));
"""
_ORDERS = (
    ("rank", "as given"),
    ("score", "closest first"),
    ("thread", "least thread"),
    ("hours", "fewest hours"),
    ("changes", "fewest changes"),
)


def sheet_html(title: str, photo: bytes | None, pieces: Sequence[ShownPiece], lines: Sequence[str] = ()) -> bytes:
    """Return the sheet as a page that needs no other file but pictures that lie beside it; plans are linked.

    Parameters
    ----------
    title : str
    photo : bytes, optional
        A picture of the photo, shown above, if all are of one; then the closest stands first.
    pieces : sequence of ShownPiece
    lines : sequence of str
        What is said of all.
    """
    best, in_color = pieces if photo is None else ordered(pieces), are_in_color(pieces)
    orders = _ORDERS if any(one.about.changes for one in best) else _ORDERS[:-1]
    first = "rank" if photo is None else "score"
    buttons = "".join(
        f'<button type="button" data-key="{key}" aria-pressed="{str(key == first).lower()}">{words}</button>'
        for key, words in orders
        if photo is None or key != "rank"
    )
    closest = max(best, key=lambda one: score_of(one, in_color), default=None)
    items = "".join(_item(one, rank, score_of(one, in_color), one is closest) for rank, one in enumerate(best, 1))
    name = html.escape(title)
    above = "" if photo is None else f'<img src="{_data_uri(photo, 360)}" alt="The photo">'
    told = "".join(f"<p>{html.escape(line)}</p>" for line in (*lines, _about(pieces)))
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><header>{above}<div><h1>{name}</h1>{told}</div></header>"
        f'<nav aria-label="Order">{buttons}</nav><ol>{items}</ol><script>{_SCRIPT}</script></body></html>\n'
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def _item(one: ShownPiece, rank: int, score: float, is_best: bool) -> str:
    about, (first, second) = one.about, one.cost
    label, file = html.escape(one.label), html.escape(one.file, quote=True)
    sorting = f'data-score="{score:.6f}" data-thread="{about.thread_mm:.0f}" data-hours="{about.hand_s:.0f}"'
    picture = _link(one.picture_file) if one.picture_file else _data_uri(one.picture, 600)
    return (
        f'<li{" class=best" if is_best else ""} data-rank="{rank}" {sorting} data-changes="{about.changes}">'
        f'<img src="{picture}" loading="lazy" alt="The piece with {html.escape(one.label, quote=True)}">'
        f"<h2><span>{rank}.</span><span>{score:.3f}</span></h2>"
        f'<p class="label" style="margin:0">{label}</p><p class="cost">{html.escape(one.closeness)}</p>'
        f'<p class="cost">{first}</p><p class="cost">{second}</p>'
        f'<p class="file"><a href="{_link(one.file)}">{file}</a></p></li>'
    )


def _data_uri(picture: bytes, side: int) -> str:
    file = io.BytesIO()
    _thumbnail(picture, side).save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def _link(file: str) -> str:
    from urllib.parse import quote

    return quote(file.encode("utf-8", "surrogateescape"))
