"""``stringart machine console``: one connection for a whole visit, the machine's commands at one prompt."""

import contextlib
import shlex
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import click

from firmware_io import FirmwareError, Session
from stringart.cli._machine_common import Lender, talk
from stringart.errors import StringartError
from stringart.machine.profile import Profile

#: Commands of a visit; what each takes besides --port and --machine is its own affair.
VISIT_COMMANDS = ("status", "home", "unlock", "reset", "jog", "locate", "test", "send", "resume")
_WITHOUT_PROFILE = ("resume",)  # the journal names it
_LEAVE = ("quit", "exit", "q")


@dataclass(kw_only=True)
class Visit(Lender):
    """A connection that outlives the commands of one visit; opened anew where it was lost."""

    port: str | None
    machine_name: str
    _session: Session | None = field(default=None, init=False)

    @contextlib.contextmanager
    def borrow(self, open_one: Callable[[], Session]) -> Iterator[Session]:
        """Lend the open session, or the one that ``open_one`` opens; it stays open afterwards."""
        if self._session is not None and not self._session.is_open:
            self.close()
        if self._session is None:
            self._session = open_one()
        yield self._session

    def close(self) -> None:
        """End the visit."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


def converse(group: click.Group, visit: Visit, profile: Profile) -> None:
    """Read commands until the operator leaves; what goes wrong is said, and the visit goes on."""
    talk(f"{' | '.join(VISIT_COMMANDS)} | help [COMMAND] | quit    (machine '{profile.name}')")
    try:
        with _interruptible():
            while (words := _ask()) is not None:
                if words[:1] and words[0] in _LEAVE:
                    return
                if words:
                    _obey(group, visit, words)
    finally:
        visit.close()


def _ask() -> list[str] | None:
    try:
        line = click.prompt("machine", prompt_suffix="> ", default="", show_default=False, err=True)
        return shlex.split(line)
    except click.Abort:
        return None
    except ValueError as error:
        talk(f"error: {error}")
        return []


def _obey(group: click.Group, visit: Visit, words: list[str]) -> None:
    name, rest = words[0], words[1:]
    if name == "help":
        name, rest = (rest[0], ["--help"]) if rest else ("", [])
    command = group.commands.get(name) if name in VISIT_COMMANDS else None
    if command is None:
        return talk(f"{' | '.join(VISIT_COMMANDS)} | help [COMMAND] | quit")
    profile = [] if name in _WITHOUT_PROFILE else ["--machine", visit.machine_name]
    port = ["--port", visit.port] if visit.port else []
    try:
        command.main([*profile, *port, *rest], prog_name=name, standalone_mode=False, obj=visit)
    except click.ClickException as error:
        error.show()
    except (StringartError, FirmwareError) as error:
        hint = getattr(error, "hint", "")
        talk(f"error: {error}" + (f"\nhint: {hint}" if hint else ""))
    except (click.Abort, KeyboardInterrupt):
        talk("\nstopped")
    return None


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends the command that runs, not the visit, as often as it is pressed."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
