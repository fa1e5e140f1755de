"""English pages speak English and Chinese pages Chinese, to the last word; the rest is marked.

Every kind of page is listened to: its text, and what attributes, head and JSON-LD say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.urls import resolve

from opportunities import publishing
from opportunities.models import Edition, Opportunity, Revision
from opportunities.models.texts import IN_CHINESE
from tests.browser.pages import PUBLIC, WITHOUT_LANGUAGE
from tests.factories import make_opportunity, make_user
from tests.portal.raising import RAISED, Away
from tests.routes import address, pages
from tests.speech import HAN, LATIN, Said, said_on

# Names that have no Chinese, and what programs and norms are called by.
NAMES = {
    "API", "CNY", "CSV", "JSON", "YAML", "XLSX", "Excel", "OpenAPI", "UTF-8", "UTC", "RFC", "IP", "URL",
    "bn", "Cookie", "csrftoken", "JavaScript", "axe", "GDP", "reforms-04", "WCAG", "AA", "PDF", "QR", "Atom",
}  # fmt: skip
# What the API's page names: headers, methods and fields as they are sent.
SENT = {
    "Accept", "Access-Control-Allow-Origin", "Allow", "Deprecation", "ETag", "GET", "If-None-Match", "POST",
    "RateLimit", "Retry-After", "Sunset", "application", "contact", "cny", "detail", "errors", "investment",
    "json", "parameters", "problem+json", "page", "page_size", "problem", "size", "zh", "en",
}  # fmt: skip
ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
# Leads elsewhere, and is looked at there.
REDIRECTS = {"/ask/"}
# Files, which have tests of their own.
FILES = {
    "/opportunities/export.csv", "/opportunities/export.xlsx", "/opportunities/feed.atom",
    "/opportunities/<reference>/qr.png",
}  # fmt: skip
# The page of the API shows both languages at once: what cannot be marked says one after the other.
BOTH = " / "


def listened(html: str, quoted: Iterable[str] = ()) -> list[Said]:
    """What a page says of its own: without what it quotes, words of a visitor or of the data."""
    said = []
    for text, language, where in said_on(html):
        text = ADDRESS.sub("", text)
        for words in quoted:
            text = text.replace(words, "")
        said.append(Said(text, language, where))
    return said


def chinese_in_english(said: list[Said]) -> list[Said]:
    """Chinese that is not marked: with ``lang``, or in words where no element can carry it."""
    return [
        one
        for one in said
        if HAN.search(one.text)
        and not one.language.startswith("zh")
        and not (IN_CHINESE in one.text and one.where in UNMARKED)
    ]


UNMARKED = ("title", "JSON-LD", "meta og:title", "meta description", "meta og:description",
            "meta ColumnDescription", "meta ArticleTitle", "meta ContentSource", "meta Keywords")  # fmt: skip


def english_in_chinese(said: list[Said], names: set[str]) -> list[tuple[str, Said]]:
    return [
        (word, one)
        for one in said
        if not one.language.startswith("en")
        for word in LATIN.findall(one.text)
        if word not in names
    ]


# --- public pages ---------------------------------------------------------------------------------


def texts_of_the_data(without: str = "") -> list[str]:
    """Every text that the database holds, longest first, but for columns that end so."""
    texts: set[str] = set()
    for model in apps.get_app_config("opportunities").get_models():
        for field in model._meta.concrete_fields:
            if without and field.name.endswith(without):
                continue
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                for value in model._default_manager.values_list(field.name, flat=True):
                    texts.update(_lines(value))
    return sorted(texts, key=len, reverse=True)


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict):
        yield from _lines(list(value.items()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _lines(one)


def words_of_the_data() -> set[str]:
    """What the Chinese columns of the data write in Latin letters, references included."""
    return {word for text in texts_of_the_data(without="_en") for word in LATIN.findall(text)}


def test_every_kind_of_page_is_listened_to(chongqing: Edition) -> None:
    reached = {
        str(resolve(path.partition("?")[0]).route) for path in PUBLIC.values() if "nowhere" not in path
    }
    known = {
        str(resolve(address(route)).route)
        for route in pages()
        if not route.startswith("/admin") and route not in REDIRECTS | FILES
    }
    assert known - reached == set(), "a new page: name it in tests/browser/pages.py"


@pytest.mark.parametrize("name", [name for name in PUBLIC if not PUBLIC[name].startswith(WITHOUT_LANGUAGE)])
def test_a_page_speaks_its_language(client: Client, chongqing: Edition, name: str) -> None:
    quoted = ["梁平"] if name == "search-words" else []
    english = client.get(f"/en{PUBLIC[name]}", headers={"accept": "text/html"}).text
    assert chinese_in_english(listened(english, quoted)) == []
    chinese = client.get(PUBLIC[name], headers={"accept": "text/html"}).text
    assert english_in_chinese(listened(chinese), NAMES | words_of_the_data()) == []


def test_the_page_of_the_api_speaks_both_each_marked(client: Client, chongqing: Edition) -> None:
    said = listened(client.get("/api/docs/").text)
    head = [one for one in said if one.where == "title" or one.where.startswith("meta")]
    both = [Said(text, "", "") for one in head for text in one.text.split(BOTH)[:1]]
    body = [one for one in said if one not in head]
    assert [one for one in body if one.language.startswith("en") and HAN.search(one.text)] == []
    assert english_in_chinese([*body, *both], NAMES | SENT | words_of_the_data()) == []


def test_what_has_no_english_stands_in_chinese_and_is_marked(client: Client, chongqing: Edition) -> None:
    for model in apps.get_app_config("opportunities").get_models():
        blank = [
            field.name
            for field in model._meta.concrete_fields
            if field.name.endswith("_en") and (field.blank or field.name == "explanation_en")
        ]
        if blank:
            model._default_manager.update(**dict.fromkeys(blank, ""))
    Revision.bump()
    for name, path in PUBLIC.items():
        if path.startswith(WITHOUT_LANGUAGE):
            continue
        page = client.get(f"/en{path}", headers={"accept": "text/html"}).text
        assert chinese_in_english(listened(page, ["梁平"])) == [], name
    page = client.get("/en/opportunities/DEMO-051/").text
    assert f"<title>梁平轻型飞机与货运无人机制造基地 {IN_CHINESE} · " in page
    mark = f'</span> <small class="tongue">{IN_CHINESE}</small></h1>'
    assert f'<span lang="zh-Hans">梁平轻型飞机与货运无人机制造基地{mark}' in page


def test_a_withdrawn_opportunity_speaks_the_language_of_its_page(client: Client, chongqing: Edition) -> None:
    publishing.withdraw(Opportunity.objects.get(reference="DEMO-051"))
    assert chinese_in_english(listened(client.get("/en/opportunities/DEMO-051/").text)) == []
    chinese = client.get("/opportunities/DEMO-051/").text
    assert english_in_chinese(listened(chinese), NAMES | words_of_the_data()) == []


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.urls("tests.portal.raising")
@pytest.mark.parametrize("what", [what for what in RAISED if what != "refused"])
def test_an_error_speaks_the_language_of_its_page(catalogue: Edition, what: str) -> None:
    client = Client(raise_request_exception=False)
    for method in (client.get, client.post):
        assert chinese_in_english(listened(method(f"/en/test/raises/{what}/").text)) == []
        assert english_in_chinese(listened(method(f"/test/raises/{what}/").text), NAMES) == []


def test_a_refused_form_speaks_the_language_of_its_page(catalogue: Edition) -> None:
    opportunity = make_opportunity()
    client = Client(enforce_csrf_checks=True)
    for prefix in ("", "/en"):
        answer = client.post(f"{prefix}{opportunity.get_absolute_url()}contact/")
        assert answer.status_code == 403
        said = listened(answer.text)
        assert (chinese_in_english(said) if prefix else english_in_chinese(said, NAMES)) == []


def test_trouble_with_the_database_speaks_the_language_of_its_page(catalogue: Edition) -> None:
    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(Away()):
        assert chinese_in_english(listened(client.get("/en/about/").text)) == []
        assert english_in_chinese(listened(client.get("/about/").text), NAMES) == []


REFUSED = [
    f"{name}={value}"
    for name in (
        "q", "sector", "region", "district", "bracket", "investment_min", "investment_max",
        "investment_min_bn", "cycle", "cycle_min", "cooperation", "status", "edition", "sort", "view", "page",
        "page_size", "colour",
    )
    for value in ("a", "999999", f"1&{name}=2")
]  # fmt: skip


def test_a_refusal_speaks_the_language_of_its_page(client: Client, catalogue: Edition) -> None:
    typed = {"a", "colour"}
    for query in (*REFUSED, "investment_min=9&investment_max=1", "investment_min=1&investment_min_bn=1"):
        english = client.get(f"/en/opportunities/?{query}")
        assert chinese_in_english(listened(english.text)) == [], query
        chinese = client.get(f"/opportunities/?{query}")
        assert english_in_chinese(listened(chinese.text), NAMES | typed | words_of_the_data()) == [], query


# --- the administration ---------------------------------------------------------------------------

# True and False are what Django calls its pictures of yes and no.
ADMIN_NAMES = NAMES | {"GB", "LDAP", "True", "False"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_administration_speaks_the_language_of_its_page(catalogue: Edition, language: str) -> None:
    draft = make_opportunity(publication="draft")
    somebody = make_user()
    somebody.set_unusable_password()  # else there is a digest to look at
    somebody.save()
    data = texts_of_the_data()
    staff = make_user("superuser")
    found: list[Any] = []
    looked_at = 0
    for route in sorted(route for route in pages() if route.startswith("/admin/")):
        client = Client()
        if route != "/admin/login/":
            client.force_login(staff)
        parts = {"object_id": str(draft.pk), "id": str(staff.pk), "app_label": "opportunities"}
        app, model, *_rest = [*route.removeprefix("/admin/").split("/"), ""]
        if (app, model) == ("accounts", "user"):
            parts["object_id"] = str(somebody.pk)
        elif app == "opportunities" and model not in ("", "opportunity"):
            parts["object_id"] = str(apps.get_model(app, model).objects.values_list("pk", flat=True)[0])
        answer = client.get(f"{'/en' if language == 'en' else ''}{address(route, parts)}")
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            looked_at += 1
            said = listened(answer.text, data)
            if language == "en":
                found += [(route, one) for one in chinese_in_english(said)]
            else:
                found += [(route, one) for one in english_in_chinese(said, ADMIN_NAMES)]
    assert found == []
    assert looked_at > 40
