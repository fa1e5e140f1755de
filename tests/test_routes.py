"""Who gets what at every address: route × role × state, with an entry for each (promises P13, P14).

A new route without an entry fails here: say who may open it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.test import Client

from opportunities import publishing
from opportunities.models import Opportunity, Revision
from tests.factories import make_ledger, make_opportunity, make_user, signed_in
from tests.routes import address, pages, routes

ROLES = ("anonymous", "visitor", "editor", "reviewer", "superuser")
STAFF = ("editor", "reviewer", "superuser")


@dataclass(frozen=True)
class Expected:
    """Status by role for GET and for an empty POST; one figure is everybody's."""

    get: int | dict[str, int]
    post: int | dict[str, int]

    def of(self, method: str, role: str) -> int:
        statuses = self.get if method == "get" else self.post
        return statuses if isinstance(statuses, int) else statuses[role]


def staff(editor: int, reviewer: int, superuser: int) -> dict[str, int]:
    """Who is not staff is led to the sign-in."""
    return {"anonymous": 302, "visitor": 302, "editor": editor, "reviewer": reviewer, "superuser": superuser}


def all_staff(status: int) -> dict[str, int]:
    return staff(status, status, status)


READ = Expected(200, 405)
EVERYBODY = {
    "/": READ,
    "/about/": READ,
    "/privacy/": READ,
    "/accessibility/": READ,
    "/opportunities/": READ,
    "/insights/": READ,
    "/opportunities/export.csv": READ,
    "/opportunities/export.xlsx": READ,
    "/opportunities/feed.atom": READ,
    "/sectors/<slug>/": READ,
    "/districts/<code>/": READ,
    "/ask/": Expected(303, 405),
    "/compare/": Expected(400, 405),  # without a reference; with one: below
    "/robots.txt": READ,
    "/sitemap.xml": READ,
    "/sitemap-pages.xml": READ,
    "/sitemap-opportunities-<file>.xml": READ,
    "/healthz": READ,
    "/readyz": READ,
    "/api/": Expected(302, 405),
    "/api/docs/": READ,
    "/api/v1/opportunities/": READ,
    "/api/v1/facets/": READ,
    "/api/v1/interpret/": READ,
    "/api/v1/suggest/": READ,
    "/api/v1/sectors/": READ,
    "/api/v1/regions/": READ,
    "/api/v1/districts/": READ,
    "/api/v1/editions/": READ,
    "/api/v1/schema/": READ,
    "/financing/": READ,
    "/financing/items/<code>/": READ,
    "/api/v1/financing/indicators/": READ,
    "/api/v1/financing/items/": READ,
    "/api/v1/financing/systems/": READ,
    "/api/v1/financing/matches/": Expected(400, 405),  # without a reference; with one: below
}
ADMINISTRATION = {
    "/admin/": Expected(all_staff(200), all_staff(200)),
    "/admin/login/": Expected({"anonymous": 200, "visitor": 200, **dict.fromkeys(STAFF, 302)}, 200),
    "/admin/logout/": Expected(all_staff(405), all_staff(302)),
    "/admin/password_change/": Expected(all_staff(200), all_staff(200)),
    "/admin/password_change/done/": Expected(all_staff(200), all_staff(405)),
    "/admin/autocomplete/": Expected(all_staff(403), all_staff(405)),
    "/admin/jsi18n/": Expected(all_staff(200), all_staff(405)),
    "/admin/r/<content_type_id>/<object_id>/": Expected(all_staff(404), all_staff(404)),
    "/admin/<app_label>/": Expected(all_staff(200), all_staff(200)),
    "/admin/<url>": Expected(all_staff(404), all_staff(404)),
    "/admin/opportunities/opportunity/<object_id>/confirm/": Expected(all_staff(405), all_staff(302)),
    "/admin/opportunities/opportunity/<object_id>/withdraw/": Expected(
        staff(403, 302, 302),
        staff(403, 302, 302),  # a draft: there is nothing to withdraw
    ),
    "/admin/financing/rule/preview/": Expected(all_staff(405), staff(403, 200, 200)),
    "/admin/accounts/user/<id>/password/": Expected(staff(403, 403, 200), staff(403, 403, 200)),
}
# Lists and forms: who may look, add, change and delete, as statuses for editor, reviewer, superuser.
ENTRIES = {"view": (200,) * 3, "add": (200,) * 3, "change": (200,) * 3, "delete": (200,) * 3}
REFERENCE_DATA = {
    "view": (200, 200, 200),
    "add": (403, 200, 200),
    "change": (403, 200, 200),
    "delete": (403, 403, 200),
}
# Rows of the ledger are added, and never changed or removed.
REPORTED = {"view": (200,) * 3, "add": (200,) * 3, "change": (403,) * 3, "delete": (403,) * 3}
EVALUATED = {**REPORTED, "add": (403, 200, 200)}
MATCHING = {**REFERENCE_DATA, "delete": (403, 200, 200)}
RIGHTS = {
    "opportunities/opportunity": ENTRIES,  # a draft; what was public is never deleted: below
    "opportunities/sector": REFERENCE_DATA,
    "opportunities/district": REFERENCE_DATA,
    "opportunities/region": REFERENCE_DATA,
    "opportunities/publishedfigure": REFERENCE_DATA,
    "opportunities/edition": REFERENCE_DATA,
    "opportunities/factkind": REFERENCE_DATA,
    "opportunities/vocabularyterm": {**REFERENCE_DATA, "delete": (403, 200, 200)},
    "opportunities/catalogue": {**REFERENCE_DATA, "add": (403, 403, 403)},
    "financing/plan": {**REFERENCE_DATA, "add": (403, 403, 403)},
    "financing/unit": REFERENCE_DATA,
    "financing/system": REFERENCE_DATA,
    "financing/task": REFERENCE_DATA,
    "financing/indicator": REFERENCE_DATA,
    "financing/itemlist": REFERENCE_DATA,
    "financing/item": REFERENCE_DATA,
    "financing/rule": MATCHING,
    "financing/pin": MATCHING,
    "financing/milestone": REPORTED,
    "financing/report": REPORTED,
    "financing/figure": REPORTED,
    "financing/evaluation": EVALUATED,
    "financing/consequence": EVALUATED,
    # Histories name who acted: an account is set inactive, never deleted.
    "accounts/user": {**dict.fromkeys(REFERENCE_DATA, (403, 403, 200)), "delete": (403,) * 3},
}
for model, rights in RIGHTS.items():
    view, add, change, delete = (staff(*rights[right]) for right in ("view", "add", "change", "delete"))
    ADMINISTRATION |= {
        f"/admin/{model}/": Expected(view, view),
        f"/admin/{model}/add/": Expected(add, add),
        f"/admin/{model}/<object_id>/": Expected(all_staff(302), all_staff(302)),
        f"/admin/{model}/<object_id>/change/": Expected(view, change),
        f"/admin/{model}/<object_id>/delete/": Expected(delete, delete),
        f"/admin/{model}/<object_id>/history/": Expected(view, view),
    }

