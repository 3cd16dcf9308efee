"""Settings for all tests."""

from hypothesis import settings

settings.register_profile("stringart", deadline=None)  # how long an example takes depends on who shares the machine
settings.load_profile("stringart")
