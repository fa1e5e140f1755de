"""Every kind of page: clean console, nothing from elsewhere, accessible, light."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.serving import Portal

from . import pages
from .chromium import sign_in
from .conftest import Visit
from .staff import demo_staff

KB = 1024
REFUSED = {
    "search-refused": 400,
    "export-refused": 400,
    "compare-refused": 400,
    "financing-refused": 400,
    "search-past-the-end": 404,
    "not-found": 404,
}
BOTH_LANGUAGES = [
    (name, language)
    for name, language in product(pages.PUBLIC, pages.LANGUAGES)
    if language == "zh" or not pages.PUBLIC[name].startswith(pages.WITHOUT_LANGUAGE)
]


def complaints_of(visit: Visit, status: int) -> list[str]:
    """What the browser complained of, its own note of the page's intended status aside."""
    return [text for text in visit.complaints if f"status of {status}" not in text]


@pytest.mark.parametrize(("name", "language"), BOTH_LANGUAGES)
def test_a_page_is_clean_and_asks_no_other_host(
    visit: Callable[..., Visit], portal: Portal, name: str, language: str
) -> None:
    shown = visit()
    expected = REFUSED.get(name, 200)
    answer = shown.page.goto(pages.in_language(pages.PUBLIC[name], language), wait_until="networkidle")
    assert answer is not None
    assert answer.status == expected
    assert complaints_of(shown, expected) == []
    assert [r.url for r in shown.requests if not r.url.startswith(f"{portal.address}/")] == []


@pytest.mark.parametrize("width", [1440, 768, 320])
@pytest.mark.parametrize("name", pages.PUBLIC)
def test_a_page_has_no_accessibility_violation_and_never_scrolls_sideways(
    visit: Callable[..., Visit], name: str, width: int
) -> None:
    theme = "dark" if width == 768 else "light"
    shown = visit(viewport={"width": width, "height": 900}, color_scheme=theme)
    shown.page.goto(pages.PUBLIC[name])
    found = Axe().run(shown.page).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found] == []
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", sorted(set(pages.PUBLIC) - {"api-docs"}))
def test_a_first_visit_is_light(visit: Callable[..., Visit], name: str) -> None:
    shown = visit()
    shown.page.goto(pages.PUBLIC[name], wait_until="networkidle")
    sizes: dict[str, int] = {}
    for request in shown.requests:
        as_sent = request.sizes()["responseBodySize"]
        sizes[request.resource_type] = sizes.get(request.resource_type, 0) + as_sent
    assert len(shown.requests) <= 15
    assert sizes["document"] <= 25 * KB
    assert sizes.get("script", 0) <= 15 * KB
    assert sum(sizes.values()) <= 60 * KB


# --- the administration ---------------------------------------------------------------------------

ADMINISTRATION = {**pages.SIGN_IN, **pages.STAFF}


@pytest.fixture
def staff(visit: Callable[..., Visit], portal: Portal, browser: Browser) -> Callable[..., Visit]:
    """``staff("admin")``: a visit as someone signed in; the sign-in itself as somebody else."""

    def open_(name: str, **options: Any) -> Visit:
        if name in pages.SIGN_IN:
            return visit(**options)
        if portal.address not in _signed_in:
            context = browser.new_context()
            sign_in(context.new_page(), portal.address, *demo_staff(portal))
            _signed_in[portal.address] = context.storage_state()
            context.close()
        return visit(storage_state=_signed_in[portal.address], **options)

    return open_


# Signing in costs a password's hash: done once for a served portal.
_signed_in: dict[str, Any] = {}


@pytest.mark.parametrize("language", pages.LANGUAGES)
@pytest.mark.parametrize("name", ADMINISTRATION)
def test_a_page_of_the_administration_is_clean(
    staff: Callable[..., Visit], portal: Portal, name: str, language: str
) -> None:
    shown = staff(name)
    answer = shown.page.goto(pages.in_language(ADMINISTRATION[name], language), wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200
    assert shown.complaints == []
    assert [r.url for r in shown.requests if not r.url.startswith(f"{portal.address}/")] == []


@pytest.mark.parametrize("width", [1440, 768, 390])
@pytest.mark.parametrize("name", ADMINISTRATION)
def test_a_page_of_the_administration_is_accessible_and_never_scrolls_sideways(
    staff: Callable[..., Visit], name: str, width: int
) -> None:
    theme = "dark" if width == 768 else "light"
    shown = staff(name, viewport={"width": width, "height": 900}, color_scheme=theme)
    shown.page.goto(ADMINISTRATION[name])
    found = Axe().run(shown.page).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found] == []
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
