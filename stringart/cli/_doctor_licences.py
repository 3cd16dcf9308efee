"""The licences of all that a bundle of this installation would carry, read from what is installed."""

import importlib.metadata
import re
from collections.abc import Iterator

import click

_COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|CDDL|EUPL)|GNU|Mozilla Public", re.I)
_LIBRARIES = {  # native libraries in wheels whose own licence is stricter than the wheel's
    "x264": "GPL-2.0-or-later",
    "x265": "GPL-2.0-or-later",
    "heif": "LGPL-3.0-or-later",
    "de265": "LGPL-3.0-or-later",
    "mp3lame": "LGPL-2.0-or-later",
    "avcodec": "LGPL-2.1-or-later, GPL-2.0-or-later with x264 or x265",
    "gnutls": "LGPL-2.1-or-later",
    "gmp": "LGPL-3.0-or-later or GPL-2.0-or-later",
    "geos_c": "LGPL-2.1-or-later",
    "gfortran": "GPL-3.0 with the runtime exception: free to bundle",
}


def say_licences(package: str) -> None:
    """Say the licence of a package and of all that it brings here, extras that are installed among them."""
    strict = []
    for distribution in closure(package):
        name, licence = distribution.metadata["Name"], licence_of(distribution)
        libraries = sorted(libraries_of(distribution))
        carried = "".join(f"; carries lib{library}: {_LIBRARIES[library]}" for library in libraries)
        click.echo(f"{name} {distribution.version}: {licence}{carried}")
        if _COPYLEFT.search(licence) or any("free to bundle" not in _LIBRARIES[library] for library in libraries):
            strict.append(name)
    click.echo(f"ask more of who hands them on than to name them: {', '.join(strict) or 'none'}")


def closure(package: str) -> list[importlib.metadata.Distribution]:
    """Return a package and all that it requires and that is installed; what only its tests need is left out."""
    found: dict[str, importlib.metadata.Distribution] = {}
    todo = [package]
    while todo:
        try:
            distribution = importlib.metadata.distribution(todo.pop())
        except importlib.metadata.PackageNotFoundError:
            continue
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        if name not in found:
            found[name] = distribution
            todo += _required(distribution, with_extras=name == package)
    return [distribution for _, distribution in sorted(found.items())]


def _required(distribution: importlib.metadata.Distribution, with_extras: bool) -> Iterator[str]:
    for line in distribution.requires or ():
        extra = re.search(r"extra == ['\"]([\w-]+)", line)
        if (name := re.match(r"[\w.-]+", line)) and (extra is None or (with_extras and extra[1] != "test")):
            yield name[0]


def licence_of(distribution: importlib.metadata.Distribution) -> str:
    """Return what a package says of its licence, in a line."""
    about = distribution.metadata.json
    classifiers = [str(one) for one in about.get("classifier") or []]
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")]
    text = str(about.get("license") or "").strip().partition("\n")[0]
    short = text if re.fullmatch(r"[\w .,()/+-]{2,60}", text) and not text.startswith("Copyright") else ""
    return str(about.get("license_expression") or "") or short or " or ".join(named) or "not said; look into its files"


def libraries_of(distribution: importlib.metadata.Distribution) -> set[str]:
    """Return the libraries of `_LIBRARIES` that a wheel carries."""
    files = [file.name for file in distribution.files or () if re.search(r"\.so|\.dylib|\.dll", file.name)]
    stems = {re.split(r"[-.]", file)[0].removeprefix("lib") for file in files}
    return stems & set(_LIBRARIES)
