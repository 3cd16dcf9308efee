"""The keys of the guide on a terminal: what each does, and what it is called at the lower edge."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Does(Enum):
    """What a key asks for."""

    NEXT = "next"
    BACK = "back"
    JUMP = "jump"
    UNDO = "undo"
    PAUSE = "pause"
    SPOOL = "spool"
    TROUBLE = "trouble"
    QUIT = "quit"
    TELL_QUIT = "tell how to quit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One thing that can be asked for.

    Parameters
    ----------
    does : Does
    shown : str
        The key as it is named on the screen; "" for what is not shown.
    word : str
        Of `hand.guide_words`, what it does.
    names : tuple of str
        Every key that does it, as a terminal names them.
    """

    does: Does
    shown: str = ""
    word: str = ""
    names: tuple[str, ...]


KEYS = (
    Key(
        does=Does.NEXT, shown="space", word="key_next",
        names=(" ", "n", "KEY_RIGHT", "KEY_ENTER", "KEY_DOWN", "KEY_PGDOWN"),
    ),
    Key(does=Does.BACK, shown="b", word="key_back", names=("b", "KEY_LEFT", "KEY_BACKSPACE", "KEY_UP")),
    Key(does=Does.JUMP, shown="j", word="key_jump", names=("j",)),
    Key(does=Does.UNDO, shown="u", word="key_undo", names=("u",)),
    Key(does=Does.PAUSE, shown="p", word="key_pause", names=("p",)),
    Key(does=Does.SPOOL, shown="s", word="key_spool", names=("s",)),
    Key(does=Does.TROUBLE, shown="?", word="key_help", names=("?", "h")),
    Key(does=Does.QUIT, shown="q", word="key_quit", names=("q",)),
    Key(does=Does.TELL_QUIT, names=("KEY_ESCAPE",)),
)  # fmt: skip
FEW = (Does.NEXT, Does.BACK, Does.TROUBLE, Does.QUIT)
"""What a narrow terminal shows."""
LEFT_OUT = (Does.UNDO, Does.SPOOL, Does.JUMP, Does.PAUSE, Does.BACK)
"""In this order, where the words of a language need more room than there is."""

_DOES = {name: key.does for key in KEYS for name in key.names}


def meant_by(name: str) -> Does | None:
    """Return what a key asks for, by its name; None for a key that asks for nothing."""
    return _DOES.get(name)


def shown_keys(only: Iterable[Does] | None = None) -> tuple[Key, ...]:
    """Return the keys that are named on the screen, or only these of them."""
    wanted = {key.does for key in KEYS} if only is None else set(only)
    return tuple(key for key in KEYS if key.shown and key.does in wanted)
