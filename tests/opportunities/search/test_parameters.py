"""What a search refuses, and in which words."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.utils import translation

from opportunities.search import parameters
from opportunities.search.parameters import API_LISTING, FILTERS, LISTING
from opportunities.search.scheme import NoEdition
from tests.factories import make_opportunity
from tests.opportunities.search.asking import references, refusals, search

NUMBERS = ("data-result-count", "data-total-investment", "data-count", "data-reference")
NOT_AMOUNTS = ["-1", "1e3", "1.234", "01", "100000.01", "abc", "1,000", "NaN", "10亿", ".5", "5.", "9" * 400]
NOT_MONTHS = ["0", "241", "-1", "1.5", "01", "abc", "1e2", "9" * 400]
BAD_VALUES = [
    *(("q", value) for value in ("，。", "*", "%", "…", "a" * 201, "字" * 201, "a b c d e f g h i j k")),
    *((name, value) for name in ("sector", "region", "district", "bracket") for value in ("no", "0")),
    *((name, value) for name in ("cycle", "cooperation", "status") for value in ("no", "OPEN", "1")),
    *((name, value) for name in ("edition", "sort") for value in ("no", "1")),
    *((name, value) for name in ("investment_min", "investment_max") for value in NOT_AMOUNTS),
    *((f"investment_{end}_bn", value) for end in ("min", "max") for value in ("10000.001", "1.2345")),
    *((name, value) for name in ("cycle_min", "cycle_max") for value in NOT_MONTHS),
    ("view", "grid"),
    ("view", "globe"),
    ("page", "0"),
    ("page", "-1"),
    ("page", "1.0"),
    ("page", "last"),
    ("page", "501"),
    ("page", "9" * 400),
    ("page_size", "0"),
    ("page_size", "101"),
    ("page_size", "all"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_is_refused_with_its_name_and_what_is_allowed(catalogue, name, value):
    found = refusals(f"{name}={quote(value)}")
    assert [(refusal.parameter, refusal.value) for refusal in found] == [(name, value)]
    problem = found[0].as_problem()
    assert problem["allowed"], "a refusal says what is allowed"
    assert len(problem["value"]) <= 61
    zh, en = problem["message"]["zh"], problem["message"]["en"]
    assert zh and en and zh != en, "a message in both languages"
    assert "%(" not in zh + en


@pytest.mark.parametrize("name", parameters.PAGE)
def test_page_asking_and_api_refuse_the_same_bad_values(catalogue, client, name):
    readers = ["/opportunities/", "/en/opportunities/", "/ask/", "/en/ask/"]
    readers += ["/api/v1/opportunities/"] if name in API_LISTING else []
    readers += ["/api/v1/facets/"] if name in FILTERS else []
    for value in (value for bad, value in BAD_VALUES if bad == name):
        for reader in readers:
            if name == "page" and "/ask/" in reader:
                continue  # a new search starts on its first page
            answer = client.get(reader, {name: value})
            assert answer.status_code == 400, f"{reader}?{name}={value}"
            if reader.startswith("/api/"):
                (error,) = answer.json()["errors"]
                assert (error["parameter"], error["value"][:60]) == (name, value[:60])
            else:
                html = answer.content.decode()
                assert [hook for hook in NUMBERS if hook in html] == [], "a 400 carries no numbers"


def test_every_parameter_has_a_bad_value_in_that_table():
    assert {name for name, _value in BAD_VALUES} == set(parameters.PAGE)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("investment_min=20&investment_max=10", "investment_min"),
        ("investment_min_bn=2&investment_max=10", "investment_min"),
        ("cycle_min=24&cycle_max=12", "cycle_min"),
        ("page=101&page_size=100", "page"),
        ("page=501", "page"),
        ("sort=name&sort=cycle", "sort"),
        ("q=茶&q=港", "q"),
        ("investment_min=1&investment_min=2", "investment_min"),
        ("page=1&page=2", "page"),
        ("edition=2025-spring&edition=2024-04", "edition"),
        ("investment_min_bn=1&investment_min=10", "investment_min_bn"),
        ("investment_max_bn=1&investment_max=10", "investment_max_bn"),
    ],
)
def test_values_that_contradict_each_other_are_refused(catalogue, query, name):
    assert name in [refusal.parameter for refusal in refusals(query)]


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("secter=tea", "sector"),
        ("distict=990101", "district"),
        ("investmentmin=1", "investment_min"),
        ("invesment_max=1", "investment_max"),
        ("pagesize=10", "page_size"),
        ("zzzzzzzz=1", None),
        ("Sector=tea", "sector"),
    ],
)
def test_an_unknown_name_is_refused_and_the_near_one_suggested(catalogue, query, suggestion):
    (refusal,) = refusals(query)
    assert refusal.parameter == query.split("=")[0]
    assert refusal.did_you_mean == suggestion
    assert list(refusal.allowed) == list(parameters.PAGE)


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("sector=shiping", "shipping"),
        ("sector=Shipping", "shipping"),
        ("sector=茶叶与食品", "tea"),
        ("sector=茶葉與食品", "tea"),
        ("region=harbor", "harbour"),
        ("region=海湾", "harbour"),
        ("district=99010l1", "990101"),
        ("district=东港区", "990101"),
        ("district=free_zone", "free-zone"),
        ("bracket=under5", "under-5"),
        ("cycle=13-23", "13-24"),
        ("cooperation=joint_venture", "joint-venture"),
        ("status=opne", "open"),
        ("sort=investmnt", "investment"),
        ("edition=2025-sprin", "2025-spring"),
        ("sector=xyz", None),
        ("sector=" + "x" * 500, None),
    ],
)
def test_an_unknown_value_is_refused_and_the_near_one_suggested(catalogue, query, suggestion):
    (refusal,) = refusals(query)
    assert refusal.did_you_mean == suggestion


def test_names_are_refused_before_values_and_all_in_one_answer(catalogue):
    found = refusals("sector=xyz&unknown=1&cycle_min=0&investment_min=abc")
    assert [refusal.parameter for refusal in found] == ["unknown", "sector", "investment_min", "cycle_min"]


@pytest.mark.parametrize(
    ("accepts", "name"),
    [
        (LISTING, "view"),
        (LISTING, "investment_min_bn"),
        (FILTERS, "sort"),
        (FILTERS, "page"),
        (FILTERS, "page_size"),
    ],
)
def test_each_reader_refuses_the_names_it_does_not_take(catalogue, accepts, name):
    value = {"view": "list", "sort": "name"}.get(name, "1")
    assert refusals(f"{name}={value}") == []
    (refusal,) = refusals(f"{name}={value}", accepts)
    assert refusal.parameter == name


@pytest.mark.parametrize("name", parameters.PAGE)
def test_an_empty_value_is_an_absent_one_but_names_are_checked_first(catalogue, name):
    assert search(f"{name}=&{name}=").canonical_query == ""
    assert [refusal.parameter for refusal in refusals(f"{name}x=")] == [f"{name}x"]


@pytest.mark.parametrize(
    "query",
    [
        "sector=tea&sector=tea",
        "q=茶&q=茶",
        "sort=name&sort=name",
        "investment_min=1&investment_min=1&investment_min=",
    ],
)
def test_a_repeated_equal_value_is_one(catalogue, query):
    assert refusals(query) == []


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("investment_min=２０", "investment_min=20"),
        ("investment_min=　20 ", "investment_min=20"),
        ("cycle_min=２４", "cycle_min=24"),
        ("sector=ｔｅａ", "sector=tea"),
        ("district=９９０１０１", "district=990101"),
    ],
)
def test_full_width_is_read_and_nothing_else_is_guessed(catalogue, query, same):
    assert references(query) == references(same) != references()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["QY-006", "QY-001", "QY-002", "QY-005", "QY-004", "QY-003", "QY-008", "QY-007"]),
        ("sector=tea", ["QY-004", "QY-003", "QY-008"]),
        ("sector=tea&sector=chips", ["QY-006", "QY-005", "QY-004", "QY-003", "QY-008"]),
        ("region=upland", ["QY-006", "QY-005", "QY-004", "QY-003", "QY-008"]),
        ("region=harbour", ["QY-001", "QY-002", "QY-005", "QY-004", "QY-007"]),
        ("district=990201", ["QY-004", "QY-003", "QY-008"]),
        ("region=harbour&district=990201", []),
        ("region=upland&district=990201&district=990101", ["QY-004", "QY-003", "QY-008"]),
        ("bracket=under-5", ["QY-003", "QY-008", "QY-007"]),
        ("bracket=5-20", ["QY-002", "QY-005", "QY-004"]),
        ("bracket=20-plus", ["QY-006", "QY-001"]),
        ("bracket=under-5&bracket=20-plus", ["QY-006", "QY-001", "QY-003", "QY-008", "QY-007"]),
        ("investment_min=5&investment_max=19.99", ["QY-002", "QY-005", "QY-004"]),
        ("investment_min=19.99&investment_max=19.99", ["QY-002"]),
        ("investment_max=0", ["QY-007"]),
        ("investment_min_bn=2", ["QY-006", "QY-001"]),
        ("cycle=up-to-12", ["QY-003", "QY-007"]),
        ("cycle=13-24", ["QY-001", "QY-002"]),
        ("cycle=25-36", ["QY-006", "QY-004"]),
        ("cycle=over-36", ["QY-005", "QY-008"]),
        ("cycle_min=24&cycle_max=36", ["QY-006", "QY-001", "QY-004"]),
        ("cooperation=equity", ["QY-006", "QY-001"]),
        ("cooperation=joint-venture&cooperation=technology", ["QY-001", "QY-002", "QY-005", "QY-004"]),
        ("status=signed", ["QY-006"]),
        (
            "status=open&status=negotiating",
            ["QY-001", "QY-002", "QY-005", "QY-004", "QY-003", "QY-008", "QY-007"],
        ),
        ("edition=2025-spring&sector=chips", ["QY-006", "QY-005"]),
        ("sort=investment&sector=tea", ["QY-008", "QY-003", "QY-004"]),
        ("sort=cycle&sector=shipping", ["QY-007", "QY-002", "QY-001"]),
        ("sort=-cycle&sector=shipping", ["QY-001", "QY-002", "QY-007"]),
        ("sort=-updated", ["QY-001", "QY-002", "QY-004", "QY-005", "QY-006", "QY-007", "QY-008", "QY-003"]),
        ("sort=name", ["QY-001", "QY-007", "QY-008", "QY-005", "QY-004", "QY-002", "QY-003", "QY-006"]),
        ("sort=relevance&q=茶", ["QY-004", "QY-003", "QY-008"]),
        ("q=茶&sort=investment", ["QY-008", "QY-003", "QY-004"]),
        ("sector=tea&cooperation=joint-venture&cycle_min=30", ["QY-004"]),
    ],
)
def test_each_parameter_finds_these_in_this_order(catalogue, query, expected):
    assert references(query) == expected


def test_every_filter_stands_in_that_table():
    (mark,) = test_each_parameter_finds_these_in_this_order.pytestmark
    asked = {pair.split("=")[0] for query, _expected in mark.args[1] for pair in query.split("&") if pair}
    assert asked >= {*FILTERS, "sort"}


@pytest.mark.django_db
def test_equal_amounts_are_ordered_by_reference():
    for reference in ("TEST-C", "TEST-A", "TEST-B"):
        make_opportunity(reference=reference, name_zh="同名", cycle_months=12)
    for sort in parameters.SORTS:
        assert references(f"sort={sort}") == ["TEST-A", "TEST-B", "TEST-C"], sort


@pytest.mark.django_db
def test_without_an_edition_there_is_nothing_to_search():
    with pytest.raises(NoEdition):
        search()


def test_a_message_is_in_the_language_of_the_page(catalogue):
    (refusal,) = refusals("sector=shiping")
    with translation.override("en"):
        assert "shiping" in str(refusal) and str(refusal.did_you_mean_label) == "Shipping and logistics"
    with translation.override("zh-hans"):
        assert "shiping" in str(refusal) and str(refusal.did_you_mean_label) == "航运物流"


def test_a_refused_search_carries_no_rows(catalogue):
    with pytest.raises(ValueError, match="sector=xyz"):
        search("sector=xyz")


@pytest.mark.parametrize(
    ("name", "ignored"),
    [("utm_source", True), ("utm_", True), ("gclid", True), ("from", True), ("share_token", True),
     ("_ga", True), ("utm", False), ("shared", False), ("q", False), ("fromage", False), ("asked", False)],
)  # fmt: skip
def test_trackers_are_known_by_name(name, ignored):
    assert parameters.is_tracker(name) is ignored
