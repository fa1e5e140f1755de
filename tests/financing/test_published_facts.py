"""Every fact that was published of the plan stands on a page and in the API, and nothing else does.

Figures are literals from Chongqing Daily, April 2024.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from financing.models import Figure, Item, Plan
from financing.outlook import values_of
from opportunities.models import Opportunity
from opportunities.search.query import Search
from tests.factories import make_edition, make_item, make_plan

# indicator: (unit, 2023 actual, 2025 target, 2027 target), as printed.
PRINTED = {
    "value-added": ("亿元", "2591", "3000", "3800"),
    "gdp-share": ("%", "8.6", "9", "9.5"),
    "deposits": ("万亿元", "5.36", "6.2", "8"),
    "loans": ("万亿元", "5.67", "6.6", "8"),
    "listed-companies": ("家", None, "125", "160"),
    "npl-ratio": ("%", "1.18", None, None),
}
# still needed to the target of 2027, and the growth a year that takes, computed.
COMPUTED = {
    "value-added": ("1209", "10.0", 2023),
    "gdp-share": ("0.9", None, 2023),
    "deposits": ("2.64", "10.5", 2023),
    "loans": ("2.33", "9.0", 2023),
    "listed-companies": ("35", "13.1", 2025),
}
SYSTEMS = [
    "金融机构组织体系", "金融市场体系", "金融产品和服务体系", "金融创新体系", "内陆金融开放体系",
    "金融生态体系", "金融基础设施体系",
]  # fmt: skip
ORGANISATION = ["加强组织领导", "优化政策集成", "深化成渝共建", "强化评估问效", "加强宣传引导"]
LISTS = {
    "reforms": ("重大改革", 14, ["绿色金融改革", "科创金融改革", "区域性股权市场改革"]),
    "policies": (
        "重大政策",
        13,
        ["编制金融业税费优惠政策指引", "出台金融机构支持现代化新重庆高质量发展激励办法"],
    ),
    "platforms": (
        "重大平台",
        13,
        ["建设数智金融综合服务重大应用", "迭代升级“科创资本通”", "建设跨境金融服务平台"],
    ),
    "projects": (
        "重大项目",
        13,
        ["设立服务西部陆海新通道的国家级产业投资基金", "打造全国消费金融集聚地", "打造西部金融中央法务区"],
    ),
}
UNITS = ["市委金融办", "人民银行重庆市分行", "国家金融监督管理总局重庆监管局", "重庆证监局"]


@pytest.fixture
def page(client, chongqing, clock) -> str:
    return client.get("/financing/").text


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def api(client, path):
    answer = client.get(f"/api/v1/financing/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_indicator_is_on_the_page_as_printed(page):
    for slug, (unit, *printed) in PRINTED.items():
        shown = page.partition(f'data-indicator="{slug}"')[2].partition("data-indicator=")[0]
        said = text_of(shown)
        assert unit in said
        for value in filter(None, printed):
            figure = f"{Decimal(value):,f}"
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", said), (slug, figure, said)
    assert "9.5 以上" in page and "2023 年增长 8.0%" in page and "2023 年增长 9.8%" in page
    assert "2023 年新增 10 家" in page and "目标未公布" in page


def test_what_is_needed_and_the_growth_it_takes_are_computed(page):
    for said in (
        "还需 1,209 亿元", "年均增长 10.0%", "还需 0.9 个百分点以上", "还需 2.64 万亿元", "年均增长 10.5%",
        "还需 2.33 万亿元", "年均增长 9.0%", "2025 年后还需 35 家", "年均增长 13.1%（2025–2027 年）",
    ):  # fmt: skip
        assert said in page, said


def test_english_pages_say_money_in_their_unit(client, chongqing):
    page = client.get("/en/financing/").text
    for said in ("CNY 120.9 bn still needed", "10.0 % a year", "more than 0.9 percentage points still needed",
                 "CNY 2.64 tn still needed", "35 companies more after 2025", "over 9.5"):  # fmt: skip
        assert said in page, said
    for number in ("259.1", "300", "380"):
        assert number in page


def test_never_a_share_of_a_target(page):
    figures = {figure.value for figure in Figure.objects.filter(kind="actual")}
    assert figures and "%</b>" not in page
    assert not re.search(r"(已完成|完成了|达到目标的)\s*\d", page)
    assert "68%" not in page and "68.2" not in page  # 2591 of 3800


def test_every_indicator_is_in_the_api_as_printed(client, chongqing):
    answer = api(client, "indicators/")
    assert (answer["stated"], answer["published"], answer["with_targets"]) == (18, 6, 5)
    assert [one["slug"] for one in answer["results"]] == list(PRINTED)
    for one in answer["results"]:
        unit, actual, in_2025, in_2027 = PRINTED[one["slug"]]
        assert one["unit"]["name"]["zh"] == unit
        values = {
            (figure["kind"], figure["year"]): (figure["value"], figure["comparison"])
            for figure in one["figures"]
        }
        printed = {
            ("actual", 2023): actual, ("target", 2025): in_2025, ("target", 2027): in_2027,
        }  # fmt: skip
        for key, value in printed.items():
            assert values.pop(key, (None,))[0] == value
        extra = {
            "deposits": {("growth", 2023): ("8", "exactly")},
            "loans": {("growth", 2023): ("9.8", "exactly")},
            "listed-companies": {("added", 2023): ("10", "exactly")},
        }
        assert values == extra.get(one["slug"], {})
        assert all(figure["source"]["zh"] and figure["source"]["en"] for figure in one["figures"])
        if one["slug"] in COMPUTED:
            needed, growth, since = COMPUTED[one["slug"]]
            outlook = one["outlook"]
            given = outlook["growth_per_year"]
            assert outlook["needed"] == needed
            assert (given and Decimal(given)) == (growth and Decimal(growth))
            assert (outlook["from_year"], outlook["to_year"]) == (since, 2027)
        else:
            assert one["outlook"] is None
    more_than = [
        (one["slug"], figure["year"])
        for one in answer["results"]
        for figure in one["figures"]
        if figure["comparison"] == "more-than"
    ]
    assert more_than == [("gdp-share", 2027)]


def test_systems_and_tasks_as_far_as_published(client, page):
    said = text_of(page)
    for name in (*SYSTEMS, *ORGANISATION):
        assert name in said
    assert "29 项任务" in said and "7 大体系 24 项，组织保障 5 项" in said
    answer = api(client, "systems/")
    assert [one["name"]["zh"] for one in answer["systems"]] == SYSTEMS
    assert [one["name"]["zh"] for one in answer["organisation"]] == ORGANISATION
    assert answer["tasks"] == {"stated": 29, "in_systems": 24, "of_organisation": 5}
    assert all(one["tasks"] == [] for one in answer["systems"]), "no task of a system is published"


def test_the_four_lists_with_what_is_and_what_is_not_published(client, page):
    said = text_of(page)
    assert "共 53 项，已公布名称 11 项；其余 42 项名称尚未公布" in said
    answer = api(client, "items/")
    assert (answer["stated"], answer["published"], answer["unpublished"], answer["count"]) == (53, 11, 42, 11)
    for slug, (name, stated, items) in LISTS.items():
        part = page.partition(f'data-list="{slug}"')[2].partition("data-list=")[0]
        assert f'data-stated="{stated}" data-published="{len(items)}"' in page
        assert part.count('class="cell unnamed"') == stated - len(items)
        assert name in part and all(item in part for item in items)
        assert {"slug": slug, "stated": stated, "published": len(items)}.items() <= next(
            one for one in answer["lists"] if one["slug"] == slug
        ).items()
        assert [one["name"]["zh"] for one in answer["results"] if one["list"]["slug"] == slug] == items
    assert [one["code"] for one in answer["results"]] == [
        f"{slug}-{number:02d}"
        for slug, (_name, _stated, items) in LISTS.items()
        for number in range(1, len(items) + 1)
    ]


def test_what_is_not_published_of_an_item_is_said_to_be_so(client, chongqing):
    for one in api(client, "items/")["results"]:
        assert (one["system"], one["unit"], one["partners"], one["progress"]) == (
            None,
            None,
            [],
            "not-reported",
        )
        page = client.get(f"/financing/items/{one['code']}/")
        assert page.status_code == 200
        said = text_of(page.text)
        assert said.count("未公布") >= 4 and "尚未报告" in said
        assert one["name"]["zh"] in said and "《重庆日报》" in said
        assert "责任单位未公布；这是计划的牵头单位" in said and "市委金融办" in said


def test_who_drew_up_the_plan_when_and_how_it_is_kept(client, page):
    said = text_of(page)
    for unit in UNITS:
        assert unit in said
    for words in (
        "“智融惠畅”行动计划", "2024–2027 年，建设西部金融中心", "2024 年 4 月《重庆日报》报道",
        "按台账管理", "每一项都有责任单位", "按年、按季", "闭环", "共 18 项指标",
        "已公布 6 项，其中 5 项有目标",
    ):  # fmt: skip
        assert words in said, words
    plan = api(client, "items/")["plan"]
    assert [plan["lead"]["name"]["zh"], *(one["name"]["zh"] for one in plan["together"])] == UNITS
    assert (plan["first_year"], plan["last_year"]) == (2024, 2027)
    assert plan["goal"]["zh"] == "建设西部金融中心" and plan["method"]["zh"] and plan["source"]["zh"]


# --- nothing invented -----------------------------------------------------------------------------


def test_no_item_without_a_source_is_published(client, chongqing):
    assert not Item.objects.filter(is_public=True, source_zh="").exists()
    assert {one["source"]["zh"] for one in api(client, "items/")["results"]} == {
        "2024 年 4 月《重庆日报》报道"
    }


@pytest.mark.django_db
def test_the_database_takes_no_published_item_without_a_source():
    item = make_item(is_public=False, source_zh="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(is_public=True)


def test_an_item_that_is_not_published_shows_nowhere(client, chongqing):
    paths = ["/financing/", "/en/financing/", "/api/v1/financing/items/", "/api/v1/financing/systems/"]
    before = {path: client.get(path).content for path in paths}
    plan = Plan.objects.get()
    item = Item.objects.create(list=plan.lists.get(slug="reforms"), code="reforms-04", name_zh="隐身词丙")
    assert client.get("/financing/items/reforms-04/").status_code == 404
    assert {path: client.get(path).content for path in paths} == before
    item.source_zh, item.is_public = "某报", True
    item.save()
    assert client.get("/financing/items/reforms-04/?new").status_code == 200


def test_the_plans_projects_are_never_opportunities(client, chongqing):
    """In no number and no search."""
    assert Search.everything().count == Opportunity.objects.count() == 160
    for word in ("西部金融中央法务区", "消费金融集聚地", "产业投资基金", "projects-01"):
        for path in ("/opportunities/", "/api/v1/opportunities/"):
            answer = client.get(path, {"q": word})
            if path.startswith("/api/"):
                assert answer.json()["count"] == 0
            else:
                assert 'data-result-count="0"' in answer.text
    assert client.get("/api/v1/facets/").json()["count"] == 160


def test_a_city_without_a_plan_has_none_of_it(client, catalogue):
    for path in ("/financing/", "/en/financing/", "/financing/items/reforms-01/"):
        assert client.get(path).status_code == 404
    for path in ("indicators/", "items/", "systems/", "matches/?reference=QY-001"):
        answer = client.get(f"/api/v1/financing/{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    for path in ("/", "/opportunities/QY-001/", "/compare/?reference=QY-001&reference=QY-002"):
        page = client.get(path).text
        assert "/financing/" not in page and "金融" not in page
    assert "/api/v1/financing/items/" not in client.get("/api/v1/schema/").json()["paths"]
    assert "financing" not in client.get("/api/docs/").text


@pytest.mark.django_db
def test_another_citys_plan_works_with_other_figures():
    make_edition()
    plan = make_plan()
    loans = plan.indicators.get()
    for kind, year, value in (("actual", 2024, "2"), ("target", 2026, "8")):
        Figure.objects.create(indicator=loans, kind=kind, year=year, value=Decimal(value), source_zh="测试报")
    [values] = values_of(plan.indicators.prefetch_related("figures"))
    assert (values.outlook.needed, values.outlook.growth) == (Decimal(6), Decimal("100.0"))
    Figure.objects.create(indicator=loans, kind="actual", year=2025, value=Decimal(8), source_zh="测试报")
    [values] = values_of(plan.indicators.prefetch_related("figures"))
    assert (values.outlook.needed, values.outlook.growth) == (Decimal(0), None)
