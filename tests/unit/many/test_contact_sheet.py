"""The contact sheet: order, cost, a picture and a page that need nothing else."""

import io
import re
from html.parser import HTMLParser

from PIL import Image

from stringart.many.contact_sheet import ShownPiece, ordered, overview_png, sheet_html, sheet_png
from stringart.many.work import About

GREEN = (0, 128, 64)


def picture(color: tuple[int, int, int], size: tuple[int, int] = (400, 300)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()


def shown(
    name: str, near: float, far: float, thread_m: float = 100, threads: int = 1, delta_e: float = 12.3
) -> ShownPiece:
    about = About(
        chords=1234, pins=200, threads=threads, changes=threads - 1, thread_mm=thread_m * 1000, hand_s=3600, near=near,
        far=far, delta_e=delta_e,
    )  # fmt: skip
    return ShownPiece(label=f"lines {name}", file=f"{name}.json", about=about, picture=picture(GREEN))


PIECES = [
    shown("b", 0.5, 0.6, 200),
    shown("a", 0.7, 0.8, threads=3),
    shown("c", 0.6, 0.5, 100),
    shown("<d&>", 0.1, 0.2),
]


def test_the_best_stands_first_and_of_equals_the_cheaper() -> None:
    assert [one.file for one in ordered(PIECES)] == ["a.json", "c.json", "b.json", "<d&>.json"]


def test_colour_counts_where_there_is_colour_and_only_there() -> None:
    """A black piece of a colourful photo can have the better drawing, and is not the closer one."""
    black, colored = shown("black", 0.7, 0.7, delta_e=40), shown("color", 0.6, 0.6, threads=3, delta_e=8)
    assert [one.file for one in ordered([black, colored])] == ["color.json", "black.json"]
    worse = shown("worse", 0.6, 0.6, delta_e=1)
    assert [one.file for one in ordered([worse, black])] == ["black.json", "worse.json"]


def test_many_pieces_of_a_batch_stand_small_on_one_picture_in_their_order() -> None:
    many = [shown(f"{k:03}", 0.5, 0.5) for k in range(70)]
    with Image.open(io.BytesIO(overview_png("x", ["all 70"], many))) as sheet:
        colors = {color: count for count, color in sheet.convert("RGB").getcolors(2**24) or []}
    assert colors[GREEN] == 70 * 140 * 105
    page = sheet_html("x", None, [many[1], many[0]], ["all <70>"]).decode()
    assert page.index("001.json") < page.index("000.json")
    assert "all &lt;70&gt;" in page


def test_cost_stands_beside() -> None:
    assert PIECES[1].closeness == "near 0.700, far 0.800, colour dE 12.3"
    assert PIECES[1].cost == ("100 m of thread, 1 h 00 min by hand", "200 pins, 1,234 chords, 2 changes")
    assert PIECES[0].cost[1] == "200 pins, 1,234 chords"


def test_the_picture_holds_every_piece_and_the_photo() -> None:
    with Image.open(io.BytesIO(sheet_png("x", picture((200, 0, 0)), PIECES))) as sheet:
        colors = {color: count for count, color in sheet.convert("RGB").getcolors(2**24) or []}
    assert colors[GREEN] == 4 * 300 * 225  # each fitted into its square, its aspect kept
    assert colors[(200, 0, 0)] == 300 * 225


def test_many_pieces_are_cut_to_the_best_sixty() -> None:
    many = [shown(str(k), 0.5, 0.5) for k in range(70)]
    with Image.open(io.BytesIO(sheet_png("x", picture((200, 0, 0)), many))) as sheet:
        colors = {color: count for count, color in sheet.convert("RGB").getcolors(2**24) or []}
    assert colors[GREEN] == 60 * 300 * 225
    assert sheet_html("x", picture(GREEN), many).count(b"<li") == 70


class Reader(HTMLParser):
    """What a page refers to, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_needs_no_other_file_and_links_the_plans() -> None:
    page = sheet_html("a <b>", picture(GREEN), PIECES).decode()
    reader = Reader()
    reader.feed(page)
    plans = [link for link in reader.links if not link.startswith("data:image/jpeg;base64,")]
    assert plans == ["a.json", "c.json", "b.json", "%3Cd%26%3E.json"]
    assert len(reader.links) == 5 + 4
    assert "a <b>" in reader.text
    assert "lines <d&>" in reader.text
    assert not re.search(r"url\(|@import|https?:", page)


def test_the_same_pieces_give_the_same_bytes_in_any_order() -> None:
    for sheet in (sheet_png, sheet_html):
        assert sheet("x", picture(GREEN), PIECES) == sheet("x", picture(GREEN), PIECES[::-1])
