"""The tool led by hand: ready to be moved, jogged within the limits, from pin to pin."""

import sys
from collections.abc import Mapping, Sequence

from firmware_io import MachineState, Session
from stringart.cli._machine_common import firmware_errors, talk
from stringart.cli._machine_position import axes_text, know_position, require_position
from stringart.cli._machine_states import rest
from stringart.errors import MachineError, StringartError
from stringart.machine.profile import AXIS_ORDER, Profile
from stringart.machine.reach import check_jog


def make_ready(
    session: Session, profile: Profile, *, homing: bool, said: Mapping[str, float] | None, yes: bool
) -> None:
    """Bring the machine to where the tool may be moved: at rest, its position known."""
    if not homing:
        rest(session)
    know_position(session, profile, homing=homing, place=said, yes=yes)
    require_position(session)
    real = not session.port.address.startswith("sim://")
    if yes and real and said is None and session.stands_unseen:
        raise MachineError(
            "the controller stands at its zero, as one does that was just switched on, and was never used from here",
            "leave --yes out and look, or say it: --home, or --at X,Y,Z where the tool stands",
        )


def touch_pins(session: Session, profile: Profile, count: int) -> dict[int, tuple[float, float]]:
    """Let the tool be led from pin to pin; what cannot be done is said, and no touch is lost."""
    x, y, touched = profile.axes.x, profile.axes.y, {}
    talk(f"jog with e.g. {x}10 {y}-0.5; write a pin's number when the tool is over it; an empty line ends")
    for line in sys.stdin:
        words = line.split()
        if not words:
            break
        try:
            with firmware_errors():
                if len(words) == 1 and words[0].isdigit():
                    pin, place, here = _touch(session, profile, int(words[0]), count)
                    touched[pin] = place
                    talk(f"pin {pin} is at {x}{here[0]:.3f} {y}{here[1]:.3f}; {len(touched)} pins touched")
                else:
                    jog_within(session, profile, axis_words(words), profile.motion.wrap_feed_mm_min)
                    talk(show_where_short(session))
        except StringartError as error:
            talk(f"error: {error}" + (f"; {error.hint}" if error.hint else ""))
            if session.snapshot().machine_state in _ENDS_TOUCHING or not session.snapshot().connected:
                raise
    return touched


_ENDS_TOUCHING = (MachineState.ALARM, MachineState.DEAD)


def _touch(
    session: Session, profile: Profile, pin: int, count: int
) -> tuple[int, tuple[float, float], tuple[float, ...]]:
    from stringart.machine.kinematics import to_plane

    if pin >= count:
        raise MachineError(f"there is no pin {pin}: they are numbered 0 to {count - 1}")
    position = session.wait_until_idle(30).work_position
    if position is None:
        raise MachineError(
            "the controller does not say where it is",
            "ask again when it stands",
        )
    here = profile.axes.of(position)
    return pin, to_plane(profile, here), here


def jog_within(
    session: Session, profile: Profile, moves: Mapping[str, float], feed_mm_min: float, *, absolute: bool = False
) -> None:
    """Jog within the profile's limits, as far as it is known where the tool is."""
    position = session.wait_until_idle(60).work_position
    if session.snapshot().position_known and position is not None:
        check_jog(profile, dict(zip(AXIS_ORDER, position, strict=False)), moves, absolute=absolute)
    session.jog(feed_mm_min=feed_mm_min, absolute=absolute, **moves)


def show_where_short(session: Session) -> str:
    """Axis values now."""
    position = session.wait_until_idle(60).work_position
    return "place unknown" if position is None else axes_text(position)


def axis_words(words: Sequence[str]) -> dict[str, float]:
    try:
        return {word[0].upper(): float(word[1:]) for word in words}
    except ValueError:
        raise MachineError(f"'{' '.join(words)}' is no motion", "write axes and distances, as in X10 Y-0.5") from None
