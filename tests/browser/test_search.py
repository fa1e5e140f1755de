"""The search in a browser: with the script it saves a reload, without it everything works too."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit

PHONE = {"viewport": {"width": 390, "height": 844}}


def open_marked(page: Page, path: str) -> None:
    """Open a page and leave a mark in it that a reload would lose."""
    page.goto(path)
    page.evaluate("window.notReloaded = true")


def is_reloaded(page: Page) -> bool:
    return not page.evaluate("window.notReloaded === true")


def heights_of_rows(page: Page) -> list[float]:
    return page.eval_on_selector_all(".e", "all => all.map(one => one.getBoundingClientRect().height)")


def at(page: Page, query: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(f"/opportunities/{query}") + "$"))


# Of each row whether a marked word in it is to be seen: not hidden, and not below what its text is cut to.
SHOWS_A_MARK = """all => all.map(row => [...row.querySelectorAll("mark")].some(mark => {
  const own = mark.getBoundingClientRect(), cut = mark.closest("a, p").getBoundingClientRect();
  return own.height > 0 && own.bottom <= cut.bottom + 1;
}))"""


@pytest.mark.parametrize("path", ["/opportunities/?q=100万吨", "/en/opportunities/?q=battery&region=metro"])
def test_every_row_on_a_phone_shows_a_word_that_it_was_found_by(
    visit: Callable[..., Visit], path: str
) -> None:
    page = visit(**PHONE).page
    page.goto(path)
    rows = page.eval_on_selector_all(".res:not(.mini) > .e", SHOWS_A_MARK)
    assert len(rows) > 5
    assert all(rows)


def test_a_facet_is_toggled_in_place_and_keeps_the_focus(visit: Callable[..., Visit]) -> None:
    shown = visit()
    page = shown.page
    open_marked(page, "/opportunities/")
    page.click("[data-fold=cycle] > summary")
    page.locator("[data-facet=region][data-value=metro]").press("Enter")
    at(page, "?region=metro")
    # Published: 105 opportunities and 3528 亿元 in the metropolitan area.
    expect(page.locator("#status")).to_contain_text("105 个机会，合计 3,528.0 亿元")
    expect(page.locator("[data-facet=region][data-value=metro]")).to_be_focused()
    expect(page.locator("[data-fold=cycle]")).to_have_attribute("open", "")
    expect(page.locator("[data-language]").first).to_have_attribute("href", "/en/opportunities/?region=metro")
    expect(page).to_have_title("招商机会：主城都市区 · 重庆产业机会")
    assert not is_reloaded(page)
    assert shown.complaints == []


def test_a_bar_of_the_histogram_searches_its_step_in_place(visit: Callable[..., Visit]) -> None:
    shown = visit()
    page = shown.page
    open_marked(page, "/opportunities/?region=metro&bracket=50-100")
    bar = page.locator("#filters .hist a[href*='investment_min=10&']")
    number = bar.locator("text").text_content()
    bar.press("Enter")
    at(page, "?region=metro&investment_min=10&investment_max=15.84")
    expect(page.locator("#status")).to_contain_text(f"{number} 个机会")
    expect(page.locator("#filters .hist a[href*='investment_min=10&']")).to_be_focused()
    assert not is_reloaded(page)
    assert shown.complaints == []


def test_a_head_of_the_table_sorts_in_place(visit: Callable[..., Visit]) -> None:
    page = visit().page
    open_marked(page, "/opportunities/?region=metro&view=table")
    page.click("#sort-investment")
    at(page, "?region=metro&sort=investment&view=table")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("投资规模")
    expect(page.locator("#sort-investment")).to_be_focused()
    assert not is_reloaded(page)


def test_the_ticks_of_the_table_stay_in_reach_on_a_phone(visit: Callable[..., Visit]) -> None:
    page = visit(**PHONE).page
    page.goto("/opportunities/?region=metro&view=table")
    page.evaluate("document.getElementById('table').scrollLeft = 500")
    assert page.evaluate("document.getElementById('table').scrollLeft") > 200
    page.check("[name=reference] >> nth=0")
    page.check("[name=reference] >> nth=1")
    page.click("#dock button")
    assert "/compare/?reference=" in page.url


def test_back_and_forward_show_the_search_of_the_address(visit: Callable[..., Visit]) -> None:
    page = visit().page
    open_marked(page, "/opportunities/?region=metro")
    page.click("[data-facet=sector][data-value=food]")
    at(page, "?sector=food&region=metro")
    page.click(".chip >> nth=0")
    at(page, "?region=metro")
    expect(page.locator("#results")).to_be_focused()
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)
    page.go_forward()
    expect(page.locator(".chip")).to_have_count(1)
    assert not is_reloaded(page)


def test_forms_search_in_place_and_a_refusal_is_a_page(visit: Callable[..., Visit]) -> None:
    page = visit().page
    open_marked(page, "/opportunities/?region=metro")
    page.fill("#investment_min", "100.0")
    page.press("#investment_min", "Enter")
    at(page, "?region=metro&investment_min=100")
    expect(page.locator("#investment_min")).to_have_value("100")
    page.fill("#q", "基地")
    page.press("#q", "Enter")
    at(page, "?q=%E5%9F%BA%E5%9C%B0&region=metro&investment_min=100")
    assert not is_reloaded(page)
    page.fill("#investment_min", "much")
    page.press("#investment_min", "Enter")
    expect(page.locator("#problems")).to_contain_text("much")
    assert is_reloaded(page)


def test_a_reference_leads_to_its_page(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto("/opportunities/")
    page.fill("#q", "demo-051")
    page.press("#q", "Enter")
    page.wait_for_url("**/opportunities/DEMO-051/")


def test_ticks_outlast_another_order(visit: Callable[..., Visit]) -> None:
    page = visit().page
    open_marked(page, "/opportunities/?sector=software&page_size=100")
    box = page.locator("[name=reference] >> nth=3")
    reference = box.get_attribute("value")
    box.check()
    page.click(".rtools .pop > summary")
    page.click(".rtools .pop a >> nth=1")
    at(page, "?sector=software&sort=investment&page_size=100")
    assert page.eval_on_selector_all("[name=reference]:checked", "all => all.map(one => one.value)") == [
        reference
    ]


def test_files_and_feed_follow_a_search_that_changed_in_place(visit: Callable[..., Visit]) -> None:
    page = visit().page
    open_marked(page, "/opportunities/")
    page.locator("[data-facet=region][data-value=metro]").press("Enter")
    at(page, "?region=metro")
    feed = page.locator("head > [type='application/atom+xml']")
    expect(feed).to_have_attribute("href", "/opportunities/feed.atom?region=metro")
    menu = page.locator(".rtools [data-fold=export]")
    menu.locator("summary").click()
    with page.expect_download() as started:
        menu.get_by_text("CSV").click()
    assert started.value.url.endswith("/opportunities/export.csv?region=metro")
    # Published: 105 opportunities in the metropolitan area.
    with started.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 105 + 1
    expect(menu).not_to_have_attribute("open", "")
    assert not is_reloaded(page)


def test_a_phone_finds_the_files_in_its_sheet(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False, **PHONE).page
    page.goto("/opportunities/?region=metro#filters")
    expect(page.locator(".rtools [data-fold=export]")).to_be_hidden()
    page.click("[data-fold=sheet-export] > summary")
    with page.expect_download() as started:
        page.click("[data-fold=sheet-export] a >> nth=1")
    assert started.value.url.endswith("/opportunities/export.xlsx?region=metro")


def test_the_sheet_of_a_phone_stays_open_holds_the_focus_and_closes(visit: Callable[..., Visit]) -> None:
    shown = visit(**PHONE)
    page = shown.page
    open_marked(page, "/opportunities/")
    sheet = page.locator("#filters")
    expect(sheet).to_be_hidden()
    page.click("#dock a")
    expect(sheet).to_be_visible()
    page.click("[data-facet=region][data-value=metro]")
    at(page, "?region=metro#filters")
    expect(sheet).to_be_visible()
    expect(page.locator(".apply")).to_contain_text("查看 105 个机会")
    for _stop in range(4):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.getElementById('filters').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#dock a").first).to_be_focused()
    assert not is_reloaded(page)
    assert shown.complaints == []


def test_a_row_on_a_phone_is_low_in_english_too(visit: Callable[..., Visit]) -> None:
    page = visit(**PHONE).page
    page.goto("/en/opportunities/?region=metro&bracket=10-50&page_size=100")
    assert max(heights_of_rows(page)) <= 101


def test_the_first_result_of_a_phone_stands_high_and_rows_are_low(visit: Callable[..., Visit]) -> None:
    page = visit(**PHONE).page
    page.goto("/opportunities/?region=metro&bracket=10-50")
    assert page.eval_on_selector(".e", "first => first.getBoundingClientRect().top") <= 400
    assert max(heights_of_rows(page)) <= 101


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_row_is_never_above_a_hundred_pixels(visit: Callable[..., Visit], prefix: str) -> None:
    page = visit().page
    for query in ("region=metro&bracket=10-50&page_size=100", "page_size=100", "page=2&page_size=100"):
        page.goto(f"{prefix}/opportunities/?{query}")
        for width in (1440, 1100, 961, 768):
            page.set_viewport_size({"width": width, "height": 900})
            assert max(heights_of_rows(page)) <= 100, width


def test_everything_works_without_a_script(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False, **PHONE).page
    page.goto("/en/opportunities/")
    page.click("#dock a")
    page.click("[data-facet=region][data-value=metro]")
    at(page, "?region=metro#filters")
    expect(page.locator("#filters")).to_be_visible()
    page.fill("#investment_min_bn", "1.5")
    page.click("#range button")
    at(page, "?region=metro&investment_min=15#filters")
    expect(page.locator("#investment_min_bn")).to_have_value("1.5")
    page.click(".apply a")
    expect(page.locator("#filters")).to_be_hidden()
    page.check("[name=reference] >> nth=0")
    page.check("[name=reference] >> nth=1")
    page.click("#dock button")
    assert "/en/compare/?reference=" in page.url


def test_a_tile_is_toggled_in_place_and_keeps_the_focus(visit: Callable[..., Visit]) -> None:
    shown = visit()
    page = shown.page
    open_marked(page, "/opportunities/?region=metro&view=map")
    page.locator("#tile-500103").press("Enter")
    at(page, "?region=metro&district=500103&view=map")
    expect(page.locator("#tile-500103")).to_be_focused()
    expect(page.locator("#tile-500103")).to_have_attribute("aria-current", "true")
    expect(page.locator(".sel")).to_have_count(1)
    page.click("#tile-500155")
    at(page, "?region=metro&region=northeast&district=500103&view=map")
    page.click(".seg a >> nth=0")
    at(page, "?region=metro&region=northeast&district=500103")
    expect(page.locator(".e").first).to_be_visible()
    page.go_back()
    expect(page.locator(".hex a")).to_have_count(41)
    assert not is_reloaded(page)
    assert shown.complaints == []


def test_the_map_works_without_a_script(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).page
    page.goto("/en/opportunities/?view=map")
    page.click("#tile-500155")
    at(page, "?district=500155&view=map")
    page.click(".places a >> text=Liangping District")
    at(page, "?district=500155")


def test_tiles_are_links_named_by_their_title(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto("/en/opportunities/?view=map")
    tile = page.get_by_role(
        "link", name=re.compile(r"^Liangping District: \d+ opportunities, CNY [\d.]+ bn$")
    )
    expect(tile).to_have_count(1)
    expect(page.get_by_role("group", name="Schematic of 41 districts")).to_have_count(1)


@pytest.mark.parametrize("path", ["/", "/en/", "/opportunities/?view=map", "/en/opportunities/?view=map"])
def test_names_on_the_map_are_legible_at_every_width(visit: Callable[..., Visit], path: str) -> None:
    page = visit().page
    page.goto(path)
    for width in (1440, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        sizes = page.eval_on_selector_all(
            ".hex a text:first-of-type",
            "all => all.map(one => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)",
        )
        assert len(sizes) == 41
        assert min(sizes) >= 10, width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("path", ["/", "/opportunities/?view=map", "/en/opportunities/?view=map"])
def test_the_words_below_the_map_speak_of_figures_where_there_are_any(
    visit: Callable[..., Visit], path: str
) -> None:
    page = visit().page
    page.goto(path)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        has_figures = page.locator(".hex .v >> nth=0").is_visible()
        said = page.locator(".hexmap .notes").inner_text()
        assert (re.search("格内为机会数|数字与颜色|The figure is", said) is not None) == has_figures
        assert re.search("颜色为投资额|the colour the amount", said)


@pytest.mark.parametrize("path", ["/en/", "/en/opportunities/?view=map", "/opportunities/?view=map"])
def test_a_map_that_scrolls_says_so(visit: Callable[..., Visit], path: str) -> None:
    page = visit().page
    page.goto(path)
    for width in (1440, 768, 640, 390):
        page.set_viewport_size({"width": width, "height": 844})
        scrolls = page.eval_on_selector(".hexmap .scroll", "box => box.scrollWidth > box.clientWidth + 1")
        assert (
            scrolls
            == page.get_by_text(re.compile("^(The map scrolls sideways.|地图可左右滚动。)")).is_visible()
        ), width
