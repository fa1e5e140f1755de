"""The OpenAPI description tells the truth: every route, parameter and answer."""

from __future__ import annotations

import json
from contextlib import redirect_stderr
from datetime import date
from io import StringIO

import pytest
from django.urls import reverse
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from opportunities.api import urls
from opportunities.api.docs import EXAMPLES
from opportunities.api.schema import AMOUNT_PATTERN, openapi
from opportunities.publishing import withdraw
from opportunities.search import parameters
from opportunities.search.parameters import API_LISTING, FILTERS, SORTS
from tests.factories import make_edition, make_opportunity
from tests.routes import routes

ROOT = "/api/v1/"


@pytest.fixture
def schema(client, catalogue):
    return client.get("/api/v1/schema/").json()


def parameters_of(schema, path, method="get", where="query"):
    """The parameters of an operation, by name."""
    found = {}
    for parameter in schema["paths"][path][method].get("parameters", ()):
        if "$ref" in parameter:
            parameter = schema["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter["in"] == where:
            found[parameter["name"]] = parameter
    return found


def validator(schema, path, status, method="get"):
    content = schema["paths"][path][method]["responses"][str(status)]["content"]
    media_type = "application/json" if status == 200 else "application/problem+json"
    return Draft202012Validator({**content[media_type]["schema"], "components": schema["components"]})


def test_it_is_valid_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1")
    validate(schema)


def test_it_is_made_without_a_warning(catalogue):
    with redirect_stderr(StringIO()) as said:
        openapi("en")
    assert said.getvalue() == ""


def test_it_is_served_as_yaml_too(client, schema):
    answer = client.get("/api/v1/schema/?format=yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.content.decode().startswith("openapi: 3.1")
    assert client.get("/api/v1/schema/").headers["Content-Type"] == "application/json"


def test_it_names_the_address_of_the_deployment(client, catalogue, settings):
    settings.SITE_URL = "https://invest.example"
    assert client.get("/api/v1/schema/").json()["servers"] == [{"url": "https://invest.example"}]


def test_every_route_is_described_with_its_methods(schema):
    described = set(schema["paths"])
    existing = {route.replace("<", "{").replace(">", "}") for route in routes() if route.startswith(ROOT)}
    # This city has no finance plan: tests/financing.
    existing = {path for path in existing if not path.startswith(f"{ROOT}financing/")}
    assert described == existing
    assert len(described) == len(urls.v1)
    for pattern in urls.v1:
        path = reverse(f"api:{pattern.name}", args=["REF-1"] if "reference" in str(pattern.pattern) else [])
        methods = {method for method in ("get", "post") if hasattr(pattern.callback.cls, method)}
        assert set(schema["paths"][path.replace("REF-1", "{reference}")]) == methods


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        ("opportunities/", API_LISTING),
        ("opportunities/{reference}/", ()),
        ("facets/", FILTERS),
        ("suggest/", FILTERS),
        ("sectors/", ("edition",)),
        ("regions/", ("edition",)),
        ("districts/", ("edition",)),
        ("editions/", ()),
        ("schema/", ("format",)),
    ],
)
def test_the_parameters_of_an_operation_are_those_it_takes(client, schema, path, accepted):
    described = parameters_of(schema, ROOT + path)
    assert tuple(described) == tuple(accepted)
    address = (ROOT + path).replace("{reference}", "QY-001")
    answer = client.get(f"{address}?no-such-name=1")
    assert answer.json()["errors"][0]["allowed"] == list(described)
    for name, parameter in described.items():
        for value in some_values(parameter["schema"]):
            assert client.get(address, {name: value}).status_code == 200, (name, value)


def some_values(values):
    """Values that a parameter takes, by its description: the ends of a range, every one of a list."""
    if values["type"] == "array":
        values = values["items"]
    if "enum" in values:
        return values["enum"]
    if values["type"] == "integer":
        # Past the first page there may be nothing.
        return [values["minimum"]] if values["maximum"] == parameters.DEPTH_MAX else [
            values["minimum"], values["maximum"],
        ]  # fmt: skip
    if "pattern" in values:
        return ["0", "10.5", "99999.99", "100000", "100000.00"]
    return ["a" * values["maxLength"]]


def test_the_values_are_those_of_the_search(schema):
    described = parameters_of(schema, "/api/v1/opportunities/")
    assert described["sort"]["schema"]["enum"] == list(SORTS)
    assert described["sector"]["schema"]["items"]["enum"] == ["shipping", "tea", "chips"]
    assert described["bracket"]["schema"]["items"]["enum"] == ["under-5", "5-20", "20-plus"]
    assert described["cycle_max"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 240}
    assert described["page_size"]["schema"]["maximum"] == 100
    assert described["q"]["schema"]["maxLength"] == 200


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "00",
        "0.5",
        "0.05",
        "0.005",
        "10.",
        ".5",
        "1e3",
        "99999.99",
        "1e5",
        "100000.00",
        "100000.01",
        "-1",
    ],
)
def test_the_pattern_of_amounts_is_what_the_search_takes(catalogue, client, value):
    import re

    taken = client.get("/api/v1/opportunities/", {"investment_min": value}).status_code == 200
    assert bool(re.fullmatch(AMOUNT_PATTERN, value)) == taken


@pytest.mark.django_db
def test_the_values_are_those_of_every_edition(client):
    make_edition("2019-01", released_on=date(2019, 1, 1), sectors=["salt"], places={"north": ["7701"]})
    make_edition("2020-01", sectors=["grain"], places={"south": ["8801"]})
    described = parameters_of(client.get("/api/v1/schema/").json(), "/api/v1/facets/")
    assert described["sector"]["schema"]["items"]["enum"] == ["grain", "salt"]
    assert described["edition"]["schema"]["enum"] == ["2020-01", "2019-01"]


