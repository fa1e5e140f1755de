"""The search box suggests while typing: by keyboard alone, by touch, and never in the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.serving import Portal

from .conftest import Visit

BOXES = ("/", "/en/", "/opportunities/", "/en/opportunities/?region=metro")


def options(page: Page) -> Locator:
    return page.locator("#suggestions [role=option]")


def type_in(page: Page, path: str, typed: str) -> None:
    page.goto(path)
    page.focus("#q")
    page.keyboard.type(typed)
    expect(options(page).first).to_be_visible()


def active(page: Page) -> str | None:
    """The text of the option that the box names as active."""
    identifier = page.get_attribute("#q", "aria-activedescendant")
    return page.text_content(f"#{identifier}") if identifier else None


@pytest.mark.parametrize("path", BOXES)
def test_a_suggestion_is_chosen_by_keyboard_alone(visit: Callable[..., Visit], path: str) -> None:
    shown = visit()
    page = shown.page
    type_in(page, path, "liangp")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#suggested")).to_have_text(re.compile(r"^\d+ (条建议|suggestions)$"))
    page.keyboard.press("ArrowDown")
    assert re.match(r"梁平区 区县 6 个机会|Liangping District District \d+ opportunit", active(page) or "")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/opportunities/?district=500155&asked=**")
    expect(page.locator("#suggestions")).to_be_hidden()
    assert shown.complaints == []


def test_arrows_home_and_end_go_through_the_list_and_the_box(visit: Callable[..., Visit]) -> None:
    page = visit().page
    type_in(page, "/", "liang")
    names = options(page).all_text_contents()
    assert len(names) > 3
    page.keyboard.press("ArrowUp")
    assert active(page) == names[-1]
    page.keyboard.press("ArrowDown")
    assert active(page) is None
    page.keyboard.press("Home")
    assert active(page) is None, "without an option Home is the box's own"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert active(page) == names[1]
    page.keyboard.press("End")
    assert active(page) == names[-1]
    page.keyboard.press("Home")
    assert active(page) == names[0]
    assert page.locator("[role=option][aria-selected=true]").count() == 1
    expect(page.locator("#q")).to_have_value("liang")


def test_escape_and_tab_close_the_list_and_a_later_arrow_opens_it(visit: Callable[..., Visit]) -> None:
    page = visit().page
    type_in(page, "/", "liang")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#q")).to_be_focused()
    assert active(page) is None
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("Tab")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator("#ask button")).to_be_focused()


def test_enter_without_a_chosen_option_asks_what_was_typed(visit: Callable[..., Visit]) -> None:
    page = visit().page
    type_in(page, "/", "liang")
    page.keyboard.press("Enter")
    page.wait_for_url("**/opportunities/?q=liang")


def test_a_press_of_the_pointer_or_a_finger_chooses(visit: Callable[..., Visit]) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    type_in(page, "/", "demo-051")
    options(page).first.tap()
    page.wait_for_url("**/opportunities/DEMO-051/")
    page = visit().page
    type_in(page, "/en/", "biom")
    page.click("#suggestions li >> nth=0")
    page.wait_for_url("**/en/opportunities/?sector=biomedicine&asked=**")


def test_a_choice_keeps_the_other_conditions_and_its_number(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto("/opportunities/")
    page.click("[data-facet=region][data-value=metro]")
    page.wait_for_url("**/opportunities/?region=metro")
    page.focus("#q")
    page.keyboard.type("10亿")
    expect(options(page).first).to_contain_text("10亿以上 投资规模")
    number = options(page).first.locator(".sug-count").text_content()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/opportunities/?region=metro&investment_min=10**")
    expect(page.locator("#results h1")).to_contain_text(number or "?")


def test_nothing_is_asked_while_an_input_method_composes(visit: Callable[..., Visit]) -> None:
    shown = visit()
    page = shown.page
    page.goto("/")
    page.focus("#q")
    session = page.context.new_cdp_session(page)
    for spelled in ("l", "li", "lia", "lian", "liang"):
        session.send(
            "Input.imeSetComposition",
            {"text": spelled, "selectionStart": len(spelled), "selectionEnd": len(spelled)},
        )
        page.wait_for_timeout(200)
    assert [request.url for request in shown.requests if "/suggest/" in request.url] == []
    session.send("Input.insertText", {"text": "梁平"})
    expect(options(page).first).to_contain_text("梁平区")
    assert len([request for request in shown.requests if "/suggest/" in request.url]) == 1


def test_only_the_last_answer_counts(visit: Callable[..., Visit]) -> None:
    """An answer to earlier letters that comes late is dropped."""
    page = visit().page
    held: list[Route] = []
    page.route("**/suggest/?q=liang", lambda route: held.append(route))
    page.goto("/")
    page.focus("#q")
    page.keyboard.type("liang")
    page.wait_for_timeout(400)
    assert len(held) == 1
    page.fill("#q", "fuling")
    expect(options(page).first).to_contain_text("涪陵区")
    page.unroute("**/suggest/?q=liang")
    page.wait_for_timeout(200)
    expect(options(page).first).to_contain_text("涪陵区")


@pytest.mark.parametrize("trouble", ["broken", "refused", "nonsense"])
def test_on_any_trouble_the_box_stays_a_plain_one(visit: Callable[..., Visit], trouble: str) -> None:
    page = visit().page
    answers: dict[str, Callable[[Route], None]] = {
        "broken": lambda route: route.abort(),
        "refused": lambda route: route.fulfill(status=503, body=""),
        "nonsense": lambda route: route.fulfill(status=200, body="<html>"),
    }
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.route("**/suggest/**", answers[trouble])
    page.goto("/")
    page.focus("#q")
    page.keyboard.type("liangping")
    page.wait_for_timeout(400)
    expect(page.locator("#suggestions")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/opportunities/?district=500155&asked=liangping")
    assert failures == []


def test_what_the_answer_says_is_text_and_nothing_else(visit: Callable[..., Visit]) -> None:
    shown = visit()
    page = shown.page
    text = {"zh": "<img src=x onerror=alert(1)>", "en": "<img src=x onerror=alert(1)>"}
    one = {"kind": "term", "label": text, "note": text, "matched": text, "question": text}
    body = json.dumps({"q": "x", "suggestions": [{**one, "reference": None, "count": 3}]})
    page.route("**/suggest/**", lambda route: route.fulfill(status=200, body=body))
    page.goto("/")
    page.focus("#q")
    page.keyboard.type("x")
    expect(options(page)).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#suggestions img").count() == 0
    assert shown.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("path", BOXES)
def test_the_open_list_is_accessible_and_fits(
    visit: Callable[..., Visit], path: str, width: int, theme: str
) -> None:
    page = visit(viewport={"width": width, "height": 844}, color_scheme=theme).page
    type_in(page, path, "liang")
    page.keyboard.press("ArrowDown")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = options(page).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert min(sizes) >= 44


def test_an_active_option_shows_in_forced_colours(visit: Callable[..., Visit]) -> None:
    page = visit(forced_colors="active", reduced_motion="reduce").page
    type_in(page, "/", "liang")
    page.keyboard.press("ArrowDown")
    style = "one => getComputedStyle(one).outlineStyle"
    assert options(page).nth(0).evaluate(style) == "solid"
    assert options(page).nth(1).evaluate(style) == "none"


def test_without_a_script_the_box_is_a_plain_one(visit: Callable[..., Visit], portal: Portal) -> None:
    shown = visit(java_script_enabled=False)
    page = shown.page
    page.goto("/")
    assert page.get_attribute("#q", "role") is None
    assert page.locator("#suggestions").count() == 0
    page.fill("#q", "liangping")
    page.press("#q", "Enter")
    assert page.url == f"{portal.address}/opportunities/?district=500155&asked=liangping"
