import random
import re
from dataclasses import replace

import pytest
from machine_boards import plan_on

from stringart.errors import MachineError
from stringart.machine.job import make_job
from stringart.machine.path_picture import picture_png
from stringart.machine.profile_files import load_profile
from stringart.machine.program import program_text
from stringart.machine.proof import prove

GRBL = load_profile("grbl")
PLAN = plan_on("circle", (25, 12))
TEXT = program_text(make_job(PLAN, GRBL))


def moves(text: str) -> list[int]:
    """Numbers of the lines that move the tool in the wraps, from 0."""
    lines = text.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("(anchor"))
    return [k for k, line in enumerate(lines) if k > first and re.match(r"G[123] X", line)]


def without_sums(text: str) -> str:
    """The job with everything that the writer says of itself taken away: only the path is left to judge."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("(") or line.startswith("(pin")) + "\n"


def test_a_job_as_it_was_written_is_proved():
    proof = prove(TEXT, GRBL, PLAN)
    assert proof.problems == ()
    assert [w.pin for w in proof.wound] == [p for layer in PLAN.layers for p in layer.pins.tolist()]
    assert proof.clearance_mm >= 0.5
    assert prove(TEXT, GRBL).source == "the job's comments"
    assert prove(TEXT, GRBL).problems == ()


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("kind", ["swapped", "doubled", "missing"])
def test_a_single_move_that_is_swapped_doubled_or_missing_is_found(kind, seed):
    rng, lines = random.Random(seed), TEXT.splitlines()
    k = rng.choice(moves(TEXT)[:-1])
    if kind == "swapped":
        lines[k], lines[k + 1] = lines[k + 1], lines[k]
    elif kind == "doubled":
        lines.insert(k, lines[k])
    else:
        del lines[k]
    try:
        problems = prove("\n".join(lines) + "\n", GRBL).problems
    except MachineError as error:  # the path cannot even be read
        problems = (str(error),)
    assert problems
    assert any(f"line {n}" in problem for problem in problems for n in range(k - 16, k + 9)), problems


@pytest.mark.parametrize("kind", ["swapped", "doubled", "missing"])
@pytest.mark.parametrize("at", [3, 9, 17])
def test_a_whole_wrap_that_is_swapped_doubled_or_missing_is_found_from_the_path_alone(kind, at):
    blocks = re.split(r"(?m)^(?=\((?:start|anchor|wrap|tie|park|end|prompt Layer))", TEXT)
    wraps = [k for k, block in enumerate(blocks) if block.startswith("(wrap")]
    k = wraps[at]
    if kind == "swapped":
        blocks[k], blocks[k + 1] = blocks[k + 1], blocks[k]
    elif kind == "doubled":
        blocks.insert(k, blocks[k])
    else:
        del blocks[k]
    problems = prove(without_sums("".join(blocks)), GRBL, PLAN).problems
    assert any(word in problem for word in ("swapped", "doubled", "missing") for problem in problems), problems


def test_a_wrap_the_wrong_way_round_is_found():
    blocks = re.split(r"(?m)^(?=\((?:start|anchor|wrap|tie))", TEXT)
    k = next(k for k, b in enumerate(blocks) if b.startswith("(wrap 5 "))
    travel, out, arc, back, sync = [line for line in blocks[k].splitlines() if line.startswith("G")]

    def place(line: str) -> str:
        return re.search(r"X\S+ Y\S+", line)[0]

    start, end = place(out), place(arc)
    x0, y0 = (float(v) for v in re.findall(r"[-\d.]+", start))
    x1, y1 = (float(v) for v in re.findall(r"[-\d.]+", end))
    i, j = (float(v) for v in re.search(r"I(\S+) J(\S+)", arc).groups())
    other = "G3" if arc.startswith("G2") else "G2"
    turned = [
        travel.replace(place(travel), place(back)),
        out.replace(start, end),
        f"{other} {start} I{x0 + i - x1:.3f} J{y0 + j - y1:.3f}",
        back.replace(place(back), place(travel)),
        sync,
    ]
    blocks[k] = "\n".join(turned) + "\n"
    problems = prove(without_sums("".join(blocks)), GRBL, PLAN).problems
    assert any("clockwise round pin" in problem for problem in problems), problems


def test_a_pin_that_is_touched_and_travel_that_is_left_are_found():
    narrow = replace(GRBL, limits=replace(GRBL.limits, x_mm=(0.0, 700.0)))
    assert any("its travel is 0 to 700" in p for p in prove(TEXT, narrow).problems)
    thick = replace(GRBL, tool=replace(GRBL.tool, diameter_mm=4.8))
    assert any("hits pin" in p for p in prove(TEXT, thick).problems)


def test_a_job_for_another_place_of_the_board_is_refused():
    moved = replace(GRBL, board=replace(GRBL.board, center_mm=(501.0, 500.0)))
    assert any("make it again" in p for p in prove(TEXT, moved, PLAN).problems)


def test_a_plan_with_one_other_pin_is_told_apart():
    pins = PLAN.layers[0].pins.tolist()
    pins[7] = (pins[7] + 3) % 288
    other = replace(PLAN, layers=(replace(PLAN.layers[0], pins=pins), PLAN.layers[1]))
    problems = prove(TEXT, GRBL, other).problems
    assert any("plan" in p for p in problems)
    assert any("wrap 8" in p for p in problems)


def test_the_picture_is_one():
    assert picture_png(prove(TEXT, GRBL), GRBL, 2.0, 400).startswith(b"\x89PNG")


def test_an_arc_from_nowhere_is_one_line():
    with pytest.raises(MachineError, match="line 3: the arc 'G2 X10 Y10 I5 J0 F100' begins where the tool is not"):
        prove("G21\nG90\nG2 X10 Y10 I5 J0 F100\n", load_profile("grbl"), plan_on("circle", (3,)))


@pytest.mark.parametrize("garbled", ["9000000", "720009840", "9" * 400])
@pytest.mark.parametrize("axis", ["X", "Y"])
@pytest.mark.parametrize("name", ["grbl", "grbl-rotary"])
def test_a_way_that_no_machine_goes_is_one_line(name, axis, garbled):
    """A bit that turned over in a file: a board that turns by 720,009,840 degrees has a path of 30 GB."""
    with pytest.raises(MachineError, match=r"line \d+: .* more than "):
        prove(garbled_job(name, axis, garbled), load_profile(name))


@pytest.mark.parametrize("garbled", ["720009840", "9" * 400])
def test_a_feed_that_no_machine_has_is_one_line(garbled):
    with pytest.raises(MachineError, match=r"line \d+: .*F.* more than any machine takes"):
        prove(garbled_job("grbl", "F", garbled), GRBL)


def test_a_place_in_the_header_that_no_machine_has_is_one_line():
    garbled = re.sub(r"(?m)^(\(pin 0 )[-\d.]+", rf"\g<1>{'9' * 400}", TEXT)
    assert garbled != TEXT
    with pytest.raises(MachineError, match="the job's header is damaged: the place of a pin '999"):
        prove(garbled, GRBL)


def garbled_job(name: str, letter: str, number: str) -> str:
    """A job with another number in one of its moves."""
    lines = program_text(make_job(PLAN, load_profile(name))).splitlines()
    place = [k for k, line in enumerate(lines) if re.match(rf"G1 .*{letter}", line)][3]
    lines[place] = re.sub(rf"{letter}[\d.-]+", letter + number, lines[place])
    return "\n".join(lines) + "\n"
