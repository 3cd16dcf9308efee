"""A job: lines of G-code grouped in steps, each of which is either wholly done or not.

A *step* is the unit of truth. Its last line waits until the motion has physically ended (``G4 P0.01`` on grbl,
``M400`` on Marlin); the acknowledgement of that line is the proof that the step is done, and only then is it
written to the journal; a step without such a line gets one from the session. String art makes one step a wrap;
any other work cuts where going on makes sense.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from firmware_io.arguments import instance
from firmware_io.errors import JobError
from firmware_io.gcode import clean, is_setting, is_sync

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A run of lines that is done as a whole.

    Attributes
    ----------
    lines : tuple of str
        Lines as they go over the wire: ASCII, no comments, no line end. :meth:`Job.from_steps` cleans them.
    label : str
        What the operator reads ("pin 143, wrap 1204").
    kind : str
        A word of the caller's ("wrap", "anchor", "park"); opaque here.
    meta : mapping
        Anything the caller wants back in events and snapshots; opaque here.
    prompt : str
        Not empty: the job pauses *before* this step, everything still, and shows this text.
    """

    lines: tuple[str, ...]
    label: str = ""
    kind: str = ""
    meta: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    prompt: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.lines, str | bytes):
            raise JobError(f"a step's lines should be a tuple of lines, not the text {self.lines!r:.60}", "split it")
        if not isinstance(self.lines, Iterable) or isinstance(self.lines, Set | Mapping):  # a set has any order
            raise JobError(f"a step's lines should be a tuple of lines, not {type(self.lines).__name__}")
        object.__setattr__(self, "lines", tuple(self.lines))
        wrong = next((line for line in self.lines if not isinstance(line, str)), None)
        if wrong is not None:
            raise JobError(f"a line of a step should be a str, not {type(wrong).__name__} {wrong!r:.60}")
        for name in ("label", "kind", "prompt"):
            instance(getattr(self, name), str, f"the {name} of a step")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Steps in their order, under a name.

    Build it with :meth:`from_steps` or :meth:`from_gcode`; both clean and check every line.
    """

    name: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        instance(self.name, str, "the name of a job")
        object.__setattr__(self, "steps", _steps(self.steps))

    @classmethod
    def from_steps(cls, name: str, steps: Iterable[Step]) -> Job:
        """Clean the lines of every step and put the steps together.

        Raises
        ------
        JobError
            When a line is not ASCII after comments are gone, holds a real-time character, or writes settings
            (``$x=``, ``G10``, ``G28.1`` ...), which must never be streamed.
        """
        instance(name, str, "the name of a job", "the name comes first")
        return cls(name=name, steps=tuple(_cleaned(i, step) for i, step in enumerate(_steps(steps))))

    @classmethod
    def from_gcode(cls, name: str, text: str, *, lines_per_step: int = 25) -> Job:
        """Cut the text of a G-code file into steps.

        A step ends at every line that waits for the motion's end (``G4``, ``M400``, ``M0``, ``M2``, ``M30``), and
        after `lines_per_step` lines. Where a step ends without such a line the session adds one (``G4 P0``):
        a short stop, and a point to resume from.

        Raises
        ------
        JobError
            As :meth:`from_steps`, and when the text holds no line to send.
        """
        if not isinstance(text, str):
            raise JobError(f"the text of a job should be a str, not {type(text).__name__}", "decode it as ASCII")
        instance(name, str, "the name of a job", "the name comes first")
        if "\n" in name:
            raise JobError("the name of a job should be one line", "the name comes first, then the text")
        job = cls.from_steps(name, _cut(text.splitlines(), lines_per_step))
        if not job.steps:
            raise JobError(f"'{name}' holds no line to send", "is it the right file?")
        return job

    @property
    def sha256(self) -> str:
        """Hash of the bytes that go over the wire, with the borders of the steps."""
        digest = hashlib.sha256()
        for step in self.steps:
            digest.update("\n".join(step.lines).encode("ascii") + b"\n\x00")
        return digest.hexdigest()

    @property
    def line_count(self) -> int:
        """Lines in all steps."""
        return sum(len(step.lines) for step in self.steps)

    def first_line_of(self, step: int) -> int:
        """Count of lines before `step`, so that line numbers in messages count from the job's first line."""
        return sum(len(s.lines) for s in self.steps[:step])


def _steps(steps: object) -> tuple[Step, ...]:
    """Return steps as they are given in any order that stays."""
    if not isinstance(steps, Iterable) or isinstance(steps, str | bytes | Set | Mapping):
        raise JobError(
            f"the steps of a job should be several Steps, not {type(steps).__name__}", "the name comes first"
        )
    return tuple(instance(step, Step, f"step {number} of a job") for number, step in enumerate(steps))


def _cleaned(index: int, step: Step) -> Step:
    lines = []
    for raw in step.lines:
        line = clean(raw)
        if is_setting(line):
            raise JobError(
                f"step {index} ({step.label or 'no label'}): '{line}' writes the controller's settings",
                "settings are never streamed; send it by itself before the job",
            )
        if line:
            lines.append(line)
    return replace(step, lines=tuple(lines))


def _cut(raw_lines: Iterable[str], lines_per_step: int) -> Iterator[Step]:
    run: list[str] = []
    first = last = 1
    for number, raw in enumerate(raw_lines, start=1):
        line = clean(raw, number)
        if not line or line == "%":
            continue
        first = number if not run else first
        last = number
        run.append(line)
        if is_sync(line) or len(run) >= lines_per_step:
            yield Step(lines=tuple(run), label=f"lines {first} to {number}")
            run = []
    if run:
        yield Step(lines=tuple(run), label=f"lines {first} to {last}")
