"""Job templates: lines for machines that makers build, read back by an eye that splits words and nothing else."""

import tomllib
from dataclasses import replace
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
from machine_boards import plan_on

from stringart.errors import MachineError
from stringart.export import ExportOptions, exporter_for
from stringart.machine.estimate import time_of
from stringart.machine.job import make_job
from stringart.machine.jobfile import read_job
from stringart.machine.profile_files import load_profile, profile_names
from stringart.machine.program import program_text
from stringart.machine.proof import prove
from stringart.machine.template import Template
from stringart.machine.template_files import template_names
from stringart.machine.template_guide import TemplateGuide
from stringart.machine.toml_records import check_table
from stringart.plan.model import Layer

PINS = [0, 60, 20, 21, 22, 119, 0, 1, 82]
PLAN = replace(plan_on("circle", (1,), 120), layers=(Layer(thread=0, pins=np.array(PINS)),))
TURNS = 3


def lines(name: str) -> list[str]:
    return exporter_for("job.lines.txt")(PLAN, ExportOptions(machine=name)).decode().splitlines()


@pytest.mark.parametrize("name", template_names())
def test_every_template_is_a_machine_whose_job_is_proved_from_its_own_lines(name):
    assert name in profile_names()
    profile = load_profile(name)
    text = program_text(make_job(PLAN, profile))
    proof = prove(text, profile, PLAN)
    assert proof.problems == ()
    assert [wrap.pin for wrap in proof.wound] == PINS
    assert read_job(text).wraps == len(PINS)


def test_what_stands_on_the_wire():
    around = [PINS[0]] * TURNS + PINS + [PINS[-1]] * TURNS
    assert lines("pin-lines") == [str(pin) for pin in around]
    assert lines("m700") == ["M701 N120", *(f"M700 P{pin}" for pin in around)]
    told = [line.split() for line in lines("turntable-serial")]
    assert told[0] == ["pins", "120"]
    assert [int(pin) for pin, _ in told[1:]] == around
    gaps = [[float(w[1:]) for w in (a, b)] for a, b in zip(
        [x.split()[1] for x in lines("grbl-pins")[2::5]], [x.split()[1] for x in lines("grbl-pins")[4::5]], strict=True
    )]  # fmt: skip
    assert [round((a + b) / 2) % 120 for a, b in gaps] == around
    assert all(abs(b - a) == 1.0 for a, b in gaps), "past pin 0 as well, and not round the whole board"
    ways = [abs(gaps[k + 1][0] - gaps[k][1]) for k in range(len(gaps) - 1)]
    assert max(ways) <= 60.0, "by the shorter way each time"
    angles = [[float(v) for v in line.split()] for line in lines("angle-lines")]
    assert [round((a + b) / 2 / 3.0) % 120 for a, b in angles] == around


def test_a_card_holds_the_count_and_a_byte_for_each_pin():
    card = exporter_for("job.card.bin")(PLAN, ExportOptions(machine="card"))
    assert card == len(PINS).to_bytes(2, "little") + bytes(PINS)
    two_each = exporter_for("job.card.bin")(PLAN, ExportOptions())
    assert np.frombuffer(two_each, "<u2").tolist() == [len(PINS), *PINS]
    many = replace(plan_on("circle", (1,), 300), layers=(Layer(thread=0, pins=np.array([299, 3])),))
    with pytest.raises(MachineError, match="the last pin: 299 is more than 1 byte of a card hold, 255"):
        exporter_for("job.card.bin")(many, ExportOptions(machine="card"))


@pytest.mark.parametrize("name", template_names())
def test_what_comes_with_the_program_is_held_to_the_same_model(name):
    text = (resources.files("stringart.machine") / "templates" / f"{name}.toml").read_text("utf-8")
    check_table(Template, tomllib.loads(text), name)


@pytest.mark.parametrize("what", ["swapped", "doubled", "missing", "other side", "strange"])
def test_a_line_that_is_not_as_it_should_be_is_found_from_the_lines_alone(what):
    profile = load_profile("turntable-serial")
    text = program_text(make_job(PLAN, profile))
    code = [line for line in text.splitlines() if not line.startswith("; ")]
    at = 4 if what == "other side" else 7  # along the rim the order says the side
    a, b, c = code[at : at + 3]
    new = {"swapped": [b, a, c], "doubled": [a, a, b, c], "missing": [a, c], "strange": [a, "turn 5", b, c],
           "other side": [a, b.replace("-1", "1") if "-1" in b else b.replace(" 1", " -1"), c]}[what]  # fmt: skip
    bare = "\n".join([*code[:at], *new, *code[at + 3 :]])
    assert prove(bare, profile, PLAN).problems


