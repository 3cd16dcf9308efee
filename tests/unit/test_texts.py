"""Texts that people edit: any editor's mark, line ends and encoding; names that are no text; damaged headers."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_plans import random_plan

from stringart.cli._machine_common import decode
from stringart.errors import MachineError, PaletteError, PlanError, StringartError
from stringart.files import decode_text, readable
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile
from stringart.machine.proof import prove
from stringart.order.project_file import read_project_file
from stringart.plan.model import PhotoRef, Plan
from stringart.search.controls import read_matrix
from stringart.threads.own_threads import load_threads

CASES = Path(__file__).parents[1] / "cases"
JOB = (CASES / "job-decimal-commas-in-header.gcode").read_text("utf-8")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


def threads_of(path: Path) -> object:
    return load_threads(path)


def matrix_of(path: Path) -> object:
    return read_matrix(path).tolist()


def order_of(path: Path) -> object:
    return read_project_file(path).said


def profile_of(path: Path) -> object:
    return dataclasses.replace(load_profile(str(path)), name="")


READERS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "threads": ("t.toml", '# mine\n[[thread]]\nname = "grün"\ncolor = "#00aa00"\ndiameter_mm = 0.3\n', threads_of),
    "profile": ("m.toml", '# Köln\ninherits = "grbl"\n\n[limits]\nx_mm = [0, 900]\n', profile_of),
    "project": ("p.toml", '# für A\nboard = "circle"\npins = 200\n', order_of),
    "matrix": ("m.csv", "1,0.5\n0,1\n", matrix_of),
}


@pytest.mark.parametrize("kind", READERS)
def test_any_editors_mark_encoding_and_line_ends(tmp_path: Path, kind: str) -> None:
    name, text, read = READERS[kind]
    (tmp_path / name).write_bytes(text.encode())
    wanted = read(tmp_path / name)
    for encoding in ENCODINGS:
        for end in ("\n", "\r\n", "\r"):
            (tmp_path / name).write_bytes(text.replace("\n", end).encode(encoding))
            assert read(tmp_path / name) == wanted, (encoding, end)


def test_files_of_others_with_a_mark() -> None:
    assert len(Plan.load(CASES / "plan-with-bom.json").pins) > 8
    assert [thread.name for thread in load_threads(CASES / "threads-with-bom.toml")] == ["green"]


def test_plans_of_other_encodings_and_jobs_with_a_mark() -> None:
    plan = random_plan()
    data = plan.to_bytes()
    for encoding in ("utf-8-sig", "utf-16"):
        assert Plan.from_bytes(data.decode().replace("\n", "\r\n").encode(encoding)) == plan
    assert decode(b"\xef\xbb\xbfG21\r\nG0 X1\r\n", "job") == "G21\nG0 X1\n"
    with pytest.raises(MachineError, match=r"job, line 2: '\\xe4' is not ASCII"):
        decode("G21\n(Nägel)\n".encode(), "job")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1;0,5\n0;1\n", None),
        ("sep=;\n1;0,5\n0;1\n", None),
        ("# threads\n1 0.5\n0 1\n", None),
        ("black,white\n1,0.5\n0,1\n", "line 1: 'black,white' is not a row of numbers"),
        ("1,0.5\n0,1,2\n", "line 2 has 3 numbers, the first row 2"),
        ("1,0.5\n0,x\n", "is not a table of numbers"),
    ],
)
def test_a_matrix_as_spreadsheets_write_it(tmp_path: Path, text: str, said: str | None) -> None:
    (tmp_path / "m.csv").write_text(text)
    if said is None:
        assert read_matrix(tmp_path / "m.csv").tolist() == [[1, 0.5], [0, 1]]
    else:
        with pytest.raises(PaletteError, match=said):
            read_matrix(tmp_path / "m.csv")


def test_what_is_no_text_says_where() -> None:
    with pytest.raises(PlanError, match="'x' is not a text: line 2 holds the control character 0x00"):
        decode_text(b"a\nb\0c", "x", PlanError)
    with pytest.raises(PlanError, match="'x' is not a text: byte 1 is not UTF-8"):
        decode_text(b"a\xffb", "x", PlanError)
    assert decode_text(b"s\xe4ge\r\nx", "x", PlanError, any_encoding=True) == "säge\nx"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=2), st.sampled_from(ENCODINGS))
def test_a_text_of_any_encoding_comes_back(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding), "x", PlanError) == text.removeprefix("\ufeff")


def test_a_name_that_is_no_text_is_written_as_one() -> None:
    plan = random_plan()
    photo = PhotoRef(name="caf\udce9.jpg", sha256="0" * 64, crop_px=(0, 0, 9, 9))
    named = dataclasses.replace(plan, photo=photo)
    assert Plan.from_bytes(named.to_bytes()).photo.name == "caf\ufffd.jpg"
    assert readable("Nägel.png") == "Nägel.png"


# --- headers of jobs ---


def test_decimal_commas_in_a_jobs_header_are_one_line() -> None:
    for read in (read_job, lambda text: prove(text, load_profile("grbl"))):
        with pytest.raises(MachineError, match=r"header is damaged: the place of a pin '18,837' is not a number"):
            read(JOB)


SOUND = re.sub(r"(\d),([\d.])", r"\1.\2", JOB)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("diameter 2 mm", "diameter 2,0 mm"),
        ("diameter 2 mm", "diameter 2..0 mm"),
        ("(pin 0 0 300", "(pin 0 0 3-00"),
        ("turn 0.00000", "turn 0,00000"),
        ("turn 0.00000", "turn nan"),
    ],
)
def test_a_damaged_header_is_one_line(old: str, new: str) -> None:
    assert old in SOUND
    failed = 0
    for read in (read_job, lambda text: prove(text, load_profile("grbl"))):
        try:
            read(SOUND.replace(old, new))
        except MachineError as error:
            failed += 1
            assert "damaged" in str(error)  # noqa: PT017
    assert failed


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data())
def test_a_header_changed_anywhere_is_read_or_one_line(data: st.DataObject) -> None:
    text = "\n".join(SOUND.splitlines()[:80])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text = text[:at] + data.draw(st.sampled_from("0,.-ex ()\n;zGé")) + text[at + 1 :]
    for read in (read_job, lambda text: prove(text, load_profile("grbl"))):
        try:
            read(text)
        except StringartError as error:
            assert "\n" not in str(error)  # noqa: PT017


def test_the_sound_job_is_sound() -> None:
    job = read_job(SOUND)
    assert (len(job.pins_mm), job.pin_diameter_mm) == (100, 2.0)
    assert np.abs(np.hypot(*job.pins_mm.T) - 300).max() < 0.01
