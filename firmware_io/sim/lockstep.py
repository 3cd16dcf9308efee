"""An engine and a simulated machine in one thread and one virtual time: hours of a job in seconds of a test.

>>> from firmware_io import Job, Step
>>> from firmware_io.sim.lockstep import Bench
>>> from firmware_io.sim.machine import SimulatedMachine
>>> bench = Bench(SimulatedMachine("grbl"))
>>> bench.connect()
>>> bench.start(Job.from_steps("square", [Step(lines=("G1 X10 F600", "G4 P0.01"))]))
>>> bench.run().value
'finished'
>>> round(bench.machine.position[0], 3)
10.0
"""

from __future__ import annotations

from collections.abc import Callable

from firmware_io.engine.engine import Engine
from firmware_io.errors import PortError, ProtocolError
from firmware_io.events import HELD_STATES, Event, Position
from firmware_io.facts import gather_facts
from firmware_io.job import Job
from firmware_io.journal import Journal
from firmware_io.protocol.base import ProtocolCore
from firmware_io.protocol.grbl import GrblProtocol
from firmware_io.protocol.marlin import MarlinProtocol
from firmware_io.recovery import RecoveryInfo, RecoveryPlan
from firmware_io.runner import JobState
from firmware_io.sim.machine import SimulatedMachine
from firmware_io.transport import Transport

_SHORTEST_S = 1e-4


class _DirectTransport:
    """The machine's end of the cable without a port between."""

    def __init__(self, machine: SimulatedMachine) -> None:
        self._machine = machine
        try:
            machine.open()
        except OSError as error:
            raise PortError(f"the port cannot be opened: {error}") from error

    def take(self) -> bytes:
        try:
            return self._machine.read()
        except OSError as error:
            raise PortError(f"the port is gone: {error}") from error

    def write(self, data: bytes) -> None:
        try:
            self._machine.write(data)
        except OSError as error:
            raise PortError(f"the port is gone: {error}") from error

    def close(self) -> None:
        self._machine.close()


class Bench:
    """A simulated machine and, while connected, an engine that drives it.

    Parameters
    ----------
    machine : SimulatedMachine
    wire : callable, optional
        Gives the engine's end of another way to the machine than a cable.
    engine_options : keyword arguments
        Of :class:`firmware_io.engine.engine.Engine`.
    """

    def __init__(
        self,
        machine: SimulatedMachine,
        wire: Callable[[SimulatedMachine], Transport] = _DirectTransport,
        **engine_options: float | bool,
    ) -> None:
        self.machine, self._wire = machine, wire
        self.events: list[Event] = []
        self._options = engine_options
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine; connect first."""
        if self._engine is None:
            raise PortError("not connected")
        return self._engine

    def connect(self, wait_s: float = 60.0) -> None:
        """Open the port and get into touch; a machine that moves or holds counts as connected."""
        core: ProtocolCore = MarlinProtocol() if self.machine.firmware == "marlin" else GrblProtocol()
        self._engine = Engine(
            self._wire(self.machine),
            core,
            "bench",
            self.events.append,
            **self._options,  # type: ignore[arg-type]
        )
        self.run(lambda: self._in_touch() or self._stands_held(), wait_s)

    def _in_touch(self) -> bool:
        return self.engine.connected and self.engine.status is not None

    def _stands_held(self) -> bool:
        status = self.engine.status
        return status is not None and status.state in HELD_STATES

    def kill(self) -> None:
        """The sender dies: no goodbye, the port is closed by the system."""
        self._engine = None
        self.machine.close()

    def kill_engine(self) -> None:
        """The sender dies, and the machine is not told: there is a network between them."""
        self._engine = None

    def start(self, job: Job, journal: Journal | None = None, plan: RecoveryPlan | None = None) -> None:
        """Start a job as :meth:`firmware_io.Session.start` does."""
        self.engine.begin(job, journal, plan, self.machine.now)

    def run(self, until: Callable[[], bool] | None = None, limit_s: float = 1e6) -> JobState:
        """Let time pass until the job rests (or `until`); returns the job's state.

        Raises ProtocolError when `limit_s` of virtual time have passed.
        """
        engine, machine = self.engine, self.machine
        end_s = machine.now + limit_s
        while not (until() if until is not None else self._rests()):
            again_s = engine.pump(machine.now)
            if until is None and self._rests():
                break
            if machine.is_open and machine.in_waiting and not engine.gone:
                continue  # an answer is there already
            self._pass_time(again_s, until)
            if machine.now > end_s:
                raise ProtocolError(f"nothing came of it within {limit_s:g} s")
        return engine.runner.state

    def _pass_time(self, again_s: float, until: Callable[[], bool] | None) -> None:
        """Let time pass until the engine has something to do, or `until`: the end of a move alone it does not see."""
        machine, done = self.machine, self.machine.actions_done
        while True:
            event_s = machine.next_event_s
            next_s = again_s if event_s is None else min(again_s, event_s)
            machine.advance_to(max(next_s, machine.now + _SHORTEST_S))
            comes = machine.is_open and machine.in_waiting
            if comes or machine.now >= again_s or machine.actions_done != done or (until is not None and until()):
                return

    def run_for(self, seconds: float) -> None:
        """Let that much time pass."""
        end_s = self.machine.now + seconds
        self.run(lambda: self.machine.now >= end_s, seconds + 10.0)

    def _rests(self) -> bool:
        return not self.engine.runner.state.busy

    def facts(self, job: Job, journal: Journal, observed: Position | None = None) -> RecoveryInfo:
        """What :meth:`firmware_io.Session.recovery_info` says."""
        engine = self.engine
        return gather_facts(
            job,
            journal.state,
            machine_state=engine.core.machine_state,
            position=engine.believed_position(lost_before=journal.state.position_lost),
            position_kept=engine.position.kept,
            observed=observed,
            marlin=self.machine.firmware == "marlin",
        )
