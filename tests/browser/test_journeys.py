"""An investor's way from the search to the person in charge, with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit

STOPS_MAX = 120

pytestmark = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


def reach(page: Page, selector: str, key: str = "Tab") -> None:
    """Press the tabulator until the focus is on the first of these."""
    wanted = page.locator(selector).first
    for _stop in range(STOPS_MAX):
        page.keyboard.press(key)
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not reached within {STOPS_MAX} stops")


def follow(page: Page, selector: str) -> None:
    reach(page, selector)
    page.keyboard.press("Enter")


def test_the_keyboard_leads_from_a_facet_to_the_person_in_charge(
    visit: Callable[..., Visit], script: bool
) -> None:
    page = visit(java_script_enabled=script).page
    page.goto("/opportunities/")
    follow(page, ".skip")
    follow(page, "[data-facet=sector][data-value=food]")
    expect(page).to_have_url(re.compile(r"/opportunities/\?sector=food(#filters)?$"))
    expect(page.locator(".chip")).to_have_count(1)
    follow(page, ".e .nm a")
    expect(page.locator("[data-attribute='12']")).to_be_visible()
    follow(page, ".panel a[href$='/contact/']")
    expect(page).to_have_url(re.compile(r"/contact/$"))
    follow(page, "main form button")
    expect(page.locator(".person").first).to_contain_text("023-")


def test_the_keyboard_changes_the_view_and_compares(visit: Callable[..., Visit], script: bool) -> None:
    page = visit(java_script_enabled=script).page
    page.goto("/opportunities/?sector=food")
    follow(page, ".seg a[href*='view=map']")
    expect(page.locator(".hex a")).to_have_count(41)
    follow(page, ".seg a[href*='view=table']")
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    for number in range(2):
        reach(page, f"[name=reference] >> nth={number}")
        page.keyboard.press("Space")
    reach(page, "#compare button", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/compare/\?reference=[^&]+&reference=[^&]+$"))
    expect(page.locator(".cmp thead h2")).to_have_count(2)
