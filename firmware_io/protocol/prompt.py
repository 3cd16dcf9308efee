"""A question of the firmware's to the operator, told in several lines: ``//action:prompt_begin``, ``_show``."""

from __future__ import annotations

import re

from firmware_io.events import Prompted

_TOLD = re.compile(r"^//\s*action:prompt_(begin|button|choice|show|end)\s*(.*)$")


class Prompt:
    """What is asked, as far as it is told."""

    def __init__(self) -> None:
        self._text = ""
        self._choices: list[str] = []

    def take(self, line: str) -> str:
        """Which part of a question a line tells; empty for a line that tells none."""
        match = _TOLD.match(line)
        if match is None:
            return ""
        what, words = match.group(1), match.group(2).strip()
        if what == "begin":
            self._text, self._choices = words, []
        elif what in ("button", "choice"):
            self._choices.append(words)
        return what

    @property
    def event(self) -> Prompted:
        """The question."""
        return Prompted(text=self._text, choices=tuple(self._choices))

    def answered(self) -> str:
        """The line that says: go on; the question is forgotten."""
        answer = "M876 S0" if self._choices else "M108"
        self._text, self._choices = "", []
        return answer
