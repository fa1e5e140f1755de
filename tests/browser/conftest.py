"""A served portal and a Chromium for each test process; a fresh browser context for each visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.serving import Portal, served

from .chromium import executable, launched, sign_in
from .staff import demo_staff


@dataclass
class Visit:
    """A page and what its browser complained of or asked for while we looked."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    if executable() is None:
        pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk")
    with served() as running:
        yield running


@pytest.fixture(scope="session")
def browser(portal: Portal) -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, portal: Portal) -> Iterator[Callable[..., Visit]]:
    """``visit(java_script_enabled=False)``: a page in a new context, with its complaints written down."""
    contexts: list[BrowserContext] = []

    def open_(**options: Any) -> Visit:
        context = browser.new_context(base_url=portal.address, **options)
        contexts.append(context)
        visit = Visit(context.new_page())
        visit.page.on(
            "console",
            lambda message: (
                visit.complaints.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("request", lambda request: visit.requests.append(request))
        return visit

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, portal: Portal) -> dict[str, Any]:
    """What a browser keeps of the demo staff's sign-in; a password's hash costs its time only once."""
    context = browser.new_context()
    sign_in(context.new_page(), portal.address, *demo_staff(portal))
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture
def staff(visit: Callable[..., Visit], signed_in: dict[str, Any]) -> Callable[..., Visit]:
    """``staff(viewport=…)``: a visit of someone who is signed in."""
    return lambda **options: visit(storage_state=signed_in, **options)
