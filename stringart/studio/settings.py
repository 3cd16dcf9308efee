"""What is chosen on the design page: every change is checked by one model, made from the page's controls.

Settings are plain values, as a project keeps them and as the page shows them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)
from pydantic_core import PydanticCustomError

from stringart.errors import BoardError, StringartError
from stringart.plan.model import DEFAULT_WIDTH_MM
from stringart.studio.controls import CONTROLS, MAX_THREADS, THREAD_WIDTH, Control, Number, Words

HASH = re.compile(r"[0-9a-f]{64}")
"""Name of a photo or a map in a project."""
OUTLINE_FILE = re.compile(rf"{HASH.pattern}\.(svg|csv)")
"""Name of a board's outline in a project."""

Values = dict[str, Any]
Type = Any  # what pydantic reads as a type: an annotated one, or a model that is made here
_DEFAULT_THREAD = {"name": "black", "color": "#000000", "diameter_mm": DEFAULT_WIDTH_MM}


class SettingError(StringartError):
    """A value that a control cannot take."""


def default_settings() -> Values:
    """Return the settings of a new project."""
    plain = {name: control.default for name, control in CONTROLS.items()}
    return plain | {"threads": [dict(_DEFAULT_THREAD)], "crop": None, "map": None, "outline": None, "layers": ""}


def changed(settings: Mapping[str, object], patch: Mapping[str, object]) -> Values:
    """Return the settings with some values changed.

    Raises
    ------
    SettingError
        If a name is not known or a value is outside its range.
    """
    return {**settings, **{name: _checked(name, value) for name, value in patch.items()}}


def restored(stored: object) -> Values:
    """Return settings read from a file; what cannot be used falls back to its default."""
    settings = default_settings()
    for name, value in (stored if isinstance(stored, dict) else {}).items():
        try:
            settings[name] = _checked(name, value)
        except SettingError:
            continue  # written by another version: its default is kept
    return settings


def _checked(name: str, value: object) -> object:
    """Return one value as the settings hold it."""
    if name not in _SETTINGS.model_fields:
        raise SettingError(f"there is no control '{name[:40]}'")
    try:
        made = getattr(_SETTINGS.model_validate({name: value}), name)
    except ValidationError as error:
        raise SettingError(error.errors()[0]["msg"]) from None
    if isinstance(made, BaseModel):
        return made.model_dump()
    return [one.model_dump() for one in made] if name == "threads" else made


def sides_of_file(name: str, width_mm: float, height_mm: float) -> Values:
    """Return the sides of the board of a file, as settings.

    Raises
    ------
    BoardError
        If a side is outside its control's range: pins that are drilled already must not move.
    """
    sides = {"width_mm": round(width_mm, 3), "height_mm": round(height_mm, 3)}
    for side, value_mm in sides.items():
        control = CONTROLS[side]
        assert isinstance(control, Number)
        if not control.low <= value_mm <= control.high:
            raise BoardError(
                f"the board in '{name}' is {_exact(sides['width_mm'])} x {_exact(sides['height_mm'])} mm; "
                f"a side in the studio is {control.low:,.0f} to {control.high:,.0f} mm long",
                "give the file another size, or use `stringart design --board` with it",
            )
    return sides


def _exact(value_mm: float) -> str:
    return f"{value_mm:,.3f}".rstrip("0").rstrip(".")


def has_size_of_file(settings: Mapping[str, Any]) -> bool:
    """Whether the board is as large as its file says: then it is not scaled, not even by what rounding takes."""
    own = settings["outline"]["size_mm"] if settings["shape"] == "file" and settings["outline"] else None
    return own is not None and own == [settings["width_mm"], settings["height_mm"]]


# --- the model ---

_OURS = "setting"  # kind of an error that has a line of ours


def _or(said: Callable[[Any, str], str]) -> WrapValidator:
    """Return what says one line of ours, of the value and of pydantic's kind of error, where the value cannot be."""

    def check(value: object, inner: ValidatorFunctionWrapHandler) -> object:
        try:
            return inner(value)
        except ValidationError as error:
            wrong = error.errors()[0]
            own = wrong["type"] == _OURS  # of what is inside
            text = wrong["msg"] if own else said(value, wrong["type"])
        raise PydanticCustomError(_OURS, "{said}", {"said": text})

    return WrapValidator(check)


