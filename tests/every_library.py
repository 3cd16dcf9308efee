"""Every library once, as a user comes to it: run by ``.ci/versions`` with the lowest and with the newest versions.

    python tests/every_library.py FOLDER

One process, so that the kernels are compiled once. It needs no test library.
"""

import importlib.metadata
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from in_process import called

from stringart.cli._table import COMMANDS
from stringart.export import EXPORTERS

CAMERA = Path(__file__).parents[1] / "examples" / "camera.png"
QUICK = ("--pins", "60", "--lines", "100", "--quality", "draft")


def do(*words: str, cwd: Path) -> str:
    """Run a command; end all if it fails."""
    ended = called(*words, cwd=cwd)
    if ended.status != 0:
        raise SystemExit(f"stringart {' '.join(words)}: {ended.status}\n{ended.err}")
    return ended.out.decode() + ended.err


def look_at_the_studio(folder: Path) -> None:
    """Serve the page, fetch it, and end."""
    command = [str(Path(sys.executable).with_name("stringart")), "studio", "--no-browser", "--port", "0"]
    command += ["--project", str(folder / "studio")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        try:
            said = ""
            while not (address := re.search(r"http://[\d.]+:\d+\S*", said)):
                line = child.stderr.readline()
                if not line:
                    raise SystemExit(f"the studio does not start: {said}")
                said += line
            with urllib.request.urlopen(address[0], timeout=60) as page:
                assert b"stringart" in page.read()
        finally:
            child.kill()


def main() -> None:
    """Do all, and say with which versions."""
    folder = Path(sys.argv[1])
    for name in COMMANDS:
        do(name, "--help", cwd=folder)
    do("design", str(CAMERA), "-o", "plan.json", "-o", "plan.svg", *QUICK, "--palette", "auto:2,black", cwd=folder)
    outputs = [word for ending in sorted(EXPORTERS) for word in ("-o", f"every{ending}")]
    do("export", "plan.json", *outputs, "--machine", "grbl", cwd=folder)
    do("score", "plan.json", str(CAMERA), cwd=folder)
    do("calibrate", "card", "-o", "card.pdf", "-o", "card.json", cwd=folder)
    do("batch", str(CAMERA), "-o", "many", "--workers", "1", *QUICK, cwd=folder)
    do("doctor", cwd=folder)
    do("doctor", "--licences", cwd=folder)
    look_at_the_studio(folder)
    for name in sorted({one.metadata["Name"] for one in importlib.metadata.distributions()}, key=str.lower):
        print(f"{name}=={importlib.metadata.version(name)}")


if __name__ == "__main__":
    main()
