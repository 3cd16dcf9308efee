"""Every language says everything: no text is missing, unused, or has another place to be filled in."""

import ast
import re
from pathlib import Path

import pytest

import stringart
from stringart.hand.guide_words import GuideWords, language_of
from stringart.hand.trouble import HABITS, TROUBLES
from stringart.order.look_files import offered_looks
from stringart.studio.controls import controls_for_page, presets_for_page
from stringart.studio.exports import offered
from stringart.words import LANGUAGES, chosen, table

OTHERS = [language for language in LANGUAGES if language != "en"]
ROOT = Path(stringart.__file__).parent
PAGE, PLAYER = ROOT / "studio/page", ROOT / "export/player"
BEGUN = {
    **dict.fromkeys(("pin", "step", "join", "wrap"), ("_one", "s")),
    "spool": ("_left", "_brief"),
    **dict.fromkeys(("fits", "no_fit"), ("", "_from")),
}
"""Keys of the guide that are put together, by their beginning."""


def source(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.suffix in (".js", ".html"))


def places(text: object) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", str(text)))


@pytest.mark.parametrize("section", ["page", "player", "guide"])
@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_in_every_language(language: str, section: str) -> None:
    english, other = table("en", section), table(language, section)
    assert list(other) == list(english)
    assert all(other.values())
    assert [key for key in english if places(english[key]) != places(other[key])] == []


def test_no_text_of_the_page_is_unused_or_missing() -> None:
    text = source(PAGE)
    asked = set(re.findall(r"""["'`]([\w.]+)["'`]""", text)) | set(re.findall(r"\b(\w+):", text))
    begun = tuple(set(re.findall(r"`(\w+_)\$\{", text)))
    controls = {f"{name}{end}" for name in controls_for_page() for end in ("", "_help")}
    words = {f"{name}_{word}" for name, one in controls_for_page().items() for word in one.get("words", ())}
    unused = [key for key in table("en", "page") if key not in asked | controls | words and not key.startswith(begun)]
    assert unused == []
    said = set(re.findall(r"""\bt\(\s*"([^"]+)\"""", text)) | set(re.findall(r'data-(?:t|label|title)="(\w+)"', text))
    assert sorted(said - set(table("en", "page"))) == []


def test_no_text_of_the_player_is_unused_or_missing() -> None:
    text = source(PLAYER)
    asked = set(re.findall(r"""["'`](\w+)["'`]""", text)) | set(re.findall(r"TEXT\.(\w+)", text))
    assert [key for key in table("en", "player") if key not in asked] == []
    said = set(re.findall(r'\bsay\(\s*"([^"]+)"', text)) | set(re.findall(r'data-(?:text|label)="(\w+)"', text))
    assert sorted(said - set(table("en", "player")) - {"language"}) == []


def test_no_text_of_the_guide_is_unused_or_missing() -> None:
    text = "\n".join(path.read_text("utf-8") for name in ("cli", "hand") for path in (ROOT / name).glob("*.py"))
    asked = set(re.findall(r"""["'](\w+)["']""", text))
    begun = {f"{name}{end}" for name, ends in BEGUN.items() for end in ends}
    assert [key for key in table("en", "guide") if key not in asked | begun] == []
    said = set(re.findall(r'\b_?words\(\s*"(\w+)"', text)) | set(re.findall(r'StepRefusedError\("(\w+)"', text))
    assert sorted((said | begun) - set(table("en", "guide"))) == []


def test_what_the_server_says_is_in_every_table_and_said_by_the_program() -> None:
    told = [table(language, "told") for language in OTHERS]
    assert all(list(one) == list(told[0]) for one in told)
    of_page = table("en", "told")  # where the program names an option of its command line; whole commands stay
    assert [key for key in told[0] if "--" in key and "stringart " not in key and key not in of_page] == []
    assert sorted(set(of_page) - set(told[0])) == []
    told.append(of_page)
    assert [key for one in told for key in one if set(places(one[key])) - set(places(key)) or not one[key]] == []
    files = [*ROOT.rglob("*.py"), *(ROOT.parent / "firmware_io").rglob("*.py")]
    sources = [re.sub(r'"\s*\n\s*f?"', "", path.read_text("utf-8")) for path in files]
    parts = {key: re.split(r"\{\w+\}", key) for key in told[0]}
    assert [key for key, said in parts.items() if not any(all(part in text for part in said) for text in sources)] == []


_ROOMS = "board export hand look machine order picture plan runs search studio threads files.py units.py"
ON_THE_PAGE = _ROOMS.split()
"""Rooms whose errors reach the page."""
OFF_THE_PAGE = {
    "films and other lists are the terminal's": "clip_film.py clip_reader.py clips.py speech.py tolerance.py",
    "the page gives fields, not words to be read": (
        "catalogues.py controls.py counts.py option_texts.py palette_files.py request.py schedule.py thread_text.py"
    ),
    "the page makes its jobs itself, of whole profiles": "jobfile.py proof.py reader.py traced_path.py",
    "own templates are driven from the terminal": (
        "template.py template_files.py template_guide.py template_job.py template_proof.py"
    ),
    "said before the page is there": "serve.py",
}
"""Files whose errors need not be in the table, with the reason."""
NOT_ASKED = """
'{}' is not a ground | '{}' is not a share of 0 | '{}' is not an amount of memory | a change names
a circle cannot be | a design ends in | a move names | an array of | an outline takes | as in ( | choose more
choose of | choose one | choose the ellipse | choose them with | choose them, or | choose {}, an .svg
data should be | design the second | films are | give ( | give left | give one | give the pins | give uint8
it is {} | known endings | layers are of several | leave shape out | make_board | no exporter | no film
open it with | or give its | regions, separations | scale them | see Plan.load | the board '{}' is not
the board's pins are not | the console does not | the crop {} has no area | the feed can be | the format '{}'
the guide does | the new order | the plan's {} | the request '{}' is | the two plans | there is no control
there is {} {}: | thread_limits_mm | what a change of | write a number and MB | write it as in 0.5mm
write it as in 1% | write {} | {} exclude | {} has no option | {} has the shape | {} is a file | {} should be
crop_px should | {}: '{}' is not one of | {}[{}] is {}: not a place | {said} | there is no variant
cannot write {}: {}
"""
"""How messages begin that only wrong calls of Python cause, or requests that the page does not make."""


