"""What the database itself refuses, on either engine."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, transaction

from accounts.models import User
from opportunities.models import (
    Cooperation,
    District,
    Edition,
    Fact,
    FactKind,
    Location,
    Opportunity,
    PublishedFigure,
    Region,
    Revision,
    Sector,
    Text,
)
from tests.factories import make_edition, make_opportunity, make_user

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, DataError)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("investment", Decimal("-0.01")),
        ("investment", Decimal("100000.01")),
        ("cycle_months", 0),
        ("cycle_months", 241),
        ("cycle_months", -1),
        ("status", "sold"),
        ("publication", "hidden"),
        ("first_published_at", None),
        ("unpublished_at", datetime(2024, 1, 1, tzinfo=UTC)),
        ("annual_output", Decimal("-1")),
        ("annual_tax", Decimal("-0.01")),
        ("reference", ""),
        ("sector", None),
        ("edition", None),
    ],
)
def test_an_impossible_opportunity_is_refused_by_the_database(column, value):
    made = make_opportunity()
    with pytest.raises(REFUSED), transaction.atomic():
        Opportunity.objects.filter(pk=made.pk).update(**{column: value})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("investment", Decimal("0.00")),
        ("investment", Decimal("100000.00")),
        ("cycle_months", 1),
        ("cycle_months", 240),
    ],
)
def test_the_bounds_themselves_are_allowed(column, value):
    made = make_opportunity(**{column: value})
    made.refresh_from_db()
    assert getattr(made, column) == value


def test_a_reference_is_issued_once_across_editions():
    make_opportunity(reference="TEST-SAME")
    other = make_edition("2021-01")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_opportunity(reference="TEST-SAME", edition=other)


def test_there_is_one_current_edition():
    first = make_edition("2020-01")
    second = make_edition("2021-01", current=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=second.pk).update(is_current=True)
    assert Edition.objects.get(is_current=True) == first


def test_values_of_an_edition_are_there_once():
    edition = make_edition()
    region = edition.regions.first()
    for repeat in (
        lambda: Sector.objects.create(edition=edition, slug="grain", name_zh="又", name_en="again"),
        lambda: Region.objects.create(edition=edition, slug="east", name_zh="又", name_en="again"),
        lambda: District.objects.create(
            edition=edition, code="1101", name_zh="又", name_en="again", region=region
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            repeat()


def test_what_belongs_to_an_opportunity_is_there_once():
    made = make_opportunity(districts="1101", cooperation=["equity"])
    district = made.edition.districts.get(code="1101")
    kind = FactKind.objects.create(
        catalogue=made.edition.catalogue, key="land", label_zh="用地", label_en="Land"
    )
    Fact.objects.create(opportunity=made, kind=kind)
    PublishedFigure.objects.create(edition=made.edition, claim="opportunities", published=1, source_zh="x")
    for repeat in (
        lambda: Location.objects.create(opportunity=made, district=district, share=Decimal("0.5")),
        lambda: Cooperation.objects.create(opportunity=made, form="equity"),
        lambda: Fact.objects.create(opportunity=made, kind=kind),
        lambda: PublishedFigure.objects.create(
            edition=made.edition, claim="opportunities", published=2, source_zh="x"
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            repeat()


@pytest.mark.parametrize("share", [Decimal(0), Decimal("-0.5"), Decimal("1.0001")])
def test_a_share_lies_between_nothing_and_the_whole(share):
    made = make_opportunity(districts="1101")
    with pytest.raises(REFUSED), transaction.atomic():
        Location.objects.filter(opportunity=made).update(share=share)


def test_a_part_of_the_money_is_never_negative():
    made = make_opportunity()
    with pytest.raises(REFUSED), transaction.atomic():
        Location.objects.filter(opportunity=made).update(investment=Decimal("-0.01"))


def test_a_person_has_one_account_whatever_the_case():
    make_user(email="one@staff.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="One@Staff.example")])


def test_sectors_have_a_colour_of_the_palette():
    edition = make_edition()
    with pytest.raises(REFUSED), transaction.atomic():
        edition.sectors.update(colour=10)


def test_codes_sort_byte_by_byte_on_every_engine():
    edition = make_edition()
    for reference in ("A-10", "A1-0", "A-1", "A10", "B-1", "A-B"):
        make_opportunity(edition=edition, reference=reference)
    assert list(Opportunity.objects.order_by("reference").values_list("reference", flat=True)) == [
        "A-1", "A-10", "A-B", "A1-0", "A10", "B-1",
    ]  # fmt: skip


def test_money_comes_back_with_two_places():
    made = make_opportunity(investment=Decimal("7.50"), districts={"1101": "0.3333", "2201": "0.6667"})
    made.refresh_from_db()
    assert str(made.investment) == "7.50"
    assert [str(location.investment) for location in made.locations.all()] == ["2.50", "5.00"]


def test_each_queryset_says_who_may_see_what():
    made = {
        publication: make_opportunity(reference=f"TEST-{publication.upper()}", publication=publication)
        for publication in Opportunity.Publication.values
    }
    assert list(Opportunity.objects.public()) == [made["published"]]
    assert set(Opportunity.objects.once_public()) == {made[p] for p in ("published", "withdrawn", "archived")}


def test_available_are_those_still_to_be_had():
    made = {
        status: make_opportunity(reference=f"TEST-{status.upper()}", status=status)
        for status in ("open", "negotiating", "signed")
    }
    assert set(Opportunity.objects.available()) == {made["open"], made["negotiating"]}


def test_a_result_row_needs_the_same_number_of_queries_however_many(django_assert_num_queries):
    edition = make_edition()
    for number in range(2):
        make_opportunity(edition=edition, districts=["1101", "2201"], reference=f"FEW-{number}")
    with django_assert_num_queries(3):
        _read_rows()
    for number in range(10):
        make_opportunity(edition=edition, districts=["1101", "2201"], reference=f"MANY-{number}")
    with django_assert_num_queries(3):
        _read_rows()


def _read_rows():
    for opportunity in Opportunity.objects.public().for_results():
        assert opportunity.sector.name and opportunity.edition.code and opportunity.cooperation
        assert [location.district.region.slug for location in opportunity.locations.all()]


def test_the_revision_never_comes_back():
    seen = {Revision.current()}
    assert seen == {"0"}
    for _ in range(5):
        Revision.bump()
        seen.add(Revision.current())
    assert len(seen) == 6


def test_a_text_without_english_is_shown_in_chinese_and_says_so():
    from django.utils import translation

    with translation.override("en"):
        assert str(Text("茶<", "")) == "茶< (in Chinese)"
        assert str(Text("", "")) == Text("", "").marked == ""
        assert (
            Text("茶<", "").marked
            == '<span lang="zh-Hans">茶&lt;</span> <small class="tongue">(in Chinese)</small>'
        )
        assert Text("茶", "Tea").marked == "Tea"
    with translation.override("zh-hans"):
        assert Text("茶", "Tea").marked == "茶"


def test_advantages_are_points_in_both_languages():
    made = make_opportunity(advantages_zh="一\n二", advantages_en="one\ntwo")
    assert made.advantage_points == [Text("一", "one"), Text("二", "two")]
    uneven = make_opportunity(advantages_zh="一\n二", advantages_en="one")
    assert uneven.advantage_points == [Text("一", ""), Text("二", "")]
