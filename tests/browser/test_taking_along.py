"""What is taken along: a sheet of paper, an address, a comparison that fits the screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit
from .printed import SHEETS_MAX, sheets

DETAIL = "/opportunities/DEMO-049/"
COMPARISON = "/compare/?" + "&".join(f"reference=DEMO-{number}" for number in ("051", "111", "049", "001"))


def longest(page: Page, language: str, number: int) -> list[str]:
    """The references of those opportunities that have the most to say."""
    items = [
        item
        for number in (1, 2)
        for item in page.request.get(
            f"/api/v1/opportunities/?fields=full&page_size=100&page={number}"
        ).json()["results"]
    ]
    assert len(items) == 160

    def length(item: object) -> int:
        if isinstance(item, dict) and set(item) == {"zh", "en"}:
            return len(item[language] or item["zh"])
        parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else []
        return sum(map(length, parts))

    items.sort(key=length, reverse=True)
    return [item["reference"] for item in items[:number]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_pages_are_printed_on_two_sheets_at_most(
    visit: Callable[..., Visit], language: str
) -> None:
    page = visit().page
    counted = {}
    for reference in longest(page, language, 3):
        page.goto(f"{'/en' if language == 'en' else ''}/opportunities/{reference}/")
        counted[reference] = sheets(page)
    assert counted and max(counted.values()) <= SHEETS_MAX, json.dumps(counted)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_sheet_holds_what_is_needed_away_from_the_screen_and_nothing_to_press(
    visit: Callable[..., Visit], theme: str
) -> None:
    page = visit(color_scheme=theme).page
    page.goto(DETAIL)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for shown in (
        ".tel >> nth=0",
        ".wm",
        ".share img",
        ".address",
        ".share .note >> nth=0",
        "[data-printed-on]",
    ):
        expect(page.locator(shown)).to_be_visible()
    assert page.eval_on_selector(".share img", "image => image.complete && image.naturalWidth > 0")
    expect(page.locator("[data-printed-on]")).to_have_text(re.compile(r"打印于 \d{4}-\d\d-\d\d"))
    for gone in ("nav", ".btn", ".related", ".crumb"):
        for one in page.locator(gone).all():
            expect(one).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_printed_table_repeats_its_head(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto("/opportunities/?view=table&page_size=100")
    page.emulate_media(media="print")
    assert (
        page.eval_on_selector(".rows thead", "head => getComputedStyle(head).display") == "table-header-group"
    )
    assert page.eval_on_selector(".scroll", "box => getComputedStyle(box).overflowX") == "visible"


def test_the_address_is_copied(visit: Callable[..., Visit]) -> None:
    shown = visit(permissions=["clipboard-read", "clipboard-write"])
    page = shown.page
    page.goto(f"/en{DETAIL}")
    page.click("[data-does=copy]")
    expect(page.locator(".share [role=status]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_attribute("link[rel=canonical]", "href")
    assert shown.complaints == []


def test_where_copying_is_not_allowed_the_address_is_selected(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    page.goto(DETAIL)
    page.click("[data-does=copy]")
    page.wait_for_function("getSelection().toString().endsWith('/opportunities/DEMO-049/')")


def test_the_browser_is_asked_to_share_and_to_print(visit: Callable[..., Visit]) -> None:
    shown = visit()
    page = shown.page
    page.add_init_script(
        "navigator.share = (what) => { window.shared = what; return Promise.resolve(); };"
        "window.print = () => { window.printed = true; };"
    )
    page.goto(DETAIL)
    page.click("[data-does=share]")
    assert page.evaluate("window.shared.url") == page.text_content(".address")
    page.click("[data-does=print]")
    assert page.evaluate("window.printed")
    assert shown.complaints == []


@pytest.mark.parametrize("path", [DETAIL, COMPARISON])
def test_without_a_script_there_is_no_dead_button(visit: Callable[..., Visit], path: str) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(path)
    assert page.locator("[data-does]").count() >= 1
    for button in page.locator("[data-does]").all():
        expect(button).to_be_hidden()
    if path == DETAIL:
        expect(page.locator(".address")).to_be_visible()
        expect(page.locator(".share img")).to_be_visible()


@pytest.mark.parametrize("language", ["", "/en"])
def test_four_columns_are_never_cut(visit: Callable[..., Visit], language: str) -> None:
    page = visit().page
    page.goto(f"{language}{COMPARISON}")
    for width in (1440, 1024, 961, 960, 768, 640, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        ends = page.eval_on_selector_all(
            ".cmp :is(h2, td, th)", "all => all.map(one => one.getBoundingClientRect().right)"
        )
        assert max(ends) <= width, width
        names = page.locator(".cmp thead h2")
        tops = {names.nth(n).evaluate("name => name.getBoundingClientRect().top") for n in range(4)}
        # Side by side, or one below the other on a phone.
        assert len(tops) == (1 if width >= 768 else 4), width


def test_a_comparison_is_a_table_to_a_screen_reader_at_every_width(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto(COMPARISON)
    for width in (1440, 768, 390):
        page.set_viewport_size({"width": width, "height": 900})
        table = page.get_by_role("table")
        expect(table.get_by_role("columnheader")).to_have_count(5)
        expect(table.get_by_role("rowheader", name="投资规模 不同")).to_have_count(1)
        expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_count(4)


def test_the_names_stay_in_sight_and_hide_no_focus(visit: Callable[..., Visit]) -> None:
    page = visit(viewport={"width": 1440, "height": 900}).page
    page.goto(COMPARISON)
    page.locator("[data-attribute=edition]").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    head = page.locator(".cmp thead th >> nth=1")
    expect(head).to_be_in_viewport()
    for _stop in range(6):
        page.keyboard.press("Shift+Tab")
    for stop in page.locator(".cmp tbody a").all():
        stop.focus()
        assert stop.evaluate("link => link.getBoundingClientRect().top") >= head.evaluate(
            "cell => cell.getBoundingClientRect().bottom"
        )


def test_a_comparison_is_put_together_by_addresses_alone(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).page
    page.goto("/compare/?reference=DEMO-051")
    page.locator(".adding li a").first.press("Enter")
    expect(page.locator(".cmp thead h2")).to_have_count(2)
    page.fill("#add-reference", "DEMO-001")
    page.press("#add-reference", "Enter")
    expect(page.locator(".cmp thead h2")).to_have_count(3)
    assert page.url.count("reference=") == 3
    page.get_by_role("link", name="移出 DEMO-051").press("Enter")
    expect(page.locator(".cmp thead h2")).to_have_count(2)
    assert "DEMO-051" not in page.url
