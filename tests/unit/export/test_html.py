import html.parser
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sample_plans import random_plan

import stringart.export
from stringart.export import ExportOptions, exporter_for
from stringart.plan.model import PhotoRef, Provenance, Thread

PLAN = random_plan()
BAD = "</script><script>alert('«я»')</script>{{plan}}"


def page(plan=PLAN) -> str:
    return exporter_for("x.html")(plan, ExportOptions()).decode()


class Reader(html.parser.HTMLParser):
    """Elements, their attributes, and the text of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.scripts = [], {}
        self._script = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._script = dict(attrs).get("id", "code") if tag == "script" else None

    def handle_data(self, data):
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
            self._script = None


def test_the_page_holds_the_whole_winding():
    data = json.loads(Reader(page()).scripts["plan-data"])
    assert [layer["pins"] for layer in data["layers"]] == [layer.pins.tolist() for layer in PLAN.layers]
    assert data["threads"][1] == {"name": "rust", "color": "#c8501e", "diameter_mm": 0.25, "like": "like DMC 900"}
    assert data["pins"][0] == [300, 0]  # 12 o'clock, from the upper left corner


def test_the_page_needs_no_network():
    read = Reader(page())
    for tag, attributes in read.elements:
        for key in ("src", "href", "action", "data", "poster", "srcset"):
            assert attributes.get(key, "data:").startswith("data:"), tag
    assert not re.search(r"@import|fetch\(|XMLHttpRequest|WebSocket|url\(", page())
    policy = next(a["content"] for t, a in read.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_names_cannot_break_out_of_the_page():
    plan = replace(
        PLAN,
        threads=(Thread(name=BAD, color="#000000"), *PLAN.threads[1:]),
        photo=PhotoRef(name=BAD, sha256="", crop_px=(0, 0, 1, 1)),
        provenance=Provenance(version="0", command=BAD),
    )
    read = Reader(page(plan))
    assert [tag for tag, _ in read.elements].count("script") == 3
    data = json.loads(read.scripts["plan-data"])
    assert data["threads"][0]["name"] == data["title"] == BAD


def test_it_names_program_command_and_plan():
    named = {a["name"]: a["content"] for tag, a in Reader(page()).elements if tag == "meta" and "name" in a}
    assert named["generator"] == "stringart 0.1.0"
    assert named["plan-sha256"] == PLAN.sha256
    assert named["command"] == "stringart design Пётр.jpg --seed 3"


def test_the_same_bytes_on_every_run():
    assert page() == page()


def test_every_text_that_the_page_asks_for_is_there():
    read = Reader(page())
    texts = json.loads(read.scripts["text-data"])
    asked = {a[key] for _, a in read.elements for key in ("data-text", "data-label") if key in a}
    asked |= set(re.findall(r'say\("(\w+)"', read.scripts["code"]))
    assert list(texts) == ["en", "de", "fr", "es"]
    assert [language for language in texts if not asked <= set(texts[language])] == []


def test_no_two_modules_of_the_player_have_a_name_in_common() -> None:
    """They become one script: the later function of a name would silently stand for the earlier one."""
    names = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
    folder = Path(stringart.export.__file__).parent / "player"
    found = [(name, file.name) for file in sorted(folder.glob("*.js")) for name in names.findall(file.read_text())]
    twice = [name for name, count in Counter(name for name, _ in found).items() if count > 1]
    assert [pair for pair in found if pair[0] in twice] == []
