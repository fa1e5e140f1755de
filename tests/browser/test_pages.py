"""Every kind of page: clean console, nothing from elsewhere, light, steady, accessible."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.serving import Portal

from . import pages
from .conftest import Visit

KB = 1024
LAYOUT_SHIFT_MAX = 0.02
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

# The shifts are told in a later task; a tenth of a second leaves time for late ones too.
LAYOUT_SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) sum += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""
# Amounts whose unit is torn apart by the end of a line.
BROKEN_UNITS = """() => [...document.querySelectorAll(".money small")]
  .filter(unit => unit.getClientRects().length > 1).map(unit => unit.parentElement.textContent)"""
# No colour is caught half-way from one theme to the other.
VIOLATIONS = """() => {
  for (const transition of document.getAnimations()) transition.finish();
  return axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]));
}"""


def complaints_of(visit: Visit, status: int) -> list[str]:
    """What the browser complained of, its own note of the page's intended status aside."""
    return [text for text in visit.complaints if f"status of {status}" not in text]


def elsewhere(visit: Visit, portal: Portal) -> list[str]:
    """The addresses outside the portal that were asked."""
    return [r.url for r in visit.requests if not r.url.startswith(f"{portal.address}/")]


def assert_accessible(page: Page, *widths: int) -> None:
    """No violation of any impact and no sideways scrolling, at every width and in both themes."""
    page.evaluate(Axe().axe_script)
    for width, theme in product(widths, pages.THEMES):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert page.evaluate(VIOLATIONS) == [], f"{width} px, {theme}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} px"


@pytest.mark.parametrize(("name", "language"), BOTH_LANGUAGES)
def test_a_first_visit_is_clean_light_and_steady_and_asks_no_other_host(
    visit: Callable[..., Visit], portal: Portal, name: str, language: str
) -> None:
    expected = REFUSED.get(name, 200)
    for width in (1440, 390):
        shown = visit(viewport={"width": width, "height": 844})
        answer = shown.page.goto(pages.in_language(pages.PUBLIC[name], language))
        assert answer is not None
        assert answer.status == expected
        assert shown.page.evaluate(LAYOUT_SHIFT) <= LAYOUT_SHIFT_MAX
        assert shown.page.evaluate(BROKEN_UNITS) == [], f"{width} px"
        assert complaints_of(shown, expected) == []
        assert elsewhere(shown, portal) == []
        sizes: dict[str, int] = {}
        for request in shown.requests:
            as_sent = request.sizes()["responseBodySize"]
            sizes[request.resource_type] = sizes.get(request.resource_type, 0) + as_sent
        assert len(shown.requests) <= 15
        assert sizes["document"] <= 25 * KB
        assert sizes.get("script", 0) <= 15 * KB
        assert sum(sizes.values()) <= 60 * KB


@pytest.mark.parametrize("name", pages.PUBLIC)
def test_a_page_is_accessible_and_never_scrolls_sideways_in_either_theme(
    visit: Callable[..., Visit], name: str
) -> None:
    page = visit().page
    page.goto(pages.PUBLIC[name])
    assert_accessible(page, 1440, 768, 320)


# --- the administration ---------------------------------------------------------------------------

ADMINISTRATION = {**pages.SIGN_IN, **pages.STAFF}


@pytest.mark.parametrize("name", ADMINISTRATION)
def test_a_page_of_the_administration_is_clean_and_accessible_in_either_theme(
    visit: Callable[..., Visit], staff: Callable[..., Visit], portal: Portal, name: str
) -> None:
    shown = (visit if name in pages.SIGN_IN else staff)()
    for language in reversed(pages.LANGUAGES):
        answer = shown.page.goto(pages.in_language(ADMINISTRATION[name], language))
        assert answer is not None
        assert answer.status == 200
    assert shown.complaints == []
    assert elsewhere(shown, portal) == []
    assert_accessible(shown.page, 1440, 768, 390)


def test_the_page_of_a_withdrawn_opportunity_is_clean_and_accessible_in_either_theme(
    visit: Callable[..., Visit], portal: Portal
) -> None:
    with pages.withdrawn(portal) as path:
        for language in pages.LANGUAGES:
            shown = visit()
            answer = shown.page.goto(pages.in_language(path, language))
            assert answer is not None
            assert answer.status == 410
            assert complaints_of(shown, 410) == []
            assert_accessible(shown.page, 320, 768, 1440)
