"""Publish, withdraw, change, confirm: what each leaves behind."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from opportunities import publishing
from opportunities.models import Cooperation, District, Edition, Location, Opportunity, Revision, Sector
from opportunities.search import text
from tests.factories import make_edition, make_opportunity

pytestmark = pytest.mark.django_db


def history(opportunity: Opportunity) -> list[tuple[str, str]]:
    rows = opportunity.history.order_by("history_id")
    return [(row.history_type, row.publication) for row in rows]


def fresh(opportunity: Opportunity) -> Opportunity:
    return Opportunity.objects.get(pk=opportunity.pk)


# --- publish and withdraw


def test_publishing_sets_its_dates_and_moves_the_revision(clock) -> None:
    draft = make_opportunity(publication="draft")
    before = Revision.current()
    assert publishing.publish(draft) is True
    published = fresh(draft)
    assert (published.publication, published.first_published_at, published.updated_at) == (
        "published",
        clock.now,
        clock.now,
    )
    assert Revision.current() != before


def test_publishing_twice_changes_nothing_the_second_time() -> None:
    opportunity = make_opportunity()
    before, rows = Revision.current(), history(opportunity)
    assert publishing.publish(opportunity) is False
    assert (Revision.current(), history(opportunity)) == (before, rows)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda o: o.locations.all().delete(), "没有所在区县。"),
        (lambda o: o.locations.update(share=Decimal("0.5")), "各区县的份额相加不等于 1。"),
        (lambda o: o.contacts.all().delete(), "没有联系单位。"),
        (lambda o: o.cooperation_forms.all().delete(), "没有合作方式。"),
    ],
)
def test_what_is_incomplete_is_not_published_and_stays_as_it_was(spoil, reason: str) -> None:
    draft = make_opportunity(publication="draft")
    spoil(draft)
    before, rows = Revision.current(), history(draft)
    with pytest.raises(publishing.CannotPublish) as refusal:
        publishing.publish(draft)
    assert refusal.value.reasons == [reason]
    assert fresh(draft).publication == "draft"
    assert (Revision.current(), history(draft)) == (before, rows)


def test_a_sector_of_another_edition_is_a_reason() -> None:
    make_edition()
    draft = make_opportunity(publication="draft")
    other = make_edition("2030-01", current=False)
    draft.sector = other.sectors.first()
    draft.save()
    with pytest.raises(publishing.CannotPublish) as refusal:
        publishing.publish(draft)
    assert refusal.value.reasons == ["产业或区县属于另一个版次。"]


def test_withdrawing_keeps_the_first_date_and_publishing_again_clears_the_second(clock) -> None:
    opportunity = make_opportunity(publication="draft")
    publishing.publish(opportunity)
    first = clock.now
    clock.move(days=3)
    assert publishing.withdraw(opportunity) is True
    withdrawn = fresh(opportunity)
    assert (withdrawn.publication, withdrawn.first_published_at, withdrawn.unpublished_at) == (
        "withdrawn",
        first,
        clock.now,
    )
    assert publishing.withdraw(opportunity) is False
    clock.move(days=1)
    assert publishing.publish(opportunity) is True
    again = fresh(opportunity)
    assert (again.first_published_at, again.unpublished_at) == (first, None)


def test_published_again_as_it_was_it_keeps_its_date_and_moves_the_revision(clock) -> None:
    opportunity = make_opportunity(publication="draft", districts={"1101": "0.5", "2201": "0.5"})
    publishing.publish(opportunity)
    updated_at = fresh(opportunity).updated_at
    for number in range(2):
        clock.move(days=1)
        publishing.withdraw(opportunity)
        clock.move(days=1)
        publishing.confirm(opportunity)
        # As loading writes it: anew; and another person at the same unit.
        contact = opportunity.contacts.get()
        contact.delete()
        contact.pk, contact.name = None, f"另一个人{number}"
        contact.save()
        publishing.record_change(opportunity)
        clock.move(days=1)
        before = Revision.current()
        publishing.publish(opportunity)
        assert fresh(opportunity).updated_at == updated_at
        assert Revision.current() != before


def rename(opportunity: Opportunity) -> None:
    opportunity.name_zh = "新名称"


def move_share(opportunity: Opportunity) -> None:
    first, second = opportunity.locations.all()
    first.share, second.share = Decimal("0.4"), Decimal("0.6")
    first.save()
    second.save()


@pytest.mark.parametrize(
    "edit",
    [
        rename,
        move_share,
        lambda o: o.cooperation_forms.create(form="leasing"),
        lambda o: o.contacts.create(unit_zh="另一单位", office_phone="023-2", position=1),
        lambda o: o.contacts.update(office_phone="023-2"),
    ],
)
def test_published_again_with_other_content_it_is_as_of_then(clock, edit) -> None:
    opportunity = make_opportunity(
        publication="draft", districts={"1101": "0.5", "2201": "0.5"}, cooperation=("equity",)
    )
    publishing.publish(opportunity)
    clock.move(days=1)
    publishing.withdraw(opportunity)
    clock.move(days=1)
    edit(opportunity)
    publishing.record_change(opportunity)
    clock.move(days=1)
    publishing.publish(opportunity)
    assert fresh(opportunity).updated_at == clock.now


def test_an_operation_acts_on_the_entry_as_it_is_now_not_as_it_was_read() -> None:
    opportunity = make_opportunity(name_zh="旧名称")
    stale = fresh(opportunity)
    opportunity.name_zh = "新名称"
    publishing.record_change(opportunity)
    publishing.confirm(stale)
    assert fresh(opportunity).name_zh == "新名称"


# --- confirm


def test_confirming_notes_today_once_and_does_not_count_as_an_update() -> None:
    opportunity = make_opportunity(last_confirmed_on=date(2024, 1, 1))
    updated_at, before = opportunity.updated_at, Revision.current()
    assert publishing.confirm(opportunity) is True
    assert fresh(opportunity).last_confirmed_on == timezone.localdate()
    assert fresh(opportunity).updated_at == updated_at
    after, rows = Revision.current(), history(opportunity)
    assert after != before
    assert publishing.confirm(opportunity) is False
    assert (Revision.current(), history(opportunity)) == (after, rows)


def test_confirming_a_draft_moves_no_revision() -> None:
    draft = make_opportunity(publication="draft")
    before = Revision.current()
    publishing.confirm(draft)
    assert Revision.current() == before


# --- changes


def test_a_change_brings_search_text_sort_key_and_money_up_to_date(clock) -> None:
    opportunity = make_opportunity(
        districts={"1101": "0.3333", "2201": "0.6667"}, investment=Decimal("10.00")
    )
    assert [part.investment for part in opportunity.locations.all()] == [Decimal("3.33"), Decimal("6.67")]
    before = Revision.current()
    opportunity.name_zh, opportunity.investment = "长江航运枢纽", Decimal("0.01")
    publishing.record_change(opportunity)
    changed = fresh(opportunity)
    assert Opportunity.objects.filter(text.containing("航运枢纽")).get() == changed
    assert changed.name_key == text.sort_key("长江航运枢纽")
    assert [part.investment for part in changed.locations.all()] == [Decimal("0.00"), Decimal("0.01")]
    assert changed.updated_at == clock.now
    assert Revision.current() != before
    assert history(changed)[-1] == ("~", "published")


def test_a_change_of_a_draft_moves_neither_date_nor_revision() -> None:
    draft = make_opportunity(publication="draft")
    updated_at, before = fresh(draft).updated_at, Revision.current()
    draft.name_zh = "新名称"
    publishing.record_change(draft)
    assert (fresh(draft).name_zh, fresh(draft).updated_at, Revision.current()) == (
        "新名称",
        updated_at,
        before,
    )


def test_a_change_cannot_take_from_a_public_entry_what_it_must_have() -> None:
    opportunity = make_opportunity()
    Cooperation.objects.filter(opportunity=opportunity).delete()
    opportunity.name_zh = "新名称"
    with pytest.raises(publishing.CannotPublish, match="没有合作方式"):
        publishing.record_change(opportunity)
    assert fresh(opportunity).name_zh != "新名称"


def test_the_version_of_an_entry_differs_after_each_change() -> None:
    opportunity = make_opportunity(publication="draft")
    seen = [publishing.version(opportunity)]
    for operation in (publishing.publish, publishing.confirm, publishing.record_change, publishing.withdraw):
        operation(opportunity)
        seen.append(publishing.version(opportunity))
    assert len(set(seen)) == len(seen)


# --- what entries refer to


def test_a_new_name_of_a_sector_or_district_is_found_at_once() -> None:
    opportunity = make_opportunity(districts="1101")
    sector, district = Sector.objects.get(pk=opportunity.sector_id), District.objects.get(code="1101")
    rows = history(opportunity)
    sector.name_zh, district.aliases = "深海装备", ["临港"]
    for changed in (sector, district):
        before = Revision.current()
        changed.save()
        publishing.record_reference_change(changed)
        assert Revision.current() != before
    assert list(Opportunity.objects.filter(text.containing("深海装备"))) == [opportunity]
    assert list(Opportunity.objects.filter(text.containing("临港"))) == [opportunity]
    assert fresh(opportunity).updated_at == opportunity.updated_at
    assert history(opportunity) == rows


def test_one_edition_is_current() -> None:
    old, new = make_edition("2020-01"), make_edition("2030-01", current=False)
    before = Revision.current()
    publishing.make_current(new)
    assert list(Edition.objects.filter(is_current=True)) == [new]
    publishing.make_current(old)
    assert list(Edition.objects.filter(is_current=True)) == [old]
    assert Revision.current() != before


# --- what is missing, and what is old


def test_completeness_counts_the_attributes_that_are_given(django_assert_num_queries) -> None:
    full = make_opportunity(
        content_zh="内容", expected_benefit_zh="效益", advantages_zh="优势", conditions_zh="条件"
    )
    by_numbers = make_opportunity(content_zh="内容", jobs=5, advantages_zh="优势", conditions_zh="条件")
    nameless = make_opportunity(content_zh="内容", contact={"name": ""})
    bare = make_opportunity(publication="draft", contact={"name": ""}, cooperation=())
    Location.objects.filter(opportunity=bare).delete()
    bare.contacts.all().delete()
    with django_assert_num_queries(1):
        found = {o.pk: o.completeness for o in Opportunity.objects.with_completeness()}
    assert found == {full.pk: 12, by_numbers.pk: 12, nameless.pk: 8, bare.pk: 4}
    assert list(Opportunity.objects.incomplete()) == [nameless, bare]


def test_public_entries_are_to_be_confirmed_after_120_days() -> None:
    today = date(2026, 3, 2)
    never = make_opportunity(last_confirmed_on=None)
    old = make_opportunity(last_confirmed_on=today - timedelta(days=121))
    make_opportunity(last_confirmed_on=today - timedelta(days=120))
    make_opportunity(last_confirmed_on=None, publication="draft")
    assert list(Opportunity.objects.to_confirm(today)) == [never, old]
