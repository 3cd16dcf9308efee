"""How far the axes go: whether a move stays within the profile's limits."""

import math
from collections.abc import Mapping, Sequence

from stringart.errors import MachineError
from stringart.machine.profile import Profile, Range


def limits_of(profile: Profile) -> dict[str, tuple[str, Range]]:
    """Return by each axis' letter the name of its limits in the profile and the limits; a turning board has none."""
    axes, limits = profile.axes, profile.limits
    found = {axes.x: ("x_mm", limits.x_mm), axes.y: ("y_mm", limits.y_mm), axes.z: ("z_mm", limits.z_mm)}
    if profile.rotary:
        del found[axes.y]
    if profile.servo_lift:
        found.pop(axes.z, None)
    return found


def check_jog(
    profile: Profile, here: Mapping[str, float], moves_mm: Mapping[str, float], *, absolute: bool = False
) -> None:
    """Refuse a jog that leaves the profile's limits.

    Parameters
    ----------
    profile : Profile
    here : mapping of str to float
        Where every axis is, in work coordinates.
    moves_mm : mapping of str to float
        By how much each axis shall move, or with ``absolute`` where to.

    Raises
    ------
    MachineError
        With the axis, where it would go, and the limits. A move towards the limits, from beyond them, is allowed.
    """
    for letter, (name, (low, high)) in limits_of(profile).items():
        if letter not in moves_mm or letter not in here:
            continue
        before, target = here[letter], moves_mm[letter] + (0.0 if absolute else here[letter])
        if not math.isfinite(target):
            continue  # no controller understands it, and it is refused for that
        if min(before, low) - 1e-6 <= target <= max(before, high) + 1e-6:
            continue
        raise MachineError(
            f"{letter} would go to {target:.1f} mm: the profile's limits.{name} are {low:g} to {high:g}",
            "a smaller step; where the machine goes further, correct the profile",
        )


def beyond_travel(
    target: Sequence[float], work_offset: Sequence[float], travels_mm: Mapping[int, float]
) -> tuple[int, float, float] | None:
    """Find the axis of a target that lies beyond a controller's own travel ($130 and on, from its switches).

    Parameters
    ----------
    target : sequence of float
        In work coordinates, X Y Z and on.
    work_offset : sequence of float
        Machine less work coordinates.
    travels_mm : mapping of int to float
        Travel by the axis' number.

    Returns
    -------
    (axis, machine_mm, travel_mm) or None
    """
    for axis, (value, offset) in enumerate(zip(target, work_offset, strict=False)):
        travel = travels_mm.get(axis)
        machine = value + offset
        if travel is not None and not -travel - 1e-6 <= machine <= 1e-6:
            return axis, machine, travel
    return None
