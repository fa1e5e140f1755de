from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from accounts.models import EDITORS, REVIEWERS
from accounts.roles import ROLES

pytestmark = pytest.mark.django_db


def permissions_of(role: str) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


def test_both_roles_are_there_after_the_first_migration() -> None:
    assert permissions_of(EDITORS) == ROLES[EDITORS]
    assert permissions_of(REVIEWERS) == ROLES[REVIEWERS]


def test_reviewers_can_do_more_than_editors_and_neither_deletes_reference_data() -> None:
    more = permissions_of(REVIEWERS) - permissions_of(EDITORS)
    assert permissions_of(EDITORS) < permissions_of(REVIEWERS)
    assert {"publish_opportunity", "change_sector", "add_edition", "change_publishedfigure"} <= more
    assert not {code for code in permissions_of(REVIEWERS) if code.startswith("delete_")} - {
        "delete_opportunity", "delete_location", "delete_contact", "delete_fact",
    }  # fmt: skip


def test_a_migration_gives_back_what_is_missing_and_takes_nothing_away() -> None:
    group = Group.objects.get(name=EDITORS)
    lost = group.permissions.get(codename="change_opportunity")
    group.permissions.remove(lost)
    extra = Group.objects.get(name=REVIEWERS).permissions.get(codename="change_sector")
    group.permissions.add(extra)
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert permissions_of(EDITORS) == ROLES[EDITORS] | {"change_sector"}
    assert Group.objects.count() == 2
