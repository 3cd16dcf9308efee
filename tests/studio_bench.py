"""A real studio in a subprocess, and what hands do on its page."""

import contextlib
import functools
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsers import BROWSER
from command import stringart

from stringart.studio.settings import default_settings

_client = pytest.importorskip("websockets.sync.client", reason="the studio needs its extra")

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip
COMMAND = str(Path(sys.executable).with_name("stringart"))
PATIENT = [sys.executable, str(Path(__file__).with_name("patient_studio.py"))]
EXAMPLES = Path(__file__).parents[1] / "examples"
PATIENCE_MS = int(os.environ.get("STUDIO_PATIENCE_MS", "600000"))
"""How long a test waits for what it waits for: the search lets all other programs go first, on a machine at load 15 too."""
_LOOK_EVERY_MS = 50


class Running:
    """A studio that runs."""

    def __init__(self, folder: Path, *arguments: str, kept: socket.socket | None = None) -> None:
        self.folder, self._kept = folder, kept or kept_port()
        self.places = {
            "STRINGART_STATE_DIR": str(folder / "state"), "STRINGART_CONFIG_DIR": str(folder / "config"),
        }  # fmt: skip
        self.environment = os.environ | self.places
        command = [*PATIENT, "studio", "--no-browser", "--port", str(self._kept.getsockname()[1])]
        self._log = (folder / "studio.log").open("ab")
        begin = self._log.tell()
        self.process = subprocess.Popen(
            [*command, "--project", str(folder / "project"), *arguments], stderr=self._log, env=self.environment
        )
        self.url, self.port = self._address(begin)

    def _address(self, begin: int) -> tuple[str, int]:
        for _ in range(PATIENCE_MS // 50):
            text = (self.folder / "studio.log").read_bytes()[begin:].decode()
            found = re.search(r"the studio is at (http://127\.0\.0\.1:(\d+)\S*)", text)
            if found:
                return found[1], int(found[2])
            assert self.process.poll() is None, text
            time.sleep(0.05)
        raise AssertionError("the studio did not start")

    def command(self, *arguments: str) -> bytes:
        """Run the command line in the same state folder; what it printed."""
        ended = stringart(*arguments, cwd=Path.cwd(), env=self.places)
        assert ended.status == 0, ended.err
        return ended.out

    def begin_command(self, *arguments: str, answer: str) -> str:
        """Run the command line with an answer to what it asks; what it said."""
        return stringart(*arguments, cwd=Path.cwd(), env=self.places, stdin=answer.encode()).err

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it for good: as Ctrl-C does, or by SIGKILL."""
        status = self.stop(how)
        self._kept.close()
        return status

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it; `begin_anew` may follow."""
        self.process.send_signal(how)
        try:
            return self.process.wait(300)
        finally:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self._log.close()

    def begin_anew(self) -> None:
        """The same studio, on its port, after it was stopped."""
        self.__init__(self.folder, kept=self._kept)  # type: ignore[misc]


def kept_port() -> socket.socket:
    """A port that nobody else is given, also while its studio is away: it is bound, and may be bound once more."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def line_to(studio: Running) -> Any:
    """Connect to a studio as a page does, with the patience of a test."""
    return _client.connect(
        f"ws://127.0.0.1:{studio.port}/ws", origin=f"http://127.0.0.1:{studio.port}", max_size=None, max_queue=None,
        open_timeout=PATIENCE_MS / 1000, ping_interval=None,
    )  # fmt: skip


CHOSEN = """
{
  const later = window.setTimeout; // what goes by itself after some seconds stays until a test has had time to read it
  window.setTimeout = (act, ms, ...rest) => later.call(window, act, ms === 6000 || ms === 12000 ? 600000 : ms, ...rest);
}
if (location.protocol.startsWith("http")) for (const [key, value] of [["more", "yes"], ["looks", "closed"]])
  if (!localStorage.getItem(key)) localStorage.setItem(key, value);
"""
"""All choices are shown, and notices stay; the looks, which are tried on a photo in some seconds, are not asked for."""


SPARING = {"device_scale_factor": 0.5, "reduced_motion": "reduce"}
"""A quarter of the pixels, and nothing moves by itself: a search that is watched costs the browser 0.9 s, not 3.2."""
FINE = {"device_scale_factor": 1}
"""For what is read off a screenshot: a pixel of the page is one of the picture."""


def new_page(browser, **options: Any) -> Any:
    """A tab of its own that waits patiently, in a browser that shows all choices."""
    context = browser.new_context(**SPARING | options)
    context.add_init_script(CHOSEN)
    context.set_default_timeout(PATIENCE_MS)
    context.on("page", _look_seldom)
    return context.new_page()


def _look_seldom(page) -> None:
    """Wait by a timer: asked at every frame, as by default, a page that stands still is drawn sixty times a second."""
    page.wait_for_function = functools.partial(page.wait_for_function, polling=_LOOK_EVERY_MS)


def is_ours(url: str, port: int) -> bool:
    return url.startswith((f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/", "blob:", "data:"))


def open_page(page, studio: Running, view: str = "design") -> None:
    """Open the page (again)."""
    page.goto(f"{studio.url}#{view}")
    page.wait_for_selector("body[data-ready]")


def show(page, view: str) -> None:
    """Go to a view, and see it: a key that is pressed next is meant for it."""
    page.evaluate("(view) => { location.hash = view; }", view)
    page.wait_for_selector(f"#v-{view}:not([hidden])", state="attached")


def connect_machine(page, address: str) -> None:
    """Choose a port that is not on the list, and connect it: in one go, since the list may be filled anew meanwhile."""
    page.locator("#m-connect:enabled").wait_for()
    page.evaluate(
        """(address) => { const ports = document.querySelector('#m-port');
            ports.append(new Option(address, address)); ports.value = address; document.querySelector('#m-connect').click(); }""",
        address,
    )


def wait_for_plan(page, timeout_s: float = PATIENCE_MS / 1000) -> None:
    """Until the search has ended."""
    page.wait_for_function(
        "() => /\\d/.test(document.querySelector('#n_chords')?.textContent) && !document.querySelector('#keep').disabled",
        timeout=timeout_s * 1000,
    )


def chords_shown(page, count: int) -> None:
    """Until the page shows about so many chords: a search may end a few short of what was asked for."""
    page.wait_for_function(
        """(count) => Math.abs(Number(document.querySelector('#n_chords')?.textContent.replace(/,/g, '')) - count)
                     <= 0.03 * count""",
        arg=count,
    )


def plan_where(
    studio: Running, condition: Callable[[dict[str, Any]], bool], timeout_s: float = PATIENCE_MS / 1000
) -> dict[str, Any]:
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
    asked = default_settings() | {"lines": 1200, "pins": 160, "quality": "draft"} | settings

    with line_to(studio) as line:
        state: dict[str, Any] = {}

        def hear() -> str:
            message = line.recv(PATIENCE_MS / 1000)
            said = json.loads(message) if isinstance(message, str) else {"type": ""}
            state.update(said.get("state", {}))
            return str(said["type"])

        hear()
        if is_begun(state, asked, photo):
            return
        line.send(json.dumps({"do": "set", "patch": asked}))
        send_photo(studio, photo)
        line.send("what was told until now is read")
        while hear() != "error":
            pass
        while state["search"]["busy"]:
            hear()
        assert "error" not in state["search"], state["search"]


def is_begun(state: dict[str, Any], asked: dict[str, Any], photo: str) -> bool:
    """Whether the studio stands as it is asked for: nothing is searched again."""
    stands = (state["photo"] or {}).get("name") == photo and not state["search"]["busy"] and state["plan"]
    numbers = (state["plan"] or {}).get("numbers") or {}
    found = abs(numbers.get("chords", 0) - asked["lines"]) <= 0.03 * asked["lines"]  # no plan from elsewhere
    return bool(stands and found and not state["search"].get("error") and state["settings"] == asked)


def drag_fingers(page, begin_at: list[tuple[float, float]], end_at: list[tuple[float, float]], steps: int = 6) -> None:
    """Put one finger or two on the page, move them, lift them."""
    line = page.context.new_cdp_session(page)
    for step in range(steps + 1):
        points = [
            {"x": x + (u - x) * step / steps, "y": y + (v - y) * step / steps, "id": number}
            for number, ((x, y), (u, v)) in enumerate(zip(begin_at, end_at, strict=True))
        ]
        line.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": points})
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    line.detach()


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


# --- figures: python tests/studio_bench.py [NAME ...] ---

_STAGE = "(await import('/page/stage.js')).stage"


def measure_page_weight(page, studio: Running) -> None:
    """Bytes of everything that the first view fetches."""
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}) if answer.ok else None)
    open_page(page, studio)
    page.wait_for_load_state("networkidle")
    own = sum(size for url, size in sizes.items() if "/example/" not in url)
    print(
        f"page weight: {own / 1000:.0f} kB in {len(sizes)} files, {sum(sizes.values()) / 1000:.0f} kB with the example photos"
    )


def measure_first_picture(page, studio: Running) -> None:
    """From the drop of a photo to a painted tenth and a painted quarter of 4,000 chords."""
    page.evaluate(
        f"""async () => {{ const stage = {_STAGE}; const look = () => {{
            for (const part of [1, 400, 1000]) if (stage.dropped && stage.liveRun !== window.runBefore && stage.laid >= part && !window.reached?.[part]) (window.reached ??= {{}})[part] = performance.now() - stage.dropped;
            requestAnimationFrame(look); }}; look(); }}"""
    )
    page.evaluate("() => document.querySelector('#c-lines').focus()")
    rows = []
    for photo in ("camera.png", "chelsea.jpg", "astronaut.jpg", "coffee.jpg", "camera.png"):
        page.evaluate(
            f"async () => {{ const stage = {_STAGE}; stage.dropped = 0; window.reached = {{}}; window.runBefore = stage.liveRun; }}"
        )
        drop_file(page, EXAMPLES / photo, "image/png" if photo.endswith("png") else "image/jpeg")
        page.wait_for_function("() => window.reached[1000]")
        rows.append(page.evaluate("() => [1, 400, 1000].map((part) => Math.round(window.reached[part]))"))
        wait_for_plan(page)
        settled(page)
    for name, column in zip(("first chords", "400 chords", "1,000 chords"), zip(*rows, strict=True), strict=True):
        print(f"first picture, {name}: {sorted(column)} ms after the drop")


def measure_updates(page, studio: Running) -> None:
    """Pictures a second while a large piece is searched."""
    page.evaluate(
        f"""async () => {{ const stage = {_STAGE}; window.painted = []; let before = stage.pictures;
            const look = () => {{ if (stage.pictures !== before) {{ before = stage.pictures; window.painted.push(performance.now()); }} requestAnimationFrame(look); }}; look(); }}"""
    )
    page.locator("#c-pins").evaluate("e => e.closest('details').open = true")
    page.locator("#c-pins").fill("480")
    page.locator("#c-pins").press("Enter")
    page.evaluate("() => { window.painted.length = 0; }")
    page.locator("#c-lines").fill("12000")
    page.locator("#c-lines").press("Enter")
    page.wait_for_function("() => document.querySelector('#keep').disabled")
    wait_for_plan(page)
    times = page.evaluate("() => window.painted")
    gaps = sorted(later - before for before, later in itertools.pairwise(times))
    took_s = (times[-1] - times[0]) / 1000
    print(f"updates: {len(times) / took_s:.1f} pictures a second over {took_s:.1f} s, longest gap {gaps[-1]:.0f} ms")


class Told:
    """The state that a studio tells, heard on a line of its own."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self.state: dict[str, Any] = {}

    def until(self, condition: Callable[[], bool], within_s: float = 20) -> bool:
        end = time.monotonic() + within_s
        while not condition() and time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                message = self._line.recv(0.1)
                self.state.update(json.loads(message).get("state", {}) if isinstance(message, str) else {})
        return condition()

    def machine_is(self, key: str, value: Any, within_s: float = 3) -> bool:
        return self.until(lambda: self.state.get("machine", {}).get(key) == value, within_s)

    def ask(self, request: str, **values: Any) -> None:
        self._line.send(json.dumps({"do": request, **values}))

    def machine(self, what: str, **arguments: Any) -> None:
        self.ask("machine", what=what, arguments=arguments)

    def stops(self) -> list[dict[str, Any]]:
        return [entry for entry in self.state["machine_log"] if entry["kind"] == "EmergencyStop"]


def _prepare_job(page, studio: Running, told: Told) -> None:
    small = studio.folder / "stop.json"
    studio.command("design", str(EXAMPLES / "camera.png"), "-o", str(small), "--lines", "300", "--quality", "draft")
    drop_file(page, small, "application/json")
    told.until(lambda: bool(told.state.get("plan")) and 250 < told.state["plan"]["numbers"]["chords"] <= 300)
    told.machine("connect", port="sim://grbl?speed=4&name=stop")
    told.machine_is("connected", True, 20)
    told.machine("prepare", profile="grbl")
    told.until(lambda: bool(told.state["machine_job"]), 60)


def _all_at_once(page, told: Told, number: int) -> None:
    """A job that runs, a search, a film, and for every third stop an upload of 40 MB."""
    if number:  # after a stop: the controller tells its alarm, then it is unlocked
        told.machine_is("machine_state", "alarm")
        told.machine("unlock")
    told.machine_is("machine_state", "idle")
    told.machine("start", again=True)
    told.machine_is("job_state", "paused", 5)
    told.machine("resume")
    told.machine_is("job_state", "running", 5)
    told.ask(*(["search"] if told.state.get("photo") else ["example"]))
    if not any(job["state"] in ("works", "waits") for job in told.state["exports"]):
        told.ask("export", ending=".gif", options={"frames": 400, "width_px": 900})
    if number % 3 == 0:
        page.evaluate(
            "() => { fetch('/photo', { method: 'POST', headers: { 'x-name': 'noise' }, body: window.noise }); }"
        )


def measure_stop(page, studio: Running, tries: int = int(os.environ.get("TRIES", "100"))) -> None:
    """From the key to the byte at the port, while a job runs, a search, a film and an upload."""
    page.evaluate(
        """() => { window.noise = new Blob([new Uint8Array(40e6)]); addEventListener("keydown", (e) => {
            window.pressed = [performance.timeOrigin + e.timeStamp, performance.timeOrigin + performance.now()]; }, true); }"""
    )
    chooser, rows = random.Random(1), []
    with line_to(studio) as line:
        told = Told(line)
        _prepare_job(page, studio, told)
        for number in range(tries):
            _all_at_once(page, told, number)
            told.until(lambda: False, chooser.uniform(0.05, 0.6))
            last_s = max((entry["at_s"] for entry in told.stops()), default=0.0)
            page.keyboard.press("Shift+Escape")
            assert told.until(lambda: any(entry["at_s"] > last_s for entry in told.stops()), 10)  # noqa: B023
            stop = told.stops()[-1]
            pressed, handled = page.evaluate("() => window.pressed")
            written, port = stop["at_s"] * 1000, float(re.search(r"in ([\d.]+) ms", stop["text"])[1])
            rows.append((written - pressed, handled - pressed, written - port - handled, port))
    parts = ("from the key to the port", "of that in the page", "to the server", "to the port")
    for name, column in zip(parts, map(sorted, zip(*rows, strict=True)), strict=True):
        print(
            f"emergency stop under load, {tries} tries, {name}: median {column[tries // 2]:.1f} ms, "
            f"95 % {column[int(tries * 0.95)]:.1f} ms, maximum {column[-1]:.1f} ms"
        )


def _memory_mb(pid: int) -> float:
    """Proportional share of memory of a process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = int(re.search(r"Pss:\s+(\d+)", rollup)[1]) / 1024  # type: ignore[index]
    return own + sum(_memory_mb(int(child)) for child in children)


def measure_memory(page, studio: Running) -> None:
    """Server and its processes after 5, 20, 35 and 50 designs of four photos."""
    photos = ("camera.png", "chelsea.jpg", "astronaut.jpg", "coffee.jpg")
    for number in range(1, 51):
        begin(studio, photos[number % 4], lines=4000, quality="normal", pins=200 + 8 * (number % 12))
        if number % 15 == 5:
            time.sleep(3)
            print(f"memory after {number} designs: {_memory_mb(studio.process.pid):.0f} MB")


def main() -> None:
    """Print all figures, or those named: weight picture updates stop memory."""
    import tempfile

    from playwright.sync_api import sync_playwright

    figures = {
        "weight": measure_page_weight, "picture": measure_first_picture, "updates": measure_updates,
        "stop": measure_stop, "memory": measure_memory,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        studio = Running(Path(folder))
        page = new_page(browser, viewport={"width": 1280, "height": 900}, **FINE, reduced_motion="no-preference")
        for name in sys.argv[1:] or figures:
            if name != "weight":
                begin(studio, lines=4000, quality="normal")
                open_page(page, studio)
                page.reload()
                page.wait_for_selector("body[data-ready]")
            figures[name](page, studio)
        browser.close()
        studio.end()


if __name__ == "__main__":
    main()