def _number(name: str, control: Number) -> Type:
    """Return the type of a number within a control's range."""
    title, unit = name.removesuffix("_mm").replace("_", " "), f" {control.unit}" if control.unit else ""

    def said(value: object, why: str) -> str:
        if why not in ("greater_than_equal", "less_than_equal"):
            return f"{name}: '{str(value)[:40]}' is not a number"
        return f"{title}: {value:g}{unit} is outside {control.low:g} to {control.high:g}{unit}"

    kept: Callable[[float], float] = round if control.whole else float
    return Annotated[
        float,
        Field(strict=True, allow_inf_nan=False, ge=control.low, le=control.high),
        AfterValidator(kept),
        _or(said),
    ]


def _words(name: str, control: Words) -> Type:
    choices = ", ".join(control.words)
    return Annotated[
        Literal[control.words], _or(lambda value, _: f"{name}: '{str(value)[:40]}' is not one of {choices}")
    ]


def _color(name: str) -> Type:
    return Annotated[
        StrictStr,
        TypeAdapter,
        Field(pattern=r"^#[0-9a-fA-F]{6}$"),
        AfterValidator(str.lower),
        _or(lambda value, _: f"{name}: '{str(value)[:40]}' is not a colour such as #c8501e"),
    ]


def _kind(name: str, control: Control) -> Type:
    if isinstance(control, Number):
        return _number(name, control)
    return _words(name, control) if isinstance(control, Words) else _color(name)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(text)
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def _as(text: str) -> WrapValidator:
    return _or(lambda _value, _why: text)


def _list_of(kind: Type, least: int, most: int, said: str) -> Type:
    return Annotated[list[kind], Field(min_length=least, max_length=most, strict=True), _as(said)]


def _plain(title: str, /, **columns: Type) -> Type:
    """Return the model of a table of the page's: what is not said is checked as None, what is not known is left out."""
    return create_model(title, __config__=ConfigDict(extra="ignore", validate_default=True), **columns)


def _thread() -> Type:
    def color(value: object, info: ValidationInfo) -> object:
        return TypeAdapter(_color(f"thread '{info.data.get('name')}'")).validate_python(value)

    name = Annotated[
        StrictStr,
        TypeAdapter,
        Field(max_length=60),
        AfterValidator(_printable),
        AfterValidator(_filled),
        _as("a thread needs a name of 1 to 60 characters"),
    ]
    width = _number("thread width", THREAD_WIDTH)
    model = _plain(
        "thread", name=(name, None), color=(Annotated[Any, BeforeValidator(color)], None), diameter_mm=(width, None)
    )
    return Annotated[model, _as("a thread has a name, a colour and a width")]


def _outline() -> Type:
    """The file of a board's outline: how it is kept, its own name, how many pins it gives (0: none), its own size."""
    side = _kind("width_mm", CONTROLS["width_mm"])
    size = _list_of(side, 2, 2, "the size of the board's outline is its width and its height")
    model = _plain(
        "outline",
        file=(Annotated[StrictStr, Field(pattern=f"^{OUTLINE_FILE.pattern}$")], None),
        name=(Annotated[Any, AfterValidator(lambda name: str(name)[:100]), AfterValidator(_printable)], ""),
        pins=(StrictInt, 0),
        size_mm=(size | None, None),  # a project of an older version does not have it
    )
    return Annotated[model, _as("the board's outline is not known")]


def _wide_enough(crop: list[float]) -> list[float]:
    if not 0.02 <= crop[2] <= 8:
        said = f"the crop is {crop[2]:g} times as wide as the photo; 0.02 to 8 can be used"
        raise PydanticCustomError(_OURS, "{said}", {"said": said})
    return crop


def _crop() -> Type:
    """Middle (x, y) and width of the part that the board shows, as shares of the upright photo's width."""
    three = _list_of(_number("crop", Number(0, -10, 10, 0)), 3, 3, "the crop is the middle (x, y) and the width")
    return Annotated[three, AfterValidator(_wide_enough)]


_MAP = Annotated[StrictStr, Field(pattern=f"^{HASH.pattern}$"), _as("the painted map is not known")]
_LAYERS = Annotated[
    StrictStr,
    TypeAdapter,
    Field(max_length=300),
    AfterValidator(_printable),
    AfterValidator(str.strip),
    _as("the order of the layers has at most 300 characters"),
]


def _model() -> Type:
    """Return the model of the page's settings: its controls, and what is more than one value."""
    kinds = {name: _kind(name, control) for name, control in CONTROLS.items()} | {
        "threads": _list_of(_thread(), 1, MAX_THREADS, f"a palette has 1 to {MAX_THREADS} threads"),
        "crop": _crop() | None,
        "map": _MAP | None,
        "outline": _outline() | None,
        "layers": _LAYERS,
    }
    columns: dict[str, Type] = {name: (kind, None) for name, kind in kinds.items()}
    return create_model("settings", **columns)


_SETTINGS = _model()
