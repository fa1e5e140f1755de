"""The move to another database as deploy/README.md has it: all of it arrives, and nothing is added."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from financing.models import Item, Report, Unit
from opportunities.models import Opportunity
from tests.factories import make_ledger, make_user

GUIDE = Path(settings.BASE_DIR) / "deploy" / "README.md"


def documented(command: str) -> list[str]:
    """The arguments that the guide gives a command."""
    told = GUIDE.read_text("utf-8").replace("\\\n", " ")
    [found] = re.findall(rf"manage\.py {command} (.*)$", told, flags=re.M)
    return shlex.split(found, comments=True)


def dumped(to: Path) -> list[dict[str, Any]]:
    *options, name = documented("dumpdata")
    assert name == "everything.json"
    call_command("dumpdata", *options, str(to))
    # Moments are dumped to the millisecond, whole seconds without a fraction once they are loaded.
    return json.loads(to.read_text("utf-8").replace(".000Z", "Z"))


@pytest.mark.django_db(transaction=True)
def test_what_staff_entered_arrives_in_an_empty_database_with_its_history(tmp_path):
    # As a migrated database begins: with the keys that the other one begins with.
    call_command("flush", interactive=False, verbosity=0)
    item = make_ledger()
    make_user("editor")
    bank = Unit.objects.create(plan=item.list.plan, slug="bank", name_zh="某银行", name_en="A bank")
    item.partners.add(bank)
    item.partners.add(item.list.plan.units.get(role="lead"))
    item.partners.remove(bank)
    file = tmp_path / "everything.json"
    before = dumped(file)
    kept = [row["model"] for row in before]
    assert kept.count("financing.historicalitem") == 4 and "financing.historicalitem_partners" in kept
    call_command("flush", interactive=False, verbosity=0)
    assert not Opportunity.objects.exists() and not Item.objects.exists()
    call_command("loaddata", str(file), verbosity=0)
    assert dumped(tmp_path / "again.json") == before
    moved = Item.objects.get()
    assert [unit.slug for unit in moved.partners.all()] == ["lead"]
    # What is entered afterwards gets keys of its own.
    moved.partners.clear()
    Report.objects.create(item=moved, year=2025, quarter=2, progress="done", summary_zh="之后")
    assert moved.history.count() == 5
