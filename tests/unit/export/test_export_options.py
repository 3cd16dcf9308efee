"""What exporters let a user choose: told once, offered everywhere, checked where it comes in."""

import pytest

from stringart.errors import StringartError, UnitError
from stringart.export import EXPORTERS, WIDTH, ExportOptions, declared_options, options_of
from stringart.studio.exports import check_request, command_of, export_options, offered


def test_what_is_not_given_is_as_the_exporter_says() -> None:
    widths = {ending: one.default for ending in EXPORTERS for one in options_of(ending) if one.name == WIDTH.name}
    assert (widths[".png"], widths[".gif"]) == (1024, 600)
    assert ExportOptions(width_px=80)[WIDTH] == 80


def test_an_ending_with_more_before_it_has_the_options_of_its_exporter() -> None:
    assert options_of(".mine.gif") == options_of("a.gif") == options_of(".gif")
    assert options_of(".steps.csv") == ()


def test_an_option_of_several_exporters_is_one_option() -> None:
    known = declared_options()
    for ending in EXPORTERS:
        for one in options_of(ending):
            first = known[one.name]
            assert (one.key, one.title, one.about, one.heading) == (first.key, first.title, first.about, first.heading)
    keys = [one.key for one in known.values() if one.key]
    assert len(keys) == len(set(keys))


def test_a_name_that_no_exporter_has_is_refused() -> None:
    with pytest.raises(UnitError, match="no exporter has the option 'papr'"):
        ExportOptions(papr="A4")


@pytest.mark.parametrize(
    ("ending", "options", "words"),
    [(".gif", {"frames": 1}, "frames: '1' is outside 2 to 2000"),
     (".png", {"frames": 20}, ".png has no option 'frames'"),
     (".gif", {"spacing": "wide"}, "is not one of progress, chords"), (".stl", {}, "'.stl' is not known"),
     (".book.pdf", {"paper": "../A4"}, "cannot be used"), (".png", {"width_px": True}, "is outside 16 to 8000")],
)  # fmt: skip
def test_the_page_cannot_ask_for_what_is_not_there(ending: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(StringartError, match=words.replace(".", r"\.")):
        check_request(ending, options)


def test_the_command_of_the_page_says_every_option() -> None:
    asked = {"width_px": 300, "frames": 20, "seconds": 2.5, "hold_s": 0, "spacing": "chords", "counter": True}
    chosen = check_request(".gif", asked)
    assert command_of("a cat", ".gif", chosen) == (
        "stringart export 'a cat.json' -o 'a cat.gif' "
        "--width 300px --frames 20 --seconds 2.5 --hold 0 --spacing chords --counter"
    )
    assert repr(export_options(chosen)).startswith("ExportOptions(counter=True, frames=20")
    assert {one["name"] for told in offered() if told["ending"] == ".gif" for one in told["options"]} == set(asked)