def test_a_template_of_ones_own_is_one_file(own_folder):
    folder = own_folder / "config" / "templates"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('wrap = ["go {gap_before}", "out", "go {gap_after}", "in"]\nend = ["bye"]\n')
    assert lines("mine")[:4] == ["go 119", "out", "go 0", "in"]
    assert lines("mine")[-1] == "bye"
    for text, said in (
        ('wrap = ["{pan}"]', r"mine.toml: wrap: the field \{pan\} is not known"),
        ('wrap = ["no pin"]', "no line of a wrap says its pin"),
        ("wrap = 5", "wrap should be a list of texts, found 5"),
        ('wrap = ["{pin}!"]', "holds '!', which a controller may act upon"),
        ('wrap = ["{pin}", 3]', r"wrap\[1\] should be a text, found 3"),
        ('wrap = ["{pin}"]\nwarp = []', "'warp' is not known"),
        ('wrap = ["{pin}"]\neven = 1', "even should be true or false, found 1"),
        ('wrap = ["{pin}"]\nanswers = 3', r"answers should be a table, as in \[answers\], found 3"),
        ('wrap = ["{pin}"]\n[answers]\ntaken = 3', "mine.toml: answers.taken should be a text, found 3"),
        ('wrap = ["{pin}"]\n[answers]\npatience_s = 0', "answers.patience_s should be above 0, found 0"),
        ('wrap = ["{pin}"]\n[answers]\nasks = "?"', "'answers.asks' is not known"),
        ('wrap = ["{pin}"]\n[card]\npin_bytes = 9', "card.pin_bytes should be 8 or less, found 9"),
        ('wrap = ["{pin}"]\n[card]\npin_bytes = 1.5', "card.pin_bytes should be a whole number, found 1.5"),
        ('wrap = ["{pin}"]\n[card]\norder = "middle"', "card.order is 'middle'"),
        ('wrap = ["{pin}"]\nprotocol = "klingon"', "protocol is 'klingon'"),
        ('wrap = ["{pin"]', "cannot be read"),
    ):
        (folder / "mine.toml").write_text(text)
        with pytest.raises(MachineError, match=said):
            load_profile("mine")


def test_a_firmware_that_divides_the_circle_needs_even_pins_and_a_round_board():
    square = replace(plan_on("rectangle", (1,), 120), layers=(Layer(thread=0, pins=np.array([0, 60])),))
    with pytest.raises(MachineError, match="mm of difference are allowed"):
        make_job(square, load_profile("pin-lines"))
    bent = PLAN.pins.xy_mm.copy()
    turn = np.radians(1.0)
    bent[40] = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] @ bent[40]
    uneven = replace(PLAN, pins=replace(PLAN.pins, xy_mm=bent))
    with pytest.raises(MachineError, match=r"a pin stands 5\.2 mm beside where the firmware has it"):
        make_job(uneven, load_profile("pin-lines"))
    assert (
        prove(program_text(make_job(uneven, load_profile("angle-lines"))), load_profile("angle-lines")).problems == ()
    )


def test_hours_are_those_of_a_board_that_turns_as_the_profile_says(own_folder):
    profile = load_profile("pin-lines")
    slow = replace(profile, motion=replace(profile.motion, max_rate_mm_min=(9000.0, 360.0, 3000.0)))
    text = program_text(make_job(PLAN, slow))
    places = [0, *([0] * TURNS + PINS + [82] * TURNS)]
    turned = sum(min((b - a) % 120, (a - b) % 120) + 1 for a, b in pairwise(places)) * 3.0
    seconds = time_of(text, slow).total_s
    waits = (2 * slow.servo.settle_s + slow.dwell.host_s) * (len(PINS) + 2 * TURNS)
    assert seconds == pytest.approx(turned / 6.0 + waits, rel=0.03)


def test_the_guide_knows_where_the_firmware_stands_after_each_line():
    profile = load_profile("turntable-serial")
    guide = TemplateGuide(read_job(program_text(make_job(PLAN, profile))), profile)
    steps = guide.job.steps
    assert guide.places_after(["pins 120", "57 1", "57 -1", "0 -1"]) == [None, 57, 56, 119]
    assert guide.place_before(2) == guide.places_after(steps[1].lines)[-1]
    assert guide.re_anchor(3, None).lines == ("pins 120", *(steps[2].lines * TURNS))
    with pytest.raises(MachineError, match="half of one cannot be finished"):
        guide.by_thread(3, "between", None)
