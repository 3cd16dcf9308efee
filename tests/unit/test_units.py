"""Lengths, sizes, counts and colours as people write them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stringart import units
from stringart.errors import UnitError


@pytest.mark.parametrize(
    ("text", "length_mm"),
    [
        ("600mm", 600.0),
        ("60cm", 600.0),
        ("0.6 m", 600.0),
        ("2.5km", 2_500_000.0),
        ("24in", 609.6),
        ('24"', 609.6),
        ("1inch", 25.4),
        (" 60 CM ", 600.0),
        (".5mm", 0.5),
        ("5.mm", 5.0),
        ("1e3mm", 1000.0),
        ("+7mm", 7.0),
        ("-7mm", -7.0),
    ],
)
def test_lengths(text: str, length_mm: float) -> None:
    assert units.parse_length_mm(text) == pytest.approx(length_mm, rel=1e-15)


@pytest.mark.parametrize("text", ["600", "2.5", " 7 ", "1e3"])
def test_a_bare_number_is_asked_for_its_unit(text: str) -> None:
    with pytest.raises(UnitError, match="which unit") as caught:
        units.parse_length_mm(text)
    assert f"{text.strip()}mm" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "mm", "6 0mm", "600 furlongs", "600µm", "nanmm", "infmm", "1e999km", "0x10mm", "1,5mm"]
)
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        units.parse_length_mm(text)


@pytest.mark.parametrize(
    ("text", "size_mm"),
    [
        ("600mm", (600, 600)),
        ("800x600mm", (800, 600)),
        ("800mmx600mm", (800, 600)),
        ("80cm x 24in", (800, 609.6)),
        ("80×60cm", (800, 600)),
        ("1 X 1m".lower(), (1000, 1000)),
    ],
)
def test_sizes(text: str, size_mm: tuple[float, float]) -> None:
    assert units.parse_size_mm(text) == pytest.approx(size_mm)


@pytest.mark.parametrize(
    "text", ["0mm", "-5cm", "800x0mm", "800x600", "800", "x600mm", "800xmm", "1x2x3mm", "1e999x5mm"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        units.parse_size_mm(text)


@given(st.text(max_size=30))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in (units.parse_length_mm, units.parse_size_mm, units.parse_pixels, units.parse_color):
        try:
            value = parse(text)
        except UnitError:
            continue
        assert isinstance(value, str) or np.isfinite(value).all()


@given(st.floats(0.001, 1e9), st.sampled_from(["mm", "cm", "m", "km", "in"]))
def test_a_written_number_is_read_exactly_as_its_unit_says(number: float, unit: str) -> None:
    factor = {"mm": 1, "cm": 10, "m": 1000, "km": 1_000_000, "in": 25.4}[unit]
    assert math.isclose(units.parse_length_mm(f"{number!r}{unit}"), number * factor, rel_tol=1e-15)


def test_pixels() -> None:
    assert (units.parse_pixels("2000px"), units.parse_pixels(" 300 "), units.parse_pixels("7 px")) == (2000, 300, 7)
    for text in ("0px", "-5", "2.5px", "px", "", "1" * 5000, "20mm"):
        with pytest.raises(UnitError, match="number of pixels"):
            units.parse_pixels(text)


def test_colors() -> None:
    texts = ("white", "#ABC", " #c8501e ", "rgb(1,2,3)", "hsl(0,100%,50%)", "#ff0000ff")
    assert [units.parse_color(t) for t in texts] == ["#ffffff", "#aabbcc", "#c8501e", "#010203", "#ff0000", "#ff0000"]
    for text in ("", "reddish", "#12345", "rgb(300,0,0)", "#ff000080", "rgba(1,2,3,4)", "x" * 200):
        with pytest.raises(UnitError):
            units.parse_color(text)


@pytest.mark.parametrize(
    ("length_mm", "text"),
    [(2_512_345.0, "2.51 km"), (1_500.0, "1.5 m"), (25.0, "2.5 cm"), (0.25, "0.25 mm"), (0.0, "0 mm")],
)
def test_lengths_for_people(length_mm: float, text: str) -> None:
    assert units.format_length(length_mm) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(13_500, "3 h 45 min"), (60, "1 min"), (12.3, "12 s"), (3_599, "1 h 00 min")]
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert units.format_duration(seconds) == text


@pytest.mark.parametrize(("text", "seconds"), [("8s", 8.0), ("1.5 min", 90.0), ("2h", 7200.0), ("0.5S", 0.5)])
def test_durations(text, seconds):
    assert units.parse_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["8", "s", "-3s", "0s", "8 days", "nans", "1e999s", ""])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(UnitError, match="duration"):
        units.parse_duration_s(text)


def test_memory_has_a_unit() -> None:
    assert [units.parse_bytes(text) for text in ("2GB", "1.5 gb", "500MB", "1GiB")] == [
        2 * 10**9, 1_500_000_000, 500_000_000, 2**30,
    ]  # fmt: skip
    for text in ("2", "2TB", "-1GB", "0MB", "GB", "1e99GB"):
        with pytest.raises(UnitError, match="is not an amount of memory"):
            units.parse_bytes(text)
