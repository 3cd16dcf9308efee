"""The browser that tests drive: the smallest Chromium on this computer."""

import shutil

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell has no windows: a page in it costs less than half of the processor time."""

BROWSER = next(filter(None, map(shutil.which, _NAMES)), "")
