"""A project on disk: photos by their hash, plans as everywhere else, and what the page needs to come back.

    photos/<sha256>.<ending>     as they were uploaded, or as they were developed (turned, lightened)
    maps/<sha256>.png            painted importance
    outlines/<sha256>.svg|csv    boards of other shapes
    plans/<name>.json            plan files; one that is put there by hand shows up as a variant
    pieces/                      plans that are being wound: they do not change with the next design
    exports/                     what was exported
    undo/                        plans that undo brings back
    project.json  variants.json  settings with their undo, and names and stars of the variants

Names that people give are shown, never used as paths. Every file is written aside and renamed.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from stringart.errors import BoardError, OutputError, PhotoError, PlanError
from stringart.files import write_atomically
from stringart.studio.settings import HASH, OUTLINE_FILE, Values, restored

_ENDINGS = {
    b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp", b"II*\x00": ".tif",
    b"MM\x00*": ".tif", b"BM": ".bmp",
}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A plan that is kept.

    Parameters
    ----------
    id : str
        Its file is ``plans/<id>.json``.
    name : str
        As the user calls it.
    starred : bool
    made_s : float
        Unix time.
    settings : dict, optional
        What it was designed with; None for a plan from elsewhere.
    numbers : dict, optional
        Chords, thread, times and score, as shown beside it.
    photo : dict, optional
        The photo it was designed from, before it was developed.
    """

    id: str
    name: str
    starred: bool = False
    made_s: float = 0.0
    settings: Values | None = None
    numbers: dict[str, object] | None = None
    photo: dict[str, object] | None = None


