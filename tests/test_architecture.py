"""The rooms of the code and who may enter them, and what a new parameter must not forget."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import QueryDict

from opportunities.models import CooperationForm, Opportunity
from opportunities.search import parameters
from opportunities.search.parameters import FACETS, FILTERS, OpportunityFilterSet, SearchForm
from opportunities.search.query import bound
from tests.factories import make_edition
from tests.readings import hooks_of

ROOT = settings.BASE_DIR
OURS = ("portal", "accounts", "financing", "opportunities")

# The contract's list, in its order (“Search parameters”).
CONTRACT = (
    "q", "sector", "region", "district", "bracket", "investment_min", "investment_max", "cycle", "cycle_min",
    "cycle_max", "cooperation", "status", "edition", "sort", "view", "page", "page_size",
)  # fmt: skip
PAGES_ALONE = ("view", "investment_min_bn", "investment_max_bn")
API_ALONE = ("fields",)


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        path = ROOT / folder
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imports(source: Path) -> Iterator[str]:
    """The modules a file imports, relative ones as absolute names."""
    package = source.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            module = ".".join(part for part in (start, node.module or "") if part)
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def forbidden(folder: str, *modules: str) -> list[str]:
    return [
        f"{source.relative_to(ROOT)}: {imported}"
        for source in sources(folder)
        for imported in imports(source)
        if any(imported == module or imported.startswith(f"{module}.") for module in modules)
    ]


@pytest.mark.parametrize(
    ("room", "closed"),
    [
        ("opportunities", ("portal", "accounts", "financing", "tests")),
        ("financing", ("portal", "accounts", "tests")),
        ("accounts", ("portal", "financing", "tests")),
        ("portal", ("tests",)),
        ("opportunities/amounts.py", ("opportunities", "django")),
        ("opportunities/models", ("opportunities.search", "opportunities.api", "opportunities.views")),
        ("opportunities/search", ("opportunities.api", "opportunities.views", "opportunities.admin")),
        ("opportunities/search", ("django.http.HttpRequest", "rest_framework", "django.shortcuts")),
        ("opportunities/loading", ("django.http", "rest_framework")),
        ("opportunities/publishing.py", ("django.http", "rest_framework", "opportunities.api")),
        ("opportunities/synthesising.py", ("django.http", "rest_framework", "opportunities.api")),
        ("opportunities/revealing.py", ("django.http", "rest_framework")),
        ("opportunities/exporting.py", ("django.http", "rest_framework", "opportunities.api")),
        ("opportunities/feeds.py", ("django.http.HttpRequest", "rest_framework", "opportunities.api")),
        ("financing/models", ("financing.matching", "financing.reporting", "financing.views", "django.http")),
        ("financing/matching.py", ("django.http", "rest_framework", "financing.views", "financing.api")),
        ("financing/reporting.py", ("django.http", "rest_framework", "financing.views", "financing.admin")),
        ("financing/outlook.py", ("django.http", "django.db", "rest_framework", "financing.views")),
        ("financing/loading.py", ("django.http", "rest_framework", "financing.views")),
    ],
)
def test_dependencies_point_one_way(room, closed):
    assert forbidden(room, *closed) == []


def test_that_check_sees_imports():
    assert "opportunities.models.Opportunity" in set(imports(ROOT / "opportunities/search/query.py"))
    assert forbidden("opportunities/search", "opportunities.models") != []


ASKS_ENGINE = re.compile(r"\.vendor\b|\.raw\(|connection\.cursor|RawSQL|\.extra\(")


def test_only_text_knows_which_database_it_is():
    """One path for both engines; the rest is column types, and figures for the planner after a load."""
    asks = [
        str(source.relative_to(ROOT))
        for source in sources("opportunities", "financing", "accounts")
        if re.search(
            r"\.vendor\b|\.raw\(|connection\.cursor|RawSQL|\.extra\(", source.read_text(encoding="utf-8")
        )
        and "migrations" not in source.parts
    ]
    assert set(asks) <= {
        "opportunities/indexing.py",
        "opportunities/models/fields.py",
        "opportunities/search/text.py",
    }


def test_nothing_prints_where_it_works():
    for source in sources("opportunities", "financing", "accounts", "portal"):
        if "commands" in source.parts or source.name == "bootstrap.py":
            continue
        calls = [
            node.func.id
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert not {"print", "eval", "exec"} & set(calls), source


# --- one declaration of the search ----------------------------------------------------------------


def test_the_declaration_is_the_contracts_list():
    declared = [name for name in parameters.PAGE if name not in PAGES_ALONE or name in CONTRACT]
    assert tuple(declared) == CONTRACT
    assert set(parameters.PAGE) == {*CONTRACT, *PAGES_ALONE}
    assert set(parameters.API_LISTING) == {*CONTRACT, *API_ALONE} - set(PAGES_ALONE)
    assert tuple(n for n in CONTRACT if n not in ("view", "page", "page_size")) == parameters.EXPORT
    assert tuple(name for name in parameters.EXPORT if name != "sort") == parameters.FEED
    assert set(FILTERS) == set(CONTRACT) - {"sort", "view", "page", "page_size"}
    assert set(OpportunityFilterSet.base_filters) == {*FILTERS, "sort"}
    assert FACETS == ("sector", "region", "district", "bracket", "cycle", "cooperation", "status")


def test_the_values_are_the_contracts():
    assert tuple(parameters.SORTS) == (
        "-investment", "investment", "cycle", "-cycle", "name", "-updated", "relevance",
    )  # fmt: skip
    assert [form.value for form in CooperationForm] == [
        "sole-investment", "joint-venture", "cooperation", "equity", "technology", "leasing",
    ]  # fmt: skip
    assert Opportunity.Status.values == ["open", "negotiating", "signed"]
    assert [band.slug for band in parameters.CYCLES] == ["up-to-12", "13-24", "25-36", "over-36"]
    assert tuple(parameters.VIEWS) == ("list", "table", "map")
    assert (parameters.PAGE_SIZE, parameters.PAGE_SIZE_MAX, parameters.DEPTH_MAX) == (20, 100, 10_000)


def test_chongqing_has_the_contracts_brackets_and_regions(chongqing):
    fields = bound(QueryDict()).form.fields
    assert list(fields["bracket"].options) == ["under-10", "10-50", "50-100", "100-plus"]
    assert list(fields["region"].options) == ["metro", "northeast", "southeast"]
    assert len(fields["sector"].options) == 9
    assert len(fields["district"].options) == 41


def test_every_parameter_is_in_the_schema_of_the_api(client, catalogue):
    paths = client.get("/api/v1/schema/").json()
    listed = paths["components"]["parameters"]

    def of(path: str) -> list[str]:
        operation = paths["paths"][path]["get"]
        refs = [
            parameter["$ref"].rpartition("/")[2]
            for parameter in operation["parameters"]
            if "$ref" in parameter
        ]
        return [listed[ref]["name"] for ref in refs]

    assert of("/api/v1/opportunities/") == [*(n for n in CONTRACT if n not in PAGES_ALONE), *API_ALONE]
    assert of("/api/v1/facets/") == [name for name in CONTRACT if name in FILTERS]


def test_every_facet_and_the_range_are_on_the_search_page(client, catalogue):
    for prefix, unit in (("", ""), ("/en", "_bn")):
        html = client.get(f"{prefix}/opportunities/").content.decode()
        assert {hook["data-facet"] for hook in hooks_of(html).facets} == set(FACETS)
        assert fields_of(html) >= {"q", f"investment_min{unit}", f"investment_max{unit}"}


def test_every_parameter_is_kept_by_the_forms_of_the_search_page(client, catalogue):
    """As a field to fill in or along with it; the page number alone starts again."""
    query = (
        "q=%E6%B8%AF&sector=shipping&region=harbour&district=990101&bracket=20-plus&investment_min=1"
        "&investment_max=100&cycle=13-24&cycle_min=1&cycle_max=60&cooperation=equity&status=open"
        "&edition=2025-spring&sort=name&view=table&page=1&page_size=5"
    )
    assert tuple(dict(parse_qsl(query))) == CONTRACT
    make_edition("2026-spring")  # so that the edition asked for is not the current one
    for prefix in ("", "/en"):
        answer = client.get(f"{prefix}/opportunities/?{query}", follow=True)
        assert answer.status_code == 200
        fields = {name.removesuffix("_bn") for name in fields_of(answer.content.decode())}
        assert fields >= set(CONTRACT) - {"page"}


def fields_of(html: str) -> set[str]:
    return set(re.findall(r'<(?:input|select)[^>]*\bname="([^"]+)"', html))


def test_every_field_says_what_it_is():
    for name, filter_ in OpportunityFilterSet.base_filters.items():
        assert filter_.extra.get("label") or filter_.label, name
    for name, field in SearchForm.base_fields.items():
        assert field.label, name


# --- the project's own hygiene --------------------------------------------------------------------


@pytest.mark.django_db
def test_no_model_lacks_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_configuration_has_no_complaints():
    call_command("check", "--fail-level", "WARNING")


INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "another host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "text marked safe": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
    "a template comment left over": re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
}


def templates() -> list[Path]:
    return sorted(
        path for folder in (ROOT / "templates", *ROOT.glob("*/templates")) for path in folder.rglob("*.*")
    )


@pytest.mark.parametrize("what", INLINE)
def test_no_template_holds(what):
    assert templates()
    assert [
        str(path.relative_to(ROOT))
        for path in templates()
        if INLINE[what].search(path.read_text(encoding="utf-8"))
    ] == []


def test_python_marks_no_text_safe_that_it_did_not_write():
    for source in sources("opportunities", "financing", "accounts", "portal"):
        assert "mark_safe(" not in source.read_text(encoding="utf-8"), source


def tracked() -> list[Path]:
    """The project's own files, whether or not they are committed yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git clone")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_files_are_utf_8_without_control_characters():
    for path in tracked():
        if path.suffix in (".png", ".ico", ".mo", ".woff2", ".gz"):
            continue
        text = path.read_bytes().decode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]", text), path
        assert "\r" not in text, path


TEXTS = (".py", ".md", ".html", ".css", ".js", ".toml", ".txt", ".in", ".csv", ".json", ".po", "")


def test_no_file_holds_a_path_of_somebodys_machine():
    machine = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
    for path in tracked():
        if path.suffix in (
            ".py",
            ".md",
            ".html",
            ".css",
            ".js",
            ".toml",
            ".txt",
            ".in",
            ".csv",
            ".json",
            ".po",
            "",
        ):
            text = path.read_text(encoding="utf-8")
            assert not machine.search(text), f"{path}: {machine.search(text)}"
