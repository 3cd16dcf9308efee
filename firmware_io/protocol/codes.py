"""What the numbers mean that controllers of the grbl family answer with."""

from __future__ import annotations

GRBL_ERRORS: dict[int, str] = {
    1: "a letter was expected and something else was there",
    2: "a number is missing or malformed",
    3: "this $ command is not known",
    4: "a value is negative that must be positive",
    5: "homing is not enabled ($22)",
    6: "the step pulse must be longer than 3 microseconds",
    7: "the settings memory could not be read and was reset",
    8: "this $ command needs an idle machine",
    9: "locked: G-code is refused in alarm or jog",
    10: "soft limits need homing ($22)",
    11: "the line is too long",
    12: "the step rate is too high",
    13: "the safety door is open",
    14: "the line is too long to be stored",
    15: "the jog would leave the machine's travel",
    16: "the jog command is malformed",
    17: "laser mode needs PWM",
    18: "the stored line is not known",
    19: "the controller ran out of memory",
    20: "the command is not supported",
    21: "two commands of one modal group are in the line",
    22: "no feed rate has been set",
    23: "the command needs a whole number",
    24: "two commands in the line both want the axis words",
    25: "a word is repeated in the line",
    26: "axis words are missing",
    27: "the line number is out of range",
    28: "a word that the command needs is missing",
    29: "the work coordinate system does not exist",
    30: "G53 needs G0 or G1",
    31: "axis words are there that no command uses",
    32: "the arc has no axis words in its plane",
    33: "the target is invalid: the arc does not fit or the target is where the tool is",
    34: "no arc of this radius reaches the target",
    35: "the arc has no centre offsets in its plane",
    36: "the line holds words that no command uses",
    37: "the tool length offset has the wrong axis",
    38: "the tool number is too large",
    39: "the parameter is out of range",
    40: "the command is not allowed while the tool is changed",
    41: "the spindle is not running",
    42: "the plane must be XY",
    43: "the feed rate is above the maximum",
    44: "the spindle speed is out of range",
    45: "the limit switch is engaged: only homing is allowed",
    46: "home the machine first",
    47: "the coordinate system is locked",
    60: "the memory card could not be mounted",
    61: "the file could not be opened",
    62: "the folder could not be read",
    70: "a Bluetooth problem",
    79: "an emergency stop is active",
}

GRBL_ALARMS: dict[int, str] = {
    1: "a limit switch was hit: the position is likely lost, home again",
    2: "a move would have left the machine's travel: the position is kept",
    3: "reset while moving: steps may be lost, home again",
    4: "the probe was not in the expected state",
    5: "the probe did not touch",
    6: "homing was interrupted by a reset",
    7: "homing was interrupted by the door",
    8: "homing: the switch did not release, raise the pull-off ($27)",
    9: "homing: no switch was found within the travel",
    10: "an emergency stop is active",
    11: "homing is required first",
    12: "a limit switch is engaged",
    13: "the probe protection tripped",
    14: "the spindle did not reach its speed",
    15: "homing: the second switch of the axis was not found",
    16: "the power-on self test failed",
    17: "a motor driver reported a fault",
    18: "homing failed: the axes are out of square",
}

_HOMING_HINT = (
    "a machine with limit switches homes after $22=1; on one without, jog the tool to where it should be, "
    "or say where it is"
)
_ERROR_HINTS = {"error:5": _HOMING_HINT}

#: Alarms after which nothing but a reset is answered.
CRITICAL_ALARMS = frozenset({1, 2, 10, 17})
#: Alarms after which the controller still knows where it is.
POSITION_KEPT_ALARMS = frozenset({2, 4, 5, 11})


def error_meaning(code: int) -> str:
    """What ``error:code`` says, in words."""
    return GRBL_ERRORS.get(code, "an error that this program does not know; see the firmware's list")


def error_hint(code: str) -> str:
    """What to do about ``error:5`` and its like; empty where nothing can be said."""
    return _ERROR_HINTS.get(code, "")


def alarm_meaning(code: int) -> str:
    """What ``ALARM:code`` says, in words."""
    return GRBL_ALARMS.get(code, "an alarm that this program does not know; see the firmware's list")
