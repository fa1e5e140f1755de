"""An editor's day in a browser: with the script, without it, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit

LIST = "/admin/opportunities/opportunity/"


@pytest.fixture
def editor(staff: Callable[..., Visit]) -> Iterator[Callable[..., Page]]:
    """A page in a new context, signed in; at the end its browser has complained of nothing."""
    visits: list[Visit] = []

    def open_(**options: object) -> Page:
        visits.append(staff(**options))
        return visits[-1].page

    yield open_
    assert [complaint for shown in visits for complaint in shown.complaints] == []


def fill_in(page: Page, reference: str) -> None:
    """All of a new entry but its districts."""
    page.fill("#id_reference", reference)
    page.fill("#id_name_zh", "两地物流园")
    page.fill("#id_name_en", "A logistics park in two districts")
    page.select_option("#id_sector", index=1)
    page.fill("#id_investment", "12.5")
    page.fill("#id_cycle_months", "24")
    page.check("[name=cooperation][value=joint-venture]")
    page.fill("#id_contacts-0-unit_zh", "某区招商中心")
    page.fill("#id_contacts-0-office_phone", "023-0000 0000")


def locate(page: Page, row: int, share: str) -> None:
    page.select_option(f"#id_locations-{row}-district", index=row + 1)
    page.fill(f"#id_locations-{row}-share", share)


@pytest.mark.parametrize("script", [True, False])
def test_an_entry_with_two_districts_is_added_mended_published_and_withdrawn(
    editor: Callable[..., Page], script: bool
) -> None:
    page = editor(java_script_enabled=script)
    page.goto(f"{LIST}add/")
    if not script:
        page.click("a[href='?rows=3']")
    fill_in(page, f"DAY-{script:d}")
    locate(page, 0, "0.6")
    if script:
        page.click("#locations-group .add-row a")
        page.click("#facts-group .add-row a")
    locate(page, 1, "0.5")
    page.select_option("#id_facts-0-kind", index=1)
    page.fill("#id_facts-0-value_zh", "三百亩")
    page.click("[name=_publish]")

    expect(page.locator("[role=alert]")).to_contain_text("份额相加是 1.1，应当等于 1。")
    expect(page.locator("#id_name_zh")).to_have_value("两地物流园")
    expect(page.locator("#id_facts-0-value_zh")).to_have_value("三百亩")
    expect(page.locator("#id_locations-1-share")).to_have_value("0.5")
    page.fill("#id_locations-1-share", "0.4")
    page.click("[name=_publish]")

    expect(page.locator(".messagelist")).to_contain_text("已保存并发布")
    page.click(".viewsitelink")
    expect(page.locator("h1")).to_have_text("两地物流园")
    page.go_back()
    page.click(".entry-side a.button")
    expect(page.locator("h1")).to_have_text("撤回 1 个机会？")
    page.click("[name=_withdraw]")
    expect(page.locator(".entry-side .tag")).to_have_text("已撤回")


def test_a_bulk_withdrawal_is_asked_and_can_be_left(editor: Callable[..., Page]) -> None:
    page = editor()
    page.goto(f"{LIST}?q=DEMO-05")
    count = page.locator("#result_list tbody tr").count()
    page.check("#action-toggle")
    page.select_option("[name=action]", "withdraw_selected")
    page.click("#changelist .actions button")
    expect(page.locator("h1")).to_have_text(f"撤回 {count} 个机会？")
    expect(page.locator(".going li")).to_have_count(count)
    page.click(".closelink")
    expect(page.locator("h1")).to_have_text("机会")
    page.goto(f"{LIST}?publication__exact=withdrawn&q=DEMO-05")
    expect(page.locator(".nothing")).to_be_visible()


def test_the_second_of_two_editors_sees_both_and_keeps_what_was_typed(editor: Callable[..., Page]) -> None:
    first, second = editor(), editor()
    for page in (first, second):
        page.goto(f"{LIST}?q=DEMO-160")
        page.click("#result_list tbody th a")
    second.fill("#id_summary_en", "The first to save")
    second.click("[name=_continue]")
    expect(second.locator(".messagelist")).to_contain_text("已保存")
    first.fill("#id_summary_en", "The second to save")
    first.click("[name=_continue]")
    expect(first.locator("[role=alert]")).to_contain_text("别人改过这个机会")
    expect(first.locator(".entry-side .steps ins")).to_have_text("The first to save")
    expect(first.locator("#id_summary_en")).to_have_value("The second to save")


def test_on_a_phone_every_control_of_the_form_can_be_reached(editor: Callable[..., Page]) -> None:
    page = editor(viewport={"width": 390, "height": 844})
    page.goto(f"{LIST}?q=DEMO-049")
    page.click("#result_list tbody th a")
    form = page.locator("#opportunity_form").bounding_box()
    assert form is not None
    for control in page.locator(
        "#opportunity_form :is(input:not([type=hidden]), select, textarea):visible"
    ).all():
        box = control.bounding_box()
        assert box is not None
        assert form["x"] <= box["x"], control.get_attribute("name")
        assert box["x"] + box["width"] <= form["x"] + form["width"], control.get_attribute("name")
    assert re.search("DEMO-049", page.content())


@pytest.mark.parametrize("width", [900, 1100, 1280, 1440])
def test_no_word_of_a_table_of_parts_is_broken(editor: Callable[..., Page], width: int) -> None:
    page = editor(viewport={"width": width, "height": 900})
    page.goto(f"/en{LIST}add/?rows=2")
    broken = page.evaluate(
        """() => [...document.querySelectorAll('.inline-group .tabular thead th')].flatMap(th => {
          const range = document.createRange(), walk = document.createTreeWalker(th, NodeFilter.SHOW_TEXT)
          const found = []
          while (walk.nextNode())
            for (const word of walk.currentNode.data.matchAll(/\\S+/g)) {
              range.setStart(walk.currentNode, word.index)
              range.setEnd(walk.currentNode, word.index + word[0].length)
              const tops = [...range.getClientRects()].map(box => Math.round(box.top))
              if (new Set(tops).size > 1) found.push(word[0])
            }
          return found
        })"""
    )
    assert broken == []
