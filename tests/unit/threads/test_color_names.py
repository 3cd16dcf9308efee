"""Names of colours that nobody has named."""

import pytest

from stringart.threads.color_names import describe


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#777777", "grey"),
        ("#283c78", "dark blue"),
        ("#5a2814", "dark red brown"),
        ("#8b5a2b", "brown"),
        ("#e0ac8c", "light tan"),
        ("#ff0000", "red"),
        ("#ffc0cb", "light pink"),
        ("#00aa44", "green"),
        ("#fff200", "very light yellow"),
    ],
)
def test_names_are_what_people_say(color, name):
    assert describe(color) == name
