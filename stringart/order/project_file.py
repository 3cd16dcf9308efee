"""Project files: an order as TOML, read with suspicion, written back complete; and the user's own defaults.

Keys are the options' names, values are what the command line takes, numbers where there is no unit::

    board = "rectangle"
    size = "800x600mm"
    pins = 360
    limit = ["red=400m", "blue=1km"]

Files that it names are relative to it. pydantic stands at this border only.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from stringart._version import __version__
from stringart.errors import ConfigError, OutputError, StringartError, UnitError
from stringart.files import read_text
from stringart.folders import config_folder
from stringart.order.command import texts_of
from stringart.order.option import OrderOption, is_given
from stringart.order.order import EXCLUSIVE, TABLE, Order, with_files

NO_DEFAULTS_KEY, NO_DEFAULTS_FIELD = "no-defaults", "no_defaults"
TITLE_KEY = "title"
NO_DEFAULTS_VARIABLE = "STRINGART_NO_DEFAULTS"
_MAX_BYTES = 2**20
_FIELD_OF = {word.key: name for name, word in TABLE.items()}
_SHOULD_BE = {
    "text": "a text in quotes",
    "whole": "a whole number without quotes",
    "number": "a number without quotes",
    "place": "auto, centre or whole in quotes, or four whole numbers in brackets",
}
_HEAD = f"""\
# A piece, as stringart {__version__} was asked for it. To use it: stringart design PHOTO -o plan.json --config FILE
# A length has its unit: mm, cm, m, km or in. Files are relative to this one. Lines that begin with # are not read.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """What a project file says.

    Parameters
    ----------
    said : mapping
        Fields of `Order` that it gives.
    no_defaults : bool
        The user's own defaults are left out.
    title : str
        What the file is called where it is a look; "" where it has no title.
    """

    said: Mapping[str, Any]
    no_defaults: bool = False
    title: str = ""


def read_project_file(path: str | os.PathLike[str]) -> ProjectFile:
    """Read a project file.

    Raises
    ------
    ConfigError
        If it cannot be read, or says what is not known or cannot be; with file, line and value.
    """
    try:
        text = read_text(path, ConfigError, _MAX_BYTES)
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"'{path}' is not TOML: {error}", 'write KEY = VALUE, a text as in size = "60cm"') from None
    checked = _checked(document, _Lines(path, text))
    no_defaults, title = checked.pop(NO_DEFAULTS_FIELD, False), checked.pop(TITLE_KEY, "")
    folder = os.fspath(Path(path).parent)
    order = with_files(Order(**checked), lambda name: os.path.normpath(os.path.join(folder, name)))  # noqa: PTH118
    return ProjectFile(said={name: getattr(order, name) for name in checked}, no_defaults=no_defaults, title=title)


class _Lines:
    """A file's text, for saying where something stands in it."""

    def __init__(self, path: str | os.PathLike[str], text: str) -> None:
        self.path, self._lines = path, text.splitlines(keepends=True)

    def of(self, key: str) -> int:
        """Return the line of a key of the document, from 1."""
        quoted = rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')"
        pattern = re.compile(rf"\s*(?:\[\[?\s*)?{quoted}\s*(?:[=.\]]|$)")
        for number, line in enumerate(self._lines, 1):
            if pattern.match(line) and self._is_whole("".join(self._lines[: number - 1])):
                return number
        return 1

    @staticmethod
    def _is_whole(text: str) -> bool:
        """Return whether a text ends outside of strings and lists of several lines."""
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return False
        return True

    def error(self, key: str, message: str, hint: str) -> ConfigError:
        return ConfigError(f"'{self.path}', line {self.of(key)}: {message}", hint)


def _checked(document: dict[str, Any], lines: _Lines) -> dict[str, Any]:
    """Return the values by the names of their fields, read; `NO_DEFAULTS_FIELD` among them if it is there."""
    from pydantic import ValidationError

    try:
        model = _model().model_validate(document)
    except ValidationError as error:
        wrong = sorted(error.errors(), key=lambda one: lines.of(str(one["loc"][0])))
        raise _explained(wrong[0], document, lines) from None
    values = {name: getattr(model, name) for name in model.model_fields_set}
    for one, other in EXCLUSIVE:
        if one in values and other in values:
            first, second = sorted((TABLE[one].key, TABLE[other].key), key=lines.of)
            raise lines.error(second, f"{first} (line {lines.of(first)}) and {second} exclude each other", "choose one")
    return values


def _model() -> Any:
    """Return the pydantic model of a project file, made from `TABLE`."""
    from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, create_model

    kinds: dict[str, object] = {
        "text": StrictStr,
        "whole": StrictInt,
        "number": StrictInt | StrictFloat,
        "place": StrictStr | list[StrictInt],
    }
    columns: dict[str, Any] = {
        NO_DEFAULTS_FIELD: (StrictBool, Field(default=False, alias=NO_DEFAULTS_KEY)),
        TITLE_KEY: (StrictStr, ""),
    }
    for name, word in TABLE.items():
        kind = list[StrictStr] if word.many else kinds[word.kind]
        columns[name] = (Annotated[kind, AfterValidator(_reader(word))], Field(default=None, alias=word.key))
    return create_model("order", __config__=ConfigDict(extra="forbid"), **columns)


