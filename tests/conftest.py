"""Settings for all tests."""

import os

from hypothesis import settings

os.environ["STRINGART_NO_DEFAULTS"] = "1"  # a tester's own defaults are no part of a test

settings.register_profile("stringart", deadline=None)  # how long an example takes depends on who shares the machine
settings.load_profile("stringart")
