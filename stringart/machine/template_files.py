"""Where job templates are found and how they are read: TOML, the bundled ones and the user's over them by name.

A user's template is read with suspicion.
"""

import tomllib
from importlib import resources
from pathlib import Path

from stringart.errors import MachineError
from stringart.files import read_text
from stringart.folders import config_folder
from stringart.machine.template import FIELDS, FORBIDDEN, PLACES, Template, names_in
from stringart.machine.toml_records import check_table, record_of

_MAX_BYTES = 2**16


def user_templates() -> Path:
    """Where the user's own templates are."""
    return config_folder() / "templates"


def template_names() -> list[str]:
    """Names of all templates, the user's and the bundled ones."""
    bundled = resources.files("stringart.machine") / "templates"
    names = {entry.name.removesuffix(".toml") for entry in bundled.iterdir() if entry.name.endswith(".toml")}
    own = {path.stem for path in user_templates().glob("*.toml")} if user_templates().is_dir() else set()
    return sorted(names | own)


def load_template(name: str) -> Template:
    """Read a template by its name; the user's own comes before a bundled one.

    Raises
    ------
    MachineError
        If it is not known, or a key, a type or a field in it is wrong.
    """
    own = user_templates() / f"{name}.toml"
    of_user = own.is_file()
    if of_user:
        text, source = read_text(own, MachineError, _MAX_BYTES), str(own)
    elif name in template_names():
        text, source = (resources.files("stringart.machine") / "templates" / f"{name}.toml").read_text("utf-8"), name
    else:
        raise MachineError(
            f"the job template '{name}' is not known",
            f"known: {', '.join(template_names())}; your own go into {user_templates()}",
        )
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MachineError(f"{source}: not TOML: {error}") from None
    if of_user:  # ours are checked by the tests
        check_table(Template, table, source)
    template = record_of(Template, table, name)
    _check_whole(template, source)
    return template


def _check_whole(template: Template, source: str) -> None:
    if not template.wrap:
        raise MachineError(f"{source}: it has no line for a wrap", 'write one, as in: wrap = ["{pin}"]')
    for key in ("wrap", "start", "layer", "end"):
        for line in getattr(template, key):
            unknown = [name for name in names_in(line, f"{source}: {key}") if name not in FIELDS]
            if unknown:
                known = ", ".join(f"{{{name}}}" for name in FIELDS)
                raise MachineError(f"{source}: {key}: the field {{{unknown[0]}}} is not known", f"known: {known}")
            bad = FORBIDDEN.search(line)
            if bad:
                raise MachineError(
                    f"{source}: {key}: '{line}' holds {bad[0]!r}, which a controller may act upon or take for a comment"
                )
    if not (PLACES | {"pin", "before", "after", "angle"}) & {n for line in template.wrap for n in names_in(line)}:
        raise MachineError(f"{source}: no line of a wrap says its pin", "use {pin}, {after} or {angle} in wrap")
    if template.answers.ask and "{place}" not in template.answers.place:
        raise MachineError(f"{source}: answers.place should say how the answer to answers.ask looks, with {{place}}")
