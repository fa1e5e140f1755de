"""The ledger in a browser: staff report, a reviewer evaluates and publishes, the public page follows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Portal

from .chromium import sign_in
from .conftest import Visit

PASSWORD = "a long pass phrase"
ITEM = "/financing/items/platforms-02/"
YEAR, QUARTER = "2026", "1"

MAKE_STAFF = """
from django.contrib.auth.models import Group
from accounts.models import EDITORS, REVIEWERS, User
for email, role in (("editor@journey.example", EDITORS), ("reviewer@journey.example", REVIEWERS)):
    user = User.objects.create_user(email, "{password}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
"""


@pytest.fixture(scope="module")
def staff(portal: Portal) -> None:
    portal.manage("shell", "-c", MAKE_STAFF.format(password=PASSWORD))


def cells(page: Page, state: str) -> int:
    return page.locator(f".cells .cell.{state}").count()


def test_staff_report_a_quarter_a_reviewer_evaluates_it_and_the_public_page_follows(
    visit: Callable[..., Visit], portal: Portal, staff: None
) -> None:
    public = visit()
    page = public.page
    page.goto("/financing/")
    expect(page.locator("#changes")).to_contain_text("至今没有报告")
    named = cells(page, "named")
    page.goto(ITEM)
    expect(page.locator("[data-progress=not-reported]")).to_be_visible()
    assert cells(page, "behind") == 0

    # An editor reports from the item's list.
    editor = visit()
    sign_in(editor.page, portal.address, "editor@journey.example", PASSWORD)
    editor.page.goto("/admin/financing/item/")
    row = editor.page.locator("tr", has_text="platforms-02")
    row.get_by_role("link", name="报告进展").click()
    editor.page.fill("[name=year]", YEAR)
    editor.page.fill("[name=quarter]", QUARTER)
    editor.page.select_option("[name=progress]", "behind")
    editor.page.fill("[name=summary_zh]", "平台二期招标推迟一个月")
    editor.page.fill("[name=evidence-0-title]", "招标公告")
    editor.page.click("[name=_save]")
    expect(editor.page.locator(".messagelist .success")).to_be_visible()
    assert editor.complaints == []

    # At once the public sees the report, in the ledger, in both charts and by the filter.
    page.goto(ITEM)
    expect(page.locator("[data-progress=behind]")).to_contain_text("滞后")
    expect(page.locator("[data-step=report]")).to_contain_text("平台二期招标推迟一个月")
    expect(page.locator("[data-step=report]")).to_contain_text("招标公告")
    expect(page.locator("[data-quarter='2026-1']")).to_have_attribute("data-state", "behind")
    assert cells(page, "behind") == 1
    page.goto("/financing/?progress=behind")
    expect(page.locator(".ledg li a")).to_have_count(1)
    page.goto("/financing/")
    assert (cells(page, "named"), cells(page, "behind")) == (named - 1, 1)
    expect(page.locator("#changes")).to_contain_text("平台二期招标推迟一个月")

    # A reviewer evaluates it; that is staff's until it is published.
    reviewer = visit()
    sign_in(reviewer.page, portal.address, "reviewer@journey.example", PASSWORD)
    reviewer.page.get_by_role("link", name=re.compile("待评估的报告")).click()
    reviewer.page.get_by_role("link", name="评估", exact=True).last.click()
    reviewer.page.select_option("[name=result]", "partly")
    reviewer.page.fill("[name=remark_zh]", "推迟原因属实，须补排期")
    reviewer.page.click("[name=_save]")
    expect(reviewer.page.locator(".messagelist .success")).to_be_visible()
    page.goto(ITEM)
    expect(page.locator("[data-step=evaluation]")).to_have_count(0)

    reviewer.page.goto("/admin/financing/evaluation/")
    reviewer.page.check("[name=_selected_action]")
    reviewer.page.select_option("[name=action]", "disclose_selected")
    reviewer.page.click(".actions button[type=submit]")
    expect(reviewer.page.locator(".messagelist .success")).to_contain_text("已公布 1 项")
    assert reviewer.complaints == []

    # The history shows both, the latest first, and nobody's name.
    page.goto(ITEM)
    expect(page.locator("[data-step]")).to_have_count(2)
    expect(page.locator("[data-step] >> nth=0")).to_contain_text("推迟原因属实，须补排期")
    expect(page.locator("[data-step] >> nth=1")).to_contain_text("平台二期招标推迟一个月")
    expect(page.locator("[data-quarter='2026-1']")).to_contain_text("部分达到")
    assert "journey.example" not in page.content()
    page.goto(f"/en{ITEM}")
    expect(page.locator("[data-step] >> nth=0")).to_contain_text("partly met")
    assert public.complaints == []


def test_a_rule_is_previewed_in_a_window_of_its_own(
    visit: Callable[..., Visit], portal: Portal, staff: None
) -> None:
    shown = visit()
    sign_in(shown.page, portal.address, "reviewer@journey.example", PASSWORD)
    shown.page.goto("/admin/financing/rule/add/")
    shown.page.select_option("[name=item]", label="reforms-01 绿色金融改革")
    shown.page.check("[name=sectors][value=new-energy]")
    shown.page.fill("[name=investment_min]", "10")
    shown.page.fill("[name=basis_zh]", "名称为“绿色金融改革”")
    with shown.page.expect_popup() as popup:
        shown.page.get_by_role("button", name="预览匹配结果").click()
    expect(popup.value.locator("[data-previewed]")).to_contain_text("个机会")
    expect(popup.value.locator("tbody tr").first).to_contain_text("产业为新能源及新型储能 · 投资 ≥ 10 亿元")
    assert shown.complaints == []
