"""The filters of page and API, as strict as the search; addresses, methods, budgets of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from financing import reporting
from financing.api import urls
from financing.models import Item, Report, System, Unit
from financing.models.plan import CODE_PATTERN
from opportunities.publishing import withdraw
from tests.factories import make_item, make_opportunity, make_plan, make_user

PATHS = ("indicators/", "items/", "systems/", "matches/?reference=DEMO-001")
ROOT = "/api/v1/financing/"
BAD = [
    ("list=policis", "list", "policies"), ("list=REFORM", "list", "reforms"),
    ("system=nothing-like-it", "system", None),
    ("unit=finance", "unit", "finance-office"), ("progress=on_trak", "progress", "on-track"),
    ("progress=finished", "progress", None), ("lst=policies", "lst", "list"), ("sector=food", "sector", None),
    ("list[]=policies", "list[]", "list"), ("page=2", "page", None), ("list=reforms&q=a", "q", None),
]  # fmt: skip


def codes(answer) -> list[str]:
    return [one["code"] for one in answer.json()["results"]]


@pytest.mark.parametrize(("query", "parameter", "meant"), BAD)
def test_an_unknown_name_or_value_is_refused_with_what_is_allowed(client, chongqing, query, parameter, meant):
    answer = client.get(f"{ROOT}items/?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["did_you_mean"]) == (parameter, meant)
    assert error["allowed"] and error["message"]["zh"] and error["message"]["en"]
    for prefix in ("", "/en"):
        page = client.get(f"{prefix}/financing/?{query}")
        assert page.status_code == 400
        assert f"<code>{parameter}</code>" in page.text or query.partition("=")[2] in page.text
        for value in error["allowed"][:12]:
            assert f"<code>{value}</code>" in page.text
        assert ("?" + f"{meant}" in page.text or f"={meant}" in page.text) if meant else True
        assert "data-list=" not in page.text and "data-indicator=" not in page.text, "no numbers on a refusal"


def test_every_refusal_is_told_and_what_can_stay_is_kept(client, chongqing):
    page = client.get("/financing/?list=reforms&list=nope&progress=dne&x=1")
    assert page.status_code == 400
    assert page.text.count("<li><p>") == 3
    assert "?list=reforms#items" in page.text, "with what was kept"
    assert "?list=reforms&amp;progress=done#items" in page.text, "with what was meant"


def test_filters_are_either_within_and_all_between(client, chongqing):
    plan_item = Item.objects.get(code="policies-02")
    plan_item.system = System.objects.get(slug="markets")
    plan_item.unit = Unit.objects.get(slug="pbc-chongqing")
    plan_item.save()
    other = Item.objects.get(code="platforms-03")
    other.partners.add(Unit.objects.get(slug="pbc-chongqing"))
    for code, progress in (("policies-02", "behind"), ("projects-01", "done")):
        report = Report(
            item=Item.objects.get(code=code), year=2026, quarter=1, progress=progress, summary_zh="报"
        )
        reporting.report_progress(report, make_user("editor"))
    everything = codes(client.get(f"{ROOT}items/"))
    for query, expected in {
        "": everything,
        "list=policies": ["policies-01", "policies-02"],
        "list=policies&list=reforms": everything[:5],
        "system=markets": ["policies-02"],
        "unit=pbc-chongqing": ["policies-02", "platforms-03"],
        "unit=finance-office": [],
        "progress=behind&progress=done": ["policies-02", "projects-01"],
        "progress=not-reported&list=projects": ["projects-02", "projects-03"],
        "list=reforms&progress=done": [],
        "list=&progress=": everything,
        "list=policies&list=policies": ["policies-01", "policies-02"],
    }.items():
        assert codes(client.get(f"{ROOT}items/?{query}")) == expected, query
        page = client.get(f"/financing/?{query}", follow=True).text
        lists = page.partition('class="ledg"')[2].partition("</section>")[0]
        shown = [part.split("/")[0] for part in lists.split("/financing/items/")[1:]]
        assert shown == expected, query


def test_each_filter_link_says_how_many_items_it_gives(client, chongqing):
    for query in ("", "?list=reforms", "?list=projects&progress=not-reported"):
        page = client.get(f"/financing/{query}").text
        links = page.partition('class="ffil"')[2].partition("</nav>")[0].split("<a href=")[1:]
        assert len(links) == 4 + 7 + 4 + 4
        for link in links:
            name, value, count = (
                link.split(f'data-{part}="')[1].split('"')[0] for part in ("filter", "value", "count")
            )
            others = [pair for pair in query.strip("?").split("&") if pair and not pair.startswith(name)]
            alone = "&".join([*others, f"{name}={value}"])
            assert client.get(f"{ROOT}items/?{alone}").json()["count"] == int(count), (query, name, value)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("progress=done&list=reforms", "list=reforms&progress=done"),
        ("list=reforms&list=policies", "list=policies&list=reforms"),
        ("list=", ""),
        ("list=reforms&list=reforms", "list=reforms"),
        ("list=%EF%BD%92eforms", "list=reforms"),
    ],
)
def test_a_valid_address_that_is_not_canonical_leads_to_the_one_that_is(client, chongqing, query, canonical):
    for prefix in ("", "/en"):
        answer = client.get(f"{prefix}/financing/?{query}")
        path = f"{prefix}/financing/"
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"{path}?{canonical}" if canonical else path,
        )
    assert client.get(f"{ROOT}items/?{query}").status_code == 200, "the API never redirects"


def test_trackers_are_ignored_on_pages_alone(client, chongqing):
    assert client.get("/financing/?utm_source=a&from=b&asked=c").status_code == 200
    assert client.get(f"{ROOT}items/?utm_source=a").status_code == 400


def test_the_language_switch_keeps_the_filters(client, chongqing):
    page = client.get("/financing/?list=reforms").text
    assert 'href="/en/financing/?list=reforms"' in page


# --- one item -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["reforms-99", "nothing", "REFORMS-01", "reforms-1"])
def test_a_code_that_is_not_published_has_no_page(client, chongqing, code):
    assert client.get(f"/financing/items/{code}/").status_code == 404
    assert not Item.objects.filter(code=code).exists()
    assert CODE_PATTERN


def test_an_item_lists_what_it_may_serve_and_says_by_which_rule(client, chongqing, clock):
    page = client.get("/financing/items/policies-02/").text
    assert "可能服务的机会" in page and "规则：" in page and "投资 ≥ 10 亿元" in page
    assert page.count("data-reference=") == 8
    assert "以责任单位答复为准" in page
    without = client.get("/financing/items/policies-01/").text
    assert "可能服务的机会" not in without and "data-reference=" not in without


# --- the API --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_an_endpoint_is_read_alone_from_anywhere_and_revalidated(client, chongqing, path):
    first = client.get(ROOT + path, headers={"Origin": "https://partner.example"})
    assert first.status_code == 200
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(ROOT + path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.head(ROOT + path).headers["ETag"] == first.headers["ETag"]
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(ROOT + path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.get(ROOT + path, headers={"Accept": "text/csv"}).status_code == 406
    joined = "&" if "?" in path else "?"
    [error] = client.get(f"{ROOT}{path}{joined}nme=1").json()["errors"]
    assert error["parameter"] == "nme"


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("reference=", 400), ("reference=NEVER-1", 400), ("reference=demo-001", 400),
     ("reference=DEMO-001&reference=DEMO-002", 400), ("reference=DEMO-001", 200)],
)  # fmt: skip
def test_matches_are_asked_of_one_reference_that_was_public(client, chongqing, query, status):
    answer = client.get(f"{ROOT}matches/?{query}")
    assert answer.status_code == status
    if status == 400:
        [error] = answer.json()["errors"]
        assert error["parameter"] == "reference"
        assert error["did_you_mean"] == ("DEMO-001" if query == "reference=demo-001" else None)


def test_matches_of_what_is_withdrawn_or_a_draft(client, chongqing):
    opportunity = chongqing.opportunities.get(reference="DEMO-001")
    withdraw(opportunity)
    answer = client.get(f"{ROOT}matches/?reference=DEMO-001")
    assert (answer.status_code, answer.headers["Content-Type"]) == (410, "application/problem+json")
    make_opportunity(reference="TEST-DRAFT", publication="draft", districts="500103")
    assert client.get(f"{ROOT}matches/?reference=TEST-DRAFT").status_code == 400


def test_the_description_names_every_endpoint_and_its_answers_are_as_described(client, chongqing):
    schema = client.get("/api/v1/schema/").json()
    validate(schema)
    for component in schema["components"]["schemas"].values():
        if component.get("type") == "object":
            component["additionalProperties"] = False
    assert {path for path in schema["paths"] if path.startswith(ROOT)} == {
        ROOT + str(pattern.pattern) for pattern in urls.urlpatterns
    }
    for path in PATHS:
        operation = schema["paths"][ROOT + path.partition("?")[0]]["get"]
        content = operation["responses"]["200"]["content"]["application/json"]["schema"]
        described = {**content, "components": schema["components"]}
        Draft202012Validator(described).validate(client.get(ROOT + path).json())
        names = [one["$ref"].rpartition("/")[2] for one in operation.get("parameters", ())]
        expected = {"items/": ["list", "system", "unit", "progress"]}.get(path, [])
        assert names == (["reference"] if "matches" in path else expected)
    values = schema["components"]["parameters"]["progress"]["schema"]["items"]["enum"]
    assert values == ["not-reported", "on-track", "behind", "done"]
    guide = client.get("/api/docs/").text
    for path in PATHS:
        assert f"GET {ROOT}{path.partition('?')[0]}" in guide
    assert "DEMO-" in guide.partition("/api/v1/financing/matches/?reference=")[2][:20]


# --- costs ----------------------------------------------------------------------------------------


def test_pages_cost_the_same_queries_however_many_items(client, db):
    plan = make_plan()
    make_item(plan)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    few = [cost(path) for path in ("/financing/", f"{ROOT}items/", f"{ROOT}systems/", f"{ROOT}indicators/")]
    for _ in range(12):
        make_item(plan)
    assert [
        cost(path) for path in ("/financing/", f"{ROOT}items/", f"{ROOT}systems/", f"{ROOT}indicators/")
    ] == few
    assert max(few) <= 30
