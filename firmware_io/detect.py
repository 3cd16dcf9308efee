"""Finds out which firmware listens at a port, without sending it anything that could move it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from firmware_io.errors import ProtocolError
from firmware_io.transport import Transport

NAME_QUERY = b"\nM115\n"
_ASK_EVERY_S = 0.5
_GRBL_SIGNS = (b"Grbl", b"grblHAL", b"GrblHAL", b"|MPos:", b"|WPos:")
_MARLIN_SIGNS = (b"start\n", b"start\r", b"Marlin", b"FIRMWARE_NAME", b"echo:", b"wait\n")
_PATIENCE_S = 5.0
_OWN_WORDS = {  # what one says and the other never does, even of lines that it cannot read
    "grbl": re.compile(rb"Grbl|^\[MSG:|^error:\d", re.MULTILINE),
    "marlin": re.compile(rb"Marlin|FIRMWARE_NAME:|echo:Unknown command"),
}


def speaks_another(firmware: str, heard: bytes) -> str | None:
    """Return the dialect that was heard where it is not that of ``firmware``, else None.

    Parameters
    ----------
    firmware : str
        One of Grbl's family, or ``marlin``.
    heard : bytes
    """
    others = [name for name in _OWN_WORDS if name != ("marlin" if firmware == "marlin" else "grbl")]
    if firmware == "lines":
        others = list(_OWN_WORDS)
    return next((other for other in others if _OWN_WORDS[other].search(heard)), None)


def detect_firmware(
    transport: Transport,
    boot_wait_s: float,
    sleep: Callable[[float], None] = time.sleep,
    patience_s: float = _PATIENCE_S,
) -> tuple[str, bytes]:
    """Listen, ask with ``?``, and after `boot_wait_s` with ``M115``; give up `patience_s` later.

    Returns
    -------
    firmware : str
        ``"grbl"`` (any of its family) or ``"marlin"``.
    heard : bytes
        What was received meanwhile; the protocol core must see it too.

    Raises
    ------
    ProtocolError
        When nothing that is known answers.
    PortError
        When the port goes away.
    """
    heard = b""
    waited, asked = 0.0, -1.0
    marlin_asked = False
    while waited < boot_wait_s + patience_s:
        heard += transport.take()
        if any(sign in heard for sign in _GRBL_SIGNS):
            return "grbl", heard
        if any(sign in heard for sign in _MARLIN_SIGNS):
            return "marlin", heard
        if waited - asked >= _ASK_EVERY_S and not marlin_asked:
            asked = waited
            transport.write(b"?")
        if waited >= boot_wait_s and not marlin_asked:
            marlin_asked = True
            transport.write(NAME_QUERY)
        sleep(0.02)
        waited += 0.02
    what = f"; it said {heard[:60]!r}" if heard else ""
    raise ProtocolError(
        f"no controller that this program knows answers within {boot_wait_s + patience_s:g} s{what}",
        "check power, cable and baud rate; after a hard alarm reset the controller",
    )
