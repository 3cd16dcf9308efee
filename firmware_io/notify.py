"""A command of the user's, run on pause, alarm, halt and end."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections.abc import Callable

from firmware_io.events import AlarmRaised, Disconnected, Event, JobFinished, JobHalted, JobPaused, Prompted

_PATIENCE_S = 60.0


class Notifier:
    """Runs `command` (by the shell, in the background) for the events that need a human.

    ``{event}`` and ``{text}`` in the command are replaced by a word and a sentence, quoted; the environment has
    them as ``FIRMWARE_IO_EVENT`` and ``FIRMWARE_IO_TEXT``. `complain` is told when the command fails.
    """

    def __init__(self, command: str, complain: Callable[[str], None]) -> None:
        self._command, self._complain = command, complain

    def __call__(self, event: Event) -> None:
        """Look at an event."""
        notice = describe(event)
        if self._command and notice is not None:
            threading.Thread(target=self._run, args=notice, name="notify", daemon=True).start()

    def _run(self, word: str, text: str) -> None:
        quote = shlex.quote if os.name != "nt" else lambda s: '"' + s.replace('"', "'") + '"'
        command = self._command.replace("{event}", quote(word)).replace("{text}", quote(text))
        environment = os.environ | {"FIRMWARE_IO_EVENT": word, "FIRMWARE_IO_TEXT": text}
        try:
            done = subprocess.run(
                command, shell=True, env=environment, timeout=_PATIENCE_S, capture_output=True, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self._complain(f"the notification command failed: {error}")
            return
        if done.returncode:
            self._complain(f"the notification command ended with {done.returncode}")


def describe(event: Event) -> tuple[str, str] | None:
    """A word and a sentence for events that need a human; None for all others."""
    if isinstance(event, JobPaused):
        return "pause", event.prompt or f"paused before step {event.next_step}: {event.reason}"
    if isinstance(event, Prompted):
        return "pause", event.text
    if isinstance(event, AlarmRaised):
        return "alarm", f"{event.code}: {event.meaning}"
    if isinstance(event, JobHalted):
        return "halt", event.reason
    if isinstance(event, JobFinished):
        return "end", f"all {event.steps_done} steps are done"
    if isinstance(event, Disconnected):
        return "alarm", event.reason
    return None
