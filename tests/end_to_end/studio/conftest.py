"""A real studio in a subprocess, and a real browser on its page."""

from collections.abc import Iterator

import pytest
from browsers import BROWSER
from studio_bench import FLAGS, Running, is_ours, new_page, open_page


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    pytest.importorskip("starlette", reason="the studio needs its extra")
    pytest.importorskip("uvicorn", reason="the studio needs its extra")
    running = Running(tmp_path_factory.mktemp("studio"))
    yield running
    running.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright")
    if not BROWSER:
        pytest.skip("no Chromium on this computer")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[{}])
def page(browser, studio: Running, request: pytest.FixtureRequest) -> Iterator[object]:
    """A tab on the studio's page; no script fails on it, and it asks nobody else for anything."""
    page = new_page(
        browser, **({"viewport": {"width": 1280, "height": 900}, "permissions": ["camera"]} | request.param)
    )
    page.context.add_init_script(SPEECH)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: is_ours(request.url, studio.port) or problems.append(request.url))
    open_page(page, studio)
    yield page
    page.context.close()
    assert not problems


SPEECH = """
window.said = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; this.rate = 1; } };
speechSynthesis.getVoices = () => [
  { name: "Anna", lang: "de-DE", voiceURI: "anna" }, { name: "Daniel", lang: "en-GB", voiceURI: "daniel" }];
speechSynthesis.speak = (words) => window.said.push([words.text, words.rate, words.voice?.name ?? "", performance.now()]);
"""
