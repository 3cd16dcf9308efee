"""G-code over serial for jobs of many hours: grbl, grblHAL, FluidNC and Marlin. Knows nothing of what is made.

A **job** is a list of **steps**, each a few lines that end in a sync line (``G4 P0.01``), whose acknowledgement
proves that the motion has physically ended. A **journal** holds on disk which steps are done. After a crash, a
power cut or a pulled cable the journal and the controller's position tell where the tool is, a **recovery
plan** leads back, and the job goes on: nothing twice, nothing left out. Nothing ever moves by itself.

    >>> from firmware_io import Job, Step
    >>> job = Job.from_steps("squares", [
    ...     Step(lines=("G21 G90", "G1 X10 F1000", "G4 P0.01"), label="first side"),
    ...     Step(lines=("G1 Y10", "G4 P0.01"), label="second side"),
    ... ])
    >>> job.line_count
    5

Run it, here on the simulated controller that is in the box (``/dev/ttyUSB0`` goes the same way)::

    with Session.open("sim://grbl?speed=50") as session, Journal.create(Path("squares.journal"), job) as journal:
        events = session.events(until=(JobFinished, JobHalted, Disconnected))   # from now on: before the start
        session.start(job, journal)
        for event in events:                    # or: session.wait()
            print(event)

After an accident::

    with Session.open(port) as session, Journal.open(Path("squares.journal"), job) as journal:
        info = session.recovery_info(job, journal)      # moves nothing
        plan = continue_in_place(info)                  # or a planner that knows your geometry
        if input(f"{plan.text} Go? ") == "y":
            session.start(job, journal, plan)

From any thread: `session.pause()` (after the step in flight), `hold()` (now), `resume()`, `stop()`,
`emergency_stop()`, `jump(plan)`, `snapshot()` for an interface that (re)connects.

The protocol cores (:class:`GrblProtocol`, :class:`MarlinProtocol`) do no input or output and can be used alone.
``python -m firmware_io`` sends a file.
"""

from firmware_io.errors import (
    AlarmError,
    FirmwareError,
    HostError,
    JobError,
    JournalError,
    LockError,
    OvertakenError,
    PortError,
    ProtocolError,
    RejectedError,
    SilentError,
)
from firmware_io.events import (
    Acknowledged,
    AcknowledgementOverdue,
    AlarmRaised,
    Booted,
    Capabilities,
    Connected,
    Disconnected,
    Event,
    Garbled,
    JobFinished,
    JobHalted,
    JobPaused,
    JobResumed,
    JobStarted,
    MachineState,
    Noticed,
    Position,
    Prompted,
    Rejected,
    ResendAsked,
    Said,
    SentLine,
    StateChanged,
    StatusReported,
    StepDone,
    StepStarted,
    StrayAcknowledgement,
    WayDone,
)
from firmware_io.job import Job, Step
from firmware_io.journal import Journal, JournalState, read_journal
from firmware_io.listeners import EventStream
from firmware_io.options import SessionOptions
from firmware_io.path import Location
from firmware_io.ports import Port, find_again, find_port, list_ports
from firmware_io.protocol.base import Link, ProtocolCore
from firmware_io.protocol.grbl import GrblProtocol
from firmware_io.protocol.lines import LineProtocol, Manners
from firmware_io.protocol.marlin import MarlinProtocol
from firmware_io.recovery import (
    RecoveryInfo,
    RecoveryPlan,
    RecoveryPlanner,
    continue_by_place,
    continue_in_place,
    rest_of,
    restart_step,
)
from firmware_io.runner import JobState
from firmware_io.session import CheckReport, Session
from firmware_io.snapshot import Snapshot

__all__ = [
    "Acknowledged",
    "AcknowledgementOverdue",
    "AlarmError",
    "AlarmRaised",
    "Booted",
    "Capabilities",
    "CheckReport",
    "Connected",
    "Disconnected",
    "Event",
    "EventStream",
    "FirmwareError",
    "Garbled",
    "GrblProtocol",
    "HostError",
    "Job",
    "JobError",
    "JobFinished",
    "JobHalted",
    "JobPaused",
    "JobResumed",
    "JobStarted",
    "JobState",
    "Journal",
    "JournalError",
    "JournalState",
    "LineProtocol",
    "Link",
    "Location",
    "LockError",
    "MachineState",
    "Manners",
    "MarlinProtocol",
    "Noticed",
    "OvertakenError",
    "Port",
    "PortError",
    "Position",
    "Prompted",
    "ProtocolCore",
    "ProtocolError",
    "RecoveryInfo",
    "RecoveryPlan",
    "RecoveryPlanner",
    "Rejected",
    "RejectedError",
    "ResendAsked",
    "Said",
    "SentLine",
    "Session",
    "SessionOptions",
    "SilentError",
    "Snapshot",
    "StateChanged",
    "StatusReported",
    "Step",
    "StepDone",
    "StepStarted",
    "StrayAcknowledgement",
    "WayDone",
    "continue_by_place",
    "continue_in_place",
    "find_again",
    "find_port",
    "list_ports",
    "read_journal",
    "rest_of",
    "restart_step",
]
