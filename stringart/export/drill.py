"""A drill program for the pins: G-code of the machine's dialect, for a board zeroed at its centre and its surface.

Pure ASCII; comments hold none of the characters that a controller acts on wherever it sees them. Holes deeper than
three drill diameters are pecked. Every travel is at the safe height.
"""

import re
import textwrap
import unicodedata

from stringart._version import __version__
from stringart.errors import OutputError
from stringart.export import MACHINE, ExportOption, ExportOptions
from stringart.export._options import read_number, write_mm, write_number
from stringart.export._sheet import title_of
from stringart.look.paint import notes_of
from stringart.machine.dialect import DIALECTS
from stringart.machine.profile_files import profile_of
from stringart.plan.model import Plan
from stringart.plan.nails import nails_of
from stringart.units import format_size, parse_length_mm

_SAFE_MM, _NEAR_MM = 5.0, 0.5
_HEADING = "Drill program"
DEPTH = ExportOption(
    name="drill_depth_mm", key="drill-depth", default=10.0, title="Depth of holes (mm)",
    read=parse_length_mm, write=write_mm, metavar="LENGTH", heading=_HEADING, low=0.1, high=200,
)  # fmt: skip
FEED = ExportOption(
    name="drill_feed_mm_min", key="drill-feed", default=120.0, title="Drilling feed (mm/min)", about="mm a minute.",
    read=read_number, write=write_number, metavar="FLOAT", heading=_HEADING, low=1, high=10_000,
)  # fmt: skip
RPM = ExportOption(
    name="drill_rpm", key="drill-rpm", default=8000.0, title="Spindle (1/min)", about="Speed of the spindle.",
    read=read_number, write=write_number, metavar="FLOAT", heading=_HEADING, low=1, high=100_000,
)  # fmt: skip
_OF_DRILL = (DEPTH, FEED, RPM)
OPTIONS = (*_OF_DRILL, MACHINE)
_SPIN_UP_S = 2


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the drill program.

    Raises
    ------
    OutputError
        If depth, feed or speed is not positive.
    """
    for option in _OF_DRILL:
        value = options[option]
        if not 0 < value < 1e6:
            raise OutputError(f"--{option.key} {value:g} is not above 0", "write a positive number")
    name = profile_of(options[MACHINE]).machine.dialect
    dialect = DIALECTS[name]
    end = ["M2"] if "M2" in dialect.words else []
    holes = [line if line[0] != "(" else dialect.comment.format(text=line[1:-1]) for line in _holes(plan, options)]
    lines = [*_head(plan, options, name), *holes, f"G0 Z{_SAFE_MM:.3f}", "M5", "G0 X0.000 Y0.000", *end, ""]
    return "\n".join(lines).encode("ascii")


def _head(plan: Plan, options: ExportOptions, name: str) -> list[str]:
    dialect, board, notes = DIALECTS[name], plan.board, notes_of(plan)
    nails = nails_of(plan)
    dwell = dialect.dwell.format(seconds=_SPIN_UP_S, ms=_SPIN_UP_S * 1000)
    alike = sorted(other for other, its in DIALECTS.items() if its.milliseconds == dialect.milliseconds)
    texts = [
        f"stringart {__version__}: drill program for {title_of(plan)}",
        f"plan {plan.sha256}",
        f"made by {notes['Software']}, command: {notes.get('Comment', 'not known')}",
        f"{len(plan.pins)} holes of {plan.pins.diameter_mm:g} mm, {options[DEPTH]:g} mm deep, "
        f"on {format_size(board.width_mm, board.height_mm)}",
        "pin 0 at 12 o'clock, clockwise, front view; mm",
        "zero: X Y at the board's centre, Z at its surface; x right, y up",
        f"written for {name}: {dwell} rests {_SPIN_UP_S} s on {', '.join(alike)}; --machine names another controller",
        f"nails: {nails.text}; {nails.setting}",
        f"travel at Z {_SAFE_MM:g} mm; check the drill, the clamps and what lies under the board",
    ]
    comments = [dialect.comment.format(text=part) for text in texts for part in textwrap.wrap(ascii_comment(text), 66)]
    modes = [word for word in ("G21", "G90", "G17", "G94") if word in dialect.words]
    return [*comments, *modes, f"G0 Z{_SAFE_MM:.3f}", f"M3 S{options[RPM]:.0f}", dwell]


def _holes(plan: Plan, options: ExportOptions) -> list[str]:
    peck = 3 * plan.pins.diameter_mm
    lines: list[str] = []
    for number, (x, y) in enumerate(plan.pins.xy_mm):
        lines += [f"(pin {number})", f"G0 X{_number(x)} Y{_number(y)}", f"G0 Z{_NEAR_MM:.3f}"]
        depth = 0.0
        while depth < options[DEPTH]:
            depth = min(depth + peck, options[DEPTH])
            lines.append(f"G1 Z-{depth:.3f} F{options[FEED]:.0f}")
            lines.append(f"G0 Z{_NEAR_MM if depth < options[DEPTH] else _SAFE_MM:.3f}")
    return lines


def _number(value: float) -> str:
    return f"{round(float(value), 3) + 0.0:.3f}"


def ascii_comment(text: str) -> str:
    """The text in 7-bit ASCII, without parentheses and without the real-time characters ``! ? ~`` and others."""
    bare = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    plain = "".join(char if char.isascii() else f"u{ord(char):04X}" for char in bare)
    return re.sub(r"[^\w .,:;=+*/'#@-]", "_", plain)
