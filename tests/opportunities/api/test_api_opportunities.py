"""The list and its items: shapes, paging, what is public and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.models import CooperationForm, Fact, FactKind, Location, Opportunity, Revision
from opportunities.publishing import publish, withdraw
from opportunities.search import scheme
from tests.factories import make_edition, make_opportunity

LIST = "/api/v1/opportunities/"
ITEM = [
    "reference", "name", "summary", "sector", "locations", "investment", "matched_investment",
    "investment_cny", "bracket", "cycle_months", "cooperation", "status", "edition", "is_sample",
    "last_confirmed_on", "updated_at", "url",
]  # fmt: skip
DETAIL = [
    *ITEM, "content", "expected_benefit", "annual_output", "annual_tax", "jobs", "advantages",
    "conditions", "facts", "contact",
]  # fmt: skip
PERSONS = ("联系人", "招商经理", "Investment manager", "000-0000 9")


def listed(client, query=""):
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def references(page):
    return [item["reference"] for item in page["results"]]


def test_the_list_has_its_envelope(client, chongqing):
    page = listed(client)
    assert list(page) == [
        "count", "total_investment", "next", "previous", "unit", "edition", "data_as_of", "license",
        "notice", "results",
    ]  # fmt: skip
    assert (page["count"], page["total_investment"]) == (160, "4972.00")
    assert page["unit"] == {"zh": "亿元", "en": "CNY 100 million"}
    assert page["edition"] == "2024-04"
    assert page["notice"]["zh"].startswith("示例数据") and page["notice"]["en"].startswith("Sample data")
    latest = Opportunity.objects.latest("updated_at").updated_at.astimezone(UTC)
    assert page["data_as_of"] == latest.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_item_says_all_of_a_result(client, catalogue, settings):
    item = next(i for i in listed(client)["results"] if i["reference"] == "QY-004")
    assert list(item) == ITEM
    assert item == {
        "reference": "QY-004",
        "name": {"zh": "山海茶旅走廊", "en": "From the hills to the sea: a tea and travel corridor"},
        "summary": {"zh": "茶旅融合。", "en": "Tea and travel."},
        "sector": {"slug": "tea", "name": {"zh": "茶叶与食品", "en": "Tea and food"}},
        "locations": [
            {
                "district": {"code": "990201", "name": {"zh": "云岭县", "en": "Yunling County"}},
                "region": {"slug": "upland", "name": {"zh": "山地片区", "en": "Upland Area"}},
                "share": "0.6000",
                "investment": "3.00",
            },
            {
                "district": {"code": "990101", "name": {"zh": "东港区", "en": "Donggang District"}},
                "region": {"slug": "harbour", "name": {"zh": "海湾片区", "en": "Harbour Area"}},
                "share": "0.4000",
                "investment": "2.00",
            },
        ],
        "investment": "5.00",
        "matched_investment": "5.00",
        "investment_cny": "500000000.00",
        "bracket": "5-20",
        "cycle_months": 36,
        "cooperation": [
            {"slug": "joint-venture", "name": {"zh": "合资", "en": "Joint venture"}},
            {"slug": "cooperation", "name": {"zh": "合作", "en": "Cooperation"}},
        ],
        "status": "open",
        "edition": "2025-spring",
        "is_sample": False,
        "last_confirmed_on": item["last_confirmed_on"],
        "updated_at": item["updated_at"],
        "url": f"{settings.SITE_URL}/opportunities/QY-004/",
    }


def test_money_is_of_the_places_searched_and_the_item_keeps_the_whole(client, catalogue):
    page = listed(client, "region=harbour")
    item = next(i for i in page["results"] if i["reference"] == "QY-004")
    assert (item["investment"], item["matched_investment"]) == ("5.00", "2.00")
    assert page["total_investment"] == str(sum(Decimal(i["matched_investment"]) for i in page["results"]))


@pytest.mark.parametrize("sort", ["", "sort=name", "sort=-updated", "sort=cycle"])
def test_the_pages_hold_each_reference_once_and_link_to_each_other(client, chongqing, sort, settings):
    settings.SITE_URL = "https://invest.test"
    found, address, before = [], f"https://invest.test{LIST}?page_size=23&{sort}", None
    while address:
        answer = client.get(address.removeprefix("https://invest.test")).json()
        found += references(answer)
        assert (answer["previous"] is None) == (before is None)
        if before:
            back = client.get(answer["previous"].removeprefix("https://invest.test")).json()
            assert references(back) == before
        before, address = references(answer), answer["next"]
    assert len(found) == 160
    assert sorted(found) == [f"DEMO-{number:03d}" for number in range(1, 161)]


def test_next_and_previous_are_canonical_and_keep_the_search(client, chongqing, settings):
    page = listed(client, "page_size=5&page=2&fields=full&status=open&sector=food&sector=biomedicine")
    start = f"{settings.SITE_URL}{LIST}?sector=biomedicine&sector=food&status=open"
    assert page["next"] == f"{start}&page=3&page_size=5&fields=full"
    assert page["previous"] == f"{start}&page_size=5&fields=full"


def test_no_link_leads_past_the_depth_of_a_search(client, catalogue, monkeypatch):
    monkeypatch.setattr("opportunities.api.views.DEPTH_MAX", 4)
    assert listed(client, "page_size=2")["next"]
    assert listed(client, "page_size=2&page=2")["next"] is None


def test_a_page_past_the_end_is_a_404_that_names_it(client, chongqing):
    answer = client.get(f"{LIST}?page=9")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["value"], error["did_you_mean"]) == ("page", "9", "8")
    assert error["message"] == {
        "zh": "没有第 9 页，最后一页是第 8 页。",
        "en": "There is no page 9; the last is page 8.",
    }


def test_full_items_are_the_details(client, catalogue):
    for item in listed(client, "fields=full")["results"]:
        assert list(item) == DETAIL
        assert item == client.get(f"{LIST}{item['reference']}/").json()


def test_a_detail_says_the_rest(client, catalogue):
    opportunity = make_opportunity(
        reference="QY-100",
        districts="990101",
        investment=Decimal("7.5"),
        content_zh="内容",
        annual_output=Decimal("3"),
        jobs=40,
        updated_at=datetime(2025, 3, 1, 16, 30, tzinfo=UTC),
    )
    for key, unit, number, text in (("plot", "亩", "60.50", ""), ("berth", "", None, "深水泊位")):
        kind = FactKind.objects.create(catalogue=catalogue.catalogue, key=key, label_zh=key, label_en=key)
        Fact.objects.create(
            opportunity=opportunity, kind=kind, unit=unit, number=number, value_zh=text, value_en=""
        )
    Fact.objects.filter(kind__key="plot").update(value_zh="已平整", value_en="levelled", state="existing")
    detail = client.get(f"{LIST}QY-100/").json()
    assert list(detail) == DETAIL
    assert detail["investment"] == "7.50"
    assert detail["content"] == {"zh": "内容", "en": ""}
    assert (detail["annual_output"], detail["annual_tax"], detail["jobs"]) == ("3.00", None, 40)
    assert detail["updated_at"] == "2025-03-01T16:30:00Z"
    assert detail["facts"] == [
        {
            "key": "plot",
            "label": {"zh": "plot", "en": "plot"},
            "value": {"zh": "60.5", "en": "60.5"},
            "unit": "亩",
            "note": {"zh": "已平整", "en": "levelled"},
            "state": "existing",
            "verified_on": None,
        },
        {
            "key": "berth",
            "label": {"zh": "berth", "en": "berth"},
            "value": {"zh": "深水泊位", "en": ""},
            "unit": "",
            "note": None,
            "state": "unverified",
            "verified_on": None,
        },
    ]
    assert detail["contact"] == {
        "unit": {"zh": "测试市招商服务中心", "en": "Test City Investment Service Centre"},
        "office_phone": "000-0000 0001",
        "office_email": "office@invest.example",
    }


@pytest.mark.parametrize("path", ["", "?fields=full", "TEST-SEEN/", "?q=联系人", "?q=示例"])
def test_no_get_gives_a_persons_name_post_or_direct_line(client, path, db):
    make_opportunity(reference="TEST-SEEN")
    answer = client.get(LIST + path)
    assert answer.status_code == 200
    for secret in PERSONS:
        assert secret not in answer.content.decode().replace('"q":', "")


def test_a_search_does_not_find_by_the_person(client, db):
    make_opportunity(contact={"name": "欧阳示例", "phone": "000-0000 4444"})
    assert listed(client, "q=欧阳示例")["count"] == 0
    assert listed(client, "q=4444")["count"] == 0


@pytest.mark.parametrize("publication", ["draft", "in-review"])
def test_what_never_was_public_is_a_404_as_a_missing_one_is(client, db, publication):
    make_opportunity(reference="TEST-OPEN")
    make_opportunity(reference="TEST-KEPT", publication=publication, name_zh="秘密")
    assert references(listed(client)) == ["TEST-OPEN"]
    problems = []
    for reference in ("TEST-KEPT", "TEST-NONE"):
        answer = client.get(f"{LIST}{reference}/")
        assert answer.status_code == 404
        problems.append(answer.content.decode().replace(reference, ""))
    assert problems[0] == problems[1]


def test_what_was_public_once_is_a_410_with_its_date_and_none_of_its_content(client, db, clock):
    make_opportunity(reference="TEST-OPEN")
    opportunity = make_opportunity(reference="TEST-GONE", name_zh="撤回的机会", name_en="Taken back")
    clock.now = datetime(2024, 9, 20, 3, tzinfo=UTC)
    withdraw(opportunity)
    answer = client.get(f"{LIST}TEST-GONE/")
    assert answer.status_code == 410
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (410, "Gone")
    assert "TEST-GONE" in problem["detail"] and "2024-09-20" in problem["detail"]
    assert "撤回的机会" not in answer.content.decode() and "Taken back" not in answer.content.decode()
    assert references(listed(client)) == ["TEST-OPEN"]
    publish(Opportunity.objects.get(reference="TEST-GONE"))
    assert client.get(f"{LIST}TEST-GONE/").status_code == 200


def test_a_reference_in_another_form_is_a_404_problem(client, chongqing):
    for reference in ("demo-001", "DEMO_001", "X"):
        answer = client.get(f"{LIST}{reference}/")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db
def test_an_opportunity_of_an_older_edition_keeps_its_own_brackets(client):
    from tests.factories import make_edition

    old = make_edition("2019-01", thresholds=[7])
    make_opportunity(edition=old, reference="TEST-OLD", investment=Decimal(8))
    make_edition("2020-01", thresholds=[10, 50])
    make_opportunity(reference="TEST-NEW", investment=Decimal(8))
    assert client.get(f"{LIST}TEST-OLD/").json()["bracket"] == "7-plus"
    assert client.get(f"{LIST}TEST-NEW/").json()["bracket"] == "under-10"
    assert references(listed(client)) == ["TEST-NEW"]
    page = listed(client, "edition=2019-01")
    assert (references(page), page["results"][0]["bracket"], page["edition"]) == (
        ["TEST-OLD"], "7-plus", "2019-01",
    )  # fmt: skip


def test_facets_say_every_value_with_its_numbers(client, catalogue):
    answer = client.get("/api/v1/facets/?region=upland&status=open").json()
    assert list(answer) == ["count", "total_investment", "facets", "investment_at_least"]
    assert list(answer["facets"]) == [
        "sector", "region", "district", "bracket", "cycle", "cooperation", "status",
    ]  # fmt: skip
    assert [v["value"] for v in answer["facets"]["cooperation"]] == CooperationForm.values
    upland = answer["facets"]["region"][1]
    assert list(upland) == ["value", "label", "count", "investment", "selected"]
    assert (upland["value"], upland["label"], upland["selected"]) == (
        "upland", {"zh": "山地片区", "en": "Upland Area"}, True,
    )  # fmt: skip
    assert (upland["count"], upland["investment"]) == (answer["count"], answer["total_investment"])
    for entry in answer["investment_at_least"]:
        assert list(entry) == ["threshold", "count", "investment"]
    assert [entry["threshold"] for entry in answer["investment_at_least"]] == [5, 20]
    assert answer["facets"]["cycle"][0]["label"] == {"zh": "12 个月以内", "en": "up to 12 months"}


def test_reference_data_are_plain_arrays(client, catalogue):
    assert client.get("/api/v1/sectors/").json()[0] == {
        "slug": "shipping",
        "name": {"zh": "航运物流", "en": "Shipping and logistics"},
    }
    assert [region["slug"] for region in client.get("/api/v1/regions/").json()] == ["harbour", "upland"]
    assert client.get("/api/v1/districts/").json()[3] == {
        "code": "free-zone",
        "name": {"zh": "青屿自贸区", "en": "Qingyu Free Trade Zone"},
        "region": "upland",
        "kind": "functional-zone",
    }
    [edition] = client.get("/api/v1/editions/").json()
    assert {key: edition[key] for key in ("code", "released_on", "is_sample")} == {
        "code": "2025-spring",
        "released_on": "2025-03-01",
        "is_sample": False,
    }
    assert edition["title"]["en"] == "Qingyu Investment List"
    assert edition["issuer"]["zh"] == "青屿市投资促进局"
    figures = [(f["claim"], f["published"], f["computed"]) for f in edition["published_figures"]]
    assert figures == [
        ("opportunities", 8, 8), ("investment", "91.00", "91.00"), ("sectors", 3, 3), ("attributes", 12, 12),
    ]  # fmt: skip


@pytest.mark.django_db
def test_reference_data_are_those_of_the_edition_asked(client):
    make_edition("2019-01", sectors=["salt"], places={"north": ["7701"]})
    make_edition("2020-01", sectors=["grain"], places={"south": ["8801"]})
    for name, key, old, new in (
        ("sectors", "slug", "salt", "grain"),
        ("regions", "slug", "north", "south"),
        ("districts", "code", "7701", "8801"),
    ):
        assert [row[key] for row in client.get(f"/api/v1/{name}/?edition=2019-01").json()] == [old]
        assert [row[key] for row in client.get(f"/api/v1/{name}/").json()] == [new]


@pytest.mark.parametrize(
    "path",
    [
        "opportunities/?page_size=100&fields=full&region=metro&q=a",
        "opportunities/DEMO-001/", "opportunities/DEMO-999/", "facets/?region=metro&sector=food",
        "suggest/?q=liang&sector=food",
        "sectors/", "regions/", "districts/", "editions/", "schema/",
    ],
)  # fmt: skip
def test_no_read_asks_the_database_more_than_12_times_even_on_a_cold_start(client, chongqing, path):
    scheme._kept.clear()
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/api/v1/{path}")
    assert len(queries) <= 12, "\n".join(query["sql"][:200] for query in queries)


@pytest.mark.parametrize("fields", ["", "&fields=full"])
def test_a_list_costs_the_same_for_2_results_and_for_100(client, chongqing, fields):
    costs = []
    for size in (2, 100):
        client.get(f"{LIST}?page_size=1")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LIST}?page_size={size}{fields}")
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_every_location_of_a_result_is_listed_in_its_order(client, catalogue):
    item = next(i for i in listed(client)["results"] if i["reference"] == "QY-005")
    stored = Location.objects.filter(opportunity__reference="QY-005").order_by("position")
    assert [part["district"]["code"] for part in item["locations"]] == [p.district.code for p in stored]
    assert [part["share"] for part in item["locations"]] == ["0.3333", "0.3333", "0.3334"]
    assert sum(Decimal(part["investment"]) for part in item["locations"]) == Decimal(item["investment"])


@pytest.mark.django_db
def test_an_edition_keeps_its_own_values_whoever_read_the_schema(client):
    make_edition("2019-01", sectors=["salt"], places={"north": ["7701"]})
    make_edition("2020-01", sectors=["grain"], places={"south": ["8801"]})
    Revision.bump()

    def values() -> dict[str, list[str]]:
        facets = client.get("/api/v1/facets/").json()["facets"]
        return {name: [one["value"] for one in facets[name]] for name in ("sector", "region", "district")}

    own = {"sector": ["grain"], "region": ["south"], "district": ["8801"]}
    assert values() == own
    assert "salt" in client.get("/api/v1/schema/").text
    caches["default"].clear()
    for kept in scheme._kept.values():
        kept.numbers.clear()
    assert values() == own
    assert client.get("/api/v1/facets/?sector=salt").status_code == 400
