"""``import stringart``: everything that is public is named, there, documented, and imported only when it is used."""

import dataclasses
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stringart

PUBLIC = [name for name in stringart.__all__ if not name.startswith("__")]
FUNCTIONS = [name for name in PUBLIC if inspect.isfunction(getattr(stringart, name))]
CLASSES = [name for name in PUBLIC if inspect.isclass(getattr(stringart, name))]
OPTIONAL = {"av", "ezdxf", "manifold3d", "pillow_heif", "starlette", "uvicorn", "websockets"}


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def modules() -> list[str]:
    found = ["stringart", "firmware_io"]
    for package in ("stringart", "firmware_io"):
        path = importlib.import_module(package).__path__
        found += [m.name for m in pkgutil.walk_packages(path, f"{package}.") if not m.name.endswith("__main__")]
    return sorted(found)


def test_all_is_true_sorted_and_without_private_names() -> None:
    assert stringart.__all__ == sorted(stringart.__all__)
    assert [name for name in PUBLIC if name.startswith("_")] == []
    assert [name for name in stringart.__all__ if not hasattr(stringart, name)] == []
    assert set(stringart.__all__) <= set(dir(stringart))
    scope: dict[str, Any] = {}
    exec("from stringart import *", scope)
    assert set(scope) - {"__builtins__"} == set(stringart.__all__)


def test_only_what_is_public_is_offered() -> None:
    assert set(dir(stringart)) == set(stringart.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="stringart attribute desing"):
        _ = stringart.desing


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = "sorted({'numpy', 'numba', 'scipy', 'skimage', 'PIL', 'click'} & set(sys.modules))"
    assert run(f"import stringart, sys; print({heavy})") == "[]"
    assert run(f"import stringart, sys; stringart.Plan; print('numba' in {heavy}, 'numpy' in {heavy})") == "False True"


def test_what_only_moves_a_machine_begins_without_what_computes() -> None:
    modules = "stringart.studio.console_process, stringart.cli.machine"
    assert run(f"import sys, {modules}; print({{'numba', 'scipy', 'skimage'}} & set(sys.modules))") == "set()"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_typed_and_every_parameter_is_documented(name: str) -> None:
    function = getattr(stringart, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())
    assert documented(function) == list(signature.parameters)


@pytest.mark.parametrize("name", [n for n in CLASSES if dataclasses.is_dataclass(getattr(stringart, n))])
def test_every_field_of_a_value_is_documented(name: str) -> None:
    kind = getattr(stringart, name)
    fields = [field.name for field in dataclasses.fields(kind)]
    if len(fields) > 1 or "Parameters\n" in (kind.__doc__ or ""):
        assert documented(kind) == fields


@pytest.mark.parametrize("name", CLASSES)
def test_classes_and_their_public_methods_are_documented(name: str) -> None:
    kind = getattr(stringart, name)
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{name}(")  # what dataclass writes of itself
    for attribute, value in vars(kind).items():
        if not attribute.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | classmethod)):
            assert inspect.getdoc(getattr(kind, attribute) if not isinstance(value, property) else value), attribute


def documented(thing: Any) -> list[str]:
    """Return the names of a numpy-style Parameters section, in order."""
    doc = inspect.getdoc(thing) or ""
    section = re.split(r"\n\n\w+\n---", doc.partition("Parameters\n----------\n")[2], maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line and not line.startswith(" ")]
    return [name for line in lines for name in re.split(r",\s*", line.partition(" : ")[0])]


@pytest.mark.parametrize("module", modules())
def test_the_examples_in_the_docstrings_run(module: str) -> None:
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in OPTIONAL:
            pytest.skip(f"{error.name} is not installed")
        raise
    failed, _ = doctest.testmod(loaded, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_the_public_examples_are_found() -> None:
    finder = doctest.DocTestFinder()
    assert any(test.examples for test in finder.find(stringart.design, "design"))


def test_importing_it_changes_nothing_of_the_process() -> None:
    state = (
        "dict(os.environ), numba.config.CACHE_DIR, signal.getsignal(2), warnings.filters[:], np.geterr(), os.getcwd()"
    )
    code = (
        f"import os, signal, warnings, numba, numpy as np; before = {state}; "
        f"from stringart import *; import stringart._kernels; print(before == ({state}))"
    )
    assert run(code) == "True"


def test_compiled_code_lies_in_a_folder_of_ours_and_apart_where_it_checks_its_indices(tmp_path: Path) -> None:
    code = "import os; os.environ |= {}; import stringart._kernels as k; print(k.blur.stats.cache_path)"
    assert Path(run(code.format({"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_BOUNDSCHECK": "0"}))).parent == tmp_path
    checked = run(code.format({"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_BOUNDSCHECK": "1"}))
    assert Path(checked).parent == tmp_path / "checked"


SHAPE = re.compile(r"\((?:[A-Za-z]\w*|\d+)(?: \+ 1)?(?:, ?(?:\w+|\[, 3 or 4\]))*,?\)|\(rows, cols|load_photo")
UNIT = re.compile(r"_mm|_px|\bmm\b|0\.\.1|s(?:RGB|rgb)|load_photo|linear light|\bpins?\b|\bthreads?\b|True|share")


def told_arrays() -> dict[str, str]:
    """What the face says of each parameter, field, result and property that is an array."""
    found: dict[str, str] = {}
    for name in PUBLIC:
        thing = getattr(stringart, name)
        found |= {f"{name}: {line}": line + body for line, body in entries(thing) if "array" in line}
        for attribute, value in inspect.getmembers(thing) if inspect.isclass(thing) else ():
            getter = getattr(value, "fget", None) or getattr(value, "func", None)
            if getter is not None and "NDArray" in str(getter.__annotations__.get("return", "")).replace(
                "ndarray", "NDArray"
            ):
                found[f"{name}.{attribute}"] = f"{attribute} {inspect.getdoc(value)}"
    return found


def entries(thing: Any) -> list[tuple[str, str]]:
    """Every entry of the Parameters and Returns of a docstring: its line, and what is said of it."""
    doc = inspect.getdoc(thing) or ""
    sections = re.findall(r"(?:Parameters|Returns)\n-+\n(.*?)(?=\n\n\w+\n-|\Z)", doc, re.S)
    return [entry for section in sections for entry in re.findall(r"^(\S.*)\n?((?: .*\n?)*)", section, re.M)]


def test_every_array_of_the_face_tells_its_shape_and_its_unit() -> None:
    arrays = told_arrays()
    assert {"Plan.steps", "Plan.is_rim", "Pins: xy_mm : (N, 2) float array"} <= set(arrays)
    assert {name: said for name, said in arrays.items() if not SHAPE.search(said) or not UNIT.search(said)} == {}
