"""The controller's own settings: read before a job, and a line for everything in which they contradict the profile."""

import contextlib

from firmware_io import RejectedError, Session
from stringart.cli._machine_common import firmware_errors, talk
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.settings import as_controlled, contradictions, fluidnc_settings, marlin_settings


def believe_settings(session: Session, profile: Profile, *, wraps: int = 0) -> Profile:
    """Say in what the controller contradicts the profile; the profile as the controller lets it move."""
    marlin = DIALECTS[profile.machine.dialect].firmware == "marlin"
    settings = settings_of(session, marlin=marlin, per_minute=profile.machine.dialect == "reprap")
    for line in contradictions(settings, profile, wraps=wraps, marlin=marlin):
        talk(f"note: {line}")
    return as_controlled(profile, settings)


def settings_of(session: Session, *, marlin: bool, per_minute: bool = False) -> dict[int, float]:
    """The controller's settings by grbl's numbers; `per_minute`: it says M203 in mm/min, as RepRapFirmware does."""
    if session.snapshot().firmware == "fluidnc":
        with contextlib.suppress(RejectedError):  # an old one, without that word
            return session.settings | fluidnc_settings(session.command("$CD"))
    if not marlin:
        return session.settings
    with firmware_errors():
        return marlin_settings(session.command("M503"), per_minute=per_minute)
