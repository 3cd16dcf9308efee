"""What each controller understands: its words, how it rests, how a program ends, how comments are written.

A dialect is a TOML file in ``dialects``, named like the dialect, with the fields of `Dialect`; ``inherits`` names
another one whose fields it takes where it gives none. A new file there is a new dialect.

A word that a dialect does not list is never written: grbl answers ``error:20`` to it, and Marlin takes it for
something else (``M30`` deletes a file there).
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import Any

from stringart.errors import MachineError

MAX_LINE = 78
_REALTIME = re.compile(r"[!?~]")
_WORDS = re.compile(r"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))")
_FOLDER = resources.files("stringart.machine") / "dialects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one controller is spoken to.

    Parameters
    ----------
    words : tuple of str
        G and M words that it knows and that may stand in a job. Where M2 or M30 is one, a job ends with it.
    preamble : tuple of str
        First lines of every job.
    needed : tuple of str
        Modes that must be said before the first move.
    sync : str
        Line that is acknowledged only when the motion has ended; ``{seconds}`` is put in.
    dwell : str
        A rest; ``{seconds}`` or ``{ms}`` is put in.
    stop : str
        Line that waits for the operator; ``{text}`` is put in where the dialect shows one.
    end : tuple of str
        Last lines.
    comment : str
        ``{text}`` is put in.
    arcs : bool
        Whether it knows G2 and G3.
    servo : str
        How a servo is set; ``{s}`` is put in.
    ticks : bool
        Whether a rest lasts whole ticks of grbl's clock.
    firmware : str
        What `firmware_io` speaks with it; empty: it is not sent to, it runs a job's file itself.
    """

    words: tuple[str, ...]
    preamble: tuple[str, ...]
    needed: tuple[str, ...] = ("G17",)
    sync: str = "G4 P{seconds}"
    dwell: str = "G4 P{seconds}"
    stop: str = "M0"
    end: tuple[str, ...] = ("M2",)
    comment: str = "({text})"
    arcs: bool = True
    servo: str = "M3 S{s}"
    ticks: bool = False
    firmware: str = ""

    @property
    def milliseconds(self) -> bool:
        """Whether a rest is said in milliseconds."""
        return "{ms}" in self.dwell


def _read(name: str) -> dict[str, Any]:
    """Return the fields of a dialect's file, over those of the one that it inherits from."""
    table = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    below = _read(table.pop("inherits")) if "inherits" in table else {}
    return below | {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _known() -> dict[str, Dialect]:
    names = sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    return {name: Dialect(**_read(name)) for name in names}


DIALECTS: dict[str, Dialect] = _known()
"""Every dialect by its name: a file in ``dialects``."""


def ascii_text(text: str) -> str:
    """A text as it may stand in a job: printable ASCII without characters that a controller acts upon.

    Examples
    --------
    >>> ascii_text("Äußerer Ring (ready?)")
    'Ausserer Ring ready'
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if " " <= c <= "}" and c not in "!?~();%*").strip()


def comment(dialect: Dialect, text: str) -> str:
    """One line of comment, cut to the longest line."""
    room = MAX_LINE - len(dialect.comment.format(text=""))
    return dialect.comment.format(text=ascii_text(text)[:room].rstrip())


def number(value: float) -> str:
    """Three decimals at most, without zeros that say nothing and without "-0"."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def sync_line(dialect: Dialect, seconds: float) -> str:
    """The line whose acknowledgement proves that everything before it has moved."""
    return dialect.sync.format(seconds=number(seconds))


def dwell_line(dialect: Dialect, seconds: float) -> str:
    """A rest of so many seconds."""
    return dialect.dwell.format(seconds=number(seconds), ms=number(seconds * 1000))


def stop_line(dialect: Dialect, text: str) -> str:
    """The line that waits for the operator."""
    room = MAX_LINE - len(dialect.stop.format(text=""))
    return dialect.stop.format(text=ascii_text(text).replace('"', "'")[:room].rstrip()).rstrip()


def check_line(line: str, dialect: Dialect, name: str, where: str) -> None:
    """Refuse a line that the dialect does not know or that must not be streamed.

    Raises
    ------
    MachineError
    """
    bad = next((c for c in line if not " " <= c <= "~"), None) or (_REALTIME.search(line) or [None])[0]
    if bad is not None:
        raise MachineError(f"{where}: '{line}' holds {bad!r}, which {name} acts upon at once or cannot read")
    if len(line) > MAX_LINE:
        raise MachineError(f"{where}: a line of {len(line)} characters is longer than {MAX_LINE}: '{line[:30]}...'")
    if line.startswith("$"):
        raise MachineError(f"{where}: '{line}' is a command to the controller, not part of a job")
    if re.match(r"M(117|118|0)\b", line):  # the rest is text for a display
        line = line.split()[0]
    line = re.sub(r'"[^"]*"', "", line)  # and so is this
    for letter, digits in _WORDS.findall(line.upper()):
        word = f"{letter}{float(digits):g}"
        if letter in "GM" and word not in dialect.words:
            raise MachineError(f"{where}: {name} does not know {word} ('{line}')", "take the word out of the profile")
