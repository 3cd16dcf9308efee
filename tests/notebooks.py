"""Notebooks, run cell by cell in this process: what a cell prints and what its last line shows.

    python tests/notebooks.py examples/*.ipynb

stores what they show now. A kernel of Jupyter's would do the same with thirty packages more.
"""

import ast
import base64
import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from PIL import Image

Output = dict[str, Any]


def run(path: Path) -> list[list[Output]]:
    """Run the code cells of a notebook, in its folder and in order; return each one's outputs."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    scope: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.chdir(path.parent):
        return [_run("".join(cell["source"]), scope) for cell in cells if cell["cell_type"] == "code"]


def _run(source: str, scope: dict[str, Any]) -> list[Output]:
    tree, shown, outputs = ast.parse(source), None, []
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, "cell", "exec"), scope)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), scope)
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(printed.getvalue())})
    if shown is not None:
        outputs.append({"output_type": "display_data", "data": _data(shown), "metadata": {}})
    return outputs


def _data(shown: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"text/plain": _lines(repr(shown))}
    if hasattr(shown, "_repr_png_"):
        data["image/png"] = base64.b64encode(shown._repr_png_()).decode()
    return data


def _small(outputs: list[Output]) -> list[Output]:
    """Keep pictures in few colours: threads do not pack, and a notebook is to be looked at on the web."""
    for output in outputs:
        if "image/png" in output.get("data", {}):
            with Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))) as picture:
                file = io.BytesIO()
                picture.convert("RGB").quantize(16).save(file, "PNG", optimize=True)
            output["data"]["image/png"] = base64.b64encode(file.getvalue()).decode()
    return outputs


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def store(path: Path) -> None:
    """Run a notebook and keep what its cells show."""
    book = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    for number, (cell, outputs) in enumerate(zip(code, run(path), strict=True), start=1):
        cell |= {"execution_count": number, "outputs": _small(outputs)}
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        store(Path(name))
        print(f"{name}: {os.path.getsize(name) // 1000} kB")  # noqa: PTH202
