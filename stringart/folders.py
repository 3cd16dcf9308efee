"""Folders of the user's own, by the rules of the system; an environment variable names another.

================  =========================================  ========================
what              holds                                      variable
================  =========================================  ========================
`config_folder`   threads, machine profiles, defaults        ``STRINGART_CONFIG_DIR``
`state_folder`    progress of windings, journals of jobs     ``STRINGART_STATE_DIR``
`studio_folder`   the studio's pieces                        ``STRINGART_STUDIO_DIR``
`cache_folder`    compiled kernels; may be deleted
================  =========================================  ========================
"""

import os
from pathlib import Path

import platformdirs


def _of(variable: str, usual: Path) -> Path:
    chosen = os.environ.get(variable)
    return Path(chosen) if chosen else usual


def config_folder() -> Path:
    """Return the folder of what the user sets."""
    return _of("STRINGART_CONFIG_DIR", platformdirs.user_config_path("stringart", appauthor=False))


def state_folder() -> Path:
    """Return the folder of what is kept between runs."""
    return _of("STRINGART_STATE_DIR", platformdirs.user_state_path("stringart", appauthor=False))


def studio_folder() -> Path:
    """Return the folder of the studio's pieces."""
    return _of("STRINGART_STUDIO_DIR", platformdirs.user_data_path("stringart", appauthor=False) / "studio")


def cache_folder() -> Path:
    """Return the folder of what can be made again."""
    return platformdirs.user_cache_path("stringart", appauthor=False)
