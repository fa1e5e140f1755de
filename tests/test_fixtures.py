"""The fixtures themselves: what others start from."""

from __future__ import annotations

import pytest

from opportunities.models import Catalogue, Edition, Opportunity, Revision
from opportunities.search.query import Search
from tests.factories import make_opportunity, signed_in


def test_chongqing_holds_the_160_samples(chongqing):
    assert Opportunity.objects.count() == 160
    assert Search.everything().count == 160
    assert Search.everything().facets.count == 160
    assert chongqing.catalogue.bracket_thresholds == [10, 50, 100]


def test_the_second_city_stands_alone(catalogue):
    assert [o.reference for o in Search.everything().results][:2] == ["QY-006", "QY-001"]
    assert catalogue.catalogue.site == {}
    assert not Opportunity.objects.filter(is_sample=True)


@pytest.mark.django_db
def test_a_database_is_empty_at_first():
    assert not Edition.objects.exists() and not Revision.objects.exists() and not Catalogue.objects.exists()


@pytest.mark.django_db
def test_rows_made_beside_a_catalogue_get_keys_of_their_own(catalogue):
    made = make_opportunity(districts="990101")
    assert made.is_public
    assert Search.everything().count == 9


@pytest.mark.django_db(transaction=True)
def test_a_catalogue_is_there_in_tests_with_real_transactions(chongqing):
    assert Opportunity.objects.count() == 160


@pytest.mark.django_db
@pytest.mark.parametrize("publication", Opportunity.Publication.values)
def test_factories_make_every_state(publication):
    made = make_opportunity(publication=publication, districts=["1101", "2201", "1102"])
    made.refresh_from_db()
    assert made.publication == publication
    assert sum(p.investment for p in made.locations.all()) == made.investment


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anonymous", "editor", "reviewer", "superuser"])
def test_roles_are_signed_in(role):
    assert ("_auth_user_id" in signed_in(role).session) == (role != "anonymous")
