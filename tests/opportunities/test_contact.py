"""A contact's person: only on request, within a budget, never kept by anything between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import Client
from django.utils import timezone

from opportunities.models import Contact, ContactAsker, ContactGrant
from opportunities.revealing import OverBudget, reveal_contact, windows
from tests.conftest import Clock
from tests.factories import make_opportunity

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def opportunity(db):
    return make_opportunity(
        reference="TEST-CALL",
        contact={
            "name": "甲示例",
            "post_zh": "招商经理",
            "phone": "000-0000 7777",
            "office_phone": "000-0000 0001",
        },
    )


def ask(opportunity, times=1, address=HERE):
    for _each in range(times):
        reveal_contact(opportunity, address)


def test_the_page_shows_the_office_line_and_holds_the_person_back(client, opportunity):
    page = client.get("/opportunities/TEST-CALL/contact/")
    assert page.status_code == 200
    assert "000-0000 0001" in page.text
    for secret in ("甲示例", "招商经理", "000-0000 7777"):
        assert secret not in page.text


def test_asking_shows_name_post_and_direct_line(client, opportunity):
    page = client.post("/opportunities/TEST-CALL/contact/")
    assert page.status_code == 200
    for shown in ("测试市招商服务中心", "000-0000 0001", "甲示例", "招商经理", "000-0000 7777"):
        assert shown in page.text


def test_all_contacts_of_an_opportunity_are_shown_each_with_its_unit(client, opportunity):
    Contact.objects.create(
        opportunity=opportunity, position=1, unit_zh="第二单位", office_phone="000-0000 0002", name="乙示例"
    )
    page = client.post("/opportunities/TEST-CALL/contact/")
    assert page.text.index("甲示例") < page.text.rindex("第二单位") < page.text.index("乙示例")
    assert ContactGrant.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_between_may_keep_the_page(client, opportunity, method):
    page = getattr(client, method)("/opportunities/TEST-CALL/contact/")
    assert page.headers["Cache-Control"] == "no-store"
    assert "ETag" not in page.headers


def test_asking_needs_the_token_of_the_page(opportunity):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/opportunities/TEST-CALL/contact/").status_code == 403
    client.get("/opportunities/TEST-CALL/contact/")
    token = client.cookies["csrftoken"].value
    page = client.post("/opportunities/TEST-CALL/contact/", {"csrfmiddlewaretoken": token})
    assert page.status_code == 200 and "甲示例" in page.text


@pytest.mark.parametrize("publication", ["draft", "in-review"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_was_never_public_has_no_contact_page(client, db, publication, method):
    make_opportunity(reference="TEST-NEW", publication=publication)
    assert getattr(client, method)("/opportunities/TEST-NEW/contact/").status_code == 404
    assert not ContactGrant.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_withdrawn_opportunity_gives_no_contact_away(client, db, method):
    make_opportunity(
        reference="TEST-GONE", publication="withdrawn", name_zh="撤下的机会",
        contact={"name": "丙示例", "unit_zh": "撤下的单位", "office_phone": "000-0000 0009"},
    )  # fmt: skip
    page = getattr(client, method)("/opportunities/TEST-GONE/contact/")
    assert page.status_code == 410
    for content in ("撤下的机会", "撤下的单位", "000-0000 0009", "丙示例"):
        assert content not in page.text
    assert not ContactGrant.objects.exists()


def test_other_methods_are_refused_with_those_allowed(client, opportunity):
    page = client.put("/opportunities/TEST-CALL/contact/")
    assert page.status_code == 405
    assert page.headers["Allow"] == "GET, HEAD, POST"


def test_over_budget_says_when_to_come_back_and_gives_the_office_line(client, opportunity, clock: Clock):
    ask(opportunity, 5, "127.0.0.1")
    clock.move(seconds=20)
    page = client.post("/opportunities/TEST-CALL/contact/")
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "40"
    assert page.headers["Cache-Control"] == "no-store"
    assert "这会儿看得太多了" in page.text and "000-0000 0001" in page.text
    assert "甲示例" not in page.text

    page = client.post("/en/opportunities/TEST-CALL/contact/")
    assert page.status_code == 429
    assert "That was a lot in a short time" in page.text


@pytest.mark.parametrize(
    ("grants", "seconds"), [(5, 60), (20, 3600), (60, 86400)], ids=["a minute", "an hour", "a day"]
)
def test_each_window_slides(opportunity, clock: Clock, grants, seconds):
    """Full at once, open again exactly when the oldest grant leaves the window, for one ask at a time."""
    spacing = seconds // (grants + 1)
    for _each in range(grants):
        ask(opportunity)
        clock.move(seconds=spacing)
    left = seconds - grants * spacing
    with pytest.raises(OverBudget) as refusal:
        ask(opportunity)
    assert refusal.value.retry_after_seconds == left

    clock.move(seconds=left - 1)
    with pytest.raises(OverBudget):
        ask(opportunity)
    clock.move(seconds=1)
    ask(opportunity)
    with pytest.raises(OverBudget):
        ask(opportunity)


def test_a_minute_is_any_minute_not_the_clocks(opportunity, clock: Clock):
    clock.move(seconds=50)
    ask(opportunity, 5)
    clock.move(seconds=20)
    with pytest.raises(OverBudget) as refusal:
        ask(opportunity)
    assert refusal.value.retry_after_seconds == 40


def test_the_wait_is_that_of_the_window_which_opens_last(opportunity, clock: Clock):
    for _each in range(3):
        ask(opportunity, 5)
        clock.move(minutes=2)
    ask(opportunity, 5)
    with pytest.raises(OverBudget) as refusal:
        ask(opportunity)
    assert refusal.value.retry_after_seconds == 3600 - 3 * 120


def test_refused_asks_are_not_counted(opportunity, clock: Clock):
    ask(opportunity, 5)
    for _second in range(59):
        clock.move(seconds=1)
        with pytest.raises(OverBudget):
            ask(opportunity)
    clock.move(seconds=1)
    ask(opportunity, 5)
    assert ContactGrant.objects.count() == 10


def test_each_address_has_a_budget_of_its_own(opportunity, clock: Clock):
    ask(opportunity, 5, HERE)
    ask(opportunity, 5, ELSEWHERE)
    with pytest.raises(OverBudget):
        ask(opportunity, 1, HERE)


def test_the_budget_is_over_all_opportunities(opportunity, clock: Clock):
    ask(opportunity, 5)
    with pytest.raises(OverBudget):
        ask(make_opportunity())


def test_an_invented_forwarded_address_buys_nothing(client, opportunity, clock: Clock):
    answers = [
        client.post("/opportunities/TEST-CALL/contact/", headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


def test_a_day_later_nothing_is_left_of_who_asked(opportunity, clock: Clock):
    ask(opportunity, 3, HERE)
    clock.move(days=1)
    ask(opportunity, 1, ELSEWHERE)
    assert ContactGrant.objects.count() == 1
    assert ContactAsker.objects.count() == 1


def test_the_address_is_not_stored(opportunity):
    ask(opportunity)
    assert HERE not in ContactAsker.objects.get().key


def test_another_budget_may_be_set(opportunity, clock: Clock, settings):
    settings.CONTACT_BUDGET = "1/10"
    ask(opportunity)
    with pytest.raises(OverBudget) as refusal:
        ask(opportunity)
    assert refusal.value.retry_after_seconds == 10


@pytest.mark.parametrize("budget", ["", "5", "5/x", "0/60", "5/0", "5/60;20/3600"])
def test_a_budget_that_is_none_is_refused_by_name(budget):
    with pytest.raises(ImproperlyConfigured, match="CONTACT_BUDGET"):
        windows(budget)


@pytest.mark.django_db(transaction=True)
def test_parallel_asks_of_one_address_never_get_more():
    opportunity = make_opportunity()
    start = timezone.now() - timedelta(days=2)
    stale = ContactAsker.objects.create(key="someone long idle")
    stale.grants.create(granted_at=start)

    def one(_number: int) -> bool:
        try:
            reveal_contact(opportunity, HERE)
        except OverBudget:
            return False
        finally:
            connections["default"].close()
        return True

    with ThreadPoolExecutor(6) as threads:
        granted = list(threads.map(one, range(24)))
    assert sum(granted) == 5
    assert ContactGrant.objects.count() == 5
    assert ContactAsker.objects.count() == 1