# What an address with a reference answers, by the state of the entry: the same to everybody, staff too.
STATES = {
    "published": (200, "published", True),
    "draft": (404, "draft", False),
    "in-review": (404, "in-review", False),
    "withdrawn": (410, "withdrawn", True),
    "archived": (410, "archived", True),
    "draft again": (410, "draft", True),
    "in review again": (410, "in-review", True),
}
BY_REFERENCE = {
    "/opportunities/<reference>/": "get",
    "/opportunities/<reference>/contact/": "get",
    "/opportunities/<reference>/qr.png": "get",
    "/api/v1/opportunities/<reference>/": "get",
    "/api/v1/opportunities/<reference>/contact/": "post",
}


def test_every_route_has_its_entry():
    named = {*EVERYBODY, *ADMINISTRATION, *BY_REFERENCE}
    assert set(routes()) - named == set(), "a new route: say who may open it"
    assert named - set(routes()) == set(), "an entry without its route"


@pytest.fixture
def clients(catalogue) -> dict[str, Client]:
    make_ledger()
    return {role: signed_in("" if role == "visitor" else role) for role in ROLES}


def _parts(route: str) -> dict[str, str]:
    """Parts of the second city that lead to something."""
    code = "reforms-01" if "/financing/" in route else "990101"
    parts = {"slug": "tea", "code": code, "id": str(make_user().pk), "object_id": "0"}
    app, model, *_rest = [*route.removeprefix("/admin/").split("/"), ""]
    if model == "opportunity":
        parts["object_id"] = str(make_opportunity(publication="draft").pk)
    elif f"{app}/{model}" in RIGHTS:
        parts["object_id"] = str(apps.get_model(app, model).objects.values_list("pk", flat=True)[0])
    return parts


