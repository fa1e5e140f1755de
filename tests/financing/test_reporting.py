"""The closed loop: each step a dated row with its author, never overwritten; staff's until published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import translation

from financing import history, reporting
from financing.models import (
    Consequence,
    Disclosure,
    Evaluation,
    Evidence,
    Figure,
    Indicator,
    Item,
    Milestone,
    Report,
    WrittenOnce,
)
from opportunities.models import Revision
from tests.factories import make_item, make_user

pytestmark = pytest.mark.django_db
SECRET = "内部评语"


@pytest.fixture
def item(clock) -> Item:
    return make_item(code="reforms-01", name_zh="绿色改革")


@pytest.fixture
def editor():
    return make_user("editor")


@pytest.fixture
def reviewer():
    return make_user("reviewer")


def report(
    item: Item, author, quarter: int = 1, progress: str = "on-track", text: str = "已完成方案"
) -> Report:
    made = Report(item=item, year=2026, quarter=quarter, progress=progress, summary_zh=text)
    reporting.report_progress(made, author, [Evidence(title="方案文本")])
    return made


def evaluation(of: Report, author) -> Evaluation:
    made = Evaluation(report=of, result="partly", remark_zh=SECRET)
    reporting.evaluate(made, author)
    return made


def page() -> str:
    return Client().get("/financing/items/reforms-01/").text


def moves(act) -> bool:
    before = Revision.current()
    act()
    return Revision.current() != before


def test_a_report_is_public_at_once_with_its_evidence(item, editor):
    assert "尚未报告" in page()
    assert moves(lambda: report(item, editor))
    for path in ("/financing/items/reforms-01/", "/financing/"):
        shown = Client().get(path).text
        assert "报告进展" in shown and "已完成方案" in shown and "方案文本" in shown
        assert editor.email not in shown, "an author is nobody's business but staff's"
    assert "2026 年第 1 季度" in page() and 'class="cell on-track"' in page()
    [listed] = Client().get("/api/v1/financing/items/").json()["results"]
    assert (listed["progress"], listed["reported"]) == ("on-track", {"year": 2026, "quarter": 1})


def test_a_chinese_title_of_evidence_says_so_on_english_pages(item, editor):
    made = report(item, editor)
    for more in (Evidence(report=made, title="Minutes, No. 3"), Evidence(report=made, title="公报")):
        more.url = "https://gov.example/"
        reporting.add_evidence(more, editor)
    english = Client().get("/en/financing/items/reforms-01/").text
    for title in ("方案文本", "公报"):
        assert f'<span lang="zh-Hans">{title}</span> <small class="tongue">(in Chinese)</small>' in english
    assert ">Minutes, No. 3</a>" in english
    assert "方案文本</p>" in page() and ">公报</a>" in page()


def test_a_correction_is_a_row_of_its_own_and_counts(item, editor):
    report(item, editor, progress="on-track", text="初报")
    report(item, editor, progress="behind", text="更正")
    assert Report.objects.count() == 2
    assert Item.objects.with_progress().get().progress == "behind"
    shown = page()
    assert "初报" in shown and "更正" in shown and 'data-state="behind"' in shown


def test_an_earlier_quarter_reported_later_does_not_count_as_the_last(item, editor, clock):
    clock.move(days=100)
    report(item, editor, quarter=2, progress="done")
    report(item, editor, quarter=1, progress="behind")
    assert Item.objects.with_progress().get().progress == "done"


@pytest.mark.parametrize("model", ["milestone", "report", "evidence", "evaluation", "consequence", "figure"])
def test_no_row_of_the_ledger_is_ever_changed_or_removed(item, editor, reviewer, model):
    made = report(item, editor)
    Milestone.objects.create(item=item, year=2026, quarter=3, text_zh="立项")
    judged = evaluation(made, reviewer)
    Consequence.objects.create(evaluation=judged, text_zh="通报")
    Figure.objects.create(
        indicator=item.list.plan.indicators.get(), kind="actual", year=2024, value=2, source_zh="测试报"
    )
    rows = {
        "milestone": Milestone, "report": Report, "evidence": Evidence, "evaluation": Evaluation,
        "consequence": Consequence, "figure": Figure,
    }[model].objects  # fmt: skip
    for act in (
        lambda: rows.get().save(),
        lambda: rows.get().delete(),
        lambda: rows.all().delete(),
        lambda: rows.update(author=None),
    ):
        with pytest.raises(WrittenOnce):
            act()
    assert rows.count() == 1


def test_whoever_wrote_a_report_does_not_evaluate_it(item, reviewer, editor):
    mine = report(item, reviewer)
    with pytest.raises(reporting.Refused, match="另一位审核人"):
        evaluation(mine, reviewer)
    assert not Evaluation.objects.exists()
    assert evaluation(mine, make_user("reviewer")).pk


def test_an_evaluation_is_staffs_until_it_is_published_and_so_is_what_followed(item, editor, reviewer):
    made = report(item, editor)
    before = page()
    judged = evaluation(made, reviewer)
    followed = Consequence(evaluation=judged, text_zh="约谈并限期整改")
    assert not moves(lambda: reporting.draw_consequence(followed, reviewer))
    Revision.bump()
    assert page() == before, "nothing of it shows"
    assert moves(lambda: reporting.disclose_evaluation(judged, reviewer))
    shown = page()
    assert SECRET in shown and "部分达到" in shown and "约谈并限期整改" in shown and "已完成方案" in shown
    assert not reporting.disclose_evaluation(judged, reviewer), "it is public already"
    assert Disclosure.objects.count() == 1
    more = Consequence(evaluation=judged, text_zh="整改完成")
    assert moves(lambda: reporting.draw_consequence(more, reviewer)), "as public as its evaluation"
    assert "整改完成" in page()


def test_the_history_shows_every_step_in_order_for_staff_with_authors(item, editor, reviewer, clock):
    Milestone.objects.create(item=item, year=2026, quarter=1, text_zh="立项", author=editor)
    clock.move(days=1)
    made = report(item, editor)
    clock.move(days=1)
    judged = evaluation(made, reviewer)
    clock.move(days=1)
    reporting.draw_consequence(Consequence(evaluation=judged, text_zh="通报"), reviewer)
    steps = history.staff_steps(item)
    assert [(step.kind, step.author, step.is_public) for step in steps] == [
        ("consequence", reviewer, False),
        ("evaluation", reviewer, False),
        ("report", editor, True),
        ("milestone", editor, True),
    ]
    assert [step.kind for step in history.public_steps(item)] == ["report", "milestone"]
    clock.move(days=1)
    reporting.disclose_evaluation(judged, reviewer)
    assert [step.kind for step in history.public_steps(item)] == [
        "consequence", "evaluation", "report", "milestone",
    ]  # fmt: skip
    assert [step.kind for step in history.recent_steps(item.list.plan)][:2] == ["consequence", "evaluation"]


def test_a_step_lies_within_the_plans_years(item, editor):
    for year in (2023, 2028):
        with pytest.raises(reporting.Refused, match="2024 至 2027"):
            reporting.report_progress(
                Report(item=item, year=year, quarter=1, progress="done", summary_zh="报"), editor
            )
        with pytest.raises(reporting.Refused):
            reporting.set_milestone(Milestone(item=item, year=year, quarter=1, text_zh="立项"), editor)
    assert not Report.objects.exists() and not Milestone.objects.exists()


def test_a_quarter_is_reported_once_it_has_begun_where_the_city_is(item, editor, clock):
    # The last evening of the quarter in Greenwich is the first day of the next in Chongqing.
    clock.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    with pytest.raises(reporting.Refused, match="本季度（2026 年第 1 季度）"):
        report(item, editor, quarter=2)
    with pytest.raises(reporting.Refused), translation.override("en"):
        reporting.report_progress(
            Report(item=item, year=2027, quarter=1, progress="done", summary_zh="报"), editor
        )
    assert not Report.objects.exists()
    clock.move(minutes=1)
    report(item, editor, quarter=2)


@pytest.mark.parametrize(
    ("measure", "figure", "said"),
    [
        ("percent", {"kind": "actual", "year": 2090}, "2026 年第 1 季度"),
        ("percent", {"kind": "actual", "quarter": 2}, "2026 年第 1 季度"),
        ("percent", {"kind": "added", "year": 2027}, "2026 年第 1 季度"),
        ("percent", {"kind": "actual", "value": 101}, "0 到 100"),
        ("percent", {"kind": "target", "value": -1}, "0 到 100"),
        ("trillion-cny", {"kind": "growth", "value": 1001}, "0 到 1000"),
        ("trillion-cny", {"kind": "actual", "value": -1}, "0 或以上"),
        ("trillion-cny", {"kind": "actual", "value": 101}, ""),
        ("percent", {"kind": "actual", "value": 100}, ""),
        ("percent", {"kind": "target", "year": 2090, "value": 0}, ""),
    ],
)
def test_a_figure_is_possible_and_only_a_target_lies_in_the_future(item, editor, measure, figure, said):
    plan = item.list.plan
    indicator = Indicator.objects.create(
        plan=plan, slug="one", name_zh="某指标", name_en="One", measure=measure
    )
    noted = Figure(indicator=indicator, source_zh="某报", **{"year": 2026, "value": 1, **figure})
    if said:
        with pytest.raises(reporting.Refused, match=said):
            reporting.record_figure(noted, editor)
    else:
        reporting.record_figure(noted, editor)
    assert Figure.objects.exists() is not bool(said)


def test_what_is_due_and_what_is_overdue(item, editor):
    for quarter, year in ((4, 2025), (1, 2026), (2, 2026)):
        reporting.set_milestone(Milestone(item=item, year=year, quarter=quarter, text_zh="立项"), editor)
    today = date(2026, 3, 2)

    def due() -> list[int]:
        return [one.quarter for one in Milestone.objects.due(today)]

    def overdue() -> list[int]:
        return [one.quarter for one in Milestone.objects.overdue(today)]

    assert (due(), overdue()) == ([1], [4])
    reporting.set_milestone(Milestone(item=item, year=2026, quarter=1, text_zh="立项（更正）"), editor)
    assert [one.text_zh for one in Milestone.objects.due(today)] == ["立项（更正）"], (
        "the last entered counts"
    )
    report(item, editor, quarter=1)
    assert (due(), overdue()) == ([], [4])
    Report.objects.create(item=item, year=2025, quarter=4, progress="done", summary_zh="补报")
    assert (due(), overdue()) == ([], [])


def test_that_something_is_overdue_is_staffs_until_it_is_published(item, editor, reviewer):
    late = Milestone(item=item, year=2025, quarter=4, text_zh="立项")
    later = Milestone(item=item, year=2026, quarter=2, text_zh="推进")
    for milestone in (late, later):
        reporting.set_milestone(milestone, editor)
    assert "逾期" not in page().replace("叉：逾期未报", "")
    with pytest.raises(reporting.Refused):
        reporting.disclose_overdue(later, reviewer)
    assert moves(lambda: reporting.disclose_overdue(late, reviewer))
    assert 'data-state="overdue"' in page() and 'class="cell overdue"' in page()
    Report.objects.create(item=item, year=2025, quarter=4, progress="done", summary_zh="补报")
    Revision.bump()
    assert 'data-state="done"' in page() and 'class="cell overdue"' not in page()


def test_a_figure_that_staff_note_changes_page_and_outlook(client, chongqing, editor, clock):
    indicator = Figure.objects.filter(indicator__slug="deposits").first().indicator
    noted = Figure(indicator=indicator, kind="actual", year=2025, value="6.8", source_zh="某报")
    assert moves(lambda: reporting.record_figure(noted, editor))
    shown = client.get("/financing/").text.partition('data-indicator="deposits"')[2].partition("data-ind")[0]
    assert "6.8" in shown and "还需 1.2 万亿元" in shown and "年均增长 8.5%" in shown
    reporting.record_figure(
        Figure(indicator=indicator, kind="actual", year=2025, value="7", source_zh="更正"), editor
    )
    shown = client.get("/financing/").text.partition('data-indicator="deposits"')[2].partition("data-ind")[0]
    assert "还需 1 万亿元" in shown and "6.8" not in shown
    assert Figure.objects.filter(indicator=indicator, year=2025, kind="actual").count() == 2


def test_what_happens_to_an_item_that_is_not_public_moves_nothing(item, editor):
    hidden = make_item(is_public=False, code="reforms-02")
    assert not moves(lambda: report(hidden, editor, text="隐身词丁"))
    assert "隐身词丁" not in Client().get("/financing/").text