class Project:
    """One folder.

    Parameters
    ----------
    folder : Path
        Made if it is missing.

    Raises
    ------
    OutputError
        If it cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            for part in ("photos", "maps", "outlines", "plans", "pieces", "exports", "undo"):
                (folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"the project folder '{folder}' cannot be made: {error.strerror}", "name another with --project"
            ) from error

    # --- photos ---

    def add_photo(self, data: bytes) -> str:
        """Keep a photo's bytes; return their hash."""
        digest = hashlib.sha256(data).hexdigest()
        if self._find_photo(digest) is None:
            write_atomically(self.folder / "photos" / f"{digest}{_ending_of(data)}", data)
        return digest

    def _find_photo(self, digest: str) -> Path | None:
        if not HASH.fullmatch(digest):
            return None
        found = (self.folder / "photos").glob(f"{digest}.*")
        return next((path for path in found if path.stem == digest), None)  # not the preview, <digest>.preview.jpeg

    def photo_path(self, digest: str) -> Path:
        """File of a photo.

        Raises
        ------
        PhotoError
            If there is none of that hash.
        """
        path = self._find_photo(digest)
        if path is None:
            raise PhotoError("the photo is not in this project", "drop it on the page again")
        return path

    def drop_photo(self, digest: str) -> None:
        """Forget a photo that turned out not to be one."""
        path = self._find_photo(digest)
        if path is not None:
            path.unlink(missing_ok=True)

    def add_map(self, data: bytes) -> tuple[str, bool]:
        """Keep a painted importance map (PNG); return its hash, and whether it was not here before."""
        digest = hashlib.sha256(data).hexdigest()
        return digest, _keep(self.map_path(digest), data)

    def map_path(self, digest: str) -> Path:
        """File of a painted map."""
        if not HASH.fullmatch(digest):
            raise PhotoError("the painted map is not known", "paint it again")
        return self.folder / "maps" / f"{digest}.png"

    def add_outline(self, data: bytes, ending: str) -> tuple[str, bool]:
        """Keep the file of a board's outline; return the name it is kept under, and whether it was not here before."""
        name = f"{hashlib.sha256(data).hexdigest()}{ending}"
        return name, _keep(self.outline_path(name), data)

    def outline_path(self, name: str) -> Path:
        """File of a board's outline.

        Raises
        ------
        BoardError
            If the name could not be one.
        """
        if not OUTLINE_FILE.fullmatch(name):
            raise BoardError("the board's outline is not known", "choose its file again")
        return self.folder / "outlines" / name

    # --- plans ---

    def plan_path(self, plan_id: str) -> Path:
        """File of a plan.

        Raises
        ------
        PlanError
            If the id could not be one.
        """
        if not _ID.fullmatch(plan_id) or ".." in plan_id:
            raise PlanError(f"there is no variant '{plan_id[:40]!a}'")
        return self.folder / ("pieces" if plan_id.startswith(WOUND) else "plans") / f"{plan_id}.json"

    def found_path(self, digest: str) -> Path:
        """File of a plan that undo can bring back."""
        return self.folder / "undo" / f"{digest}.json"

    def keep_found(self, plan: bytes, wanted: Sequence[str]) -> str:
        """Keep a plan for undo, and forget those that no moment wants; return its name."""
        digest = hashlib.sha256(plan).hexdigest()
        path = self.found_path(digest)
        if not path.is_file():
            write_atomically(path, plan)
        for other in path.parent.glob("*.json"):
            if other.stem != digest and other.stem not in wanted:
                other.unlink(missing_ok=True)
        return digest

    def plan_ids(self) -> list[str]:
        """Every plan in the folder, also those put there by hand."""
        found = (path.stem for path in sorted((self.folder / "plans").glob("*.json")))
        return [plan_id for plan_id in found if _ID.fullmatch(plan_id)]

    # --- what the page needs to come back ---

    def load(self, name: str) -> object:
        """Read ``<name>.json``; None if it is missing or was damaged by hand."""
        try:
            return json.loads((self.folder / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return None

    def store(self, name: str, value: object) -> None:
        """Write ``<name>.json``, never half of it; on one line, which takes a tenth of the time of an indented one."""
        write_atomically(self.folder / f"{name}.json", json.dumps(value, ensure_ascii=False).encode() + b"\n")

    def variants(self) -> list[Variant]:
        """Return all variants, the newest first; plan files without an entry are added."""
        stored = self.load("variants")
        known = {entry.id: entry for entry in _variants_in(stored)}
        found = []
        for plan_id in self.plan_ids():
            if plan_id == CURRENT:
                continue
            made_s = self.plan_path(plan_id).stat().st_mtime
            found.append(known.get(plan_id) or Variant(id=plan_id, name=plan_id, made_s=made_s))
        return sorted(found, key=lambda entry: (-entry.made_s, entry.id))

    def store_variants(self, variants: list[Variant]) -> None:
        """Write ``variants.json``."""
        self.store("variants", [asdict(entry) for entry in variants])

    def delete_plan(self, plan_id: str) -> None:
        """Put a plan aside as ``.deleted``: the last deletion can be undone."""
        path = self.plan_path(plan_id)
        path.replace(path.with_suffix(".deleted"))

    def undelete_plan(self, plan_id: str) -> None:
        """Take the last deletion of a plan back."""
        path = self.plan_path(plan_id)
        path.with_suffix(".deleted").replace(path)


CURRENT, WOUND = "current", "wound-"
"""Id of the plan on the design page; how the ids of plans begin that are being wound."""


def new_id(name: str) -> str:
    """Id for a plan: the time, and what of its name is safe in a path."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**6:06d}" + (f"-{slug}" if slug else "")


def _variants_in(stored: object) -> Iterator[Variant]:
    fields = set(Variant.__dataclass_fields__)
    for entry in stored if isinstance(stored, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and isinstance(entry.get("name"), str):
            variant = Variant(**{key: value for key, value in entry.items() if key in fields})
            known = None if variant.settings is None else restored(variant.settings)
            yield replace(variant, settings=known)


def _keep(path: Path, data: bytes) -> bool:
    """Write a file, also over one that somebody damaged; whether there was none."""
    is_new = not path.is_file()
    write_atomically(path, data)
    return is_new


def _ending_of(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return ".heic"
    return next((ending for head, ending in _ENDINGS.items() if data.startswith(head)), ".photo")