def messages(path: Path) -> list[str]:
    """What the errors that a file raises say and advise; ``{}`` where something is filled in."""

    def texts(node: ast.expr) -> list[str]:
        if isinstance(node, ast.IfExp):
            return texts(node.body) + texts(node.orelse)
        if isinstance(node, ast.BinOp):
            return [a + b for a in texts(node.left) for b in texts(node.right)]
        if isinstance(node, ast.JoinedStr):
            return ["".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)]
        return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []

    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    raised = [
        call
        for call in calls
        if re.fullmatch(r"(?!Value|StepRefused|NotImpl|MissingExtra)[A-Z]\w+Error", ast.unparse(call.func))
    ]
    return [
        text for call in raised for argument in call.args[:2] for text in texts(argument) if re.search(r"\w\w \w", text)
    ]


def test_every_error_that_can_reach_the_page_has_a_word_in_each_language() -> None:
    told = {re.sub(r"\{\w*\}", "{}", key) for key in table("de", "told")}
    files = [path for room in ON_THE_PAGE for path in ([ROOT / room] if "." in room else (ROOT / room).rglob("*.py"))]
    not_asked = tuple(one for line in NOT_ASKED.splitlines() for one in line.split(" | ") if one)

    def is_told(text: str) -> bool:
        cuts = [at for mark in (": ", "; ") for at in [m.start() for m in re.finditer(mark, text)]]
        parts = [(text[:at], text[at + 2 :]) for at in cuts]
        return text in told or not re.search(r"[a-z]{2} \w", text) or any(is_told(a) and is_told(b) for a, b in parts)

    untold = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in files
        if path.name not in " ".join(OFF_THE_PAGE.values()).split()
        for text in messages(path)
        if not is_told(text.replace("{}.{}", "{}").replace("{{}}", "{}")) and not text.startswith(not_asked)
    }
    assert sorted(untold) == []  # give it a word in words/*.json (told), or a reason in OFF_THE_PAGE


def test_the_guide_speaks_each_language() -> None:
    said = {language: GuideWords(language)("step_of", n=1234, total=40000) for language in LANGUAGES}
    assert said["en"] == "step 1,234 of 40,000"
    assert said["de"] == "Schritt 1.234 von 40.000"
    assert len(set(said.values())) == len(LANGUAGES)
    assert GuideWords("fr").length(2_512_345.0) == "2,51 km"
    assert [len(GuideWords(language).troubles()) for language in LANGUAGES] == [len(TROUBLES)] * len(LANGUAGES)
    assert GuideWords("de").habits()[0][0] == "Anknoten"
    assert language_of({"LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"}) == "en"
    assert language_of({"LC_ALL": "", "LC_MESSAGES": "es_MX.UTF-8", "LANG": "de_DE.UTF-8"}) == "es"


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_program_names_has_a_name_in_every_language(language: str) -> None:
    named = {name: one for name, one in controls_for_page().items() if "title" in one}
    wanted = {*named, *(f"{name}_help" for name in named)}
    wanted |= {f"look.{look.name}" for look in offered_looks()} | {
        f"preset.{one['name']}" for one in presets_for_page()
    }
    options = [option for one in offered() for option in one["options"]]
    wanted |= {f"export.{option['name']}" for option in options}
    wanted |= {f"export.{option['name']}.{choice}" for option in options for choice in option["choices"]}
    wanted |= {f"trouble.{one.key}" for one in TROUBLES}
    wanted |= {f"habit.{k}{end}" for k in range(1, len(HABITS) + 1) for end in ("", ".1")}
    wanted |= {f"trouble.{one.key}.{k}" for one in TROUBLES for k in range(1, len(one.advice) + 1)}
    had = {key for key in table(language, "options") if key != "look.indigo-on-linen"}  # a look that is not in the row
    assert sorted(had - wanted) == []
    assert sorted(key for key in wanted - had if not key.startswith("export.")) == []  # a new format's may follow


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("de-AT,de;q=0.9,en;q=0.8",), "de"),
        (("", "ja, es;q=0.3, fr;q=0.5"), "fr"),
        (("es", "de"), "es"),
        (("de_CH.UTF-8@euro",), "de"),
        (("C", ""), "en"),
        (("klingon;q=x", "../../etc"), "en"),
    ],
)
def test_the_language_is_the_first_that_is_wished_for_and_there(wishes: tuple[str, ...], language: str) -> None:
    assert chosen(*wishes) == language


@pytest.mark.parametrize(
    ("language", "others"), [("de", r"Nagelstift|Reißzwecke"), ("fr", "pointe|épingle"), ("es", "alfiler")]
)
def test_a_pin_has_one_name_in_each_language(language: str, others: str) -> None:
    """Stift, clou, clavo: who reads of another word looks for another thing."""
    said = [
        str(text)
        for section in ("page", "player", "guide", "options", "told")
        for text in table(language, section).values()
    ]
    assert len(said) > 1000
    assert [text for text in said if re.search(rf"\b({others})s?\b", text)] == []
