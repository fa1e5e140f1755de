"""Every kind of page: clean console, nothing from elsewhere, accessible, light."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe

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


@pytest.mark.parametrize("language", pages.LANGUAGES)
@pytest.mark.parametrize("name", pages.STAFF)
def test_an_admin_page_is_clean(
    visit: Callable[..., Visit], portal: Portal, name: str, language: str
) -> None:
    shown = visit()
    sign_in(shown.page, portal.address, *demo_staff(portal))
    shown.page.goto(pages.in_language(pages.STAFF[name], language), wait_until="networkidle")
    assert shown.complaints == []
