"""A real studio in a subprocess, and what hands do on its page."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stringart.studio.settings import default_settings

connect = pytest.importorskip("websockets.sync.client", reason="the studio needs its extra").connect

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip
COMMAND = str(Path(sys.executable).with_name("stringart"))
EXAMPLES = Path(__file__).parents[1] / "examples"
PATIENCE_MS = 120_000
"""How long a test waits for what it waits for: a slow machine that others use too."""


class Running:
    """A studio that runs."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self._environment = os.environ | {
            "STRINGART_STATE_DIR": str(folder / "state"), "STRINGART_CONFIG_DIR": str(folder / "config"),
        }  # fmt: skip
        command = [COMMAND, "studio", "--no-browser", "--port", "0"]
        self._log = (folder / "studio.log").open("ab")
        begin = self._log.tell()
        self.process = subprocess.Popen(
            [*command, "--project", str(folder / "project"), *arguments], stderr=self._log, env=self._environment
        )
        self.url, self.port = self._address(begin)

    def _address(self, begin: int) -> tuple[str, int]:
        for _ in range(2400):
            text = (self.folder / "studio.log").read_bytes()[begin:].decode()
            found = re.search(r"the studio is at (http://127\.0\.0\.1:(\d+)\S*)", text)
            if found:
                time.sleep(0.3)
                return found[1], int(found[2])
            assert self.process.poll() is None, text
            time.sleep(0.05)
        raise AssertionError("the studio did not start")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run the command line in the same state folder."""
        return subprocess.run([COMMAND, *arguments], env=self._environment, check=True, capture_output=True)

    def end(self) -> int:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self._log.close()


def new_page(browser, **options: Any) -> Any:
    """A tab of its own that waits patiently."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def is_ours(url: str, port: int) -> bool:
    return url.startswith((f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/", "blob:", "data:"))


def open_page(page, studio: Running, view: str = "design") -> None:
    """Open the page (again)."""
    page.goto(f"{studio.url}#{view}")
    page.wait_for_selector("body[data-ready]")


def show(page, view: str) -> None:
    """Go to a view."""
    page.evaluate("(view) => { location.hash = view; }", view)


def wait_for_plan(page, timeout_s: float = 180) -> None:
    """Until the search has ended."""
    page.wait_for_function(
        "() => /\\d/.test(document.querySelector('#n_chords')?.textContent) && !document.querySelector('#keep').disabled",
        timeout=timeout_s * 1000,
    )


def plan_where(studio: Running, condition: Callable[[dict[str, Any]], bool], timeout_s: float = 180) -> dict[str, Any]:
    """The plan on the page, as soon as it is what was asked for."""
    path, until = studio.folder / "project/plans/current.json", time.monotonic() + timeout_s
    while time.monotonic() < until:
        plan: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
        if plan and condition(plan):
            return plan
        time.sleep(0.05)
    raise AssertionError(f"no such plan within {timeout_s} s")


def begin(studio: Running, photo: str = "coffee.jpg", **settings: Any) -> None:
    """Put the studio back to its first settings but for these, with a photo and its plan, whatever was there before."""
    asked = default_settings() | {"lines": 1200, "quality": "draft"} | settings

    with connect(f"ws://127.0.0.1:{studio.port}/ws", origin=f"http://127.0.0.1:{studio.port}", max_size=None) as line:
        state: dict[str, Any] = {}

        def hear() -> str:
            message = line.recv(PATIENCE_MS / 1000)
            said = json.loads(message) if isinstance(message, str) else {"type": ""}
            state.update(said.get("state", {}))
            return str(said["type"])

        hear()
        line.send(json.dumps({"do": "set", "patch": asked}))
        send_photo(studio, photo)
        line.send("what was told until now is read")
        while hear() != "error":
            pass
        while state["search"]["busy"]:
            hear()
        assert "error" not in state["search"], state["search"]


def send_photo(studio: Running, photo: str) -> None:
    """Upload an example as the page does."""
    data = (EXAMPLES / photo).read_bytes()
    with urllib.request.urlopen(urllib.request.Request(f"{studio.url}photo", data, {"x-name": photo})):
        pass


def settled(page) -> None:
    """Until the picture stands: painted as fine as it will be."""
    page.wait_for_selector('#stage[aria-busy="false"]')


def drop_file(page, path: Path, kind: str) -> None:
    """Drop a file on the page, as a hand does."""
    import base64

    page.evaluate(
        """([data, name, kind]) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), carried = new DataTransfer();
            carried.items.add(new File([bytes], name, { type: kind }));
            for (const what of ["dragenter", "dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(what, { dataTransfer: carried, bubbles: true, cancelable: true }));
        }""",
        [base64.b64encode(path.read_bytes()).decode(), path.name, kind],
    )