def _reader(word: OrderOption) -> Callable[[Any], Any]:
    """Return what reads a value as the command line would; its error keeps the hint."""
    from pydantic_core import PydanticCustomError

    def read(value: Any) -> Any:
        texts = value if word.many else [",".join(map(str, value)) if isinstance(value, list) else str(value)]
        try:
            made = tuple(word.read(text) for text in texts)
        except UnitError as error:
            raise PydanticCustomError("word", "{said}", {"said": str(error), "hint": error.hint}) from None
        return made if word.many else made[0]

    return read


def _explained(wrong: Mapping[str, Any], document: Mapping[str, Any], lines: _Lines) -> ConfigError:
    """Return one error of pydantic's in our words."""
    key = str(wrong["loc"][0])
    if wrong["type"] == "extra_forbidden":
        return lines.error(key, f"'{key}' is not known", _nearest(key))
    found = json.dumps(document[key], ensure_ascii=False, default=str)
    found = found if len(found) <= 60 else f"{found[:57]}..."
    if wrong["type"] == "word":
        told = wrong["ctx"]
        return lines.error(key, f"{key} = {found}: {told['said']}", told["hint"])
    if key == NO_DEFAULTS_KEY:
        return lines.error(key, f"{key} = {found}: should be true or false", "without quotes")
    if key == TITLE_KEY:
        return lines.error(key, f"{key} = {found}: should be a text in quotes", 'as in title = "My look"')
    word = TABLE[_FIELD_OF[key]]
    should_be = "a list of texts, in brackets" if word.many else _SHOULD_BE[word.kind]
    return lines.error(key, f"{key} = {found}: should be {should_be}", f"as in {key} = {_example(word)}")


def _nearest(key: str) -> str:
    keys = [*_FIELD_OF, NO_DEFAULTS_KEY]
    near = difflib.get_close_matches(key.lower().replace("_", "-").removeprefix("--"), keys, n=3, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(keys)}"


# --- written back ---


def project_file_text(order: Order, folder: str | os.PathLike[str] = ".") -> bytes:
    """Return the project file of an order: every option with a line about it, commented out where it is not given.

    Parameters
    ----------
    order : Order
    folder : path-like
        Where the file will lie; the order's files are named from there.

    Raises
    ------
    OutputError
        If a name in it cannot be written as UTF-8.
    """
    order = with_files(order, lambda name: _from(os.fspath(folder), name))
    parts, group = [_HEAD], ""
    for one in fields(Order):
        word, value = TABLE[one.name], getattr(order, one.name)
        if word.group != group:
            group = word.group
            parts.append(f"\n# --- {group.lower()} ---\n")
        said = f"{word.key} = {_value(word, value)}" if is_given(value) else f"# {word.key} = {_example(word)}"
        parts.append(f"\n# {word.help.replace('--', '')}\n{said}\n")
    parts.append(f"\n# The user's own defaults are left out: this file is complete.\n{NO_DEFAULTS_KEY} = true\n")
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError:
        raise OutputError("a name in the piece is not UTF-8 text", "rename the file") from None


def _from(folder: str, name: str) -> str:
    """Return a file's name as seen from a folder; whole where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(name, folder)).as_posix()
    except ValueError:
        return os.path.abspath(name)  # noqa: PTH100 (links are not followed)


def _value(word: OrderOption, value: object) -> str:
    if word.many:
        return "[" + ", ".join(map(_quoted, texts_of(word, value))) + "]"
    (text,) = texts_of(word, value)
    if word.kind == "place" and not isinstance(value, str):
        return f"[{text.replace(',', ', ')}]"
    return _quoted(text) if word.kind in ("text", "place") else text


def _example(word: OrderOption) -> str:
    if word.kind == "text":
        return f"[{_quoted(word.example)}]" if word.many else _quoted(word.example)
    return _value(word, word.read(word.example))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- the user's defaults ---


def defaults_path() -> Path:
    """The file with the user's own defaults, beside the list of threads."""
    return config_folder() / "defaults.toml"


def read_defaults() -> Mapping[str, object]:
    """Return the fields that the user's own defaults give; none where there is no file or the environment says so.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    path = defaults_path()
    if os.environ.get(NO_DEFAULTS_VARIABLE, "") not in ("", "0") or not path.is_file():
        return {}
    try:
        return read_project_file(path).said
    except StringartError as error:
        hint = f"{error.hint}; --no-defaults leaves the file out" if error.hint else "--no-defaults leaves the file out"
        raise ConfigError(str(error), hint) from None
