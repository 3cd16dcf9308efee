"""Speech by a program that the system has: espeak-ng where it is installed, ``say`` on macOS."""

import shutil
import subprocess
from pathlib import Path

from stringart.errors import StringartError

_SPEAKERS = (("espeak-ng", "-v"), ("espeak", "-v"), ("say", "-v"))


class Speaker:
    """Says short texts, never waits: a new one cuts the old one off.

    Parameters
    ----------
    voice : str
        As the program names it, such as ``en`` or ``de``; its default if empty.
    language : str
        Spoken where no voice is named, by a program that names voices so; ``say`` speaks the system's own.

    Raises
    ------
    StringartError
        If no program that speaks is installed.
    """

    def __init__(self, voice: str = "", language: str = "") -> None:
        found = next(((path, flag) for name, flag in _SPEAKERS if (path := shutil.which(name))), None)
        if found is None:
            raise StringartError(
                "speech needs espeak-ng (or say, on macOS), and none is on the PATH",
                "install it, as in: sudo apt install espeak-ng; or wind without --say",
            )
        program, flag = found
        voice = voice or (language if Path(program).name.startswith("espeak") else "")
        self._command = [program, *([flag, voice] if voice else [])]
        self._running: subprocess.Popen[bytes] | None = None

    def say(self, text: str) -> None:
        """Begin to say ``text``."""
        self.stop()
        self._running = subprocess.Popen(
            [*self._command, text], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """Fall silent."""
        if self._running is not None:
            if self._running.poll() is None:
                self._running.terminate()
            self._running.wait()
            self._running = None
