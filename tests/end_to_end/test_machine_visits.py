"""A whole visit in separate commands, on boards of every kind: locate, send, an accident, resume.

Boards with and without a restart at the opening of the port, with and without homing; their end stops are on record,
and the gantry's own path is judged in the end.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result
from machine_boards import plan_on
from machine_judge import wraps_of

from firmware_io.sim.host import SimulatedPort, forget_simulated_machines, port_for
from firmware_io.sim.machine import SimulatedMachine
from stringart.cli.machine import machine as command

PLAN = plan_on("circle", (10,))
PINS = PLAN.layers[0].pins.tolist()
WANTED = [PINS[0]] * 3 + PINS + [PINS[-1]] * 3
INSIDE = shapely.Polygon(PLAN.pins.xy_mm + 500.0).buffer(-60)
shapely.prepare(INSIDE)
TOP_MM = 80.0  # Z of a homed tool over the board
numbers = itertools.count()


@dataclass(frozen=True)
class Kind:
    """What a board is like."""

    restarts: bool
    homes: bool


KINDS = [Kind(restarts, homes) for restarts in (True, False) for homes in (True, False)]


class Visit:
    """An owner at the machine: commands, eyes for where the tool is, hands for the cable."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        options = f"&reset={int(kind.restarts)}&homing={int(kind.homes)}"
        self.address = f"sim://grbl?name=visit{next(numbers)}&speed=max{options}"
        self.port: SimulatedPort = port_for(self.address)
        self.machine: SimulatedMachine = self.port.machine
        self.machine.openings = 1
        self.lift_mm = -TOP_MM if kind.homes else 0.0
        self.machine.configure({1: 255, 25: 3000})
        if kind.homes:
            self.machine.controller.receive(b"$X\nG10 L2 P1 Z-80\n")
            self.machine.advance_to(self.machine.now + 1.0)
        self.machine.move_by_hand(120.0, 80.0, 40.0 + self.lift_mm)
        self.machine.reboot()
        self.machine.advance_to(self.machine.now + 5.0)
        self.machine.gantry.ends = ((0.0, 1000.0), (0.0, 1000.0), (self.lift_mm, self.lift_mm + TOP_MM))

    @property
    def seen(self) -> str:
        """Where the tool is, by a rule."""
        x, y, z = self.machine.position[:3]
        return f"{x:.3f},{y:.3f},{z - self.lift_mm:.3f}"

    def run(self, *arguments: str, answers: str = "") -> Result:
        return CliRunner().invoke(command, [*arguments, "--port", self.address], input=answers)

    def knows_again(self) -> tuple[str, ...]:
        """How this owner tells a board that has lost its position where it is."""
        return ("--home",) if self.kind.homes else ("--at", self.seen)

    def wound(self) -> list[int]:
        path, before = [], None
        for vertex in self.machine.path:
            x, y, z = vertex.position[:3]
            if before is not None and min(z, before) < self.lift_mm + 25.0:
                path.append((x, y, z))
            before = z
        return [pin for pin, _ in wraps_of(path, PLAN.pins.xy_mm + np.array([500.0, 500.0]))]

    def when(self, condition: Callable[[], bool], accident: Callable[[], None]) -> None:
        """Let an accident happen as soon as the machine is in that place.

        It is looked at every 20 ms of its own time while it moves: of its rest there are hours.
        """
        planner = self.machine.controller.planner
        corner, waits = planner.on_vertex, [True]

        def look() -> None:
            if condition():
                planner.on_vertex = corner
                accident()
            elif planner.busy:
                self.machine.at(self.machine.now + 0.02, look)
            else:
                waits[:] = [True]

        def on_vertex(time_s: float, place: tuple[float, ...]) -> None:
            corner(time_s, place)
            if waits:
                waits.clear()
                self.machine.at(time_s + 0.02, look)

        planner.on_vertex = on_vertex

    def crosses(self) -> bool:
        """Whether the tool is on its way over the board, some wraps being wound."""
        x, y, z = self.machine.position[:3]
        first = PLAN.pins.xy_mm[PINS[0]] + 500.0
        low = z < self.lift_mm + 15.0
        return low and bool(shapely.contains_xy(INSIDE, x, y)) and bool(np.hypot(*(first - (x, y))) > 60)