@pytest.mark.parametrize("route", [*EVERYBODY, *ADMINISTRATION])
def test_each_role_gets_what_the_table_says(clients, route):
    expected = {**EVERYBODY, **ADMINISTRATION}[route]
    parts = _parts(route)
    asked = [("", "get"), ("", "post"), *([("/en", "get")] if route in pages() else [])]
    for prefix, method in asked:
        answers = {}
        for role in ROLES:
            answers[role] = getattr(clients[role], method)(prefix + address(route, parts))
            answers[role].getvalue()  # a file is closed when it was read
            if "/log" in route:  # signing in or out changes who it is
                clients[role] = signed_in("" if role == "visitor" else role)
        given = {role: answer.status_code for role, answer in answers.items()}
        assert given == {role: expected.of(method, role) for role in ROLES}, f"{method} {prefix}{route}"
        if route.startswith("/admin/") and "/log" not in route:
            for role in ("anonymous", "visitor"):
                location = answers[role].headers["Location"]
                assert location.startswith(f"{prefix}/admin/login/?next={prefix}/admin/"), "to the sign-in"


def in_state(state: str) -> None:
    """An entry in one of ``STATES``, with a content that is easily recognised."""
    _status, publication, was_public = STATES[state]
    start = "published" if was_public else publication
    opportunity = make_opportunity(reference="STATE-001", name_zh="识别词甲", publication=start)
    if publication == "withdrawn":
        publishing.withdraw(opportunity)
    elif was_public and publication != "published":
        Opportunity.objects.filter(pk=opportunity.pk).update(publication=publication)
        Revision.bump()


@pytest.mark.parametrize("state", STATES)
def test_an_address_with_a_reference_answers_by_the_state_of_the_entry(clients, settings, state):
    settings.CONTACT_BUDGET = "1000/60"
    in_state(state)
    for route, method in BY_REFERENCE.items():
        for prefix in ("", "/en") if route in pages() else ("",):
            path = prefix + address(route, {"reference": "STATE-001"})
            for role, client in clients.items():
                answer = getattr(client, method)(path)
                assert answer.status_code == STATES[state][0], f"{role}: {method} {path}"
                if state != "published":
                    assert "识别词甲" not in answer.content.decode(), f"{role}: {method} {path}"


@pytest.mark.parametrize("state", STATES)
def test_matches_answer_by_the_state_of_the_entry(clients, state):
    status, _publication, was_public = STATES[state]
    in_state(state)
    for role, client in clients.items():
        answer = client.get("/api/v1/financing/matches/?reference=STATE-001")
        # What never was public is refused as a value, as in a comparison.
        assert answer.status_code == (status if was_public else 400), role
        if state != "published":
            assert "识别词甲" not in answer.content.decode()


def test_a_reference_that_never_was_is_not_found(clients):
    for route, method in BY_REFERENCE.items():
        for client in clients.values():
            assert getattr(client, method)(address(route, {"reference": "NEVER-001"})).status_code == 404


def test_what_was_public_is_never_deleted(clients):
    public = make_opportunity()
    path = f"/admin/opportunities/opportunity/{public.pk}/delete/"
    for role in STAFF:
        assert clients[role].get(path).status_code == 302, "back to the entry"
        assert clients[role].post(path, {"post": "yes"}).status_code == 302
    assert Opportunity.objects.filter(pk=public.pk).exists()


def test_reading_takes_no_other_method(client, catalogue):
    make_ledger()
    for route in (
        "/", "/opportunities/", "/api/v1/opportunities/", "/api/v1/facets/", "/healthz", "/financing/",
        "/financing/items/reforms-01/", "/api/v1/financing/items/",
    ):  # fmt: skip
        for method in ("put", "patch", "delete"):
            answer = getattr(client, method)(route)
            assert answer.status_code == 405
            assert set(answer.headers["Allow"].split(", ")) >= {"GET", "HEAD"}, route
        assert client.head(route).status_code == client.get(route).status_code
