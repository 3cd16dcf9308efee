"""A real terminal without a window: tmux."""

import os
import re
import subprocess
import time


class Terminal:
    """One tmux session with one window."""

    def __init__(self, folder, columns=80, rows=24):
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._size = ["-x", str(columns), "-y", str(rows)]
        self._run(["new-session", "-d", *self._size, "sh"])

    def _run(self, arguments):
        env = os.environ | {"LC_ALL": "C.UTF-8", "TMUX": ""}
        return subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True, env=env).stdout

    def keys(self, *keys):
        self._run(["send-keys", *keys])

    def line(self, text):
        self.keys("-l", text)
        self.keys("Enter")

    def resize(self, columns, rows):
        self._run(["resize-window", "-x", str(columns), "-y", str(rows)])

    def screen(self):
        return self._run(["capture-pane", "-p"])

    def wait(self, pattern, within_s=300.0):
        """The screen once it matches."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if re.search(pattern, screen := self.screen()):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"never saw {pattern!r} in:\n{self.screen()}")

    def close(self):
        self._run(["kill-server"])
