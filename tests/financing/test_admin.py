"""What staff do with the plan in the administration, through its pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.db import connection
from django.forms import ModelForm
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from financing.forms import EntryForm
from financing.models import (
    Consequence,
    Disclosure,
    Evaluation,
    Evidence,
    Figure,
    Item,
    Milestone,
    Pin,
    Report,
    Rule,
    Unit,
)
from opportunities.models import Revision
from tests.factories import make_item, make_ledger, make_opportunity, make_plan, signed_in

pytestmark = pytest.mark.django_db
BASE = "/admin/financing/"
EVIDENCE = {
    "evidence-TOTAL_FORMS": "1", "evidence-INITIAL_FORMS": "0", "evidence-0-title": "会议纪要",
    "evidence-0-url": "https://gov.example/1",
}  # fmt: skip


@pytest.fixture
def item(clock) -> Item:
    return make_item(code="reforms-01")


@pytest.fixture
def editor() -> Client:
    return signed_in("editor", email="editor@staff.example")


@pytest.fixture
def reviewer() -> Client:
    return signed_in("reviewer", email="reviewer@staff.example")


def told(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors_of(response: HttpResponse) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def file_report(client: Client, item: Item, **changes: Any) -> HttpResponse:
    filled = {
        "item": item.pk,
        "year": "2026",
        "quarter": "1",
        "progress": "on-track",
        "summary_zh": "已完成方案",
    }
    return client.post(f"{BASE}report/add/", {**filled, **EVIDENCE, **changes})


def test_an_editor_reports_a_quarter_with_evidence_and_becomes_its_author(editor, item):
    opened = editor.get(f"{BASE}report/add/?item={item.pk}")
    form = opened.context["adminform"].form
    assert (form["year"].value(), form["quarter"].value(), form["item"].value()) == (2026, 1, str(item.pk))
    before = Revision.current()
    assert file_report(editor, item).status_code == 302
    made = Report.objects.get()
    assert (made.author.email, made.progress, made.summary_zh) == (
        "editor@staff.example",
        "on-track",
        "已完成方案",
    )
    evidence = Evidence.objects.get()
    assert (evidence.report, evidence.title, evidence.author) == (made, "会议纪要", made.author)
    assert Revision.current() != before
    shown = editor.get(f"{BASE}report/{made.pk}/change/").text
    assert "已完成方案" in shown and "会议纪要" in shown and "editor@staff.example" in shown
    assert '<input type="submit"' not in shown, "nothing to save"


def test_a_report_is_refused_beside_the_field(editor, item):
    assert "year" in errors_of(file_report(editor, item, year="2023"))
    assert "quarter" in errors_of(file_report(editor, item, quarter="5"))
    assert "progress" in errors_of(file_report(editor, item, progress="fine"))
    assert "2026 年第 1 季度" in errors_of(file_report(editor, item, quarter="2"))["quarter"][0]
    assert not Report.objects.exists() and not Evidence.objects.exists()


def test_the_same_step_again_is_refused_in_words_and_a_different_one_is_not(editor, item, monkeypatch):
    def sent(**changes: str) -> HttpResponse:
        return file_report(editor, item, **changes)

    assert sent().status_code == 302
    again = sent()
    assert "台账只记一次" in errors_of(again)["__all__"][0]
    assert (Report.objects.count(), Evidence.objects.count()) == (1, 1)
    # Both were sent before either was stored: the form of the second saw nothing.
    monkeypatch.setattr(EntryForm, "_post_clean", ModelForm._post_clean)
    twice = sent()
    assert twice.status_code == 302 and "台账只记一次" in told(twice)[-1]
    assert (Report.objects.count(), Evidence.objects.count()) == (1, 1)
    monkeypatch.undo()
    other = signed_in("editor", email="other@staff.example")
    assert file_report(other, item).status_code == 302, "somebody else says the same"
    assert sent(progress="behind").status_code == 302
    assert sent().status_code == 302, "back again"
    assert Report.objects.count() == 4


def test_a_milestone_a_figure_and_what_follows_are_entered_once(editor, reviewer, item):
    file_report(editor, item)
    evaluation = Evaluation(report=Report.objects.get(), result="met")
    evaluation.save()
    figure = {
        "indicator": item.list.plan.indicators.get().pk, "kind": "actual", "year": "2025", "value": "2.5",
        "comparison": "exactly", "source_zh": "某报",
    }  # fmt: skip
    for model, filled in (
        ("milestone", {"item": item.pk, "year": "2026", "quarter": "3", "text_zh": "立项"}),
        ("figure", figure),
        ("evaluation", {"report": evaluation.report_id, "result": "met"}),
        ("consequence", {"evaluation": evaluation.pk, "text_zh": "通报"}),
    ):
        assert reviewer.post(f"{BASE}{model}/add/", filled).status_code == 302
        assert "只记一次" in errors_of(reviewer.post(f"{BASE}{model}/add/", filled))["__all__"][0]


def test_a_figure_is_refused_beside_the_field(editor, item):
    indicator = item.list.plan.indicators.get()
    filled = {
        "indicator": indicator.pk, "kind": "actual", "year": "2026", "quarter": "", "value": "2",
        "comparison": "exactly", "source_zh": "某报",
    }  # fmt: skip
    address = f"{BASE}figure/add/"
    assert "2026 年第 1 季度" in errors_of(editor.post(address, {**filled, "year": "2090"}))["year"][0]
    assert "quarter" in errors_of(editor.post(address, {**filled, "quarter": "2"}))
    assert errors_of(editor.post(address, {**filled, "value": "-1"}))["value"] == ["数值须为 0 或以上。"]
    in_english = editor.post(f"/en{address}", {**filled, "value": "-1"})
    assert errors_of(in_english)["value"] == ["A value is 0 or more."]
    assert not Figure.objects.exists()
    assert editor.post(address, {**filled, "kind": "target", "year": "2090"}).status_code == 302
    assert editor.post(address, filled).status_code == 302


@pytest.mark.parametrize("model", ["milestone", "report", "figure", "evaluation", "consequence"])
def test_nobody_changes_or_removes_a_row_of_the_ledger(model):
    make_ledger()
    rows = {"milestone": Milestone, "report": Report, "figure": Figure, "evaluation": Evaluation,
            "consequence": Consequence}[model].objects  # fmt: skip
    row = rows.get()
    for role in ("editor", "reviewer", "superuser"):
        client = signed_in(role)
        assert client.post(f"{BASE}{model}/{row.pk}/change/", {"summary_zh": "改"}).status_code == 403
        assert client.post(f"{BASE}{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        listed = client.get(f"{BASE}{model}/")
        assert "delete_selected" not in listed.text
        client.post(
            f"{BASE}{model}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        )
    assert rows.count() == 1


def test_a_reviewer_evaluates_and_publishes_an_editor_cannot_and_nobody_their_own(editor, reviewer, item):
    file_report(editor, item)
    made = Report.objects.get()
    filled = {"report": made.pk, "result": "partly", "remark_zh": "数据不全"}
    assert editor.post(f"{BASE}evaluation/add/", filled).status_code == 403
    assert reviewer.post(f"{BASE}evaluation/add/", filled).status_code == 302
    judged = Evaluation.objects.get()
    assert judged.author.email == "reviewer@staff.example"
    own = file_report(reviewer, item, year="2025", quarter="2")
    assert own.status_code == 302
    mine = Report.objects.get(quarter=2)
    refused = reviewer.post(f"{BASE}evaluation/add/", {**filled, "report": mine.pk})
    assert "另一位审核人" in errors_of(refused)["report"][0]
    assert "数据不全" not in Client().get("/financing/items/reforms-01/").text
    reviewer.post(f"{BASE}consequence/add/", {"evaluation": judged.pk, "text_zh": "限期补报"})
    action = {"action": "disclose_selected", "_selected_action": [judged.pk]}
    editor.post(f"{BASE}evaluation/", action)
    assert not Disclosure.objects.exists()
    assert "已公布 1 项。" in told(reviewer.post(f"{BASE}evaluation/", action))
    page = Client().get("/financing/items/reforms-01/").text
    assert "数据不全" in page and "限期补报" in page and "staff.example" not in page


def test_a_next_step_is_offered_to_those_who_may_take_it(editor, reviewer, item):
    file_report(editor, item)
    theirs = Report.objects.get()
    file_report(reviewer, item, progress="behind")
    own = Report.objects.get(progress="behind")
    judged = Evaluation(report=theirs, result="met")
    judged.save()
    pages = {
        "evaluation/add/": ("report/", f"report/{theirs.pk}/change/", f"item/{item.pk}/change/"),
        "consequence/add/": ("evaluation/", f"evaluation/{judged.pk}/change/"),
    }
    for step, shown in pages.items():
        for page in shown:
            assert f"{BASE}{step}?" in reviewer.get(f"{BASE}{page}").text, page
            assert f"{BASE}{step}" not in editor.get(f"{BASE}{page}").text, page
    for page in ("report/", f"report/{own.pk}/change/", f"item/{item.pk}/change/"):
        assert f"{BASE}evaluation/add/?report={own.pk}" not in reviewer.get(f"{BASE}{page}").text, page
    assert "由另一位审核人评估" in reviewer.get(f"{BASE}report/{own.pk}/change/").text
    offered = reviewer.get(f"{BASE}evaluation/add/").context["adminform"].form["report"].field.widget.choices
    assert [value for value, _words in offered] == ["", theirs.pk]


def test_english_pages_name_items_and_units_in_english(reviewer, item):
    item.unit = item.list.plan.units.get()
    item.save()
    listed = reviewer.get(f"/en{BASE}item/").text
    assert item.name_en in listed and "Lead office" in listed and "牵头办" not in listed
    opened = reviewer.get(f"/en{BASE}report/add/").text
    assert f"reforms-01 {item.name_en}" in opened
    assert f"reforms-01 {item.name_zh}" in reviewer.get(f"{BASE}report/add/").text


def test_the_home_of_the_administration_says_what_waits_and_each_count_is_its_list(editor, reviewer, item):
    for year, quarter in ((2025, 4), (2026, 1), (2026, 2)):
        editor.post(
            f"{BASE}milestone/add/", {"item": item.pk, "year": year, "quarter": quarter, "text_zh": "立项"}
        )
    assert Milestone.objects.count() == 3
    file_report(editor, item, year="2025", quarter="3")
    queue = editor.get("/admin/").context["ledger"]
    assert [(entry.label, entry.count) for entry in queue] == [
        ("本季应报", 1), ("逾期未报", 1), ("待评估的报告", 1), ("未公布的评估", 0),
    ]  # fmt: skip
    for entry in queue:
        assert len(editor.get(entry.url).context["cl"].result_list) == entry.count
    late = Milestone.objects.get(year=2025)
    answer = reviewer.post(
        f"{BASE}milestone/",
        {
            "action": "disclose_selected",
            "_selected_action": list(Milestone.objects.values_list("pk", flat=True)),
        },
    )
    assert "已公布 1 项。" in told(answer) and len(told(answer)) == 3
    assert Disclosure.objects.get().milestone == late


@pytest.mark.django_db
def test_without_a_plan_the_home_has_nothing_of_it(editor):
    make_opportunity()
    assert editor.get("/admin/").context["ledger"] == []


def test_the_page_of_an_item_shows_its_whole_ledger(reviewer, editor, item):
    file_report(editor, item)
    reviewer.post(
        f"{BASE}evaluation/add/", {"report": Report.objects.get().pk, "result": "met", "remark_zh": "属实"}
    )
    page = reviewer.get(f"{BASE}item/{item.pk}/change/").text
    for said in (
        "已完成方案",
        "属实",
        "仅内部",
        "editor@staff.example",
        "reviewer@staff.example",
        "会议纪要",
    ):
        assert said in page, said


def test_staff_add_an_item_that_the_source_counts_but_did_not_name(reviewer):
    plan = make_plan()
    whole = plan.lists.get()
    filled = {"list": whole.pk, "code": "reforms-02", "name_zh": "新事项", "is_public": "on"}
    assert "source_zh" in errors_of(reviewer.post(f"{BASE}item/add/", filled))
    filled["source_zh"] = "某日公报"
    assert "code" in errors_of(reviewer.post(f"{BASE}item/add/", {**filled, "code": "policies-02"}))
    assert reviewer.post(f"{BASE}item/add/", filled).status_code == 302
    assert "新事项" in Client().get("/financing/").text
    for number in (3, 4):
        make_item(plan, code=f"reforms-{number:02d}")
    refused = reviewer.post(f"{BASE}item/add/", {**filled, "code": "reforms-05"})
    assert "3" in str(refused.context["adminform"].form.non_field_errors())


def test_partners_of_an_item_are_set_and_removed_and_the_history_says_so_in_words(reviewer, item):
    lead = item.list.plan.units.get()
    bank = Unit.objects.create(plan=item.list.plan, slug="bank", name_zh="某银行", name_en="A bank")
    address = f"{BASE}item/{item.pk}/change/"
    filled = {"name_zh": item.name_zh, "name_en": item.name_en, "source_zh": "测试报", "is_public": "on"}
    assert reviewer.post(address, {**filled, "partners": [lead.pk, bank.pk]}).status_code == 302
    assert set(item.partners.all()) == {lead, bank}
    before = Revision.current()
    assert reviewer.post(address, {**filled, "partners": [bank.pk]}).status_code == 302
    assert set(item.partners.all()) == {bank} and Revision.current() != before
    assert reviewer.post(address, filled).status_code == 302
    steps = reviewer.get(f"{BASE}item/{item.pk}/history/").context["steps"]
    assert [(one.label, one.old, one.new) for step in steps for one in step.alterations] == [
        ("参与单位", "某银行", "–"),
        ("参与单位", "某银行 · 牵头办", "某银行"),
        ("参与单位", "–", "某银行 · 牵头办"),
    ]


def test_the_history_of_item_rule_and_pin_says_old_and_new_by_the_fields_names(reviewer):
    item = make_ledger()
    rule, pin = Rule.objects.get(), Pin.objects.get()
    reviewer.post(
        f"{BASE}item/{item.pk}/change/", {"name_zh": "新名", "source_zh": "测试报", "is_public": "on"}
    )
    reviewer.post(
        f"{BASE}rule/{rule.pk}/change/", {**RULE, "item": item.pk, "sectors": [], "basis_zh": "新据"}
    )
    reviewer.post(f"{BASE}pin/{pin.pk}/change/", {"kind": "exclude", "reason_zh": "测试"})
    for row, said in (
        (item, [f"名称（中文） {item.name_zh} → 新名", f"名称（英文） {item.name_en} → –"]),
        (rule, ["依据（中文） 测试 → 新据", f"产业 {rule.sectors[0]} → –", "投资下限 – → 10"]),
        (pin, ["决定 总是显示 → 从不显示"]),
    ):
        page = reviewer.get(f"{BASE}{row._meta.model_name}/{row.pk}/history/").text
        words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        for one in said:
            assert one in words, words[-600:]
        assert "name_en" not in words and "basis_zh" not in words


RULE = {
    "sectors": ["grain"], "investment_min": "10", "cooperation": ["equity"], "basis_zh": "名称",
    "is_sample": "on", "is_active": "on",
}  # fmt: skip


def test_a_rule_is_previewed_before_it_is_stored(reviewer, item):
    match = make_opportunity(sector="grain", cooperation=["equity"], name_zh="合适的项目")
    make_opportunity(sector="tools", cooperation=["equity"], name_zh="别的项目")
    preview = reviewer.post(f"{BASE}rule/preview/", {**RULE, "item": item.pk})
    assert preview.status_code == 200 and 'data-previewed="1"' in preview.text
    assert (
        "合适的项目" in preview.text and "别的项目" not in preview.text and "投资 ≥ 10 亿元" in preview.text
    )
    assert not Rule.objects.exists()
    assert reviewer.post(f"{BASE}rule/add/", {**RULE, "item": item.pk}).status_code == 302
    assert "因为：产业为板块grain" in Client().get(match.get_absolute_url()).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sectors": [], "investment_min": "", "cooperation": []}, "__all__"),
        ({"investment_max": "9"}, "investment_max"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "valid_to"),
        ({"sectors": ["mining"]}, "sectors"),
        ({"basis_zh": ""}, "basis_zh"),
    ],
)
def test_a_rule_that_says_nothing_or_contradicts_itself_is_refused(reviewer, item, changes, field):
    filled = {**RULE, "item": item.pk, **changes}
    assert field in errors_of(reviewer.post(f"{BASE}rule/add/", filled))
    preview = reviewer.post(f"{BASE}rule/preview/", filled)
    assert "规则还不完整" in preview.text and "data-previewed" not in preview.text
    assert not Rule.objects.exists()


def test_an_opportunity_is_pinned_with_a_reason_and_by_whom(reviewer, item):
    opportunity = make_opportunity(reference="TEST-PIN")
    filled = {"item": item.pk, "opportunity": " test-pin ", "kind": "pin", "reason_zh": "经责任单位确认"}
    for unknown in ("TEST-NONE", str(opportunity.pk), "x" * 999):
        refused = errors_of(reviewer.post(f"{BASE}pin/add/", {**filled, "opportunity": unknown}))
        assert refused["opportunity"] == ["没有此编号的机会；编号见机会列表。"]
    assert reviewer.post(f"{BASE}pin/add/", filled).status_code == 302
    assert Pin.objects.get().author.email == "reviewer@staff.example"
    assert "因为：经责任单位确认" in Client().get("/opportunities/TEST-PIN/").text


PAGES = [
    f"{BASE}{model}/{page}"
    for model in (
        "plan", "unit", "system", "task", "indicator", "figure", "itemlist", "item", "rule", "pin",
        "milestone", "report", "evaluation", "consequence",
    )
    for page in ("", "add/", "{pk}/change/", "{pk}/history/")
    if (model, page) != ("plan", "add/")
]  # fmt: skip


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_it_holds_style_or_script_of_its_own(page, language):
    make_ledger()
    model = apps.get_model("financing", page.removeprefix(BASE).split("/")[0])
    path = page.format(pk=model._default_manager.first().pk)
    response = signed_in("superuser").get(language + path)
    assert response.status_code == 200
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", response.text)


def test_lists_cost_the_same_queries_however_many_rows(editor, item, django_assert_num_queries):
    file_report(editor, item)
    costs = []
    for path in ("report/", "item/", "milestone/"):
        editor.get(BASE + path)
        with CaptureQueriesContext(connection) as queries:
            editor.get(BASE + path)
        costs.append(len(queries))
    for quarter in (2, 3, 4):
        file_report(editor, item, quarter=str(quarter))
    for _ in range(2):
        make_item(item.list.plan)
    for path, cost in zip(("report/", "item/", "milestone/"), costs, strict=True):
        with django_assert_num_queries(cost):
            editor.get(BASE + path)
