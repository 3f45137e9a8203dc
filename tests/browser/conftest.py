"""A real browser for the tests: one Chromium for all of them, a window for each person."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

Window = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. While it is open a loop runs in this thread; Django refuses its database then, unless told."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What the browser complained of: scripts that failed, what the content security policy refused, missing files."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def window(chromium: Browser, live_server: Any, sign_in: Any, faults: list[str]) -> Iterator[Window]:
    """`page = window(user)`: a window in which this person is signed in; without a user, a stranger's.

    `language`, `size` and `script` say how this person comes. Times out after ten seconds, since nothing is far away.
    """
    contexts = []

    def opened(user: Any = None, *, language: str = "en", size: Any = None, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport=size or WIDE, java_script_enabled=script,
            locale=language, reduced_motion="reduce", accept_downloads=True,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(20_000)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user is not None:
            cookies[settings.SESSION_COOKIE_NAME] = sign_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: _hear(said, page, faults))
        return page

    yield opened
    for context in contexts:
        context.close()


def _hear(said: ConsoleMessage, page: Page, faults: list[str]) -> None:
    """Keep what the console says is wrong; a page that answers 4xx by intent is not wrong."""
    at = said.location.get("url", "") if said.location else ""
    if said.type == "error" and not ("Failed to load resource" in said.text and at == page.url):
        faults.append(f"{page.url}: {said.text} ({at})")
