"""A run of a job on a machine: the job as ``firmware_io`` takes it, its seconds, and where its journal is kept.

The command line and the studio share it, so that a run begun in one goes on in the other.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from firmware_io import Job, MachineState, Manners, PortError, Session, SessionOptions, Step
from firmware_io.hosts.addresses import is_host
from firmware_io.sim.host import port_for
from stringart.folders import state_folder
from stringart.machine.dialect import DIALECTS
from stringart.machine.estimate import time_of
from stringart.machine.job_steps import JobStep
from stringart.machine.jobfile import JobFile
from stringart.machine.profile import Profile
from stringart.machine.recovery import ResumeGuide
from stringart.machine.template import load_template

USUAL_BAUDS = (250_000, 57_600, 230_400, 38_400, 9_600)


def to_firmware(name: str, job: JobFile, profile: Profile, after_s: Sequence[float] | None = None) -> Job:
    """Return the job as ``firmware_io`` takes it; a servo that lifts the tool is not switched off by the program's end.

    Parameters
    ----------
    name : str
        Of the plan or the job's file.
    job : JobFile
    profile : Profile
    after_s : sequence of float, optional
        Seconds of motion to the end of each step, to be kept with it.

    Raises
    ------
    firmware_io.FirmwareError
        If a line may not be sent.
    """
    drop = ("M2", "M30", "M5") if profile.servo_lift else ()
    steps = (
        Step(
            lines=tuple(line for line in step.lines if step.kind != "end" or line not in drop),
            label=step.label,
            kind=step.kind,
            meta=_meta(step) | ({} if after_s is None else {"after_s": after_s[k]}),
            prompt=step.prompt,
        )
        for k, step in enumerate(job.steps)
    )
    return Job.from_steps(Path(name).name, steps)


def _meta(step: JobStep) -> dict[str, object]:
    return {
        "wrap": step.first_wrap, "pins": list(step.pins), "layer": step.layer, "direction": step.direction,
        "height_mm": step.wrap_mm, "thread_mm": step.thread_mm,
    }  # fmt: skip


def seconds_after(job: JobFile, profile: Profile) -> list[float]:
    """Estimated seconds of motion from the job's start to the end of every step."""
    lines = [line for step in job.steps for line in step.lines]
    at_line_s = time_of("\n".join(lines), profile, len(job.pins_mm)).at_line_s
    out, number, last = [], 0, 0.0
    for step in job.steps:
        ends = (at_line_s[k] for k in range(number + 1, number + len(step.lines) + 1) if k in at_line_s)
        last = max(ends, default=last)
        number += len(step.lines)
        out.append(last)
    return out


def count_turns_on(session: Session, guide: ResumeGuide, step: int) -> str:
    """Let a turning board's angle count on from the turn in which the job left it; says so, or nothing.

    For a controller that was homed, or told its place anew.
    """
    position = session.wait_until_idle(30.0).work_position
    if position is None:
        return ""
    axes = guide.profile.axes
    here = axes.of(position)
    turns_deg = guide.whole_turns_deg(step, here)
    if not turns_deg:
        return ""
    session.set_work_position(**{axes.y: here[1] + turns_deg})
    return (
        f"in the job the board is {turns_deg / 360:.0f} turns further: {axes.y} counts from {here[1] + turns_deg:.3f}"
    )


def journal_folder() -> Path:
    """Where journals and the jobs that they belong to are kept."""
    return state_folder() / "journals"


def open_session(
    address: str,
    *,
    firmware: str = "auto",
    options: SessionOptions | None = None,
    silent: bool = False,
    resuming: bool = False,
) -> Session:
    """Open a session that remembers from one visit to the next whether the machine's position is known.

    A simulated machine that was just made stands at its zero and is believed, unless an accident is to be resumed.

    Parameters
    ----------
    address : str
    firmware : str
        Or a dialect's name.
    options : SessionOptions, optional
    silent : bool
        Open it although it says nothing.
    resuming : bool

    Raises
    ------
    firmware_io.FirmwareError
    """
    if is_host(address):
        raise PortError(
            f"{address} runs a job's file by itself: status, home, send and resume work with it",
            "for the rest use its own page, or the controller's serial port",
        )
    new = is_new_simulator(address)
    options = replace(options or SessionOptions(), memory=memory_folder())
    firmware = DIALECTS[firmware].firmware if firmware in DIALECTS else firmware
    session = Session.open(address, firmware=firmware, options=options, silent=silent)
    if new and not resuming and session.snapshot().machine_state is MachineState.IDLE:
        session.trust_position()
    return session


def rates(profile: Profile, options: SessionOptions | None = None) -> SessionOptions:
    """Return the options with the profile's rate, or with all that are usual where it says none."""
    options = options or SessionOptions()
    if speaks_lines(profile):
        manners = Manners(**asdict(load_template(profile.machine.template).answers))
        return replace(options, manners=manners, baud=profile.machine.baud or options.baud, other_bauds=())
    if profile.machine.baud:
        return replace(options, baud=profile.machine.baud, other_bauds=())
    return replace(options, other_bauds=USUAL_BAUDS)


def speaks_lines(profile: Profile) -> bool:
    """Whether the machine has a firmware of its maker's own, which a job template describes."""
    return bool(profile.machine.template) and load_template(profile.machine.template).protocol == "lines"


def firmware_of(profile: Profile) -> str:
    """How ``firmware_io`` calls what the machine speaks; empty where it runs a job's file itself."""
    if not profile.machine.template:
        return DIALECTS[profile.machine.dialect].firmware
    return load_template(profile.machine.template).protocol


def is_new_simulator(address: str) -> bool:
    """Whether an address is that of a simulated machine which nobody has opened yet."""
    try:
        return address.startswith("sim://") and not port_for(address).machine.openings
    except ValueError:  # a bad address is told at its opening
        return False


def memory_folder() -> Path:
    """Where one visit to a machine leaves for the next what is known of its position."""
    return state_folder() / "machines"


def journal_path(name: str, job: Job) -> Path:
    """Journal of a job, named after its plan or file and its lines."""
    return journal_folder() / f"{Path(name).stem}-{job.sha256[:10]}.journal"


def job_beside(journal: Path) -> Path:
    """The copy of the job that a journal belongs to."""
    return journal.with_suffix(".gcode")


def set_aside(journal: Path) -> None:
    """Keep an old journal under another name."""
    number = 1
    while journal.with_suffix(f".{number}.journal").exists():
        number += 1
    journal.rename(journal.with_suffix(f".{number}.journal"))
