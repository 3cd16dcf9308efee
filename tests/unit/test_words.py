"""Every language says everything: no text is missing, unused, or has another place to be filled in."""

import re
from pathlib import Path

import pytest

import stringart
from stringart.hand.trouble import TROUBLES
from stringart.order.look_files import offered_looks
from stringart.studio.exports import offered
from stringart.studio.settings import controls_for_page, presets_for_page
from stringart.words import LANGUAGES, chosen, table

OTHERS = [language for language in LANGUAGES if language != "en"]
PAGE, PLAYER = (Path(stringart.__file__).parent / part for part in ("studio/page", "export/player"))


def source(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.suffix in (".js", ".html"))


def places(text: object) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", str(text)))


@pytest.mark.parametrize("section", ["page", "player"])
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


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_program_names_has_a_name_in_every_language(language: str) -> None:
    named = {name: one for name, one in controls_for_page().items() if "title" in one}
    wanted = {*named, *(f"{name}_help" for name in named)}
    wanted |= {f"look.{look.name}" for look in offered_looks()} | {
        f"preset.{one['name']}" for one in presets_for_page()
    }
    wanted |= {f"export.{option['name']}" for one in offered() for option in one["options"]}
    wanted |= {f"trouble.{one.key}" for one in TROUBLES}
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
