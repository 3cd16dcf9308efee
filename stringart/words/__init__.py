"""The words of what people look at, one table a language: the studio's page, the player, the guide.

``en.json`` has every text; the others have the same, and the names of options that English takes from the program's
own tables (section ``options``).
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
"""Every language that is complete, as it calls itself; the first is taken where nothing else is wanted."""
_WISH = re.compile(r"\s*([a-zA-Z]{1,8})(?:[-_][a-zA-Z0-9-]*)?(?:\.[\w-]*)?(?:@\w*)?\s*(?:;\s*q=([0-9.]+)\s*)?")


def chosen(*wishes: str) -> str:
    """Return the language of the first wish that names one that is there; English if none does.

    Parameters
    ----------
    *wishes : str
        An ``Accept-Language`` header, a locale such as ``de_DE.UTF-8``, or a language; empty ones are passed over.

    Examples
    --------
    >>> chosen("", "da, fr-CH;q=0.7, de;q=0.9")
    'de'
    >>> chosen("C.UTF-8")
    'en'
    """
    for wish in wishes:
        found = [match for part in wish.split(",") if (match := _WISH.fullmatch(part))]
        for match in sorted(found, key=lambda match: -_weight(match[2])):
            if match[1].lower() in LANGUAGES:
                return match[1].lower()
    return next(iter(LANGUAGES))


def _weight(text: str | None) -> float:
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        return 0.0


@cache
def table(language: str, section: str) -> Mapping[str, Any]:
    """Return the texts of a part of the program: ``page``, ``player``, ``guide`` or ``options``."""
    sections: dict[str, dict[str, Any]] = json.loads((files("stringart.words") / f"{language}.json").read_text("utf-8"))
    return sections.get(section, {})
