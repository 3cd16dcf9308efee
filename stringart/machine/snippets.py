"""The user's own lines of G-code from the profile: filled in, then checked like every other line."""

import string
from collections.abc import Mapping

from stringart.errors import MachineError
from stringart.machine.dialect import DIALECTS, ascii_text, check_line, number
from stringart.machine.profile import Profile

FIELDS = ("thread", "color", "layer", "layers", "wrap", "wraps", "pin", "x", "y", "z")


def render(profile: Profile, which: str, values: Mapping[str, object]) -> list[str]:
    """Lines of the snippet ``which`` (start, end, change, layer) with the fields put in.

    Raises
    ------
    MachineError
        If a field is not known, or a line is one that the dialect does not know.
    """
    dialect = DIALECTS[profile.machine.dialect]
    texts = {key: number(v) if isinstance(v, float) else ascii_text(str(v)) for key, v in values.items()}
    lines = []
    for index, template in enumerate(getattr(profile.snippets, which)):
        where = f"{profile.name}: snippets.{which}[{index}]"
        try:
            fields = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        except ValueError as error:
            raise MachineError(f"{where}: '{template}' cannot be read ({error})") from None
        unknown = [name for name in fields if name not in FIELDS]
        if unknown:
            raise MachineError(
                f"{where}: the field {{{unknown[0]}}} is not known", f"known: {', '.join(f'{{{f}}}' for f in FIELDS)}"
            )
        line = template.format_map({**dict.fromkeys(FIELDS, ""), **texts}).strip()
        check_line(line, dialect, profile.machine.dialect, where)
        if line:
            lines.append(line)
    return lines
