"""Names of colours that nobody has named."""

import pytest

from stringart.threads.color_names import describe


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ("#000000", "black"),
        ("#141414", "black"),
        ("#ffffff", "white"),
        ("#808080", "grey"),
        ("#c0c0c0", "silver"),
        ("#303030", "dark grey"),
        ("#ff0000", "red"),
        ("#fa5900", "bright orange"),
        ("#190000", "very dark brown"),
        ("#ffb000", "yellow orange"),
        ("#00ffff", "cyan"),
        ("#4b0082", "indigo"),
        ("#aa5a28", "sienna"),
        ("#000028", "dark navy blue"),
    ],
)
def test_names_are_what_people_say(color, name):
    assert describe(color) == name


def test_every_name_of_the_list_can_be_said_aloud():
    from stringart.threads.color_names import _names

    names, _ = _names()
    assert len(names) > 700
    assert all(name.replace(" ", "").replace("'", "").isalpha() for name in names)