@pytest.fixture(autouse=True)
def folder(own_folder, asks_often):
    PLAN.save("plan.json")
    yield own_folder
    forget_simulated_machines()


def located(visit: Visit) -> None:
    """The board's place is found by touching two pins: the owner leads the tool there."""
    first = visit.run("jog", "--to", "Z60", *visit.knows_again(), "--yes")
    assert first.exit_code == 0, (first.output, first.exception)
    x, y = visit.machine.position[:2]
    moves = [(500.0, 800.0, 0), (800.0, 500.0, 72), (500.0, 200.0, 144)]
    typed = ""
    for to_x, to_y, pin in moves:
        typed += f"X{to_x - x:.3f} Y{to_y - y:.3f}\n{pin}\n"
        x, y = to_x, to_y
    done = visit.run("locate", "plan.json", "--yes", answers=typed + "\n")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "root mean square 0.00" in done.output


def cable(visit: Visit) -> None:
    visit.machine.unplug()


def supply(visit: Visit) -> None:
    visit.machine.power_cut()


def brown_out(visit: Visit) -> None:
    visit.machine.reboot()


def limit(visit: Visit) -> None:
    visit.machine.raise_alarm(1)


def abort_button(visit: Visit) -> None:
    visit.machine.press("abort")


ACCIDENTS = {"cable": cable, "supply": supply, "brown-out": brown_out, "limit": limit, "abort": abort_button}


def mended(visit: Visit, name: str) -> None:
    """What the owner does before he resumes."""
    if name == "cable":
        visit.port.do(SimulatedMachine.plug)
    elif name == "supply":
        visit.port.do(SimulatedMachine.power_on)
    visit.port.do(lambda machine: machine.advance_to(machine.now + 30.0))
    if name == "limit":
        assert visit.run("reset", "--yes").exit_code == 0
    if name in ("limit", "abort") and not visit.kind.homes:
        assert visit.run("unlock", "--yes").exit_code == 0


#: The cable and the supply on every kind of board, the rest on the two that differ most.
CASES = [
    (kind, name) for kind in KINDS for name in ACCIDENTS if name in ("cable", "supply") or kind.restarts == kind.homes
]


@pytest.mark.parametrize(
    ("kind", "accident"), CASES,
    ids=[f"{name}-{'restarts' * kind.restarts}-{'homes' * kind.homes}" for kind, name in CASES],
)  # fmt: skip
def test_locate_send_accident_resume_winds_the_plan_and_hits_no_end_stop(kind: Kind, accident: str) -> None:
    visit = Visit(kind)
    located(visit)
    on_board = 0

    def happens() -> None:
        nonlocal on_board
        on_board = len(visit.wound())
        ACCIDENTS[accident](visit)

    visit.when(visit.crosses, happens)
    sent = visit.run("send", "plan.json", "--yes")
    assert sent.exit_code in (1, 3), sent.output
    assert "stringart machine resume" in sent.exception.hint
    mended(visit, accident)
    kept = accident == "cable" and not kind.restarts
    if not kept:
        before = visit.machine.position
        refused = visit.run("resume", "--yes")
        assert refused.exit_code in (1, 3), refused.output
        assert visit.machine.position == before
    # without its cable a board goes on with the lines that it has; the owner sees whether the wrap is there
    thread = "after" if len(visit.wound()) > on_board else "before"
    more = () if kept else (*visit.knows_again(), *(("--thread", thread) if kind.homes else ()))
    resumed = visit.run("resume", "--yes", *more)
    assert resumed.exit_code == 0, (resumed.output, resumed.exception, getattr(resumed.exception, "hint", ""))
    assert visit.wound() == WANTED
    assert visit.machine.stalled_mm == 0.0
