"""Whether a machine profile as a whole can be: what several of its values together tell, and the names in it."""

from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile import Profile
from stringart.machine.template_files import load_template


def check_whole(profile: Profile, source: str) -> None:
    """Refuse what only several values together tell, or what is there to be named.

    Raises
    ------
    MachineError
    """
    kind, axes = profile.machine, profile.axes
    for key, value, known in (
        ("dialect", kind.dialect, tuple(DIALECTS)),
        ("kinematics", kind.kinematics, ("gantry", "rotary", "turntable")),
        ("lift", kind.lift, ("z", "servo")),
    ):
        if value not in known:
            raise MachineError(f"{source}: machine.{key} is '{value}'", f"known: {', '.join(known)}")
    if kind.template:
        load_template(kind.template)
    letters = (axes.x, axes.y, axes.z)
    if len(set(letters)) < 3 or any(letter not in "XYZABCUVW" or len(letter) != 1 for letter in letters):
        raise MachineError(f"{source}: axes are {', '.join(letters)}; they should be three different letters of XYZABC")
    if profile.servo_lift and profile.servo.low_mm >= profile.servo.high_mm:
        raise MachineError(f"{source}: servo.low_mm {profile.servo.low_mm:g} should be below servo.high_mm")
    if profile.height.first_wrap_mm >= profile.height.pin_mm:
        raise MachineError(
            f"{source}: height.first_wrap_mm {profile.height.first_wrap_mm:g} should be below "
            f"height.pin_mm {profile.height.pin_mm:g}"
        )
