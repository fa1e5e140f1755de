"""What holds for every endpoint: refusals, methods, caching, other origins, limits, the contact budget."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from opportunities.api import urls
from opportunities.models import ContactGrant, Revision
from opportunities.publishing import withdraw
from opportunities.search.parameters import API_LISTING, FILTERS
from tests.factories import make_opportunity

ACCEPTED = {
    "opportunities/": API_LISTING,
    "opportunities/QY-001/": (),
    "facets/": FILTERS,
    "interpret/": ("q",),
    "suggest/": FILTERS,
    "sectors/": ("edition",),
    "regions/": ("edition",),
    "districts/": ("edition",),
    "editions/": (),
    "schema/": ("format",),
}
GOOD = {
    "q": "a", "sector": "tea", "region": "upland", "district": "free-zone", "bracket": "5-20",
    "investment_min": "0", "investment_max": "100000.00", "cycle": "13-24", "cycle_min": "1",
    "cycle_max": "240", "cooperation": "equity", "status": "open", "edition": "2025-spring",
    "sort": "name", "page": "1", "page_size": "100", "fields": "full", "format": "yaml",
}  # fmt: skip
BAD = {
    "q": ["，。", "a b c d e f g h i j k", "字" * 201],
    "sector": ["te", "biomedicine"],
    "region": ["metro"],
    "district": ["500103"],
    "bracket": ["10-50"],
    "investment_min": ["-1", "1e3", "1.234", "100000.01", "NaN"],
    "investment_max": ["abc", "01"],
    "cycle": ["12"],
    "cycle_min": ["0", "1.5"],
    "cycle_max": ["241"],
    "cooperation": ["equit"],
    "status": ["closed"],
    "edition": ["2024-04"],
    "sort": ["newest"],
    "page": ["0", "last", "501"],
    "page_size": ["101", "all"],
    "fields": ["all", "name"],
    "format": ["xml"],
}
# Parameters of pages, later ones, trackers: all of them are unknown here.
STRANGE = ["secor", "view", "investment_min_bn", "utm_source", "asked", "limit", "offset", "sector[]", "Sort"]


def refused(answer):
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    return problem["errors"]


def test_every_route_of_version_1_is_in_the_table_above():
    reading = {str(p.pattern) for p in urls.v1 if hasattr(p.callback.cls, "get")}
    assert len(reading) == len(ACCEPTED)
    assert GOOD.keys() == BAD.keys()


@pytest.mark.parametrize("path", ACCEPTED)
def test_an_endpoint_takes_its_parameters_and_no_other(client, catalogue, path):
    for name, value in GOOD.items():
        answer = client.get(f"/api/v1/{path}", {name: value})
        if name in ACCEPTED[path]:
            assert answer.status_code == 200, (name, answer.content)
        else:
            assert [error["parameter"] for error in refused(answer)] == [name]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("path", ACCEPTED)
def test_an_unknown_name_is_refused_with_what_is_allowed(client, catalogue, path, name):
    [error] = refused(client.get(f"/api/v1/{path}", {name: "1"}))
    assert error["parameter"] == name
    assert error["allowed"] == list(ACCEPTED[path])
    assert error["message"]["zh"] and error["message"]["en"]


def test_a_near_name_or_value_is_suggested(client, catalogue):
    [error] = refused(client.get("/api/v1/opportunities/?secor=tea"))
    assert error["did_you_mean"] == "sector"
    [error] = refused(client.get("/api/v1/facets/?sector=teas"))
    assert error["did_you_mean"] == "tea"


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in BAD for value in BAD[name]])
def test_a_bad_value_is_refused_wherever_its_parameter_is_taken(client, catalogue, name, value):
    for path, accepted in ACCEPTED.items():
        if name in accepted:
            [error] = refused(client.get(f"/api/v1/{path}", {name: value}))
            assert error["parameter"] == name
            assert error["value"].rstrip("…") in value
            assert error["allowed"]


@pytest.mark.parametrize("name", [n for n in GOOD if n not in (
    "sector", "region", "district", "bracket", "cycle", "cooperation", "status")])  # fmt: skip
def test_a_second_value_is_refused_where_one_is_taken(client, catalogue, name):
    other = {"q": "b", "edition": "x", "format": "json", "fields": "x", "sort": "cycle"}.get(name, "2")
    for path, accepted in ACCEPTED.items():
        if name in accepted:
            errors = refused(client.get(f"/api/v1/{path}", {name: [GOOD[name], other]}))
            assert name in [error["parameter"] for error in errors]
            assert client.get(f"/api/v1/{path}", {name: [GOOD[name], GOOD[name]]}).status_code == 200


def test_an_empty_value_is_an_absent_one(client, catalogue):
    assert client.get("/api/v1/opportunities/?q=&sort=&fields=&page=&sector=").json()["count"] == 8


@pytest.mark.parametrize("query", ["investment_min=2&investment_max=1", "cycle_min=12&cycle_max=6"])
def test_a_range_upside_down_is_refused(client, catalogue, query):
    [error] = refused(client.get(f"/api/v1/opportunities/?{query}"))
    assert error["parameter"] == query.split("=")[0]


@pytest.mark.parametrize("path", ["financing/", "changes/", "snapshot/", "enquiries/", "no/", ""])
def test_what_is_not_there_is_a_404_problem(client, catalogue, path):
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_root_leads_to_the_guide(client, catalogue):
    answer = client.get("/api/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs/")


# --- methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ACCEPTED)
def test_reading_takes_no_other_method(client, catalogue, path):
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(f"/api/v1/{path}")
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 405


@pytest.mark.parametrize("path", ACCEPTED)
def test_head_is_get_without_its_content(client, catalogue, path):
    read, head = client.get(f"/api/v1/{path}"), client.head(f"/api/v1/{path}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "ETag", "Cache-Control", "Content-Length"):
        assert head.headers[name] == read.headers[name]


def test_options_says_what_is_allowed(client, catalogue):
    answer = client.options("/api/v1/opportunities/")
    assert (answer.status_code, answer.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", [*ACCEPTED, "opportunities/DEMO-001/contact/"])
def test_options_refuses_names_it_does_not_know(client, catalogue, path):
    known = client.options(f"/api/v1/{path}")
    assert known.status_code == 200
    [error] = refused(client.options(f"/api/v1/{path}?secter=food"))
    assert (error["parameter"], error["value"]) == ("secter", "food")


@pytest.mark.parametrize(("length", "quoted"), [(60, "x" * 60), (61, "x" * 60 + "…"), (5000, "x" * 60 + "…")])
def test_a_long_value_is_quoted_by_its_beginning_and_says_so(client, catalogue, length, quoted):
    [error] = refused(client.get("/api/v1/opportunities/", {"sector": "x" * length}))
    assert error["value"] == quoted


def test_the_schema_says_how_long_values_are_quoted(client, catalogue):
    schema = client.get("/api/v1/schema/").json()["components"]["schemas"]["Refusal"]
    assert "60" in schema["properties"]["value"]["description"]


def test_another_format_than_json_is_a_406(client, catalogue):
    answer = client.get("/api/v1/opportunities/", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (406, "application/problem+json")
    client.get("/api/v1/sectors/")
    assert client.get("/api/v1/sectors/", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize("path", ["opportunities/?sort=no", "opportunities/QY-999/", "no/"])
def test_a_problem_is_told_in_english_with_messages_in_both(client, catalogue, path):
    problem = client.get(f"/api/v1/{path}").json()
    assert problem["type"] and problem["title"].isascii() and problem["detail"].isascii()


# --- caching and other origins --------------------------------------------------------------------


@pytest.mark.parametrize("path", ACCEPTED)
def test_an_answer_is_revalidated_until_something_public_changes(client, catalogue, path):
    first = client.get(f"/api/v1/{path}")
    etag = first.headers["ETag"]
    assert etag.startswith('W/"')
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    Revision.bump()
    changed = client.get(f"/api/v1/{path}", headers={"If-None-Match": etag})
    assert changed.status_code == 200 and changed.headers["ETag"] != etag


def test_the_answers_of_two_addresses_have_two_etags(client, catalogue):
    tags = {client.get(f"/api/v1/{path}").headers["ETag"] for path in ACCEPTED}
    assert len(tags) == len(ACCEPTED)


def test_what_is_withdrawn_leaves_every_answer_at_once(client, catalogue):
    def seen():
        return {path for path in ACCEPTED if b"QY-001" in client.get(f"/api/v1/{path}").content}

    assert seen() == {"opportunities/", "opportunities/QY-001/"}
    opportunity = type(catalogue).objects.get().opportunities.get(reference="QY-001")
    withdraw(opportunity)
    assert b"QY-001" not in client.get("/api/v1/opportunities/").content
    assert client.get("/api/v1/opportunities/QY-001/").status_code == 410
    assert client.get("/api/v1/facets/").json()["count"] == 7


@pytest.mark.parametrize("path", [*ACCEPTED, "opportunities/?sort=no", "no/"])
def test_pages_of_any_origin_may_read(client, catalogue, path):
    answer = client.get(f"/api/v1/{path}", headers={"Origin": "https://partner.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


# --- limits ---------------------------------------------------------------------------------------


def test_reading_is_not_limited_by_default(client, catalogue):
    answer = client.get("/api/v1/opportunities/")
    assert "RateLimit" not in answer.headers and "RateLimit-Policy" not in answer.headers


def test_a_limit_on_reading_counts_kept_answers_too_and_says_what_is_left(client, catalogue, settings):
    settings.API_READ_RATE = "3/min"
    answers = [client.get("/api/v1/sectors/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"read";q=3;w=60'
    left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[3].headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    elsewhere = client.get("/api/v1/sectors/", REMOTE_ADDR="192.0.2.77")
    assert elsewhere.status_code == 200


def test_a_304_does_not_count_against_the_limit(client, catalogue, settings):
    settings.API_READ_RATE = "2/min"
    etag = client.get("/api/v1/sectors/").headers["ETag"]
    for _ in range(5):
        answer = client.get("/api/v1/sectors/", headers={"If-None-Match": etag})
        assert answer.status_code == 304
        assert ";r=1;" in answer.headers["RateLimit"]
    assert client.get("/api/v1/sectors/").status_code == 200


def test_invented_addresses_do_not_widen_the_limit(client, catalogue, settings):
    settings.API_READ_RATE = "2/min"
    statuses = [
        client.get("/api/v1/sectors/", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(4)
    ]
    assert statuses == [200, 200, 429, 429]


def test_a_cache_that_is_away_lifts_the_limit(client, catalogue, settings, monkeypatch):
    settings.API_READ_RATE = "1/min"

    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(cache, "set", away)
    assert [client.get("/api/v1/sectors/").status_code for _ in range(3)] == [200, 200, 200]


# --- the contact ----------------------------------------------------------------------------------

CONTACT = "/api/v1/opportunities/TEST-CALL/contact/"


@pytest.fixture
def callable_opportunity(db):
    return make_opportunity(
        reference="TEST-CALL",
        contact={"name": "甲示例", "phone": "000-0000 7777", "office_phone": "000-0000 0001"},
    )


def test_the_person_is_given_by_post_and_kept_by_nobody(client, callable_opportunity):
    answer = client.post(CONTACT)
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "甲示例",
        "post": {"zh": "招商经理", "en": "Investment manager"},
        "phone": "000-0000 7777",
    }
    assert "no-store" in answer.headers["Cache-Control"]
    assert "ETag" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_get_does_not_give_the_person(client, callable_opportunity):
    answer = client.get(CONTACT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    assert not ContactGrant.objects.exists()


def test_past_the_budget_the_office_line_is_left(client, callable_opportunity, settings, clock):
    settings.CONTACT_BUDGET = "2/60,3/3600"
    assert [client.post(CONTACT).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.post(CONTACT)
    assert answer.status_code == 429
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "60"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "000-0000 0001" in answer.json()["detail"]
    for secret in ("甲示例", "7777"):
        assert secret not in answer.content.decode()
    clock.move(seconds=61)
    assert client.post(CONTACT).status_code == 200
    assert client.post(CONTACT).headers["Retry-After"] == str(3600 - 61)
    assert Client(REMOTE_ADDR="192.0.2.9").post(CONTACT).status_code == 200


def test_the_budget_is_one_for_page_and_api(client, callable_opportunity, settings):
    settings.CONTACT_BUDGET = "2/60"
    assert client.post("/opportunities/TEST-CALL/contact/").status_code == 200
    assert client.post(CONTACT).status_code == 200
    assert client.post(CONTACT).status_code == 429
    assert client.post("/opportunities/TEST-CALL/contact/").status_code == 429


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("", "application/json", 200),
        ("{}", "application/json", 200),
        ("", "application/x-www-form-urlencoded", 200),
        (" {} ", "application/json", 200),
        ('{"name": "x"}', "application/json", 400),
        ("0", "application/json", 400),
        ("false", "application/json", 400),
        ("null", "application/json", 400),
        ("[]", "application/json", 400),
        ('""', "application/json", 400),
        ("[{}]", "application/json", 400),
        ("{", "application/json", 400),
        ("a=1", "application/x-www-form-urlencoded", 400),
        ("<x/>", "application/xml", 415),
    ],
)
def test_the_request_has_no_content(client, callable_opportunity, body, content_type, status):
    answer = client.post(CONTACT, body, content_type=content_type)
    assert answer.status_code == status
    assert ContactGrant.objects.count() == (status == 200)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("body", ["0", "false", "[]", '{"name": "甲"}'])
def test_a_body_that_is_refused_is_named_with_what_is_allowed(client, callable_opportunity, body):
    [error] = refused(client.post(CONTACT, body, content_type="application/json"))
    assert (error["parameter"], error["value"], error["allowed"]) == ("body", body, ["", "{}"])
    assert error["message"] == {
        "zh": f"这里不需要内容，或只接受空内容；收到的是“{body}”。",
        "en": f"This takes no body, or an empty one; “{body}” was sent.",
    }


def test_a_query_string_is_refused_before_anything_is_counted(client, callable_opportunity):
    [error] = refused(client.post(f"{CONTACT}?x=1"))
    assert error["parameter"] == "x"
    assert not ContactGrant.objects.exists()


@pytest.mark.parametrize(
    ("publication", "status"), [("draft", 404), ("in-review", 404), ("withdrawn", 410), ("archived", 410)]
)
def test_the_person_of_what_is_not_public_is_not_given(client, db, publication, status):
    make_opportunity(reference="TEST-CALL", publication=publication, contact={"name": "甲示例"})
    answer = client.post(CONTACT)
    assert answer.status_code == status
    assert "甲示例" not in answer.content.decode()
    assert not ContactGrant.objects.exists()


@pytest.mark.django_db
def test_before_a_catalogue_is_loaded_the_api_says_so(client):
    answer = client.get("/api/v1/opportunities/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.headers["Retry-After"]
