"""Where the names of files stand in the values of an order, and how they are exchanged for others."""

import csv
import io
from collections.abc import Callable, Sequence

from stringart.order.option_texts import Pair
from stringart.threads.thread_text import split_name

Rename = Callable[[str], str]


def file_unless(words: Sequence[str]) -> Callable[[str, Rename], str]:
    """Return what renames a file where words may stand as well; a file that would be called as one of them is kept."""

    def exchange(value: str, renamed: Rename) -> str:
        if value in words:
            return value
        new = renamed(value)
        return new if new not in words else f"./{new}"

    return exchange


def file_itself(value: str, renamed: Rename) -> str:
    """Rename a value that is a file."""
    return renamed(value)


def files_of_pairs(value: tuple[Pair, ...], renamed: Rename) -> tuple[Pair, ...]:
    """Rename the files in NAME=FILE."""
    return tuple((name, renamed(file)) for name, file in value)


def lists_of_palette(palette: str, renamed: Rename) -> str:
    """Rename the lists of threads in a palette; the rest of its text stays as it is."""
    if ".toml" not in palette.lower():
        return palette
    items = next(csv.reader([palette.strip()], skipinitialspace=True), [])
    file = io.StringIO()
    csv.writer(file, lineterminator="").writerow([_renamed_list(item, renamed) for item in items])
    return file.getvalue()


def _renamed_list(item: str, renamed: Rename) -> str:
    if ".toml" not in item.lower() or split_name(item)[0]:
        return item
    item = item.strip()
    end = item.lower().index(".toml") + len(".toml")
    return renamed(item[:end]) + item[end:]
