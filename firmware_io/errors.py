"""What can go wrong between a program and its machine, as one tree.

::

    FirmwareError
    ├── PortError        a port that is not there, busy, or went away
    ├── LockError        the machine already runs a job of another process
    ├── ProtocolError    the controller said something it must not say, or nothing at all
    │   ├── SilentError      nothing at all
    │   ├── RejectedError    a line was refused: its number, its text, the code and what it means
    │   └── AlarmError       the controller is in alarm
    ├── HostError        a host (Moonraker, OctoPrint) refused a request
    ├── JobError         lines that must not be streamed, or a command that does not fit the job's state
    │   └── OvertakenError   asked for before an emergency stop, which was faster: it is not carried out after it
    └── JournalError     a journal that cannot be read or written, or belongs to another job
"""


class FirmwareError(Exception):
    """Something the user can mend; the message says what and where, ``hint`` what to do.

    Parameters
    ----------
    message : str
        One line.
    hint : str, optional
        What to do about it, one line.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        if hint:
            self.add_note(hint)  # seen in a traceback


class ProtocolFaultError(RuntimeError):
    """A step that the table of states does not hold: a fault of this program, nothing that a user could mend."""


class PortError(FirmwareError):
    """A port that is not there, busy, or went away."""


class LockError(FirmwareError):
    """The machine already runs a job of another process."""


class ProtocolError(FirmwareError):
    """The controller said something it must not say, or nothing at all."""


class RejectedError(ProtocolError):
    """A line was refused by the controller."""


class SilentError(ProtocolError):
    """The controller says nothing at all: no power, another rate, or an alarm that hears a reset only."""


class AlarmError(ProtocolError):
    """The controller is in alarm.

    Parameters
    ----------
    message, hint : str
    code : str
        ``ALARM:2``, if it was told.
    index : int
        Of the lines that were asked for, the first that was not taken; -1 if none was under way.
    """

    def __init__(self, message: str, hint: str = "", *, code: str = "", index: int = -1) -> None:
        super().__init__(message, hint)
        self.code, self.index = code, index


class HostError(FirmwareError):
    """A host (Moonraker, OctoPrint) refused a request, or answered what nobody can read.

    Parameters
    ----------
    message, hint : str
    status : int
        Of its answer; 0: none.
    """

    def __init__(self, message: str, hint: str = "", *, status: int = 0) -> None:
        super().__init__(message, hint)
        self.status = status


class JobError(FirmwareError):
    """Lines that must not be streamed, or a command that does not fit the job's state."""


class OvertakenError(JobError):
    """Asked for before an emergency stop, which was faster: it is not carried out after it."""

    def __init__(self) -> None:
        super().__init__(
            "an emergency stop came after this was asked for, and it was not carried out",
            "look where the machine is, then ask again",
        )


class JournalError(FirmwareError):
    """A journal that cannot be read or written, or belongs to another job."""
