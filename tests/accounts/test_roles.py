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
        "delete_opportunity", "delete_location", "delete_contact", "delete_fact", "delete_rule", "delete_pin",
        "delete_vocabularyterm",
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


def test_of_the_finance_ledger_nobody_changes_or_removes_a_row_and_only_reviewers_evaluate() -> None:
    ledger = ("milestone", "report", "evidence", "figure", "evaluation", "consequence", "disclosure")
    for role in (EDITORS, REVIEWERS):
        held = permissions_of(role)
        assert not {f"{action}_{row}" for row in ledger for action in ("change", "delete")} & held
        assert {f"view_{row}" for row in ledger} <= held
    assert {"add_report", "add_milestone", "add_figure", "add_evidence"} <= permissions_of(EDITORS)
    only = {"add_evaluation", "add_consequence", "add_disclosure", "add_rule", "change_rule", "change_item"}
    assert only <= permissions_of(REVIEWERS) and not only & permissions_of(EDITORS)