def closed(schema):
    """The description, saying too that no object holds more than is described."""
    components = json.loads(json.dumps(schema["components"]))
    for component in components["schemas"].values():
        if component.get("type") == "object":
            component["additionalProperties"] = False
    return {**schema, "components": components}


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("opportunities/", "opportunities/?page_size=100"),
        ("opportunities/", "opportunities/?page_size=100&page=2&region=metro"),
        ("opportunities/", "opportunities/?page_size=100&fields=full"),
        ("opportunities/", "opportunities/?q=无此"),
        ("opportunities/{reference}/", "opportunities/DEMO-001/"),
        ("facets/", "facets/"),
        ("facets/", "facets/?region=metro&bracket=under-10"),
        ("suggest/", "suggest/"),
        ("suggest/", "suggest/?q=liang"),
        ("suggest/", "suggest/?q=10亿&region=metro"),
        ("sectors/", "sectors/"),
        ("regions/", "regions/"),
        ("districts/", "districts/"),
        ("editions/", "editions/"),
        ("schema/", "schema/"),
    ],
)
def test_answers_are_as_described_and_hold_nothing_more(client, chongqing, path, address):
    described = closed(client.get("/api/v1/schema/").json())
    answer = client.get(ROOT + address)
    assert answer.status_code == 200
    validator(described, ROOT + path, 200).validate(answer.json())


def test_full_items_are_described_too(client, chongqing):
    described = closed(client.get("/api/v1/schema/").json())
    page = client.get("/api/v1/opportunities/?fields=full&page_size=3").json()
    del page["results"][0]["content"]
    assert not validator(described, "/api/v1/opportunities/", 200).is_valid(page)


@pytest.mark.parametrize(
    ("path", "address", "headers", "status"),
    [
        ("opportunities/", "opportunities/?secor=1&page=0", {}, 400),
        ("opportunities/", "opportunities/?page=9", {}, 404),
        ("opportunities/{reference}/", "opportunities/NONE-1/", {}, 404),
        ("opportunities/{reference}/", "opportunities/QY-001/", {}, 410),
        ("facets/", "facets/", {"Accept": "text/csv"}, 406),
        ("sectors/", "sectors/?x=1", {}, 400),
        ("schema/", "schema/?format=xml", {}, 400),
    ],
)
def test_problems_are_as_described(client, catalogue, schema, path, address, headers, status):
    withdraw(catalogue.opportunities.get(reference="QY-001"))
    answer = client.get(ROOT + address, headers=headers)
    assert answer.status_code == status
    validator(closed(schema), ROOT + path, status).validate(answer.json())


def test_the_contact_is_as_described(client, catalogue, schema, settings):
    settings.CONTACT_BUDGET = "1/60"
    make_opportunity(reference="QY-200", districts="990101")
    path = "/api/v1/opportunities/{reference}/contact/"
    for status in (200, 429):
        answer = client.post("/api/v1/opportunities/QY-200/contact/")
        assert answer.status_code == status
        validator(closed(schema), path, status, "post").validate(answer.json())
    assert list(parameters_of(schema, path, "post", "path")) == ["reference"]


def test_every_operation_names_its_statuses(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            expected = {"200", "400", "405", "429", "503"} | ({"304"} if method == "get" else {"415"})
            assert expected <= set(operation["responses"]), path
            assert operation["summary"] and operation["operationId"]


# --- the page for people --------------------------------------------------------------------------


@pytest.fixture
def page(client, chongqing):
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    return answer.text


def test_the_guide_names_every_endpoint_and_parameter(client, page):
    schema = client.get("/api/v1/schema/").json()
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    for name, parameter in schema["components"]["parameters"].items():
        assert f'id="parameter-{name}"' in page
        values = parameter["schema"].get("items", parameter["schema"]).get("enum", [])
        for value in values:
            assert f"<code>{value}</code>" in page


def test_the_guide_shows_real_answers_in_both_languages(client, page, settings):
    query = EXAMPLES["listOpportunities"]
    reference = client.get(f"/api/v1/opportunities/?{query}").json()["results"][0]["reference"]
    assert f"&quot;reference&quot;: &quot;{reference}&quot;" in page
    assert f"{settings.SITE_URL}/api/v1/opportunities/" in page
    for word in ("错误", "Errors", "限额", "Limits", "许可与须知", "Licence and notice", "If-None-Match"):
        assert word in page
    assert client.get("/api/v1/opportunities/?status=open").headers["ETag"].startswith("W/")


def test_the_guide_gives_no_persons_contact(page):
    assert "示例联系人" not in page and "023-0000 1" not in page


def test_the_guide_needs_no_script_and_no_style_of_its_own(page):
    main = page.partition("<main")[2].partition("</main>")[0]
    assert "<script" not in main and " style=" not in main and "<style" not in page


def test_the_guide_is_revalidated_as_other_pages_are(client, chongqing):
    etag = client.get("/api/docs/").headers["ETag"]
    assert client.get("/api/docs/", headers={"If-None-Match": etag}).status_code == 304


def test_the_guides_examples_do_not_count_against_a_limit(client, chongqing, settings):
    settings.API_READ_RATE = "1/min"
    page = client.get("/api/docs/", REMOTE_ADDR="0.0.0.0").text
    assert "Too Many" not in page and "1/min" in page
